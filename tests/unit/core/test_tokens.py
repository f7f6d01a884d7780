"""Which tokens count: ours, signed with RS256 by a key that is in the secret, and not expired."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import jwt
import pytest

from core.adapters.tokens import LEEWAY_S, RsaTokenSigner
from core.domain.errors import NotAuthenticated, Unavailable
from core.domain.ids import EpochSeconds, new_id
from core.ports import AccessClaims
from schedules.keys.rsa import new_signing_key
from schedules.keys.service import SigningKey
from tests.fakes.clock import FakeClock
from tests.fakes.secrets import FakeSecrets


@pytest.fixture(scope="module")
def key() -> SigningKey:
    return new_signing_key()


@pytest.fixture(scope="module")
def next_key() -> SigningKey:
    return new_signing_key()


def secret(current: SigningKey, previous: SigningKey | None = None, following: SigningKey | None = None) -> str:
    """As schedules/keys and a rotation write it."""
    before = None if previous is None else {"kid": previous.kid, "public_pem": previous.public_pem}
    after = None if following is None else asdict(following)
    return json.dumps({"current": asdict(current), "next": after, "previous": before, "rotated_at": 0})


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def secrets(key: SigningKey) -> FakeSecrets:
    return FakeSecrets(jwt=secret(key))


@pytest.fixture
def signer(secrets: FakeSecrets, clock: FakeClock) -> RsaTokenSigner:
    return RsaTokenSigner(secrets, "jwt", issuer="veza-local", audience="veza-api", clock=clock)


@pytest.fixture
def claims(clock: FakeClock) -> AccessClaims:
    return AccessClaims(
        account_id=new_id(),
        session_id=new_id(),
        token_id=new_id(),
        token_version=3,
        issued_at=clock.now(),
        expires_at=EpochSeconds(clock.now() + 900),
    )


Forge = Callable[..., str]


@pytest.fixture
def forge(key: SigningKey, claims: AccessClaims) -> Forge:
    """A token with the right key and everything right but what is given."""

    def forge(header: dict[str, Any] | None = None, without: str = "", **changes: Any) -> str:
        payload = {
            "iss": "veza-local",
            "aud": "veza-api",
            "sub": claims.account_id,
            "sid": claims.session_id,
            "jti": claims.token_id,
            "ver": claims.token_version,
            "iat": claims.issued_at,
            "exp": claims.expires_at,
            **changes,
        }
        payload.pop(without, None)
        headers = {"kid": key.kid, "typ": "at+jwt", **(header or {})}
        return jwt.encode(payload, key.private_pem, algorithm="RS256", headers=headers)

    return forge


def refused(signer: RsaTokenSigner, token: str) -> str:
    with pytest.raises(NotAuthenticated) as caught:
        signer.verify(token)
    return caught.value.code


def b64(data: bytes | dict[str, Any]) -> str:
    raw = data if isinstance(data, bytes) else json.dumps(data).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def test_the_forge_makes_tokens_that_count(signer: RsaTokenSigner, forge: Forge, claims: AccessClaims) -> None:
    assert signer.verify(forge()) == claims


def test_anybody_can_check_a_token_by_the_published_keys(signer: RsaTokenSigner, claims: AccessClaims) -> None:
    token = signer.sign(claims)
    header = jwt.get_unverified_header(token)
    (published,) = signer.jwks()["keys"]
    assert (header["alg"], header["typ"], header["kid"]) == ("RS256", "at+jwt", published["kid"])
    options: Any = {"verify_exp": False, "verify_iat": False}
    payload = jwt.decode(token, jwt.PyJWK(published).key, ["RS256"], options=options, audience="veza-api")
    assert payload == {
        "iss": "veza-local",
        "aud": "veza-api",
        "sub": claims.account_id,
        "sid": claims.session_id,
        "jti": claims.token_id,
        "ver": claims.token_version,
        "iat": claims.issued_at,
        "exp": claims.expires_at,
    }


@pytest.mark.parametrize("alg", ["none", "None", "NONE", "nOnE"])
def test_20_unsigned_tokens_are_refused(signer: RsaTokenSigner, forge: Forge, key: SigningKey, alg: str) -> None:
    payload = forge().split(".")[1]
    header = b64({"alg": alg, "kid": key.kid, "typ": "at+jwt"})
    assert refused(signer, f"{header}.{payload}.") == "token_invalid"


@pytest.mark.parametrize("alg", ["HS256", "HS512", "RS256"])
def test_20_the_public_key_is_no_password(signer: RsaTokenSigner, forge: Forge, key: SigningKey, alg: str) -> None:
    """The oldest trick (RFC 8725 §2.1): an HMAC keyed with what everybody may read."""
    body = f"{b64({'alg': alg, 'kid': key.kid, 'typ': 'at+jwt'})}.{forge().split('.')[1]}"
    digest = hmac.new(key.public_pem.encode(), body.encode(), hashlib.sha512 if alg == "HS512" else hashlib.sha256)
    assert refused(signer, f"{body}.{b64(digest.digest())}") == "token_invalid"


@pytest.mark.parametrize("alg", ["RS384", "RS512", "PS256"])
def test_20_other_algorithms_are_refused_even_with_our_key(
    signer: RsaTokenSigner, forge: Forge, key: SigningKey, alg: str
) -> None:
    payload = jwt.decode(forge(), options={"verify_signature": False})
    token = jwt.encode(payload, key.private_pem, algorithm=alg, headers={"kid": key.kid, "typ": "at+jwt"})
    assert refused(signer, token) == "token_invalid"


def test_20_another_key_under_our_name_is_refused(
    signer: RsaTokenSigner, forge: Forge, key: SigningKey, next_key: SigningKey
) -> None:
    payload = jwt.decode(forge(), options={"verify_signature": False})
    token = jwt.encode(payload, next_key.private_pem, algorithm="RS256", headers={"kid": key.kid, "typ": "at+jwt"})
    assert refused(signer, token) == "token_invalid"


@pytest.mark.parametrize("header", [{"kid": "unknown"}, {"kid": ""}, {"typ": "JWT"}, {"typ": None}])
def test_other_headers_are_refused(signer: RsaTokenSigner, forge: Forge, header: dict[str, Any]) -> None:
    assert refused(signer, forge(header)) == "token_invalid"


@pytest.mark.parametrize("claim", ["iss", "aud", "sub", "sid", "jti", "ver", "iat", "exp"])
def test_every_claim_is_needed(signer: RsaTokenSigner, forge: Forge, claim: str) -> None:
    assert refused(signer, forge(without=claim)) == "token_invalid"


@pytest.mark.parametrize(
    "changes",
    [{"iss": "veza-aws"}, {"aud": "another-api"}, {"sub": 7}, {"sid": None}, {"jti": 7}, {"ver": "1"}, {"exp": "soon"}],
)
def test_other_values_are_refused(signer: RsaTokenSigner, forge: Forge, changes: dict[str, Any]) -> None:
    payload = jwt.decode(forge(), options={"verify_signature": False})
    assert payload | changes != payload
    try:
        token = forge(**changes)
    except TypeError:
        pytest.fail("the forge must be able to make it")
    assert refused(signer, token) == "token_invalid"


class TestClockSkew:
    def test_20_an_expired_token_lives_for_the_leeway_and_no_longer(
        self, signer: RsaTokenSigner, clock: FakeClock, claims: AccessClaims
    ) -> None:
        token = signer.sign(claims)
        clock.advance(900 + LEEWAY_S - 1)
        assert signer.verify(token) == claims
        clock.advance(1)
        assert refused(signer, token) == "token_expired"

    def test_20_a_token_from_the_future_is_taken_within_the_leeway(
        self, signer: RsaTokenSigner, clock: FakeClock, claims: AccessClaims
    ) -> None:
        token = signer.sign(claims)
        clock.advance(-LEEWAY_S)
        assert signer.verify(token) == claims
        clock.advance(-1)
        assert refused(signer, token) == "token_invalid"

    @pytest.mark.parametrize("skew_s", [-300, 300])
    def test_20_five_minutes_are_too_much_for_a_token_at_its_edge(
        self, signer: RsaTokenSigner, clock: FakeClock, claims: AccessClaims, skew_s: int
    ) -> None:
        token = signer.sign(claims)
        clock.advance(skew_s if skew_s < 0 else 900 + skew_s)
        refused(signer, token)


class TestRotation:
    def test_tokens_of_the_key_before_still_count(
        self,
        signer: RsaTokenSigner,
        secrets: FakeSecrets,
        key: SigningKey,
        next_key: SigningKey,
        claims: AccessClaims,
    ) -> None:
        old = signer.sign(claims)
        secrets.values["jwt"] = secret(next_key, previous=key)
        assert signer.verify(old) == claims
        assert jwt.get_unverified_header(signer.sign(claims))["kid"] == next_key.kid
        assert [one["kid"] for one in signer.jwks()["keys"]] == [next_key.kid, key.kid]

    def test_the_next_key_is_published_before_it_signs(
        self, signer: RsaTokenSigner, secrets: FakeSecrets, key: SigningKey, next_key: SigningKey, claims: AccessClaims
    ) -> None:
        secrets.values["jwt"] = secret(key, following=next_key)
        assert jwt.get_unverified_header(signer.sign(claims))["kid"] == key.kid
        assert [one["kid"] for one in signer.jwks()["keys"]] == [key.kid, next_key.kid]

    def test_tokens_of_a_key_that_is_gone_do_not(
        self, signer: RsaTokenSigner, secrets: FakeSecrets, next_key: SigningKey, claims: AccessClaims
    ) -> None:
        old = signer.sign(claims)
        secrets.values["jwt"] = secret(next_key)
        assert refused(signer, old) == "token_invalid"

    def test_a_key_newer_than_our_memory_is_looked_for(
        self, clock: FakeClock, key: SigningKey, next_key: SigningKey, claims: AccessClaims
    ) -> None:
        """Another function may have seen the rotation first."""

        class Remembering(FakeSecrets):
            def get(self, name: str, *, max_age_s: int | None = None) -> str:
                return super().get("old" if max_age_s is None else "new")

        remembering = Remembering(old=secret(key), new=secret(next_key, previous=key))
        slow = RsaTokenSigner(remembering, "jwt", issuer="veza-local", audience="veza-api", clock=clock)
        quick = RsaTokenSigner(
            FakeSecrets(jwt=secret(next_key)), "jwt", issuer="veza-local", audience="veza-api", clock=clock
        )
        assert slow.verify(quick.sign(claims)) == claims


@pytest.mark.parametrize(
    "text",
    ["", "a random text", "{}", "[]", "null", '{"current": null, "previous": null}',
     '{"current": {"kid": "k", "private_pem": "no pem"}, "previous": null}'],
)  # fmt: skip
def test_as_long_as_there_is_no_key_nothing_is_signed_or_verified(
    signer: RsaTokenSigner, secrets: FakeSecrets, forge: Forge, claims: AccessClaims, text: str
) -> None:
    secrets.values["jwt"] = text
    with pytest.raises(Unavailable):
        signer.sign(claims)
    with pytest.raises(Unavailable):
        signer.verify(forge())


def test_a_key_of_another_kind_is_refused(signer: RsaTokenSigner, secrets: FakeSecrets, claims: AccessClaims) -> None:
    from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    pem = generate_private_key(SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    secrets.values["jwt"] = json.dumps({"current": {"kid": "ec", "private_pem": pem}, "previous": None})
    with pytest.raises(Unavailable):
        signer.sign(claims)
