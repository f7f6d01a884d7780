"""A grant that is taken away shows: else `make test-iam` would prove nothing."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.cloud import Cloud, new_person

FUNCTION = "veza-local-accounts-api"


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


@pytest.mark.parametrize("action", ["dynamodb:PutItem", "dynamodb:GetItem"])
def test_what_is_not_granted_does_not_work(cloud: Cloud, action: str) -> None:
    person = new_person()
    credentials = {"email": person.email, "password": person.password}
    registration = {**credentials, "username": person.username}
    with without(cloud, FUNCTION, action):
        registered = cloud.http.post(f"{cloud.api_url}/auth/register", json=registration)
        signed_in = cloud.http.post(f"{cloud.api_url}/auth/login", json=credentials)
    assert (registered.status_code >= 500) or (signed_in.status_code >= 500), (registered.text, signed_in.text)

    registered = cloud.http.post(f"{cloud.api_url}/auth/register", json=registration)
    assert registered.status_code in {201, 409}, registered.text
    assert cloud.http.post(f"{cloud.api_url}/auth/login", json=credentials).status_code == 200
