import json
import time

import pytest

from core.adapters.clock import SystemClock
from core.adapters.passwords import Argon2PasswordHasher
from core.adapters.tokens import RsaTokenSigner
from schedules.keys.rsa import new_signing_key
from tests.contract.identity import (
    ClockContract,
    PasswordHasherContract,
    SecretsContract,
    TokenSignerContract,
)
from tests.contract.on_aws import OnSecretsManager
from tests.fakes.clock import FakeClock
from tests.fakes.passwords import FakePasswordHasher
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


class TestFakeTokenSigner(TokenSignerContract):
    @pytest.fixture
    def clock(self) -> FakeClock:
        return FakeClock()

    @pytest.fixture
    def signer(self, clock: FakeClock) -> FakeTokenSigner:
        return FakeTokenSigner(clock)


@pytest.fixture(scope="module")
def key_secret() -> str:
    """A key pair as schedules/keys writes it; making one takes a while."""
    key = new_signing_key()
    return json.dumps({"current": {"kid": key.kid, "private_pem": key.private_pem}, "previous": None})


class TestRsa(TokenSignerContract):
    @pytest.fixture
    def clock(self) -> FakeClock:
        return FakeClock()

    @pytest.fixture
    def signer(self, clock: FakeClock, key_secret: str) -> RsaTokenSigner:
        return RsaTokenSigner(FakeSecrets(jwt=key_secret), "jwt", issuer="veza", audience="veza-api", clock=clock)


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
