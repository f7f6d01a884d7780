"""Writes to people about what happened to them, once per event."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from consumers.mail import letters
from consumers.mail.account_mail import ACCOUNT_NEWS, AccountMail
from consumers.mail.letters import Post
from core.domain.claims import Claim
from core.domain.errors import MailUnavailable, NotFound, Unavailable
from core.domain.ids import AccountId, TrackId
from core.messages.envelope import MESSAGES
from core.messages.tracks import TrackFailed, TrackRejected, TranscodingCompleted

if TYPE_CHECKING:
    from core.messages.envelope import Envelope
    from core.messages.message import Message
    from core.ports.clock import Clock
    from core.ports.messaging import Mailer
    from core.store.accounts import AccountRepository
    from core.store.mail_log import MailLog
    from core.store.tracks import TrackRepository

LEASE_S: Final = 60
"""How long one worker holds a letter: longer than a send takes, no longer than the queue hides a message."""

TrackNews = TranscodingCompleted | TrackRejected | TrackFailed
NEWS: Final[tuple[type[Message], ...]] = (*ACCOUNT_NEWS, TranscodingCompleted, TrackRejected, TrackFailed)
"""What people want to hear of by mail."""


class Outcome(StrEnum):
    SENT = "sent"
    SENT_BEFORE = "sent_before"
    NOBODY_TO_TELL = "nobody_to_tell"
    """The account or track is gone, needs no letter any more, or is on to another attempt."""
    NOT_FOR_MAIL = "not_for_mail"


@dataclass(frozen=True, slots=True, kw_only=True)
class MailService:
    accounts: AccountRepository
    account_mail: AccountMail
    tracks: TrackRepository
    mail_log: MailLog
    mailer: Mailer
    clock: Clock
    app_url: str

    def tell(self, envelope: Envelope) -> Outcome:
        """Sends the letter this event calls for.

        Raises Unavailable if it could not be sent, or while another worker holds it: the queue brings it again.
        """
        message = envelope.message() if envelope.detail_type in MESSAGES else None
        if message is None or not isinstance(message, NEWS):
            return Outcome.NOT_FOR_MAIL
        claim = self.mail_log.claim(envelope.id, self.clock.now(), LEASE_S)
        if claim is Claim.DONE:
            return Outcome.SENT_BEFORE
        if claim is Claim.BUSY:
            raise MailUnavailable("Another worker holds this letter.")
        try:
            sent = self._send(message)
        except Unavailable:
            self.mail_log.release(envelope.id, self.clock.now())
            raise
        self.mail_log.done(envelope.id, self.clock.now())
        return Outcome.SENT if sent else Outcome.NOBODY_TO_TELL

    def _send(self, news: Message) -> bool:
        posts = self._posts_for(news)
        for to, letter in posts:
            self.mailer.send(to=to, subject=letter.subject, text=letter.text, html=letter.html)
        return bool(posts)

    def _posts_for(self, news: Message) -> list[Post]:
        try:
            if isinstance(news, TrackNews):
                return self._about_track(news)
            account = self.accounts.get(AccountId(news.account_id))  # type: ignore[attr-defined]
            return self.account_mail.posts(news, account)
        except NotFound:
            return []

    def _about_track(self, news: TrackNews) -> list[Post]:
        track = self.tracks.get(TrackId(news.track_id))
        if track.deleted_at is not None or track.attempt != news.attempt:
            return []
        account = self.accounts.get(track.owner_id)
        if account.erased_at is not None:
            return []
        about = {"username": account.username, "title": track.title, "app_url": self.app_url}
        if isinstance(news, TranscodingCompleted):
            return [Post(account.email, letters.track_ready(**about))]
        write = letters.track_rejected if isinstance(news, TrackRejected) else letters.track_failed
        return [Post(account.email, write(**about, reason=news.reason))]
