"""The keys that access tokens are signed with: the first ones, and their rotation.

The secret holds JSON, read by core/adapters/signing_keys.py; here with RSA pairs, and schedules/keys/kinds.py tells the
other kind's keys:

    {"current": {"kid": "…", "private_pem": "…", "public_pem": "…"},
     "next": null | {"kid": "…", "private_pem": "…", "public_pem": "…"},
     "previous": null | {"kid": "…", "public_pem": "…"},
     "rotated_at": seconds}

Tokens are signed with `current`; those of `previous` still verify, and the public half of `next` is published long
before it signs anything, so that nobody who caches the key set ever meets a key that is not in it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from core.ports.clock import Clock

REST_S: Final = 24 * 3600
"""Nothing is rotated again before this: a schedule may call twice, and tokens of the key before must live on."""


class KeyKind(Protocol):
    """Keys for one algorithm, as the secret holds them. `kid` names a key in tokens and in the published key set."""

    def new(self) -> dict[str, str]:
        """A fresh key, with all it takes to sign."""
        ...

    def signs(self, key: Mapping[str, str]) -> bool:
        """Whether it is one of this kind. KeyError, TypeError for what is no key at all."""
        ...

    def retired(self, key: Mapping[str, str]) -> dict[str, str]:
        """What is left of it when it signs no more: just enough to verify."""
        ...


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
    kind: KeyKind
    clock: Clock

    def ensure(self) -> Ensured:
        """Writes fresh keys if there are none of this kind; those that are there stay, and so do their tokens."""
        keys = self._read()
        if keys is not None:
            return Ensured(kid=keys["current"]["kid"], created=False)
        key = self.kind.new()
        self._write(current=key, following=self.kind.new(), previous=None)
        return Ensured(kid=key["kid"], created=True)

    def rotate(self) -> Rotated:
        """The next key signs from now on, the one before still verifies, and another one is made to come after it."""
        keys = self._read()
        if keys is None:
            return Rotated(kid=self.ensure().kid, rotated=True)
        if self.clock.now() - keys.get("rotated_at", 0) < REST_S:
            return Rotated(kid=keys["current"]["kid"], rotated=False)
        current = keys.get("next") or self.kind.new()
        self._write(current=current, following=self.kind.new(), previous=self.kind.retired(keys["current"]))
        return Rotated(kid=current["kid"], rotated=True)

    def _read(self) -> dict[str, Any] | None:
        """None if it holds no keys of this kind, such as the random text CloudFormation may fill in."""
        try:
            keys: dict[str, Any] = json.loads(self.vault.read() or "null")
            return keys if self.kind.signs(keys["current"]) else None
        except (ValueError, KeyError, TypeError):
            return None

    def _write(self, *, current: dict[str, str], following: dict[str, str], previous: dict[str, str] | None) -> None:
        secret = {"current": current, "next": following, "previous": previous, "rotated_at": self.clock.now()}
        self.vault.write(json.dumps(secret))
