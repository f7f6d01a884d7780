"""Use cases of an account: register, verify the address, look at it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from api.account_changes import Change, change_account
from api.new_passwords import NewPasswords
from core.domain.accounts import Account, check_username, fold_email, hash_token
from core.domain.errors import InvalidInput, NotAuthenticated, NotFound
from core.domain.ids import AccountId, new_id
from core.domain.rates import REGISTER_BY_ACCOUNT
from core.domain.tickets import Purpose
from core.limiter import Limiter
from core.messages.accounts import AccountRegistered
from core.ports.clock import Clock

if TYPE_CHECKING:
    from core.store.accounts import AccountRepository
    from core.store.tickets import TicketRepository


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountService:
    accounts: AccountRepository
    tickets: TicketRepository
    new_passwords: NewPasswords
    limiter: Limiter
    clock: Clock

    def register(self, *, email: str, username: str, password: str) -> Account:
        """A new account with an unverified address; the mail consumer sends the verification.

        Raises InvalidInput (`username_invalid`, `username_reserved`, `password_weak`), Conflict (`email_taken`,
        `username_taken`), TooMany.
        """
        address, name = fold_email(email), check_username(username)
        self.limiter.count(REGISTER_BY_ACCOUNT, address)
        account = Account(
            id=AccountId(new_id()),
            email=address,
            username=name,
            password_hash=self.new_passwords.hash(password, email=address, username=name),
            email_verified=False,
            created_at=self.clock.now(),
        )
        self.accounts.create(account, events=[AccountRegistered(account_id=account.id)])
        return account

    def verify_email(self, token: str) -> Account:
        """Idempotent until the token expires: mail readers and impatient people open links twice."""
        ticket = self.tickets.find(hash_token(token), Purpose.VERIFY_EMAIL, self.clock.now())
        if ticket is None:
            raise InvalidInput(
                "This confirmation link is not valid any more.", code="verification_token_invalid", field="token"
            )

        def verified(account: Account) -> Change | None:
            return None if account.email_verified else Change(account=replace(account, email_verified=True))

        return change_account(ticket.account_id, verified, accounts=self.accounts, clock=self.clock)

    def is_free(self, username: str) -> bool:
        """Whether that name can be had. Raises InvalidInput (`username_invalid`, `username_reserved`)."""
        return not self.accounts.has_username(check_username(username))

    def me(self, account_id: AccountId) -> Account:
        try:
            return self.accounts.get(account_id)
        except NotFound as gone:
            raise NotAuthenticated("This account does not exist any more.", code="account_gone") from gone
