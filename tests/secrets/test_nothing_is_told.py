"""No secret is in logs or templates after all else was done to the stack: this folder runs last."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cloud import Cloud
from tests.people import Artist
from tests.secret_shapes import secrets_in

PUBLIC = re.compile(r'"(?:kid|public_pem)": "[^"]*"')
"""What the keys' secret holds beside what is secret."""
MAILED = re.compile(r"token=([\w-]{20,})")


@pytest.fixture(scope="module")
def told(cloud: Cloud, artist: Artist) -> dict[str, str]:
    """Everything that the functions wrote, and the templates, by where it is; somebody has at least signed in."""
    assert artist.call("GET", "/auth/me").status_code == 200
    found = {group: "\n".join(_lines(cloud, group)) for group in _groups(cloud)}
    found |= {path.name: path.read_text(encoding="utf-8") for path in Path(cloud.work).rglob("*.template.json")}
    return found


def _groups(cloud: Cloud) -> list[str]:
    pages = cloud.aws("logs").get_paginator("describe_log_groups").paginate(logGroupNamePrefix="/aws/")
    return [str(group["logGroupName"]) for page in pages for group in page["logGroups"]]


def _lines(cloud: Cloud, group: str) -> Iterator[str]:
    for page in cloud.aws("logs").get_paginator("filter_log_events").paginate(logGroupName=group):
        yield from (str(event["message"]) for event in page["events"])


def test_there_is_something_to_look_at(told: dict[str, str]) -> None:
    assert any("accounts-api" in name and "request_served" in text for name, text in told.items())
    assert sum(name.endswith(".template.json") for name in told) >= 5


def test_nothing_has_the_shape_of_a_secret(told: dict[str, str]) -> None:
    found = [f"{name}: {secret}" for name, text in told.items() for secret in secrets_in(text)]
    assert found == []


def test_no_secret_of_this_very_stack_is_told(cloud: Cloud, told: dict[str, str]) -> None:
    secrets = cloud.aws("secretsmanager")
    values = [
        PUBLIC.sub("", str(secrets.get_secret_value(SecretId=listed["ARN"])["SecretString"]))
        for listed in secrets.list_secrets()["SecretList"]
    ]
    pieces = {piece for value in values for piece in re.findall(r"[\w+/=-]{24,}", value)}
    assert len(pieces) > 10
    assert [name for name, text in told.items() if any(piece in text for piece in pieces)] == []


def test_no_function_is_given_one_with_its_settings(cloud: Cloud) -> None:
    functions = cloud.aws("lambda").list_functions()["Functions"]
    assert len(functions) > 10
    settings = {each["FunctionName"]: str(each.get("Environment", {})) for each in functions}
    assert {name: list(secrets_in(text)) for name, text in settings.items() if list(secrets_in(text))} == {}


SECRET = "seven-herons-at-the-weir"
BROKEN = '{"email": "ada@example.com", "password": "' + SECRET + '",}'


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/auth/login", f'{{"email": "nobody@example.com", "password": "{SECRET}"}}'),
        ("/auth/login", f'{{"email": "nobody@example.com", "password": "{SECRET}", "passwort": 1}}'),
        ("/auth/login", f'{{"password": {{"{SECRET}": 1}}}}'),
        ("/auth/login", BROKEN),
        ("/auth/refresh", f'{{"refresh_token": "{SECRET}"}}'),
        ("/auth/password/reset", f'{{"token": "{SECRET}", "new_password": "{SECRET}"}}'),
        ("/auth/verify-email", f'{{"token": "{SECRET}"}}'),
    ],
)
def test_what_was_sent_does_not_come_back_with_a_refusal(cloud: Cloud, path: str, body: str) -> None:
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {SECRET}"}
    answer = cloud.http.post(f"{cloud.api_url}{path}", content=body, headers=headers)
    assert answer.status_code >= 400
    assert SECRET not in answer.text + str(answer.headers)


def test_nobodys_password_address_or_mailed_token_is_told(cloud: Cloud, artist: Artist, told: dict[str, str]) -> None:
    mailed = {token for mail in cloud.mails_to(artist.email) for token in MAILED.findall(str(mail))}
    assert mailed
    private = {"a-kettle-full-of-larks", artist.email, *mailed}
    assert [name for name, text in told.items() if any(piece in text for piece in private)] == []
