"""An account and the rules of its names."""

import hashlib
import re
import unicodedata
from dataclasses import dataclass, replace
from typing import Final, Self

from core.domain.errors import InvalidInput
from core.domain.ids import AccountId, EpochSeconds
from core.domain.limits import CLOSING_GRACE_S
from core.domain.passwords import REMEMBERED
from core.domain.permissions import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    id: AccountId
    email: str
    username: str
    password_hash: str
    """Empty for who never chose a password: it fits none."""
    email_verified: bool
    created_at: EpochSeconds
    roles: frozenset[Role] = frozenset({Role.USER})
    token_version: int = 0
    """Access tokens carry it: one that carries another is refused, so that raising it ends them all at once."""
    suspended_at: EpochSeconds | None = None
    """Since when the account is shut out by the staff; None for one in good standing."""
    former_passwords: tuple[str, ...] = ()
    """Hashes of passwords before the present one, the latest first."""
    second_factor_since: EpochSeconds | None = None
    """Since when a sign-in needs a code too; None without a second factor."""
    closing_at: EpochSeconds | None = None
    """When it will be erased, if its owner does not change their mind; None for one that stays."""
    erased_at: EpochSeconds | None = None
    """Since when nothing in it is its owner's any more, and what is left is being cleared away."""
    revision: int = 0
    """Counts the writes, for optimistic locking (docs/decisions/0007)."""

    def with_password(self, password_hash: str) -> Self:
        """With a new password: every session and token of before has ended, and the old password is remembered."""
        former = (self.password_hash, *self.former_passwords) if self.password_hash else self.former_passwords
        return replace(
            self,
            password_hash=password_hash,
            former_passwords=former[: REMEMBERED - 1],
            token_version=self.token_version + 1,
        )

    def closing(self, now: EpochSeconds) -> Self:
        """To be erased when CLOSING_GRACE_S is over: every session and token of before has ended."""
        return replace(self, closing_at=EpochSeconds(now + CLOSING_GRACE_S), token_version=self.token_version + 1)

    def erased(self, now: EpochSeconds) -> Self:
        """With nothing left in it that tells of a person."""
        return replace(
            self,
            email="",
            username="",
            password_hash="",
            email_verified=False,
            roles=frozenset({Role.USER}),
            former_passwords=(),
            second_factor_since=None,
            token_version=self.token_version + 1,
            erased_at=now,
        )


RESERVED_USERNAMES: Final = frozenset(
    {"admin", "administrator", "api", "help", "info", "mail", "me", "moderator", "null", "official", "postmaster",
     "root", "security", "staff", "support", "system", "team", "undefined", "veza", "webmaster"}
)  # fmt: skip
"""Names that would be taken for ours, or for a word of an address."""
_USERNAME = re.compile(r"^[a-z0-9](?:[a-z0-9_-]{1,28})[a-z0-9]$")


def check_username(username: str) -> str:
    """Lower-case ASCII letters, digits, `_` and `-`, 3–30 characters: nothing that looks like something else.

    Raises InvalidInput (`username_invalid`, `username_reserved`).
    """
    folded = username.strip().lower()
    if not _USERNAME.fullmatch(folded):
        raise InvalidInput(
            "A username has 3 to 30 letters, digits, '-' or '_', and starts and ends with a letter or digit.",
            code="username_invalid",
            field="username",
        )
    if folded in RESERVED_USERNAMES:
        raise InvalidInput("This username is reserved.", code="username_reserved", field="username")
    return folded


def fold_email(email: str) -> str:
    """The form in which addresses are unique: NFKC, trimmed, lower case."""
    return unicodedata.normalize("NFKC", email).strip().lower()


def state_of(account: Account, *more: str) -> str:
    """What a way in that is not finished yet is bound to: it ends with the address, with the password, and with all
    sessions, whatever ends those."""
    return hash_token(" ".join((account.email, str(account.token_version), *more)))


def hash_token(token: str) -> str:
    """What is stored of a random token: its SHA-256 in hex. With 256 random bits it needs no slow hash."""
    return hashlib.sha256(token.encode()).hexdigest()
