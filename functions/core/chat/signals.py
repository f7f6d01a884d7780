"""What is true for a moment and is in no log: who is there, who is typing, who is calling."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.domain.conversations import Kind, must_speak
from core.domain.errors import Conflict, NotAllowed, NotFound, TooMany
from core.domain.presence import Chosen, Status
from core.domain.rates import SIGNALS_BY_ACCOUNT, SIGNS_BY_ACCOUNT, TYPING_BY_MEMBER
from core.domain.sockets import Door
from core.frames.chat.events import CallSignalled, PresenceChanged, TypingStarted
from core.frames.chat.nouns import Presence
from core.frames.chat.requests import CallSignal

if TYPE_CHECKING:
    from core.chat.telling import Teller
    from core.domain.conversations import ConversationId
    from core.domain.ids import AccountId, EpochSeconds, TrackId
    from core.limiter import Limiter
    from core.ports.clock import Clock
    from core.store.conversations import ConversationRepository
    from core.store.presences import PresenceRepository
    from core.store.sockets import SocketRepository
    from core.store.tracks import TrackRepository


@dataclass(frozen=True, slots=True, kw_only=True)
class Signals:
    conversations: ConversationRepository
    presences: PresenceRepository
    sockets: SocketRepository
    tracks: TrackRepository
    teller: Teller
    limiter: Limiter
    clock: Clock

    def typing(self, account_id: AccountId, conversation_id: ConversationId) -> None:
        """Told once in a while, however often it comes, and to nobody who is blocked. Raises as `must_speak`."""
        conversation = self.conversations.get(conversation_id)
        member = self.conversations.member(conversation_id, account_id)
        must_speak(conversation, member, self.clock.now())
        try:
            self.limiter.count(TYPING_BY_MEMBER, f"{account_id} {conversation_id}")
        except TooMany:
            return
        if self.conversations.parted(conversation, account_id):
            return
        typing = TypingStarted(conversation_id=conversation_id, account_id=account_id)
        self.teller.passing(conversation, typing, but=account_id)

    # -- presence

    def choose(self, account_id: AccountId, status: Status, track_id: TrackId | None) -> None:
        """Raises NotFound(`track_not_found`) for a track that not everybody may hear of."""
        self.limiter.count(SIGNS_BY_ACCOUNT, account_id)
        if track_id is not None and not self.tracks.get(track_id).readable_by(None):
            raise NotFound("There is no such track.", code="track_not_found")
        before = self._chosen(account_id)
        chosen = Chosen(account_id=account_id, status=status, track_id=track_id, since=self.clock.now())
        self.presences.save(chosen)
        if before.shows or chosen.shows:
            self._tell(_shown(account_id, chosen, self.clock.now()))

    def came(self, account_id: AccountId) -> None:
        """A device of theirs is there. Who is invisible comes and goes without a word, or that would tell."""
        chosen = self._chosen(account_id)
        if chosen.shows:
            self._tell(_shown(account_id, chosen, self.clock.now()))

    def went(self, account_id: AccountId) -> None:
        """Their last device is gone."""
        if self._chosen(account_id).shows:
            self._tell(_shown(account_id, None, self.clock.now()))

    def _tell(self, presence: Presence) -> None:
        self.teller.to_room(presence_room(presence.account_id), PresenceChanged(presence=presence))

    def presence_of(self, account_ids: list[AccountId]) -> list[Presence]:
        """Without a device nobody is there, whatever they said."""
        there = self.sockets.with_sockets(account_ids, Door.CHAT)
        chosen = self.presences.of(account_ids)
        now = self.clock.now()
        return [_shown(it, (chosen.get(it) or self._unsaid(it)) if it in there else None, now) for it in account_ids]

    def _chosen(self, account_id: AccountId) -> Chosen:
        return self.presences.of([account_id]).get(account_id) or self._unsaid(account_id)

    def _unsaid(self, account_id: AccountId) -> Chosen:
        """Who says nothing is there whenever a device of theirs is."""
        return Chosen(account_id=account_id, status=Status.ONLINE, since=self.clock.now())

    def must_know(self, account_id: AccountId, others: list[AccountId]) -> None:
        """Presence is told to who shares a direct conversation: else NotAllowed(`presence_private`)."""
        for other in others:
            if other == account_id:
                continue
            shared = self.conversations.between(account_id, other)
            if shared is None or self.conversations.at_odds(account_id, other):
                raise NotAllowed("You see who is there of those you write with.", code="presence_private")

    # -- calls

    def call(self, account_id: AccountId, signal: CallSignal) -> int:
        """How many devices of the other one hear of it. Raises Conflict(`not_direct`), NotAllowed(`blocked`)."""
        conversation_id = signal.conversation_id
        conversation = self.conversations.get(conversation_id)  # type: ignore[arg-type]
        member = self.conversations.member(conversation.id, account_id)
        must_speak(conversation, member, self.clock.now())
        if conversation.kind is not Kind.DIRECT:
            raise Conflict("Calls are for direct conversations.", code="not_direct")
        self.limiter.count(SIGNALS_BY_ACCOUNT, account_id)
        if self.conversations.parted(conversation, account_id):
            raise NotAllowed("You can't call each other.", code="blocked")
        heard = CallSignalled(
            conversation_id=conversation.id,
            account_id=account_id,
            call_id=signal.call_id,
            step=signal.step,
            payload=signal.payload,
        )
        others = [it for it in self.conversations.joined(conversation.id) if it != account_id]
        return self.teller.to_accounts(others, heard)


def _shown(account_id: AccountId, chosen: Chosen | None, now: EpochSeconds) -> Presence:
    """As others see it."""
    if chosen is None or not chosen.shows:
        return Presence(account_id=account_id, status="offline")
    shown = {Status.AWAY: "away", Status.BUSY: "busy"}.get(chosen.status, "online")
    return Presence.model_validate({"account_id": account_id, "status": shown, "track_id": chosen.hears(now)})


def presence_room(account_id: str) -> str:
    """What sockets follow, to hear who is there."""
    return f"presence:{account_id}"
