"""RSA keys by `cryptography`."""

import base64
import hashlib
import json
from typing import Final

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from schedules.keys.service import SigningKey

BITS: Final = 3072
"""128 bits of security (NIST SP 800-57 part 1; OWASP ASVS 5, 11.2.3), and a signature in milliseconds."""


def new_signing_key() -> SigningKey:
    """A fresh key pair, named by its own thumbprint (RFC 7638), so that a name can't be given twice."""
    private = rsa.generate_private_key(public_exponent=65537, key_size=BITS)
    numbers = private.public_key().public_numbers()
    members = {"e": _base64url_uint(numbers.e), "kty": "RSA", "n": _base64url_uint(numbers.n)}
    digest = hashlib.sha256(json.dumps(members, separators=(",", ":"), sort_keys=True).encode()).digest()
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    public = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    return SigningKey(kid=_base64url(digest), private_pem=pem, public_pem=public)


def public_half(private_pem: str) -> str:
    """PEM of the public key that belongs to it. ValueError for what is no private key."""
    private = load_pem_private_key(private_pem.encode(), password=None)
    return private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def _base64url_uint(number: int) -> str:
    return _base64url(number.to_bytes((number.bit_length() + 7) // 8))


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
