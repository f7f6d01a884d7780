"""The first signing key is made once, is strong, and CloudFormation always gets an answer."""

import base64
import json
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from core.domain.errors import Unavailable
from schedules import cloudformation
from schedules.keys import handler, wiring
from schedules.keys.kinds import HMAC_BYTES, KINDS, RsaPairs, SharedSecrets
from schedules.keys.service import REST_S, Ensured, KeyService, Rotated
from tests.builders import NOW
from tests.fakes.clock import FakeClock


@dataclass
class FakeVault:
    """KeyVault in memory."""

    text: str | None = None
    written: list[str] = field(default_factory=list)

    def read(self) -> str | None:
        return self.text

    def write(self, text: str) -> None:
        self.text = text
        self.written.append(text)


class LockedVault(FakeVault):
    def read(self) -> str | None:
        raise Unavailable("The signing keys' secret can't be read.")


class NumberedKeys(RsaPairs):
    """Makes keys k1, k2, … in no time."""

    def __init__(self) -> None:
        self.numbers = count(1)

    def new(self) -> dict[str, str]:
        number = next(self.numbers)
        return {"kid": f"k{number}", "private_pem": f"pem {number}", "public_pem": f"public {number}"}


def a_service(vault: FakeVault, clock: FakeClock | None = None) -> KeyService:
    return KeyService(vault=vault, kind=NumberedKeys(), clock=clock or FakeClock(NOW))


def kids(vault: FakeVault) -> tuple[str | None, ...]:
    """Of the previous, current and next key."""
    assert vault.text is not None
    keys = json.loads(vault.text)
    return tuple(keys[name] and keys[name]["kid"] for name in ("previous", "current", "next"))


def test_keys_made_before_there_were_public_halves_are_rotated_too() -> None:
    key = RsaPairs().new()
    old = {"kid": key["kid"], "private_pem": key["private_pem"]}
    vault = FakeVault(json.dumps({"current": old, "previous": None}))

    a_service(vault).rotate()

    assert json.loads(vault.text or "")["previous"] == {"kid": key["kid"], "public_pem": key["public_pem"]}


class TestEnsure:
    @pytest.mark.parametrize("nothing", [None, "", "{}", "random-text", "[]", '{"current": {"kid": "k0"}}', '"x"'])
    def test_an_empty_secret_gets_a_key(self, nothing: str | None) -> None:
        vault = FakeVault(nothing)
        assert a_service(vault).ensure() == Ensured(kid="k1", created=True)
        assert vault.text is not None
        assert kids(vault) == (None, "k1", "k2")

    def test_a_key_that_is_there_stays(self) -> None:
        vault = FakeVault()
        service = a_service(vault)
        service.ensure()
        assert service.ensure() == Ensured(kid="k1", created=False)
        assert len(vault.written) == 1


class TestRotate:
    def test_the_next_key_signs_and_the_one_before_still_verifies(self) -> None:
        vault, clock = FakeVault(), FakeClock(NOW)
        service = a_service(vault, clock)
        service.ensure()
        clock.advance(REST_S)
        assert service.rotate() == Rotated(kid="k2", rotated=True)
        assert kids(vault) == ("k1", "k2", "k3")
        clock.advance(REST_S)
        service.rotate()
        assert kids(vault) == ("k2", "k3", "k4")

    def test_no_private_half_outlives_its_use(self) -> None:
        vault, clock = FakeVault(), FakeClock(NOW)
        service = a_service(vault, clock)
        service.ensure()
        clock.advance(REST_S)
        service.rotate()
        assert vault.text is not None
        assert "pem 1" not in vault.text
        assert "public 1" in vault.text

    def test_a_schedule_that_calls_twice_rotates_once(self) -> None:
        vault, clock = FakeVault(), FakeClock(NOW)
        service = a_service(vault, clock)
        service.ensure()
        clock.advance(REST_S)
        service.rotate()
        clock.advance(60)
        assert service.rotate() == Rotated(kid="k2", rotated=False)
        assert kids(vault) == ("k1", "k2", "k3")

    def test_an_empty_secret_gets_its_first_keys(self) -> None:
        vault = FakeVault()
        assert a_service(vault).rotate() == Rotated(kid="k1", rotated=True)


