"""Somebody signs in with an identity that has no account here yet."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from email_validator import EmailNotValidError, validate_email

from core.domain.accounts import Account, check_username, fold_email
from core.domain.errors import Conflict, InvalidInput
from core.domain.ids import AccountId, new_id
from core.domain.providers import Identity
from core.ports.clock import Clock

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.store.accounts import AccountRepository

TRIES: Final = 5
_NOT_OURS: Final = re.compile(r"[^a-z0-9_-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Newcomers:
    accounts: AccountRepository
    clock: Clock

    def person(self, identity: Identity) -> Account:
        """The account to be made for them, without a password.

        Only with an address that the provider has verified, and never into an account that is there: whoever could
        name somebody's address elsewhere would take their account over. They sign in here first, then connect.
        Raises InvalidInput(`identity_unverified`), Conflict(`email_taken`).
        """
        if identity.email is None or not identity.email_verified or not _is_plain(identity.email):
            raise InvalidInput(
                "The provider does not vouch for your e-mail address. Please register here, then connect it.",
                code="identity_unverified",
            )
        email = fold_email(identity.email)
        if self.accounts.find_by_email(email) is not None:
            raise Conflict(
                "There is an account with your address. Please sign in to it, then connect it.", code="email_taken"
            )
        return Account(
            id=AccountId(new_id()),
            email=email,
            username=self._free_username(identity.name or email.partition("@")[0]),
            password_hash="",
            email_verified=True,
            created_at=self.clock.now(),
        )

    def _free_username(self, wish: str) -> str:
        for name in _candidates(wish):
            try:
                username = check_username(name)
            except InvalidInput:
                continue
            if not self.accounts.has_username(username):
                return username
        raise AssertionError("unreachable: the last candidates are random")


def _is_plain(email: str) -> bool:
    """Whether it is an address (RFC 5322), and folding changes its case alone: else it would be another one than the
    provider has verified."""
    try:
        validate_email(email, check_deliverability=False)
    except EmailNotValidError:
        return False
    return fold_email(email) == email.lower()


def _candidates(wish: str) -> Iterator[str]:
    """Names like the wish, then ones that surely are free."""
    stem = _NOT_OURS.sub("-", wish.casefold()).strip("-_")[:24]
    yield stem
    for _ in range(TRIES):
        yield f"{stem}-{secrets.randbelow(10_000)}"
    while True:
        yield f"listener-{secrets.token_hex(6)}"
