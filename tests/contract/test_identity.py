import json
import time

import pytest

from core.adapters.clock import SystemClock
from core.adapters.password_guesser import ZxcvbnGuesser
from core.adapters.passwords import Argon2PasswordHasher
from core.adapters.tokens import JwtSigner
from core.domain.passwords import GUESSES_MIN
from schedules.keys.kinds import KINDS
from tests.contract.identity import (
    ClockContract,
    PasswordGuesserContract,
    PasswordHasherContract,
    SealerContract,
    SecretsContract,
    TokenSignerContract,
)
from tests.contract.on_aws import OnKms, OnSecretsManager
from tests.fakes.clock import FakeClock
from tests.fakes.passwords import FakePasswordGuesser, FakePasswordHasher
from tests.fakes.sealer import FakeSealer
from tests.fakes.secrets import FakeSecrets
from tests.fakes.tokens import FakeTokenSigner


class TestFakePasswordHasher(PasswordHasherContract):
    @pytest.fixture
    def hasher(self) -> FakePasswordHasher:
        return FakePasswordHasher()


class TestArgon2(PasswordHasherContract):
    @pytest.fixture
    def hasher(self) -> Argon2PasswordHasher:
        return Argon2PasswordHasher()


class TestFakePasswordGuesser(PasswordGuesserContract):
    @pytest.fixture
    def guesser(self) -> FakePasswordGuesser:
        return FakePasswordGuesser()


class TestZxcvbn(PasswordGuesserContract):
    @pytest.fixture
    def guesser(self) -> ZxcvbnGuesser:
        return ZxcvbnGuesser()

    @pytest.mark.parametrize(
        "common", ["password1234", "qwertyuiop123", "iloveyou1234", "123456789012", "letmein12345"]
    )
    def test_crackers_lists_are_known(self, guesser: ZxcvbnGuesser, common: str) -> None:
        assert guesser.guesses(common, []) < GUESSES_MIN

    def test_the_longest_password_takes_no_long_time(self, guesser: ZxcvbnGuesser) -> None:
        """Its matching is quadratic: who sends a long one must not keep a function busy."""
        assert guesser.guesses("q1w2e3" * 22, []) > 0


class TestFakeTokenSigner(TokenSignerContract):
    @pytest.fixture
    def clock(self) -> FakeClock:
        return FakeClock()

    @pytest.fixture
    def signer(self, clock: FakeClock) -> FakeTokenSigner:
        return FakeTokenSigner(clock)


@pytest.fixture(scope="module")
def key_secret() -> str:
    """As schedules/keys writes it; making a pair of keys takes a while."""
    return a_secret("RS256")


def a_secret(algorithm: str) -> str:
    return json.dumps({"current": KINDS[algorithm].new(), "next": None, "previous": None})


def a_signer(algorithm: str, secret: str, clock: FakeClock) -> JwtSigner:
    secrets = FakeSecrets(jwt=secret)
    return JwtSigner(secrets, "jwt", algorithm=algorithm, issuer="veza", audience="veza-api", clock=clock)


class TestRsa(TokenSignerContract):
    @pytest.fixture
    def clock(self) -> FakeClock:
        return FakeClock()

    @pytest.fixture
    def signer(self, clock: FakeClock, key_secret: str) -> JwtSigner:
        return a_signer("RS256", key_secret, clock)


class TestHmac(TokenSignerContract):
    published = 0

    @pytest.fixture
    def clock(self) -> FakeClock:
        return FakeClock()

    @pytest.fixture
    def signer(self, clock: FakeClock) -> JwtSigner:
        return a_signer("HS256", a_secret("HS256"), clock)


class TestFakeSealer(SealerContract):
    @pytest.fixture
    def sealer(self) -> FakeSealer:
        return FakeSealer()


class TestKms(OnKms, SealerContract):
    pass


class TestFakeSecrets(SecretsContract):
    @pytest.fixture
    def name(self) -> str:
        return "jwt"

    @pytest.fixture
    def secrets(self, name: str) -> FakeSecrets:
        return FakeSecrets(**{name: "a secret"})


class TestSecretsManager(OnSecretsManager, SecretsContract):
    pass


class TestFakeClock(ClockContract):
    @pytest.fixture
    def clock(self) -> FakeClock:
        return FakeClock()


class TestSystemClock(ClockContract):
    @pytest.fixture
    def clock(self) -> SystemClock:
        return SystemClock()

    def test_it_is_the_time(self, clock: SystemClock) -> None:
        assert abs(clock.now() - time.time()) < 5
