"""The first signing key is made once, is strong, and CloudFormation always gets an answer."""

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
from schedules.keys.rsa import new_signing_key, public_half
from schedules.keys.service import REST_S, Ensured, KeyService, Rotated, SigningKey
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


def a_service(vault: FakeVault, clock: FakeClock | None = None) -> KeyService:
    """Makes keys k1, k2, …"""
    numbers = count(1)

    def new_key() -> SigningKey:
        number = next(numbers)
        return SigningKey(kid=f"k{number}", private_pem=f"pem {number}", public_pem=f"public {number}")

    def public_half(private_pem: str) -> str:
        return f"public {private_pem.removeprefix('pem ')}"

    return KeyService(vault=vault, new_key=new_key, public_half=public_half, clock=clock or FakeClock(NOW))


def kids(vault: FakeVault) -> tuple[str | None, ...]:
    """Of the previous, current and next key."""
    assert vault.text is not None
    keys = json.loads(vault.text)
    return tuple(keys[name] and keys[name]["kid"] for name in ("previous", "current", "next"))


def test_keys_made_before_there_were_public_halves_are_rotated_too() -> None:
    vault = FakeVault(json.dumps({"current": {"kid": "old", "private_pem": "pem 0"}, "previous": None}))

    a_service(vault).rotate()

    assert json.loads(vault.text or "")["previous"] == {"kid": "old", "public_pem": "public 0"}


def test_the_public_half_belongs_to_the_private_one() -> None:
    key = new_signing_key()
    assert public_half(key.private_pem) == key.public_pem


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
        key = new_signing_key()
        private = load_pem_private_key(key.private_pem.encode(), password=None)
        assert isinstance(private, RSAPrivateKey)
        assert private.key_size == 3072
        assert len(key.kid) == 43
        token = jwt.encode({"sub": "x"}, key.private_pem, algorithm="RS256", headers={"kid": key.kid})
        assert jwt.decode(token, private.public_key(), algorithms=["RS256"]) == {"sub": "x"}

    def test_is_another_each_time(self) -> None:
        assert new_signing_key().kid != new_signing_key().kid


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
