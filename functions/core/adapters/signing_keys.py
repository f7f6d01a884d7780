"""What the signing keys' secret holds: JSON, written by schedules/keys (its shape is told there).

`current` signs, `previous` still verifies, and `next` is published before it signs.
"""

import base64
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

from core.domain.errors import Unavailable

LEAST_HMAC_BYTES: Final = 32
"""RFC 7518 §3.2: a key of the hash's own size, or larger."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningKeys:
    """`kid` names the key that signs; `verifying` has it first."""

    kid: str
    signing: RSAPrivateKey | bytes
    verifying: Mapping[str, RSAPublicKey | bytes]


def keys_of(algorithm: str, secret: str) -> SigningKeys:
    """Raises Unavailable if the secret holds no keys for that algorithm, `RS256` or `HS256`."""
    try:
        return _READERS[algorithm](secret)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Unavailable("The signing keys are not there yet.") from error


@lru_cache(maxsize=2)
def _rsa_keys(secret: str) -> SigningKeys:
    """Cached, since reading a private key takes longer than signing with it."""
    keys = json.loads(secret)
    current = keys["current"]
    private = load_pem_private_key(current["private_pem"].encode(), password=None)
    if not isinstance(private, RSAPrivateKey):
        raise TypeError("not RSA")
    public = {current["kid"]: private.public_key()}
    for other in _others(keys):
        key = load_pem_public_key(other["public_pem"].encode())
        if not isinstance(key, RSAPublicKey):
            raise TypeError("not RSA")
        public[other["kid"]] = key
    return SigningKeys(kid=current["kid"], signing=private, verifying=public)


def _hmac_keys(secret: str) -> SigningKeys:
    keys = json.loads(secret)
    current = keys["current"]
    known = {key["kid"]: _hmac_key(key["secret"]) for key in (current, *_others(keys))}
    return SigningKeys(kid=current["kid"], signing=known[current["kid"]], verifying=known)


def _hmac_key(text: str) -> bytes:
    key = base64.b64decode(text, validate=True)
    if len(key) < LEAST_HMAC_BYTES:
        raise ValueError("too short")
    return key


def _others(keys: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    return (keys[name] for name in ("next", "previous") if keys.get(name) is not None)


_READERS: Final[Mapping[str, Callable[[str], SigningKeys]]] = {"RS256": _rsa_keys, "HS256": _hmac_keys}
