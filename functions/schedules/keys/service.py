"""Makes sure that there is a pair of keys to sign access tokens with.

The secret holds JSON, read by core/adapters/tokens.py:

    {"current": {"kid": "…", "private_pem": "…"}, "previous": null | {"kid": "…", "public_pem": "…"}}

Tokens are signed with `current`; those of `previous` still verify after a rotation.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningKey:
    """`private_pem` is PKCS #8; `kid` names the key in tokens and in the published key set."""

    kid: str
    private_pem: str


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
class KeyService:
    vault: KeyVault
    new_key: Callable[[], SigningKey]

    def ensure(self) -> Ensured:
        """Writes a fresh key if there is none; a key that is there is never replaced, so tokens stay valid."""
        kid = kid_of(self.vault.read())
        if kid is not None:
            return Ensured(kid=kid, created=False)
        key = self.new_key()
        current = {"kid": key.kid, "private_pem": key.private_pem}
        self.vault.write(json.dumps({"current": current, "previous": None}))
        return Ensured(kid=key.kid, created=True)


def kid_of(secret: str | None) -> str | None:
    """The current key's name; None if the secret holds no key, such as the random text CloudFormation may fill in."""
    try:
        current = json.loads(secret or "null")["current"]
        return str(current["kid"]) if current["private_pem"] else None
    except (ValueError, KeyError, TypeError):
        return None
