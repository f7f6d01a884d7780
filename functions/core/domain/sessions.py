"""A sign-in on one device, and how long it lasts."""

from dataclasses import dataclass, replace
from enum import StrEnum
from ipaddress import ip_network
from typing import Self

from core.domain.accounts import Account
from core.domain.ids import AccountId, EpochSeconds, SessionId
from core.domain.limits import REFRESH_TOKEN_S, REMEMBERED_S, SESSION_MAX_S


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a request came from. `device` and `place` are in words ("Firefox on Linux", "Lyon, FR"), for people to
    recognise and no part of any decision; empty where they are not known."""

    address: str
    device: str
    place: str

    @property
    def network(self) -> str:
        """What is counted: an IPv6 address is one of the 2^64 that a single household has (RFC 6177)."""
        if ":" not in self.address:
            return self.address
        return str(ip_network(f"{self.address.partition('%')[0]}/64", strict=False))


class Way(StrEnum):
    """How somebody signs in."""

    PASSWORD = "password"  # noqa: S105 - a way, not a password
    MAGIC_LINK = "magic_link"
    PASSKEY = "passkey"
    PROVIDER = "provider"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What somebody showed to be let in; `strong` if it took two factors."""

    way: Way
    strong: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One refresh-token family: a sign-in on one device. `token_hash` is the SHA-256 of the current token.

    `previous_hash` lets a reuse be told from a guess: presenting it revokes the family (RFC 9700 §4.14.2).
    """

    id: SessionId
    account_id: AccountId
    token_hash: str
    previous_hash: str | None
    rotated_at: EpochSeconds
    created_at: EpochSeconds
    expires_at: EpochSeconds
    remembered: bool
    token_version: int
    """The account's at the sign-in: once the account's is another, the session has ended."""
    proved_at: EpochSeconds
    """When it was last proved who is there, not only that a token is: at the sign-in, and whenever we ask again."""
    strong: bool
    """Whether that took two factors: a password and a code, or a passkey."""
    origin: Origin
    """Of the latest refresh."""

    @classmethod
    def opened(
        cls, session_id: SessionId, account: Account, *, token_hash: str, remembered: bool, proof: Proof,
        origin: Origin, now: EpochSeconds,
    ) -> Self:  # fmt: skip
        return cls(
            id=session_id,
            account_id=account.id,
            token_hash=token_hash,
            previous_hash=None,
            rotated_at=now,
            created_at=now,
            expires_at=_expiry(remembered=remembered, created_at=now, now=now),
            remembered=remembered,
            token_version=account.token_version,
            proved_at=now,
            strong=proof.strong,
            origin=origin,
        )

    def lives(self, account: Account, now: EpochSeconds) -> bool:
        """Whether it is still good for a refresh by its account."""
        return self.expires_at > now and self.token_version == account.token_version

    def rotated(self, token_hash: str, *, origin: Origin, now: EpochSeconds) -> Self:
        """With its next token. It lives longer by that, but not beyond SESSION_MAX_S after the sign-in."""
        return replace(
            self,
            token_hash=token_hash,
            previous_hash=self.token_hash,
            rotated_at=now,
            expires_at=_expiry(remembered=self.remembered, created_at=self.created_at, now=now),
            origin=origin,
        )


def _expiry(*, remembered: bool, created_at: EpochSeconds, now: EpochSeconds) -> EpochSeconds:
    idle = REMEMBERED_S if remembered else REFRESH_TOKEN_S
    return EpochSeconds(min(now + idle, created_at + SESSION_MAX_S))
