"""Which tokens count: ours, signed with RS256 by a key that is in the secret, and not expired."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any

import jwt
import pytest

from core.adapters.tokens import LEEWAY_S, JwtSigner
from core.domain.errors import NotAuthenticated, Unavailable
from core.domain.ids import EpochSeconds, new_id
from core.ports.credentials import AccessClaims
from schedules.keys.kinds import KINDS, RsaPairs
from tests.fakes.clock import FakeClock
from tests.fakes.secrets import FakeSecrets

Key = dict[str, str]
"""As the secret holds it."""


@pytest.fixture(scope="module")
def key() -> Key:
    return RsaPairs().new()


@pytest.fixture(scope="module")
def next_key() -> Key:
    return RsaPairs().new()


def secret(current: Key, previous: Key | None = None, following: Key | None = None) -> str:
    """As schedules/keys and a rotation write it."""
    before = None if previous is None else RsaPairs().retired(previous)
    return json.dumps({"current": current, "next": following, "previous": before, "rotated_at": 0})


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def secrets(key: Key) -> FakeSecrets:
    return FakeSecrets(jwt=secret(key))


@pytest.fixture
def signer(secrets: FakeSecrets, clock: FakeClock) -> JwtSigner:
    return JwtSigner(secrets, "jwt", algorithm="RS256", issuer="veza-local", audience="veza-api", clock=clock)


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
def forge(key: Key, claims: AccessClaims) -> Forge:
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
        headers = {"kid": key["kid"], "typ": "at+jwt", **(header or {})}
        return jwt.encode(payload, key["private_pem"], algorithm="RS256", headers=headers)

    return forge


def refused(signer: JwtSigner, token: str) -> str:
    with pytest.raises(NotAuthenticated) as caught:
        signer.verify(token)
    return caught.value.code


def b64(data: bytes | dict[str, Any]) -> str:
    raw = data if isinstance(data, bytes) else json.dumps(data).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def test_the_forge_makes_tokens_that_count(signer: JwtSigner, forge: Forge, claims: AccessClaims) -> None:
    assert signer.verify(forge()) == claims


def test_anybody_can_check_a_token_by_the_published_keys(signer: JwtSigner, claims: AccessClaims) -> None:
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
def test_20_unsigned_tokens_are_refused(signer: JwtSigner, forge: Forge, key: Key, alg: str) -> None:
    payload = forge().split(".")[1]
    header = b64({"alg": alg, "kid": key["kid"], "typ": "at+jwt"})
    assert refused(signer, f"{header}.{payload}.") == "token_invalid"


@pytest.mark.parametrize("alg", ["HS256", "HS512", "RS256"])
def test_20_the_public_key_is_no_password(signer: JwtSigner, forge: Forge, key: Key, alg: str) -> None:
    """The oldest trick (RFC 8725 §2.1): an HMAC keyed with what everybody may read."""
    body = f"{b64({'alg': alg, 'kid': key['kid'], 'typ': 'at+jwt'})}.{forge().split('.')[1]}"
    digest = hmac.new(key["public_pem"].encode(), body.encode(), hashlib.sha512 if alg == "HS512" else hashlib.sha256)
    assert refused(signer, f"{body}.{b64(digest.digest())}") == "token_invalid"


@pytest.mark.parametrize("alg", ["RS384", "RS512", "PS256"])
def test_20_other_algorithms_are_refused_even_with_our_key(signer: JwtSigner, forge: Forge, key: Key, alg: str) -> None:
    payload = jwt.decode(forge(), options={"verify_signature": False})
    token = jwt.encode(payload, key["private_pem"], algorithm=alg, headers={"kid": key["kid"], "typ": "at+jwt"})
    assert refused(signer, token) == "token_invalid"


def test_20_another_key_under_our_name_is_refused(signer: JwtSigner, forge: Forge, key: Key, next_key: Key) -> None:
    payload = jwt.decode(forge(), options={"verify_signature": False})
    token = jwt.encode(
        payload, next_key["private_pem"], algorithm="RS256", headers={"kid": key["kid"], "typ": "at+jwt"}
    )
    assert refused(signer, token) == "token_invalid"


@pytest.mark.parametrize("header", [{"kid": "unknown"}, {"kid": ""}, {"typ": "JWT"}, {"typ": None}])
def test_other_headers_are_refused(signer: JwtSigner, forge: Forge, header: dict[str, Any]) -> None:
    assert refused(signer, forge(header)) == "token_invalid"


@pytest.mark.parametrize("claim", ["iss", "aud", "sub", "sid", "jti", "ver", "iat", "exp"])
def test_every_claim_is_needed(signer: JwtSigner, forge: Forge, claim: str) -> None:
    assert refused(signer, forge(without=claim)) == "token_invalid"


@pytest.mark.parametrize(
    "changes",
    [{"iss": "veza-aws"}, {"aud": "another-api"}, {"sub": 7}, {"sid": None}, {"jti": 7}, {"ver": "1"}, {"exp": "soon"}],
)
def test_other_values_are_refused(signer: JwtSigner, forge: Forge, changes: dict[str, Any]) -> None:
    payload = jwt.decode(forge(), options={"verify_signature": False})
    assert payload | changes != payload
    try:
        token = forge(**changes)
    except TypeError:
        pytest.fail("the forge must be able to make it")
    assert refused(signer, token) == "token_invalid"


class TestClockSkew:
    def test_20_an_expired_token_lives_for_the_leeway_and_no_longer(
        self, signer: JwtSigner, clock: FakeClock, claims: AccessClaims
    ) -> None:
        token = signer.sign(claims)
        clock.advance(900 + LEEWAY_S - 1)
        assert signer.verify(token) == claims
        clock.advance(1)
        assert refused(signer, token) == "token_expired"

    def test_20_a_token_from_the_future_is_taken_within_the_leeway(
        self, signer: JwtSigner, clock: FakeClock, claims: AccessClaims
    ) -> None:
        token = signer.sign(claims)
        clock.advance(-LEEWAY_S)
        assert signer.verify(token) == claims
        clock.advance(-1)
        assert refused(signer, token) == "token_invalid"

    @pytest.mark.parametrize("skew_s", [-300, 300])
    def test_20_five_minutes_are_too_much_for_a_token_at_its_edge(
        self, signer: JwtSigner, clock: FakeClock, claims: AccessClaims, skew_s: int
    ) -> None:
        token = signer.sign(claims)
        clock.advance(skew_s if skew_s < 0 else 900 + skew_s)
        refused(signer, token)


class TestRotation:
    def test_tokens_of_the_key_before_still_count(
        self,
        signer: JwtSigner,
        secrets: FakeSecrets,
        key: Key,
        next_key: Key,
        claims: AccessClaims,
    ) -> None:
        old = signer.sign(claims)
        secrets.values["jwt"] = secret(next_key, previous=key)
        assert signer.verify(old) == claims
        assert jwt.get_unverified_header(signer.sign(claims))["kid"] == next_key["kid"]
        assert [one["kid"] for one in signer.jwks()["keys"]] == [next_key["kid"], key["kid"]]

    def test_the_next_key_is_published_before_it_signs(
        self, signer: JwtSigner, secrets: FakeSecrets, key: Key, next_key: Key, claims: AccessClaims
    ) -> None:
        secrets.values["jwt"] = secret(key, following=next_key)
        assert jwt.get_unverified_header(signer.sign(claims))["kid"] == key["kid"]
        assert [one["kid"] for one in signer.jwks()["keys"]] == [key["kid"], next_key["kid"]]

    def test_tokens_of_a_key_that_is_gone_do_not(
        self, signer: JwtSigner, secrets: FakeSecrets, next_key: Key, claims: AccessClaims
    ) -> None:
        old = signer.sign(claims)
        secrets.values["jwt"] = secret(next_key)
        assert refused(signer, old) == "token_invalid"

    def test_a_key_newer_than_our_memory_is_looked_for(
        self, clock: FakeClock, key: Key, next_key: Key, claims: AccessClaims
    ) -> None:
        """Another function may have seen the rotation first."""

        class Remembering(FakeSecrets):
            def get(self, name: str, *, max_age_s: int | None = None) -> str:
                return super().get("old" if max_age_s is None else "new")

        remembering = Remembering(old=secret(key), new=secret(next_key, previous=key))
        slow = JwtSigner(remembering, "jwt", algorithm="RS256", issuer="veza-local", audience="veza-api", clock=clock)
        quick = JwtSigner(
            FakeSecrets(jwt=secret(next_key)),
            "jwt",
            algorithm="RS256",
            issuer="veza-local",
            audience="veza-api",
            clock=clock,
        )
        assert slow.verify(quick.sign(claims)) == claims


@pytest.mark.parametrize(
    "text",
    ["", "a random text", "{}", "[]", "null", '{"current": null, "previous": null}',
     '{"current": {"kid": "k", "private_pem": "no pem"}, "previous": null}'],
)  # fmt: skip
def test_as_long_as_there_is_no_key_nothing_is_signed_or_verified(
    signer: JwtSigner, secrets: FakeSecrets, forge: Forge, claims: AccessClaims, text: str
) -> None:
    secrets.values["jwt"] = text
    with pytest.raises(Unavailable):
        signer.sign(claims)
    with pytest.raises(Unavailable):
        signer.verify(forge())


def test_a_key_of_another_kind_is_refused(signer: JwtSigner, secrets: FakeSecrets, claims: AccessClaims) -> None:
    from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    pem = generate_private_key(SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    secrets.values["jwt"] = json.dumps({"current": {"kid": "ec", "private_pem": pem}, "previous": None})
    with pytest.raises(Unavailable):
        signer.sign(claims)


class TestHmac:
    """Where the stage says so, and nowhere else."""

    @staticmethod
    def signer(algorithm: str, secret: str, clock: FakeClock) -> JwtSigner:
        secrets = FakeSecrets(jwt=secret)
        return JwtSigner(secrets, "jwt", algorithm=algorithm, issuer="veza-local", audience="veza-api", clock=clock)

    @pytest.fixture
    def shared(self) -> Key:
        return KINDS["HS256"].new()

    def test_20_where_rsa_signs_a_shared_secret_signs_nothing(
        self, signer: JwtSigner, clock: FakeClock, shared: Key, claims: AccessClaims
    ) -> None:
        forged = self.signer("HS256", json.dumps({"current": shared}), clock).sign(claims)
        assert refused(signer, forged) == "token_invalid"

    def test_20_where_a_shared_secret_signs_a_pair_of_keys_signs_nothing(
        self, clock: FakeClock, shared: Key, forge: Forge
    ) -> None:
        assert refused(self.signer("HS256", json.dumps({"current": shared}), clock), forge()) == "token_invalid"

    def test_tokens_of_the_key_before_still_count(self, clock: FakeClock, shared: Key, claims: AccessClaims) -> None:
        old = self.signer("HS256", json.dumps({"current": shared}), clock).sign(claims)
        rotated = json.dumps({"current": KINDS["HS256"].new(), "previous": KINDS["HS256"].retired(shared)})
        assert self.signer("HS256", rotated, clock).verify(old) == claims

    def test_a_stage_that_changed_its_mind_waits_for_its_own_keys(
        self, clock: FakeClock, key: Key, shared: Key, claims: AccessClaims
    ) -> None:
        for algorithm, other in (("HS256", key), ("RS256", shared)):
            with pytest.raises(Unavailable):
                self.signer(algorithm, json.dumps({"current": other}), clock).sign(claims)

    def test_a_short_secret_is_none(self, clock: FakeClock, claims: AccessClaims) -> None:
        weak = json.dumps({"current": {"kid": "k", "secret": base64.b64encode(b"x" * 31).decode()}})
        with pytest.raises(Unavailable):
            self.signer("HS256", weak, clock).sign(claims)
