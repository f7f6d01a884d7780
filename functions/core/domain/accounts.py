"""An account and the rules of its names and its password."""

import hashlib
import re
import unicodedata
from dataclasses import dataclass

from core.domain.errors import InvalidInput
from core.domain.ids import AccountId, EpochSeconds
from core.domain.limits import PASSWORD_MAX, PASSWORD_MIN
from core.domain.permissions import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    id: AccountId
    email: str
    username: str
    password_hash: str
    email_verified: bool
    created_at: EpochSeconds
    roles: frozenset[Role] = frozenset({Role.USER})
    token_version: int = 0
    """Access tokens carry it: one that carries another is refused, so that raising it ends them all at once."""
    suspended_at: EpochSeconds | None = None
    """Since when the account is shut out by the staff; None for one in good standing."""
    revision: int = 0
    """Counts the writes, for optimistic locking (docs/decisions/0007)."""


_USERNAME = re.compile(r"^[a-z0-9](?:[a-z0-9_-]{1,28})[a-z0-9]$")


def check_username(username: str) -> str:
    """Lower-case ASCII letters, digits, `_` and `-`, 3–30 characters. Raises InvalidInput(`username_invalid`)."""
    folded = username.strip().lower()
    if not _USERNAME.fullmatch(folded):
        raise InvalidInput(
            "A username has 3 to 30 letters, digits, '-' or '_', and starts and ends with a letter or digit.",
            code="username_invalid",
            field="username",
        )
    return folded


def fold_email(email: str) -> str:
    """The form in which addresses are unique: NFKC, trimmed, lower case."""
    return unicodedata.normalize("NFKC", email).strip().lower()


def normal_password(password: str) -> str:
    """One form for the same characters typed on different keyboards (NIST SP 800-63B §5.1.1.2)."""
    return unicodedata.normalize("NFKC", password)


def check_password(password: str, *, email: str, username: str) -> None:
    """Length and the user's own data (NIST SP 800-63B §5.1.1.2). Raises InvalidInput(`password_weak`)."""
    if not PASSWORD_MIN <= len(password) <= PASSWORD_MAX:
        raise InvalidInput(
            f"A password has {PASSWORD_MIN} to {PASSWORD_MAX} characters.", code="password_weak", field="password"
        )
    lowered = password.casefold()
    own = {username.casefold(), email.casefold(), email.partition("@")[0].casefold()}
    if any(len(word) >= 4 and word in lowered for word in own) or len(set(lowered)) < 5:
        raise InvalidInput(
            "The password is too easy to guess: don't use your name, your address or a repeated character.",
            code="password_weak",
            field="password",
        )


def hash_token(token: str) -> str:
    """What is stored of a random token: its SHA-256 in hex. With 256 random bits it needs no slow hash."""
    return hashlib.sha256(token.encode()).hexdigest()
