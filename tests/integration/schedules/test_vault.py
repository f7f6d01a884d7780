"""The vault tells an empty secret from a full one, and a fault from both."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import boto3
import pytest
from moto import mock_aws

from core.domain.errors import Unavailable
from schedules.keys.kinds import RsaPairs
from schedules.keys.service import KeyService
from schedules.keys.vault import SecretsManagerVault
from tests.builders import NOW
from tests.fakes.clock import FakeClock

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient


@pytest.fixture
def client() -> Iterator["SecretsManagerClient"]:
    with mock_aws():
        yield boto3.client("secretsmanager", region_name="eu-central-1")


def test_a_secret_without_a_value_is_empty_and_takes_one_key(client: "SecretsManagerClient") -> None:
    client.create_secret(Name="jwt")
    vault = SecretsManagerVault(client, "jwt")
    assert vault.read() is None
    service = KeyService(vault=vault, kind=RsaPairs(), clock=FakeClock(NOW))
    first = service.ensure()
    assert first.created
    again = service.ensure()
    assert (again.kid, again.created) == (first.kid, False)


def test_a_missing_secret_is_an_error(client: "SecretsManagerClient") -> None:
    vault = SecretsManagerVault(client, "jwt")
    with pytest.raises(Unavailable):
        vault.write("{}")
