"""Refresh tokens: opaque, `{account_id}.{session_id}.{secret}`, each used once (RFC 9700 §4.14.2).

A token's successor is a keyed function of it. So two honest refreshes with the same token, in two tabs or as a
retry after a lost answer, get the same successor, and the server still stores nothing but hashes.
"""

import base64
import hashlib
import hmac
import secrets
from typing import NamedTuple

from core.domain.ids import AccountId, SessionId, is_id


class Named(NamedTuple):
    """The session a token says it is of."""

    account_id: AccountId
    session_id: SessionId


def first(named: Named) -> str:
    return _token(named, secrets.token_bytes(32))


def successor(token: str, named: Named, key: bytes) -> str:
    return _token(named, hmac.new(key, token.encode(), hashlib.sha256).digest())


def named_by(token: str) -> Named | None:
    """None for what is no refresh token of ours."""
    account_id, _, rest = token.partition(".")
    session_id, dot, secret = rest.partition(".")
    if not (dot and secret and is_id(account_id) and is_id(session_id)):
        return None
    return Named(AccountId(account_id), SessionId(session_id))


def _token(named: Named, secret: bytes) -> str:
    return f"{named.account_id}.{named.session_id}.{base64.urlsafe_b64encode(secret).rstrip(b'=').decode()}"
