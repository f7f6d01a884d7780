"""Refresh tokens: opaque, `{account_id}.{session_id}.{secret}`, each used once (RFC 9700 §4.14.2).

A token's successor is a keyed function of it. So two honest refreshes with the same token, in two tabs or as a
retry after a lost answer, get the same successor, and the server still stores nothing but hashes. A secret ends with a
keyed digest of the rest: that tells a token used long ago, which ends its session, from a guess, which must not.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
from typing import Final, NamedTuple

from core.domain.ids import AccountId, SessionId, is_id

NONCE_BYTES: Final = 32
SEAL_BYTES: Final = 16


class Named(NamedTuple):
    """The session a token says it is of."""

    account_id: AccountId
    session_id: SessionId


def first(named: Named, key: bytes) -> str:
    return _token(named, secrets.token_bytes(NONCE_BYTES), key)


def successor(token: str, named: Named, key: bytes) -> str:
    return _token(named, hmac.new(key, token.encode(), hashlib.sha256).digest(), key)


def named_by(token: str) -> Named | None:
    """None for what is no refresh token of ours."""
    account_id, _, rest = token.partition(".")
    session_id, dot, secret = rest.partition(".")
    if not (dot and secret and is_id(account_id) and is_id(session_id)):
        return None
    return Named(AccountId(account_id), SessionId(session_id))


def is_genuine(token: str, key: bytes) -> bool:
    """Whether we made it under this key, at whatever time."""
    named = named_by(token)
    try:
        secret = base64.urlsafe_b64decode(token.rpartition(".")[2])
    except (binascii.Error, ValueError):
        return False
    nonce, seal = secret[:NONCE_BYTES], secret[NONCE_BYTES:]
    return named is not None and hmac.compare_digest(seal, _seal(named, nonce, key))


def _token(named: Named, nonce: bytes, key: bytes) -> str:
    secret = base64.urlsafe_b64encode(nonce + _seal(named, nonce, key)).decode()
    return f"{named.account_id}.{named.session_id}.{secret}"


def _seal(named: Named, nonce: bytes, key: bytes) -> bytes:
    rest = b"seal" + ".".join(named).encode() + nonce
    return hmac.new(key, rest, hashlib.sha256).digest()[:SEAL_BYTES]
