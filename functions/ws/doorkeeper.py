"""Who may open a socket, and whether it is still theirs: the same at both doors."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from core.domain.accounts import hash_token
from core.domain.errors import NotAuthenticated, Unavailable, VezaError
from core.domain.ids import EpochSeconds
from core.domain.sockets import CONNECTIONS_MAX, SILENCE_S, Door, Socket
from core.frames.envelope import Closing, frame_of
from core.messages.work import SilenceCheck
from core.ports.clock import Clock
from core.ports.credentials import AccessClaims
from core.ports.messaging import Queue
from core.ports.realtime import Sockets

if TYPE_CHECKING:
    from core.domain.sockets import ConnectionId, Holder
    from core.store.access import AccessRepository
    from core.store.sockets import SocketRepository

NOTED_EVERY_S: Final = 20
"""Heartbeats come every thirty seconds, so each is noted; what comes between costs no write. As often it is asked
whether the session still stands."""

Reason = Literal["too_many_connections", "session_ended", "frame_too_large"]
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Doorkeeper:
    door: Door
    store: SocketRepository
    access: AccessRepository
    sockets: Sockets
    silence_checks: Queue
    went: Callable[[Socket], None]
    """Told of every socket that is over, however it ended; of one whose end was cut short, again."""
    clock: Clock

    def admit(
        self, connection_id: ConnectionId, *, ticket: str, origin: str, address: Mapping[str, str] | None = None
    ) -> Socket:
        """Opens a socket with a ticket of a minute, good once, at this door and from that page.

        Raises NotAuthenticated (`ticket_invalid`, `session_ended`).
        """
        found = self.store.use_ticket(hash_token(ticket)) if ticket else None
        now = self.clock.now()
        if found is None or found.expires_at <= now or found.door is not self.door or found.origin != origin:
            raise NotAuthenticated("This ticket is not valid.", code="ticket_invalid")
        self._must_stand(found.holder, now)
        socket = Socket(
            id=connection_id,
            door=self.door,
            holder=found.holder,
            connected_at=now,
            seen_at=now,
            address=dict(address or {}),
        )
        # First of all: whoever is cut short after this leaves nothing that nobody looks at.
        self._look_again(connection_id, SILENCE_S)
        self._make_room(socket, self.store.open(socket))
        return socket

    def _make_room(self, newcomer: Socket, connections: list[ConnectionId]) -> None:
        """Whoever is too many goes: those whose line is gone without anybody having noticed, then the most silent."""
        now, others = self.clock.now(), [it for it in connections if it != newcomer.id]
        if len(others) < CONNECTIONS_MAX:
            return
        there = []
        for connection_id in others:
            socket = self.store.get(connection_id)
            if socket is None:
                self.store.strike(connection_id, newcomer.account_id, self.door)
            elif socket.established(now) and not self.sockets.is_open(connection_id):
                self._forget_for_now(connection_id)
            else:
                there.append(socket)
        for socket in sorted(there, key=lambda it: it.seen_at)[: len(there) - CONNECTIONS_MAX + 1]:
            self._say_why(socket.id, "too_many_connections")
            self._forget_for_now(socket.id)

    def _forget_for_now(self, connection_id: ConnectionId) -> None:
        """A newcomer is not refused for what goes wrong with another's end: the silence check ends it again."""
        try:
            self.forget(connection_id)
        except VezaError:
            _log.warning("socket_not_forgotten", exc_info=True)

    def heard(self, connection_id: ConnectionId) -> Socket:
        """A frame came: whose is it? Raises NotAuthenticated(`session_ended`), and closes."""
        socket, now = self.store.get(connection_id), self.clock.now()
        if socket is None or socket.door is not self.door or socket.outlived(now):
            self.end(connection_id, "session_ended")
            raise _ended()
        if now - socket.seen_at >= NOTED_EVERY_S:
            try:
                self._must_stand(socket.holder, now)
            except NotAuthenticated:
                self.end(connection_id, "session_ended")
                raise
            self.store.seen(socket, now)
        return socket

    def end(self, connection_id: ConnectionId, reason: Reason) -> None:
        """Says why, closes, forgets."""
        self._say_why(connection_id, reason)
        self.forget(connection_id)

    def _say_why(self, connection_id: ConnectionId, reason: Reason) -> None:
        self.sockets.post(connection_id, frame_of(Closing(reason=reason), at=self.clock.now_ms()))
        self._close(connection_id)

    def _close(self, connection_id: ConnectionId) -> None:
        try:
            self.sockets.close(connection_id)
        except Unavailable:
            _log.warning("socket_not_closed", exc_info=True)  # the gateway closes what says nothing by itself

    def forget(self, connection_id: ConnectionId) -> None:
        """It is closed already."""
        socket = self.store.hide(connection_id)
        if socket is not None:
            self.went(socket)
            self.store.remove(connection_id)

    def look_after(self, connection_id: ConnectionId) -> None:
        """Ends a socket that said nothing for too long, or is too old for the gateway; looks again later at another."""
        socket, now = self.store.get(connection_id), self.clock.now()
        if socket is None:
            return
        if socket.silent(now) or socket.outlived(now):
            self._close(connection_id)
            self.forget(connection_id)
        else:
            self._look_again(connection_id, socket.seen_at + SILENCE_S - now)

    def _look_again(self, connection_id: ConnectionId, after_s: int) -> None:
        check = SilenceCheck(connection_id=connection_id)
        self.silence_checks.send(check.model_dump_json(), delay_s=max(1, after_s))

    def _must_stand(self, holder: Holder, now: EpochSeconds) -> None:
        claims = AccessClaims(
            account_id=holder.account_id,
            session_id=holder.session_id,
            token_id=holder.token_id,
            token_version=holder.token_version,
            issued_at=now,
            expires_at=now,
        )
        standing = self.access.standing(claims, now)
        if standing is None or not standing.token_counts or standing.suspended or standing.closing:
            raise _ended()


def _ended() -> NotAuthenticated:
    return NotAuthenticated("The session of this socket has ended.", code="session_ended")
