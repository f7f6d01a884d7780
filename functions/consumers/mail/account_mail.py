"""What is written to an account's owner, and the tickets that go with it: secrets are born here and nowhere else."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from consumers.mail import letters
from consumers.mail.letters import Letter, Post
from core.domain.accounts import Account, hash_token, state_of
from core.domain.ids import EpochSeconds
from core.domain.tickets import LIFE_S, TICKET_BYTES, Purpose, Ticket
from core.messages.accounts import (
    AccountClosing,
    AccountKept,
    AccountLocked,
    AccountRegistered,
    ApiKeyMade,
    ConnectionChanged,
    EmailChangeAsked,
    ExportReady,
    PasskeyChanged,
    PasswordChanged,
    PasswordResetAsked,
    RecoveryCodesRenewed,
    SecondFactorChanged,
    SessionReused,
    SignInLinkAsked,
    VerificationAsked,
)
from core.messages.message import Message
from core.ports.clock import Clock

if TYPE_CHECKING:
    from core.store.email_changes import EmailChangeRepository
    from core.store.tickets import TicketRepository


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountMail:
    tickets: TicketRepository
    changes: EmailChangeRepository
    clock: Clock
    app_url: str

    def posts(self, news: Any, account: Account) -> list[Post]:
        """The letters that this news calls for; none if it is out of date, or nobody is left to write to."""
        return [] if account.erased_at is not None else list(_WRITERS[type(news)](self, news, account))

    def verification(self, _news: AccountRegistered | VerificationAsked, account: Account) -> list[Post]:
        if account.email_verified:
            return []
        token = self._ticket(Purpose.VERIFY_EMAIL, account)
        return [self._to(account, letters.welcome(username=account.username, token=token, app_url=self.app_url))]

    def reset(self, _news: PasswordResetAsked, account: Account) -> list[Post]:
        token = self._ticket(Purpose.RESET_PASSWORD, account, bound_to=state_of(account))
        return [self._to(account, letters.password_reset(username=account.username, token=token, app_url=self.app_url))]

    def changed(self, _news: PasswordChanged, account: Account) -> list[Post]:
        return [self._to(account, letters.password_changed(username=account.username, app_url=self.app_url))]

    def sign_in_link(self, news: SignInLinkAsked, account: Account) -> list[Post]:
        token = self._ticket(Purpose.SIGN_IN, account, bound_to=news.bound_to, state=state_of(account))
        return [self._to(account, letters.sign_in_link(username=account.username, token=token, app_url=self.app_url))]

    def change_of_address(self, _news: EmailChangeAsked, account: Account) -> list[Post]:
        change = self.changes.find(account.id, self.clock.now())
        if change is None:
            return []
        sides = ((Purpose.LEAVE_EMAIL, account.email), (Purpose.TAKE_EMAIL, change.new_email))
        return [
            Post(
                address,
                letters.email_change(
                    username=account.username,
                    new_email=change.new_email,
                    token=self._ticket(purpose, account, bound_to=change.binding),
                    app_url=self.app_url,
                ),
            )
            for purpose, address in sides
        ]

    def second_factor(self, news: SecondFactorChanged, account: Account) -> list[Post]:
        letter = letters.second_factor_changed(username=account.username, enabled=news.enabled, app_url=self.app_url)
        return [self._to(account, letter)]

    def passkey(self, news: PasskeyChanged, account: Account) -> list[Post]:
        letter = letters.passkey_changed(
            username=account.username, name=news.name, added=news.added, app_url=self.app_url
        )
        return [self._to(account, letter)]

    def connection(self, news: ConnectionChanged, account: Account) -> list[Post]:
        letter = letters.connection_changed(
            username=account.username, provider=news.provider, added=news.added, app_url=self.app_url
        )
        return [self._to(account, letter)]

    def api_key(self, news: ApiKeyMade, account: Account) -> list[Post]:
        return [
            self._to(account, letters.api_key_made(username=account.username, name=news.name, app_url=self.app_url))
        ]

    def recovery_codes(self, _news: RecoveryCodesRenewed, account: Account) -> list[Post]:
        return [self._to(account, letters.recovery_codes_renewed(username=account.username, app_url=self.app_url))]

    def locked(self, _news: AccountLocked, account: Account) -> list[Post]:
        return [self._to(account, letters.account_locked(username=account.username, app_url=self.app_url))]

    def reused(self, news: SessionReused, account: Account) -> list[Post]:
        letter = letters.session_reused(username=account.username, device=news.device, app_url=self.app_url)
        return [self._to(account, letter)]

    def closing(self, _news: AccountClosing, account: Account) -> list[Post]:
        if account.closing_at is None:
            return []
        letter = letters.account_closing(username=account.username, at=account.closing_at, app_url=self.app_url)
        return [self._to(account, letter)]

    def kept(self, _news: AccountKept, account: Account) -> list[Post]:
        if account.closing_at is not None:
            return []
        return [self._to(account, letters.account_kept(username=account.username, app_url=self.app_url))]

    def export(self, _news: ExportReady, account: Account) -> list[Post]:
        return [self._to(account, letters.export_ready(username=account.username, app_url=self.app_url))]

    def _to(self, account: Account, letter: Letter) -> Post:
        return Post(account.email, letter)

    def _ticket(
        self, purpose: Purpose, account: Account, *, bound_to: str | None = None, state: str | None = None
    ) -> str:
        """The secret of a fresh ticket."""
        secret = secrets.token_urlsafe(TICKET_BYTES)
        self.tickets.add(
            Ticket(
                secret_hash=hash_token(secret),
                purpose=purpose,
                account_id=account.id,
                expires_at=EpochSeconds(self.clock.now() + LIFE_S[purpose]),
                bound_to=bound_to,
                state=state,
            )
        )
        return secret


_WRITERS: Final[Mapping[type[Message], Callable[[AccountMail, Any, Account], list[Post]]]] = {
    AccountRegistered: AccountMail.verification,
    VerificationAsked: AccountMail.verification,
    PasswordResetAsked: AccountMail.reset,
    PasswordChanged: AccountMail.changed,
    PasskeyChanged: AccountMail.passkey,
    ConnectionChanged: AccountMail.connection,
    ApiKeyMade: AccountMail.api_key,
    RecoveryCodesRenewed: AccountMail.recovery_codes,
    SecondFactorChanged: AccountMail.second_factor,
    SignInLinkAsked: AccountMail.sign_in_link,
    EmailChangeAsked: AccountMail.change_of_address,
    AccountLocked: AccountMail.locked,
    SessionReused: AccountMail.reused,
    AccountClosing: AccountMail.closing,
    AccountKept: AccountMail.kept,
    ExportReady: AccountMail.export,
}
ACCOUNT_NEWS: Final = tuple(_WRITERS)