class TestKey:
    def test_is_rsa_3072_named_by_its_thumbprint(self) -> None:
        key = RsaPairs().new()
        private = load_pem_private_key(key["private_pem"].encode(), password=None)
        assert isinstance(private, RSAPrivateKey)
        assert private.key_size == 3072
        assert len(key["kid"]) == 43
        token = jwt.encode({"sub": "x"}, key["private_pem"], algorithm="RS256", headers={"kid": key["kid"]})
        assert jwt.decode(token, private.public_key(), algorithms=["RS256"]) == {"sub": "x"}

    @pytest.mark.parametrize("algorithm", KINDS)
    def test_is_another_each_time(self, algorithm: str) -> None:
        one, other = KINDS[algorithm].new(), KINDS[algorithm].new()
        assert all(one[part] != other[part] for part in one)

    def test_is_a_shared_secret_where_the_stage_says_so(self) -> None:
        key = SharedSecrets().new()
        assert len(base64.b64decode(key["secret"])) == HMAC_BYTES == 32
        assert SharedSecrets().retired(key) == key

    def test_of_another_kind_is_replaced(self) -> None:
        vault = FakeVault(json.dumps({"current": SharedSecrets().new(), "next": None, "previous": None}))
        assert a_service(vault).ensure() == Ensured(kid="k1", created=True)
        assert kids(vault) == (None, "k1", "k2")


class TestHandler:
    @pytest.fixture
    def answers(self, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
        answers: list[dict[str, Any]] = []
        monkeypatch.setattr(cloudformation, "_answer", lambda event, answer: answers.append(answer))
        return answers

    @pytest.fixture
    def vault(self, monkeypatch: pytest.MonkeyPatch) -> FakeVault:
        vault = FakeVault()
        monkeypatch.setattr(wiring, "service", lambda: a_service(vault))
        return vault

    @staticmethod
    def asked(kind: str) -> dict[str, Any]:
        return {"RequestType": kind, "ResponseURL": "http://localhost/answer"}

    @pytest.mark.parametrize("kind", ["Create", "Update"])
    def test_create_and_update_make_the_missing_key(
        self, answers: list[dict[str, Any]], vault: FakeVault, kind: str
    ) -> None:
        handler.handler(self.asked(kind), None)
        assert len(vault.written) == 1
        assert answers == [{"Status": "SUCCESS", "PhysicalResourceId": "signing-key", "Data": {"kid": "k1"}}]

    def test_the_schedule_rotates(self, answers: list[dict[str, Any]], vault: FakeVault) -> None:
        assert handler.handler({"detail-type": "Scheduled Event"}, None) == {"kid": "k1", "rotated": True}
        assert answers == []

    def test_delete_touches_nothing(self, answers: list[dict[str, Any]], vault: FakeVault) -> None:
        handler.handler(self.asked("Delete"), None)
        assert vault.written == []
        assert [answer["Status"] for answer in answers] == ["SUCCESS"]

    def test_an_error_is_answered_with_its_reason(
        self, answers: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(wiring, "service", lambda: a_service(LockedVault()))
        handler.handler(self.asked("Create"), None)
        (answer,) = answers
        assert answer["Status"] == "FAILED"
        assert "can't be read" in answer["Reason"]

    def test_a_plain_invocation_needs_no_answer(self, answers: list[dict[str, Any]], vault: FakeVault) -> None:
        assert handler.handler({}, None) == {"kid": "k1", "created": True}
        assert handler.handler({}, None) == {"kid": "k1", "created": False}
        assert answers == []
        assert vault.text is not None
        assert "pem" not in json.dumps(handler.handler({}, None))
