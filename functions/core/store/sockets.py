"""Open sockets, the rooms they follow, and the tickets they are opened with. Rows outlive the gateway's two hours only
just: what nobody takes away, TTL does."""

import time
from collections.abc import Iterable, Iterator
from typing import Any, Final
from zlib import crc32

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.expressions.update import Action

from core.domain.backoff import full_jitter
from core.domain.errors import Conflict, StoreUnavailable
from core.domain.ids import AccountId, EpochSeconds
from core.domain.sockets import LIFE_S, ConnectionId, Door, Holder, Socket, SocketTicket
from core.store.faults import translated
from core.store.rows import EnumAttribute, Row, TextsAttribute, ValueAttribute, attributes_of, bound, noun_of
from core.store.tables import SK, TTL
from core.store.writes import Change, Delete, Put, Write, write_all

_TICKET_SK: Final = "ticket"
_SOCKET_SK: Final = "socket"
_ROOM_PREFIX: Final = "room#"
_COUNT_SHARDS: Final = 8
"""Many may come to a room at once, and two transactions on one item get into each other's way."""
_TRIES: Final = 8
_BACKOFF_S: Final = 0.01


class RealtimeRow(Row):
    sk = UnicodeAttribute(range_key=True, attr_name=SK)
    ttl = NumberAttribute(attr_name=TTL)


class SocketTicketRow(RealtimeRow):
    secret_hash = UnicodeAttribute()
    door: EnumAttribute[Door] = EnumAttribute(Door)
    holder: ValueAttribute[Holder] = ValueAttribute(Holder)
    origin = UnicodeAttribute()
    expires_at = NumberAttribute()


class SocketRow(RealtimeRow):
    id = UnicodeAttribute()
    door: EnumAttribute[Door] = EnumAttribute(Door)
    holder: ValueAttribute[Holder] = ValueAttribute(Holder)
    connected_at = NumberAttribute()
    seen_at = NumberAttribute()
    address: ValueAttribute[dict[str, str]] = ValueAttribute(dict[str, str], default=dict)


class OpenSocketsRow(RealtimeRow):
    """Of one account and door: read for each of a group's members at once. Ids, the oldest first."""

    ids = TextsAttribute()
    revision = NumberAttribute()


class FollowerRow(RealtimeRow):
    """A socket that follows a room: once in the room's partition, once in the socket's."""

    connection_id = UnicodeAttribute()
    room = UnicodeAttribute()


class ListenersRow(RealtimeRow):
    """How many sockets follow a room, in shards beside the followers, whose sort keys begin otherwise. Outlives all of
    them: a socket that comes to it has two hours to live at most, and so has any other that is there."""

    listeners = NumberAttribute()


