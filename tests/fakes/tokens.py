"""Tokens that are JSON with a checksum: readable, and refused like real ones."""

import base64
import hashlib
import json
from dataclasses import asdict

from core.domain.errors import NotAuthenticated
from core.ports.clock import Clock
from core.ports.credentials import AccessClaims


class FakeTokenSigner:
    """No leeway: a token is expired the moment it says so."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def sign(self, claims: AccessClaims) -> str:
        body = base64.urlsafe_b64encode(json.dumps(asdict(claims)).encode()).decode()
        return f"fake.{body}.{_seal(body)}"

    def verify(self, token: str) -> AccessClaims:
        parts = token.split(".")
        if len(parts) != 3 or parts[2] != _seal(parts[1]):
            raise NotAuthenticated("Please sign in again.", code="token_invalid")
        claims = AccessClaims(**json.loads(base64.urlsafe_b64decode(parts[1])))
        if claims.expires_at <= self._clock.now():
            raise NotAuthenticated("Your sign-in has expired.", code="token_expired")
        return claims

    def jwks(self) -> dict[str, list[dict[str, str]]]:
        return {"keys": [{"kty": "RSA", "use": "sig", "alg": "RS256", "kid": "fake", "n": "AQAB", "e": "AQAB"}]}


def _seal(body: str) -> str:
    return hashlib.sha256(body.encode()).hexdigest()
