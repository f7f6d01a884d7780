"""Every consumer and schedule can be built of its settings, once, and importing it does nothing."""

from collections.abc import Callable, Iterator
from dataclasses import fields
from typing import Any

import pytest
from moto import mock_aws

from consumers.mail import wiring as mail
from consumers.privacy import wiring as privacy
from consumers.relay import wiring as relay
from core.adapters import clients
from core.settings import Closings, Common, Keys, Mail, Privacy, Relay, Sweep, variable
from schedules.closings import wiring as closings
from schedules.keys import wiring as keys
from schedules.sweep import wiring as sweep

CHOICES = {"token_algorithm": "RS256"}
"""What is not taken whatever it says."""


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    built = (mail.service, privacy.desk, relay.service, sweep.service, closings.closings, keys.service)
    clients.forget()
    for service in built:
        service.cache_clear()
    with mock_aws():
        yield
    clients.forget()
    for service in built:
        service.cache_clear()


@pytest.mark.parametrize(
    ("service", "settings"),
    [
        (mail.service, Mail),
        (privacy.desk, Privacy),
        (relay.service, Relay),
        (sweep.service, Sweep),
        (closings.closings, Closings),
        (keys.service, Keys),
    ],
    ids=["mail", "privacy", "relay", "sweep", "closings", "keys"],
)
def test_a_function_is_built_once_of_its_settings_alone(
    service: Callable[[], Any], settings: type[Common], monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(RuntimeError, match="missing environment variables"):
        service()
    for field in fields(settings):
        likely = "https://queue.example/q" if "url" in field.name else field.name
        monkeypatch.setenv(variable(field.name), CHOICES.get(field.name, likely))
    assert service() is service()
