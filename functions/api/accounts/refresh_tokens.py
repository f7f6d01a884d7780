"""Refresh tokens: opaque, `{session_id}.{secret}`, each used once (RFC 9700 §4.14.2).

A token's successor is a keyed function of it. So two honest refreshes with the same token, in two tabs or as a
retry after a lost answer, get the same successor, and the server still stores nothing but hashes.
"""

import base64
import hashlib
import hmac
import secrets

from core.domain.ids import SessionId, is_id


def first(session_id: SessionId) -> str:
    return f"{session_id}.{secrets.token_urlsafe(32)}"


def successor(token: str, session_id: SessionId, key: bytes) -> str:
    digest = hmac.new(key, token.encode(), hashlib.sha256).digest()
    return f"{session_id}.{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"


def session_of(token: str) -> SessionId | None:
    """The session a token names; None for what is no refresh token of ours."""
    session_id, dot, secret = token.partition(".")
    return SessionId(session_id) if dot and secret and is_id(session_id) else None
