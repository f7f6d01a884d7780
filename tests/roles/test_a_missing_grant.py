"""A grant that is taken away shows: else `make test-iam` would prove nothing."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.cloud import Cloud, new_person


@contextmanager
def without(cloud: Cloud, function: str, action: str) -> Iterator[None]:
    """The function's role as it is, but for one action."""
    iam, role = cloud.aws("iam"), cloud.role_of(function)
    before = {name: _document(iam, role, name) for name in iam.list_role_policies(RoleName=role)["PolicyNames"]}
    try:
        for name, document in before.items():
            _put(iam, role, name, {**document, "Statement": [_less(each, action) for each in document["Statement"]]})
        yield
    finally:
        for name, document in before.items():
            _put(iam, role, name, document)


def _document(iam: Any, role: str, name: str) -> dict[str, Any]:
    return dict(iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"])


def _put(iam: Any, role: str, name: str, document: dict[str, Any]) -> None:
    iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(document))


def _less(statement: dict[str, Any], action: str) -> dict[str, Any]:
    actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
    kept = [each for each in actions if each != action]
    return {**statement, "Action": kept} if kept else {**statement, "Effect": "Deny"}


class Door:
    """Calls of somebody new, each of which takes a grant of its own."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud, self.person = cloud, new_person()

    def register(self) -> int:
        person = new_person()
        body = {"email": person.email, "username": person.username, "password": person.password}
        return self._post("/auth/register", body)

    def set_up(self) -> int:
        headers = self.cloud.register_verified_user().headers
        return self._post("/auth/totp/set-up", {"password": self.person.password}, headers)

    def announce(self) -> int:
        headers = self.cloud.register_verified_user().headers
        return self._post("/uploads", {"filename": "song.wav", "size_bytes": 1000}, headers)

    def _post(self, path: str, body: dict[str, Any], headers: dict[str, str] | None = None) -> int:
        return self.cloud.http.post(f"{self.cloud.api_url}{path}", json=body, headers=headers).status_code


@pytest.mark.parametrize(
    ("function", "action", "call"),
    [
        ("accounts-api", "dynamodb:PutItem", "register"),
        ("accounts-api", "kms:Encrypt", "set_up"),
        ("catalogue-api", "dynamodb:PutItem", "announce"),
    ],
)
def test_what_is_not_granted_does_not_work(cloud: Cloud, function: str, action: str, call: str) -> None:
    door = getattr(Door(cloud), call)
    assert door() < 300
    with without(cloud, f"veza-local-{function}", action):
        assert door() >= 500
    assert door() < 300


@pytest.mark.parametrize("function", ["sweep", "closings", "keys"])
def test_schedules_have_all_that_they_need(cloud: Cloud, function: str) -> None:
    """Nobody calls these; they would fail at night."""
    event = json.dumps({"detail-type": "Scheduled Event"}).encode()
    answer = cloud.aws("lambda").invoke(FunctionName=f"veza-local-{function}", Payload=event)
    assert "FunctionError" not in answer, answer["Payload"].read()
