"""DynamoDB on moto, in process: a test that asks for `tables` or a repository gets empty ones."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import boto3
import pytest

from core.store.access import AccessRepository
from core.store.accounts import AccountRepository
from core.store.connection import shared_connection
from core.store.counters import CounterRepository, LockoutRepository
from core.store.email_changes import EmailChangeRepository
from core.store.health import HealthRepository
from core.store.login_history import LoginHistory
from core.store.mail_log import MailLog
from core.store.sessions import SessionRepository
from core.store.tickets import TicketRepository
from core.store.tracks import TrackRepository
from core.store.uploads import UploadRepository
from tests.moto_dynamodb import mocked
from tests.tables import create_tables

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@pytest.fixture(scope="module")
def dynamodb() -> Iterator["DynamoDBClient"]:
    """A client costs half a second, so a module shares it; rows get a connection of their own under the mock."""
    with pytest.MonkeyPatch.context() as environment, mocked():
        environment.setenv("AWS_DEFAULT_REGION", "eu-central-1")
        environment.delenv("AWS_ENDPOINT_URL", raising=False)
        shared_connection.cache_clear()
        yield boto3.client("dynamodb")
    shared_connection.cache_clear()


@pytest.fixture
def tables(dynamodb: "DynamoDBClient") -> Iterator[dict[str, str]]:
    """The tables' names by area."""
    names = create_tables(dynamodb)
    yield names
    for name in names.values():
        dynamodb.delete_table(TableName=name)


@pytest.fixture
def tracks(tables: dict[str, str]) -> TrackRepository:
    return TrackRepository(tables["catalogue"], tables["outbox"])


@pytest.fixture
def uploads(tables: dict[str, str]) -> UploadRepository:
    return UploadRepository(tables["catalogue"])


@pytest.fixture
def accounts(tables: dict[str, str]) -> AccountRepository:
    return AccountRepository(tables["accounts"], tables["outbox"])


@pytest.fixture
def sessions(tables: dict[str, str]) -> SessionRepository:
    return SessionRepository(tables["accounts"], tables["outbox"])


@pytest.fixture
def counters(tables: dict[str, str]) -> CounterRepository:
    return CounterRepository(tables["counters"])


@pytest.fixture
def lockouts(tables: dict[str, str]) -> LockoutRepository:
    return LockoutRepository(tables["counters"])


@pytest.fixture
def tickets(tables: dict[str, str]) -> TicketRepository:
    return TicketRepository(tables["accounts"])


@pytest.fixture
def email_changes(tables: dict[str, str]) -> EmailChangeRepository:
    return EmailChangeRepository(tables["accounts"])


@pytest.fixture
def logins(tables: dict[str, str]) -> LoginHistory:
    return LoginHistory(tables["accounts"])


@pytest.fixture
def access(tables: dict[str, str]) -> AccessRepository:
    return AccessRepository(tables["accounts"])


@pytest.fixture
def health(tables: dict[str, str]) -> HealthRepository:
    return HealthRepository(tables["operations"])


@pytest.fixture
def mail_log(tables: dict[str, str]) -> MailLog:
    return MailLog(tables["operations"])
