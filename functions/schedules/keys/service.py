"""The pairs of keys that access tokens are signed with: the first one, and their rotation.

The secret holds JSON, read by core/adapters/tokens.py:

    {"current": {"kid": "…", "private_pem": "…"},
     "next": null | {"kid": "…", "private_pem": "…"},
     "previous": null | {"kid": "…", "public_pem": "…"},
     "rotated_at": seconds}

Tokens are signed with `current`; those of `previous` still verify, and the public half of `next` is published long
before it signs anything, so that nobody who caches the key set ever meets a key that is not in it.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Protocol

from core.ports import Clock

REST_S: Final = 24 * 3600
"""Nothing is rotated again before this: a schedule may call twice, and tokens of the key before must live on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningKey:
    """PEMs are PKCS #8 and SubjectPublicKeyInfo; `kid` names the key in tokens and in the published key set."""

    kid: str
    private_pem: str
    public_pem: str


class KeyVault(Protocol):
    """The one secret that holds the signing keys. Raises Unavailable."""

    def read(self) -> str | None:
        """None as long as nothing was ever written."""
        ...

    def write(self, text: str) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Ensured:
    kid: str
    created: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotated:
    """`kid` signs from now on; False if it was too early to rotate again."""

    kid: str
    rotated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyService:
    vault: KeyVault
    new_key: Callable[[], SigningKey]
    public_half: Callable[[str], str]
    """PEM of the public key, from that of the private one."""
    clock: Clock

    def ensure(self) -> Ensured:
        """Writes fresh keys if there are none; keys that are there are never replaced, so tokens stay valid."""
        keys = keys_in(self.vault.read())
        if keys is not None:
            return Ensured(kid=keys["current"]["kid"], created=False)
        key = self.new_key()
        self._write(current=_pair(key), following=_pair(self.new_key()), previous=None)
        return Ensured(kid=key.kid, created=True)

    def rotate(self) -> Rotated:
        """The next pair signs from now on, the one before still verifies, and another one is made to come after it."""
        keys = keys_in(self.vault.read())
        if keys is None:
            return Rotated(kid=self.ensure().kid, rotated=True)
        if self.clock.now() - keys.get("rotated_at", 0) < REST_S:
            return Rotated(kid=keys["current"]["kid"], rotated=False)
        current = keys.get("next") or _pair(self.new_key())
        retired = keys["current"]
        # Keys that were made before there were two halves in the secret have the private one alone.
        public_pem = retired.get("public_pem") or self.public_half(retired["private_pem"])
        previous = {"kid": retired["kid"], "public_pem": public_pem}
        self._write(current=current, following=_pair(self.new_key()), previous=previous)
        return Rotated(kid=current["kid"], rotated=True)

    def _write(self, *, current: dict[str, str], following: dict[str, str], previous: dict[str, str] | None) -> None:
        secret = {"current": current, "next": following, "previous": previous, "rotated_at": self.clock.now()}
        self.vault.write(json.dumps(secret))


def keys_in(secret: str | None) -> dict[str, Any] | None:
    """What the secret holds; None if it holds no keys, such as the random text CloudFormation may fill in."""
    try:
        keys: dict[str, Any] = json.loads(secret or "null")
        return keys if keys["current"]["kid"] and keys["current"]["private_pem"] else None
    except (ValueError, KeyError, TypeError):
        return None


def _pair(key: SigningKey) -> dict[str, str]:
    return {"kid": key.kid, "private_pem": key.private_pem, "public_pem": key.public_pem}
