"""Access tokens: JWS (RFC 7515) in the manner of RFC 9068, by the one algorithm that the stage names.

RS256 (RFC 7518 §3.3): only who holds the private half makes tokens, and anybody can check them. HS256 (§3.2), where a
stage says so: who checks tokens could make them too, so nothing is published.
"""

from collections.abc import Mapping
from typing import Any, Final

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt.algorithms import RSAAlgorithm

from core.adapters.signing_keys import SigningKeys, keys_of
from core.domain.errors import NotAuthenticated
from core.domain.ids import EpochSeconds
from core.ports.clock import Clock
from core.ports.credentials import AccessClaims, Secrets

TYPE: Final = "at+jwt"
"""RFC 9068 §2.1: no other kind of JWT passes for an access token (RFC 8725 §3.11)."""
LEEWAY_S: Final = 30
"""How far the clocks of two of our functions may be apart: an expired token lives so much longer, and one from the
future is taken so much earlier. Lambda's clocks are kept by NTP; the client's clock plays no part."""
NEWS_S: Final = 30
"""A token under an unknown key has the secret read again (the key may be new), yet no oftener than this."""


class JwtSigner:
    """TokenSigner. Raises Unavailable as long as the secret can't be read or holds no key for the algorithm."""

    def __init__(
        self, secrets: Secrets, secret: str, *, algorithm: str, issuer: str, audience: str, clock: Clock
    ) -> None:
        self._secrets = secrets
        self._secret = secret
        self._algorithm = algorithm
        """What a token's own header asks for is never believed (RFC 8725 §3.1)."""
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
        return jwt.encode(payload, keys.signing, algorithm=self._algorithm, headers={"kid": keys.kid, "typ": TYPE})

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
        known = self._keys().verifying.items()
        return {"keys": [self._jwk(kid, key) for kid, key in known if isinstance(key, RSAPublicKey)]}

    def _payload(self, token: str) -> dict[str, Any]:
        """What the token says, once its signature, issuer and audience are right. Times are our own clock's matter."""
        try:
            header = jwt.get_unverified_header(token)
            if header.get("typ") != TYPE:
                raise _invalid()
            return jwt.decode(
                token,
                self._verifying_key(str(header.get("kid", ""))),
                algorithms=[self._algorithm],
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

    def _verifying_key(self, kid: str) -> RSAPublicKey | bytes:
        known = self._keys().verifying.get(kid) or self._keys(max_age_s=NEWS_S).verifying.get(kid)
        if known is None:
            raise _invalid()
        return known

    def _keys(self, *, max_age_s: int | None = None) -> SigningKeys:
        return keys_of(self._algorithm, self._secrets.get(self._secret, max_age_s=max_age_s))

    def _jwk(self, kid: str, key: RSAPublicKey) -> dict[str, str]:
        numbers = RSAAlgorithm.to_jwk(key, as_dict=True)
        return {"kty": "RSA", "use": "sig", "alg": self._algorithm, "kid": kid, "n": numbers["n"], "e": numbers["e"]}


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


def _invalid() -> NotAuthenticated:
    return NotAuthenticated("Please sign in again.", code="token_invalid")
