"""Entries are spread over partitions and read as one list, the newest first."""

from typing import TYPE_CHECKING, Any

import pytest

from core.domain.audit import NOBODY, AuditEntry
from core.domain.ids import EpochSeconds, new_id
from core.store.audit_log import SHARDS, AuditLog, day_of
from core.store.page import Page
from tests.builders import NOW, an_origin

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

DAY = day_of(EpochSeconds(NOW))
MANY = 60
"""Enough that some shard has more of the newest than others."""


@pytest.fixture
def log(tables: dict[str, str]) -> AuditLog:
    return AuditLog(tables["audit"])


def written(log: AuditLog, count: int = MANY, *, actor: str = NOBODY, subject: str = "") -> list[str]:
    """The ids of as many entries, the newest first."""
    ids = sorted(new_id() for _ in range(count))
    for entry_id in ids:
        log.add(
            AuditEntry(
                id=entry_id,
                at=EpochSeconds(NOW),
                actor=actor,
                by="",
                subject=subject,
                action="POST /api/v1/auth/login",
                target={},
                asked=None,
                status=401,
                code="credentials_invalid",
                duration_ms=1,
                request_id="of-the-caller",
                gateway_id="",
                origin=an_origin(),
            )
        )
    return ids[::-1]


def paged(read: Any, asked: str) -> list[str]:
    """All pages, one after the other."""
    ids: list[str] = []
    cursor = None
    while True:
        page: Page[AuditEntry] = read(asked, limit=7, cursor=cursor)
        ids += [entry.id for entry in page.items]
        if (cursor := page.next_cursor) is None:
            return ids


def test_nobody_s_are_one_list_in_pages(log: AuditLog) -> None:
    ids = written(log)

    assert paged(log.of_account, NOBODY) == ids


def test_a_day_is_one_list_in_pages(log: AuditLog) -> None:
    ada = new_id()
    ids = written(log, 30) + written(log, 30, actor=ada)

    assert paged(log.of_day, DAY) == sorted(ids, reverse=True)


def test_an_account_has_what_it_did_and_what_was_done_for_it(log: AuditLog) -> None:
    ada = new_id()
    ids = written(log, 10, actor=ada) + written(log, 10, subject=ada)

    assert paged(log.of_account, ada) == sorted(ids, reverse=True)
    assert paged(log.of_account, NOBODY) == []


def test_no_partition_takes_it_all(log: AuditLog, dynamodb: "DynamoDBClient", tables: dict[str, str]) -> None:
    written(log)

    rows = dynamodb.scan(TableName=tables["audit"])["Items"]

    for key in ("pk", "day"):
        assert SHARDS // 2 < len({row[key]["S"] for row in rows}) <= SHARDS