class SocketRepository:
    """All methods raise StoreUnavailable while DynamoDB can't answer."""

    def __init__(self, realtime_table: str) -> None:
        self._tickets = bound(SocketTicketRow, realtime_table)
        self._sockets = bound(SocketRow, realtime_table)
        self._open = bound(OpenSocketsRow, realtime_table)
        self._followers = bound(FollowerRow, realtime_table)
        self._counts = bound(ListenersRow, realtime_table)

    # -- tickets

    def add_ticket(self, ticket: SocketTicket) -> None:
        row = self._tickets(
            pk=_ticket_pk(ticket.secret_hash), sk=_TICKET_SK, ttl=ticket.expires_at, **attributes_of(ticket)
        )
        write_all([Put(row=row)])

    def use_ticket(self, secret_hash: str) -> SocketTicket | None:
        """The ticket, used up; None if there is none, or somebody else used it, even at the same time."""
        rows, pk = self._tickets, _ticket_pk(secret_hash)
        row = rows.find(pk, _TICKET_SK)
        if row is None:
            return None
        try:
            write_all([Delete(row=row, only_if=rows.pk.exists(), or_else=Conflict("Used."))])
        except Conflict:
            return None
        return noun_of(SocketTicket, row)

    # -- sockets

    def open(self, socket: Socket) -> list[ConnectionId]:
        """Writes it down; answers all connections of the account at this door, the oldest first."""
        row = self._sockets(pk=_socket_pk(socket.id), sk=_SOCKET_SK, ttl=socket.ttl, **attributes_of(socket))
        write_all([Put(row=row)])
        return self._change_open(socket.account_id, socket.door, socket.ttl, added=socket.id)

    def get(self, connection_id: ConnectionId) -> Socket | None:
        row = self._sockets.find(_socket_pk(connection_id), _SOCKET_SK)
        return None if row is None else noun_of(Socket, row)

    def seen(self, socket: Socket, now: EpochSeconds) -> None:
        """Without effect for one that was closed meanwhile."""
        rows = self._sockets
        gone = Conflict("It was closed.")
        try:
            with translated(or_else=gone):
                rows(pk=_socket_pk(socket.id), sk=_SOCKET_SK).update(
                    actions=[rows.seen_at.set(now)], condition=rows.pk.exists()
                )
        except Conflict:
            return

    def forget(self, connection_id: ConnectionId, now: EpochSeconds) -> None:
        """The gateway does not know it; which, of one that is being opened, means nothing. Nobody tells it anything
        any more. Its own row stays, for whoever looks after silence finds it then, and tells that it is gone."""
        socket = self.get(connection_id)
        if socket is None or socket.established(now):
            self._hide(connection_id, socket)

    def hide(self, connection_id: ConnectionId) -> Socket | None:
        """Nobody finds it any more, and it follows nothing; the socket as it was, None if it was removed before."""
        socket = self.get(connection_id)
        self._hide(connection_id, socket)
        return socket

    def remove(self, connection_id: ConnectionId) -> None:
        """What is left of one that is hidden. Its own row goes last: by it, whoever was cut short is found again."""
        write_all([Delete(row=self._sockets(pk=_socket_pk(connection_id), sk=_SOCKET_SK))])

    def strike(self, connection_id: ConnectionId, account_id: AccountId, door: Door) -> None:
        """Off the account's list: its own row is gone, by TTL."""
        self._hide(connection_id, None)
        self._change_open(account_id, door, EpochSeconds(0), removed=connection_id)

    def _hide(self, connection_id: ConnectionId, socket: Socket | None) -> None:
        with translated():
            rows = list(self._followers.query(_socket_pk(connection_id), self._followers.sk.startswith(_ROOM_PREFIX)))
        for row in rows:
            self.unfollow(connection_id, str(row.room))
        if socket is not None:
            self._change_open(socket.account_id, socket.door, socket.ttl, removed=connection_id)

    def _change_open(
        self,
        account_id: AccountId,
        door: Door,
        ttl: EpochSeconds,
        *,
        added: ConnectionId | None = None,
        removed: ConnectionId | None = None,
    ) -> list[ConnectionId]:
        rows = self._open
        for attempt in range(_TRIES):
            row = rows.find(account_pk(account_id), door)
            ids = [ConnectionId(it) for it in row.ids] if row else []
            now = [it for it in ids if it not in {removed, added}] + ([added] if added else [])
            if now == ids:
                return ids
            revision = int(row.revision) if row else 0
            changed = rows(
                pk=account_pk(account_id),
                sk=door,
                ids=tuple(now),
                revision=revision + 1,
                ttl=max(ttl, int(row.ttl) if row else 0),
            )
            only_if = rows.revision == revision if row else rows.pk.does_not_exist()
            try:
                write_all([Put(row=changed, only_if=only_if, or_else=Conflict("Somebody was faster."))])
            except Conflict:
                time.sleep(full_jitter(_BACKOFF_S, attempt))
            else:
                return now
        raise StoreUnavailable("The database is too busy at the moment.")

    def of_account(self, account_id: AccountId, door: Door) -> list[ConnectionId]:
        """Every open connection of the account, the oldest first."""
        row = self._open.find(account_pk(account_id), door.value)
        return [ConnectionId(it) for it in row.ids] if row else []

    def of_accounts(self, account_ids: Iterable[AccountId], door: Door) -> list[ConnectionId]:
        """Every open connection of these accounts, by one read of all. Eventually consistent."""
        keys = [(account_pk(account_id), door.value) for account_id in account_ids]
        with translated():
            rows = list(self._open.batch_get(keys)) if keys else []
        return [ConnectionId(it) for row in rows for it in row.ids]

    def with_sockets(self, account_ids: Iterable[AccountId], door: Door) -> set[AccountId]:
        """Those of them who have a connection open. Eventually consistent."""
        keys = {(account_pk(account_id), door.value): account_id for account_id in account_ids}
        with translated():
            rows = list(self._open.batch_get(list(keys))) if keys else []
        return {keys[row.pk, row.sk] for row in rows if row.ids}

    # -- rooms

    def follow(self, socket: Socket, room: str) -> None:
        """Once, however often."""
        facts: dict[str, Any] = {"connection_id": socket.id, "room": room, "ttl": socket.ttl}
        there = self._followers(pk=_room_pk(room), sk=_socket_pk(socket.id), **facts)
        here = self._followers(pk=_socket_pk(socket.id), sk=f"{_ROOM_PREFIX}{room}", **facts)
        done = Conflict("It does already.")
        new = self._followers.pk.does_not_exist()
        counts = self._counts
        came = (counts.listeners.add(1), counts.ttl.set(socket.ttl + LIFE_S))
        self._count(socket.id, room, came, done, [Put(row=there, only_if=new, or_else=done), Put(row=here)])

    def unfollow(self, connection_id: ConnectionId, room: str) -> None:
        """Whether or not it did."""
        there = self._followers(pk=_room_pk(room), sk=_socket_pk(connection_id))
        here = self._followers(pk=_socket_pk(connection_id), sk=f"{_ROOM_PREFIX}{room}")
        done = Conflict("It does not.")
        there_is = self._followers.pk.exists()
        gone = (self._counts.listeners.add(-1),)
        self._count(
            connection_id, room, gone, done, [Delete(row=there, only_if=there_is, or_else=done), Delete(row=here)]
        )

    def _count(
        self, connection_id: ConnectionId, room: str, actions: tuple[Action, ...], done: Conflict, writes: list[Write]
    ) -> None:
        shard = crc32(connection_id.encode()) % _COUNT_SHARDS
        row = self._counts(pk=_room_pk(room), sk=_listeners_sk(shard))
        try:
            write_all([*writes, Change(row=row, actions=actions)])
        except Conflict as conflict:
            if conflict is not done:
                raise

    def listeners(self, rooms: Iterable[str]) -> dict[str, int]:
        """How many sockets follow each. Eventually consistent."""
        count = dict.fromkeys(rooms, 0)
        keys = {(_room_pk(room), _listeners_sk(shard)): room for room in count for shard in range(_COUNT_SHARDS)}
        with translated():
            for row in self._counts.batch_get(list(keys)) if keys else []:
                count[keys[row.pk, row.sk]] += int(row.listeners)
        return count

    def shut_out(self, account_id: AccountId, door: Door, room: str) -> None:
        """None of their sockets follows it any more."""
        for connection_id in self.of_account(account_id, door):
            self.unfollow(connection_id, room)

    def followed(self, connection_id: ConnectionId) -> list[str]:
        rows = self._followers
        with translated():
            query = rows.query(_socket_pk(connection_id), rows.sk.startswith(_ROOM_PREFIX), consistent_read=True)
            return [str(row.room) for row in query]

    def followers(self, room: str) -> Iterator[ConnectionId]:
        """Page by page. Eventually consistent."""
        with translated():
            for row in self._followers.query(_room_pk(room), self._followers.sk.startswith(_socket_pk(""))):
                yield ConnectionId(row.connection_id)


def _ticket_pk(secret_hash: str) -> str:
    return f"ticket#{secret_hash}"


def _socket_pk(connection_id: str) -> str:
    return f"socket#{connection_id}"


def account_pk(account_id: AccountId) -> str:
    return f"account#{account_id}"


def _listeners_sk(shard: int) -> str:
    return f"listeners#{shard}"


def _room_pk(room: str) -> str:
    return f"room#{room}"
