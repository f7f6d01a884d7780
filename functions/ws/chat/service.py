"""Every frame of the chat socket, and what is done about it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Set
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from core.chat.reading import BATCH
from core.chat.signals import presence_room
from core.chat.telling import room_of
from core.domain.attachments import AttachmentId
from core.domain.chat_messages import Draft
from core.domain.conversations import ConversationId, Seq
from core.domain.errors import NotAllowed, NotFound, Refused
from core.domain.ids import AccountId, EpochMs, TrackId
from core.domain.rates import READS_BY_ACCOUNT, SIGNS_BY_ACCOUNT, Rate
from core.domain.sockets import FRAME_MAX, Socket
from core.frames.chat import ANSWERS, answers, nouns, requests
from core.frames.envelope import Data, Hello, HelloOk
from ws.hello import hello_facts

if TYPE_CHECKING:
    from core.chat.reading import Happening, Reading
    from core.chat.signals import Signals
    from core.chat.speaking import Speaking
    from core.limiter import Limiter
    from core.realtime.rooms import Rooms
    from core.store.sockets import SocketRepository

KINDS: Final[Mapping[str, type[Data]]] = {kind.type: kind for kind in ANSWERS}
RATES: Final[Mapping[type[Data], Rate]] = {
    requests.Ping: READS_BY_ACCOUNT,
    requests.Sync: READS_BY_ACCOUNT,
    requests.MessageDelete: SIGNS_BY_ACCOUNT,
    requests.ReceiptSet: SIGNS_BY_ACCOUNT,
    requests.PresenceWatch: SIGNS_BY_ACCOUNT,
    requests.RoomOpen: SIGNS_BY_ACCOUNT,
    requests.RoomClose: SIGNS_BY_ACCOUNT,
}
"""Of what is not counted by its use case, which the API shares. A bare heartbeat costs less than to count it."""
ROOM_FOR_UPDATES: Final = FRAME_MAX - 1024
"""Bytes of a frame, less what is around them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatService:
    """Raises the domain's refusals, which `answering` turns into frames."""

    speaking: Speaking
    reading: Reading
    signals: Signals
    rooms: Rooms
    sockets: SocketRepository
    limiter: Limiter

    def came(self, socket: Socket) -> None:
        """Somebody opened a socket; watchers hear of each: cheaper than to find out whether it is the first."""
        self.signals.came(socket.account_id)

    def went(self, socket: Socket) -> None:
        """Their socket is closed, and nobody finds it any more."""
        if not self.sockets.of_account(socket.account_id, socket.door):
            self.signals.went(socket.account_id)

    def do(self, socket: Socket, asked: Data, _came_at: EpochMs) -> Data:
        rate = RATES.get(type(asked))
        if rate is not None and not (isinstance(asked, requests.Ping) and not asked.heads):
            self.limiter.count(rate, socket.account_id)
        return self._deeds[type(asked)](socket, asked)

    @property
    def _deeds(self) -> Mapping[type[Data], Callable[[Socket, Any], Data]]:
        return {
            Hello: _hello,
            requests.Ping: self._ping,
            requests.MessageSend: self._send,
            requests.MessageEdit: self._edit,
            requests.MessageDelete: self._delete,
            requests.ReactionSet: self._react,
            requests.PinSet: self._pin,
            requests.ReceiptSet: self._receipt,
            requests.TypingStart: self._typing,
            requests.PresenceSet: self._presence,
            requests.PresenceWatch: self._watch,
            requests.RoomOpen: self._open,
            requests.RoomClose: self._close,
            requests.Sync: self._sync,
            requests.CallSignal: self._call,
        }

    def _ping(self, socket: Socket, asked: requests.Ping) -> Data:
        behind, seen = [], {}
        for head in asked.heads:
            try:
                last = self.reading.last(socket.account_id, ConversationId(head.conversation_id))
            except (NotFound, NotAllowed):
                continue  # they were put out of it meanwhile, which they were told
            seen[room_of(ConversationId(head.conversation_id))] = head.conversation_id
            if last > head.seq:
                behind.append(nouns.Head(conversation_id=head.conversation_id, seq=last))
        followed = seen.keys() & self.sockets.followed(socket.id) if seen else ()
        counts = self.sockets.listeners(sorted(followed))
        listeners = [nouns.Listeners(conversation_id=seen[room], count=count) for room, count in counts.items()]
        return answers.PingOk(behind=behind, listeners=listeners or None)

    def _send(self, socket: Socket, asked: requests.MessageSend) -> Data:
        draft = Draft(
            client_id=asked.client_id,
            text=asked.text,
            reply_to=None if asked.reply_to is None else Seq(asked.reply_to),
            mentions=_accounts(asked.mentions),
            track_id=None if asked.track_id is None else TrackId(asked.track_id),
            attachments=tuple(AttachmentId(it) for it in dict.fromkeys(asked.attachments)),
        )
        sent = self.speaking.send(socket.account_id, ConversationId(asked.conversation_id), draft)
        return answers.MessageSendOk(seq=sent.message.seq, sent_at=sent.message.sent_at, again=sent.again)

    def _edit(self, socket: Socket, asked: requests.MessageEdit) -> Data:
        place = self.speaking.edit(
            socket.account_id, *_message(asked), text=asked.text, mentions=_accounts(asked.mentions)
        )
        return answers.MessageEditOk(seq=place)

    def _delete(self, socket: Socket, asked: requests.MessageDelete) -> Data:
        return answers.MessageDeleteOk(seq=self.speaking.delete(socket.account_id, *_message(asked)))

    def _react(self, socket: Socket, asked: requests.ReactionSet) -> Data:
        place = self.speaking.react(socket.account_id, *_message(asked), asked.reaction, given=asked.given)
        return answers.ReactionSetOk(seq=place)

    def _pin(self, socket: Socket, asked: requests.PinSet) -> Data:
        return answers.PinSetOk(seq=self.speaking.pin(socket.account_id, *_message(asked), pinned=asked.pinned))

    def _receipt(self, socket: Socket, asked: requests.ReceiptSet) -> Data:
        self.reading.receipts(
            socket.account_id,
            ConversationId(asked.conversation_id),
            read=Seq(asked.read or 0),
            delivered=Seq(asked.delivered or 0),
        )
        return answers.ReceiptSetOk()

    def _typing(self, socket: Socket, asked: requests.TypingStart) -> Data:
        self.signals.typing(socket.account_id, ConversationId(asked.conversation_id))
        return answers.TypingStartOk()

    def _presence(self, socket: Socket, asked: requests.PresenceSet) -> Data:
        track_id = None if asked.track_id is None else TrackId(asked.track_id)
        self.signals.choose(socket.account_id, asked.status, track_id)
        return answers.PresenceSetOk()

    def _watch(self, socket: Socket, asked: requests.PresenceWatch) -> Data:
        others = list(_accounts(asked.account_ids))
        self.signals.must_know(socket.account_id, others)
        with self._entered(socket, {presence_room(it) for it in others}):
            self.signals.must_know(socket.account_id, others)
        return answers.PresenceWatchOk(presences=self.signals.presence_of(others))

    def _open(self, socket: Socket, asked: requests.RoomOpen) -> Data:
        """Whatever happens after the answer's seq is told, as it is followed before that is looked up."""
        conversation_id = ConversationId(asked.conversation_id)
        self.reading.must_be_public(socket.account_id, conversation_id)
        with self._entered(socket, {room_of(conversation_id)}):
            return answers.RoomOpenOk(seq=self.reading.last(socket.account_id, conversation_id))

    @contextmanager
    def _entered(self, socket: Socket, rooms: Set[str]) -> Iterator[None]:
        """Follows them, unless what is asked then is refused: somebody may be banned, or blocked, while they come in,
        and whoever shuts them out finds nobody there yet."""
        self.rooms.enter(socket, rooms)
        try:
            yield
        except Refused:
            for room in rooms:
                self.rooms.leave(socket, room)
            raise

    def _close(self, socket: Socket, asked: requests.RoomClose) -> Data:
        self.rooms.leave(socket, room_of(ConversationId(asked.conversation_id)))
        return answers.RoomCloseOk()

    def _sync(self, socket: Socket, asked: requests.Sync) -> Data:
        found = self.reading.since(socket.account_id, ConversationId(asked.conversation_id), Seq(asked.since))
        updates: list[nouns.Happened] = []
        used = 0
        for happening in found:
            update = _happened(happening)
            used += len(update.model_dump_json().encode())
            if updates and used > ROOM_FOR_UPDATES:
                break
            updates.append(update)
        more = len(found) == BATCH or len(updates) < len(found)
        return answers.SyncOk(conversation_id=asked.conversation_id, updates=updates, more=more)

    def _call(self, socket: Socket, asked: requests.CallSignal) -> Data:
        return answers.CallSignalOk(reached=self.signals.call(socket.account_id, asked))


def _hello(socket: Socket, _: Hello) -> Data:
    return HelloOk(**hello_facts(socket))


def _happened(happening: Happening) -> nouns.Happened:
    update, event = happening
    data = event.model_dump(mode="json", exclude_none=True)
    return nouns.Happened(type=event.type, seq=update.seq, ts=update.at, data=data)


def _message(
    asked: requests.MessageEdit | requests.MessageDelete | requests.ReactionSet | requests.PinSet,
) -> tuple[ConversationId, Seq]:
    return ConversationId(asked.conversation_id), Seq(asked.seq)


def _accounts(ids: list[str]) -> tuple[AccountId, ...]:
    return tuple(AccountId(it) for it in dict.fromkeys(ids))
