"""Access tokens: JWS with RS256 (RFC 7515, RFC 7518 §3.3) in the manner of RFC 9068.

The secret is JSON, written by schedules/keys (its shape is told there): `current` signs, `previous` still verifies, and
`next` is published before it signs.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key
from jwt.algorithms import RSAAlgorithm

from core.domain.errors import NotAuthenticated, Unavailable
from core.domain.ids import EpochSeconds
from core.ports import AccessClaims, Clock, Secrets

ALGORITHM: Final = "RS256"
"""The only one: what a token's own header asks for is never believed (RFC 8725 §3.1)."""
TYPE: Final = "at+jwt"
"""RFC 9068 §2.1: no other kind of JWT passes for an access token (RFC 8725 §3.11)."""
LEEWAY_S: Final = 30
"""How far the clocks of two of our functions may be apart: an expired token lives so much longer, and one from the
future is taken so much earlier. Lambda's clocks are kept by NTP; the client's clock plays no part."""
NEWS_S: Final = 30
"""A token under an unknown key has the secret read again (the key may be new), yet no oftener than this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Keys:
    kid: str
    private: RSAPrivateKey
    public: Mapping[str, RSAPublicKey]
    """By `kid`; the current one first."""


class RsaTokenSigner:
    """TokenSigner. Raises Unavailable as long as the secret can't be read or holds no key."""

    def __init__(self, secrets: Secrets, secret: str, *, issuer: str, audience: str, clock: Clock) -> None:
        self._secrets = secrets
        self._secret = secret
        self._issuer = issuer
        self._audience = audience
        self._clock = clock

    def sign(self, claims: AccessClaims) -> str:
        keys = self._keys()
        payload = {
            "iss": self._issuer,
            "aud": self._audience,
            "sub": claims.account_id,
            "sid": claims.session_id,
            "jti": claims.token_id,
            "ver": claims.token_version,
            "iat": claims.issued_at,
            "exp": claims.expires_at,
        }
        return jwt.encode(payload, keys.private, algorithm=ALGORITHM, headers={"kid": keys.kid, "typ": TYPE})

    def verify(self, token: str) -> AccessClaims:
        payload = self._payload(token)
        claims = _claims(payload)
        now = self._clock.now()
        if claims.issued_at > now + LEEWAY_S:
            raise _invalid()
        if claims.expires_at + LEEWAY_S <= now:
            raise NotAuthenticated("Your sign-in has expired.", code="token_expired")
        return claims

    def jwks(self) -> dict[str, list[dict[str, str]]]:
        return {"keys": [_jwk(kid, key) for kid, key in self._keys().public.items()]}

    def _payload(self, token: str) -> dict[str, Any]:
        """What the token says, once its signature, issuer and audience are right. Times are our own clock's matter."""
        try:
            header = jwt.get_unverified_header(token)
            if header.get("typ") != TYPE:
                raise _invalid()
            return jwt.decode(
                token,
                self._public_key(str(header.get("kid", ""))),
                algorithms=[ALGORITHM],
                issuer=self._issuer,
                audience=self._audience,
                options={
                    "require": ["iss", "aud", "sub", "sid", "jti", "ver", "iat", "exp"],
                    "verify_exp": False,
                    "verify_iat": False,
                },
            )
        except jwt.InvalidTokenError as error:
            raise _invalid() from error

    def _public_key(self, kid: str) -> RSAPublicKey:
        known = self._keys().public.get(kid) or self._keys(max_age_s=NEWS_S).public.get(kid)
        if known is None:
            raise _invalid()
        return known

    def _keys(self, *, max_age_s: int | None = None) -> _Keys:
        return _parsed(self._secrets.get(self._secret, max_age_s=max_age_s))


@lru_cache(maxsize=2)
def _parsed(text: str) -> _Keys:
    """Cached, since reading a private key takes longer than signing with it."""
    try:
        secret = json.loads(text)
        current = secret["current"]
        private = load_pem_private_key(current["private_pem"].encode(), password=None)
        public = {current["kid"]: private.public_key()}
        for other in (secret.get("next"), secret.get("previous")):
            if other is not None:
                public[other["kid"]] = load_pem_public_key(other["public_pem"].encode())
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Unavailable("The signing keys are not there yet.") from error
    if not isinstance(private, RSAPrivateKey) or not all(isinstance(key, RSAPublicKey) for key in public.values()):
        raise Unavailable("The signing keys are of the wrong kind.")
    return _Keys(kid=current["kid"], private=private, public=public)  # type: ignore[arg-type]


def _claims(payload: Mapping[str, Any]) -> AccessClaims:
    """Signed by us, so a wrong type can only come from a version of ours that wrote another shape."""
    names = account, session, token = [payload[name] for name in ("sub", "sid", "jti")]
    numbers = version, issued_at, expires_at = [payload[name] for name in ("ver", "iat", "exp")]
    if not all(isinstance(name, str) for name in names) or not all(isinstance(number, int) for number in numbers):
        raise _invalid()
    return AccessClaims(
        account_id=account,
        session_id=session,
        token_id=token,
        token_version=version,
        issued_at=EpochSeconds(issued_at),
        expires_at=EpochSeconds(expires_at),
    )


def _jwk(kid: str, key: RSAPublicKey) -> dict[str, str]:
    numbers = RSAAlgorithm.to_jwk(key, as_dict=True)
    return {"kty": "RSA", "use": "sig", "alg": ALGORITHM, "kid": kid, "n": numbers["n"], "e": numbers["e"]}


def _invalid() -> NotAuthenticated:
    return NotAuthenticated("Please sign in again.", code="token_invalid")
