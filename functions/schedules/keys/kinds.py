"""Kinds of signing keys: RSA pairs by `cryptography`, and shared secrets for HMAC."""

import base64
import hashlib
import json
import secrets
from collections.abc import Mapping
from typing import Final

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from schedules.keys.service import KeyKind

RSA_BITS: Final = 3072
"""128 bits of security (NIST SP 800-57 part 1; OWASP ASVS 5, 11.2.3), and a signature in milliseconds."""
HMAC_BYTES: Final = 32
"""RFC 7518 §3.2: as long as what SHA-256 makes."""


class RsaPairs:
    """KeyKind for RS256: {"kid", "private_pem" (PKCS #8), "public_pem" (SubjectPublicKeyInfo)}."""

    def new(self) -> dict[str, str]:
        """Named by its own thumbprint (RFC 7638), so that a name can't be given twice."""
        private = rsa.generate_private_key(public_exponent=65537, key_size=RSA_BITS)
        numbers = private.public_key().public_numbers()
        members = {"e": _base64url_uint(numbers.e), "kty": "RSA", "n": _base64url_uint(numbers.n)}
        digest = hashlib.sha256(json.dumps(members, separators=(",", ":"), sort_keys=True).encode()).digest()
        pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
        return {"kid": _base64url(digest), "private_pem": pem, "public_pem": _public_half(pem)}

    def signs(self, key: Mapping[str, str]) -> bool:
        return bool(key["kid"] and key.get("private_pem"))

    def retired(self, key: Mapping[str, str]) -> dict[str, str]:
        # Keys that were made before there were two halves in the secret have the private one alone.
        return {"kid": key["kid"], "public_pem": key.get("public_pem") or _public_half(key["private_pem"])}


class SharedSecrets:
    """KeyKind for HS256: {"kid", "secret" (base64)}."""

    def new(self) -> dict[str, str]:
        """Named at random: nothing about the secret is told."""
        secret = base64.b64encode(secrets.token_bytes(HMAC_BYTES)).decode()
        return {"kid": secrets.token_urlsafe(HMAC_BYTES), "secret": secret}

    def signs(self, key: Mapping[str, str]) -> bool:
        return bool(key["kid"] and key.get("secret"))

    def retired(self, key: Mapping[str, str]) -> dict[str, str]:
        """All of it: what verifies is what signs."""
        return {"kid": key["kid"], "secret": key["secret"]}


KINDS: Final[Mapping[str, KeyKind]] = {"RS256": RsaPairs(), "HS256": SharedSecrets()}
"""By the algorithm that a stage names."""


def _public_half(private_pem: str) -> str:
    """PEM of the public key that belongs to it."""
    private = load_pem_private_key(private_pem.encode(), password=None)
    return private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def _base64url_uint(number: int) -> str:
    return _base64url(number.to_bytes((number.bit_length() + 7) // 8))


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
