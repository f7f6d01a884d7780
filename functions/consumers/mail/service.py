"""Writes to people about what happened to them, once per event."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from consumers.mail import letters
from core.domain.accounts import hash_token
from core.domain.claims import Claim
from core.domain.errors import MailUnavailable, NotFound, Unavailable
from core.domain.ids import AccountId, EpochSeconds, TrackId
from core.domain.limits import VERIFY_TOKEN_S
from core.messages import (
    MESSAGES,
    AccountLocked,
    AccountRegistered,
    SessionReused,
    TrackFailed,
    TrackRejected,
    TranscodingCompleted,
)

if TYPE_CHECKING:
    from consumers.mail.letters import Letter
    from core.domain.accounts import Account
    from core.messages import Envelope
    from core.ports import Clock, Mailer
    from core.store.accounts import AccountRepository
    from core.store.mail_log import MailLog
    from core.store.tracks import TrackRepository

LEASE_S: Final = 60
"""How long one worker holds a letter: longer than a send takes, no longer than the queue hides a message."""

TrackNews = TranscodingCompleted | TrackRejected | TrackFailed
AccountNews = AccountRegistered | AccountLocked | SessionReused
News = AccountNews | TrackNews
"""What people want to hear of by mail."""


class Outcome(StrEnum):
    SENT = "sent"
    SENT_BEFORE = "sent_before"
    NOBODY_TO_TELL = "nobody_to_tell"
    """The account or track is gone, needs no letter any more, or is on to another attempt."""
    NOT_FOR_MAIL = "not_for_mail"


class Post(NamedTuple):
    to: str
    letter: Letter


@dataclass(frozen=True, slots=True, kw_only=True)
class MailService:
    accounts: AccountRepository
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
        if not isinstance(message, News):
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

    def _send(self, news: News) -> bool:
        post = self._post_for(news)
        if post is None:
            return False
        self.mailer.send(to=post.to, subject=post.letter.subject, text=post.letter.text, html=post.letter.html)
        return True

    def _post_for(self, news: News) -> Post | None:
        try:
            if isinstance(news, AccountNews):
                return self._about_account(news, self.accounts.get(AccountId(news.account_id)))
            return self._about_track(news)
        except NotFound:
            return None

    def _about_account(self, news: AccountNews, account: Account) -> Post | None:
        if isinstance(news, AccountRegistered):
            return self._welcome(account)
        about = {"username": account.username, "app_url": self.app_url}
        if isinstance(news, AccountLocked):
            return Post(account.email, letters.account_locked(**about))
        return Post(account.email, letters.session_reused(**about, device=news.device))

    def _welcome(self, account: Account) -> Post | None:
        if account.email_verified:
            return None
        token = secrets.token_urlsafe(32)
        expires_at = EpochSeconds(self.clock.now() + VERIFY_TOKEN_S)
        self.accounts.add_verification(hash_token(token), account.id, expires_at)
        return Post(account.email, letters.welcome(username=account.username, token=token, app_url=self.app_url))

    def _about_track(self, news: TrackNews) -> Post | None:
        track = self.tracks.get(TrackId(news.track_id))
        if track.deleted_at is not None or track.attempt != news.attempt:
            return None
        account = self.accounts.get(track.owner_id)
        about = {"username": account.username, "title": track.title, "app_url": self.app_url}
        if isinstance(news, TranscodingCompleted):
            return Post(account.email, letters.track_ready(**about))
        write = letters.track_rejected if isinstance(news, TrackRejected) else letters.track_failed
        return Post(account.email, write(**about, reason=news.reason))
