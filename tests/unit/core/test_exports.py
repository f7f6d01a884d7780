"""An export's life."""

import pytest

from core.domain.exports import Export, ExportState
from core.domain.ids import AccountId, Bytes, EpochSeconds, new_id
from core.domain.limits import EXPORT_GIVEN_UP_S, EXPORT_KEEP_S
from tests.builders import NOW


def later(seconds: int) -> EpochSeconds:
    return EpochSeconds(NOW + seconds)


@pytest.fixture
def export() -> Export:
    return Export(id=new_id(), account_id=AccountId(new_id()), asked_at=NOW)


def test_waits_until_it_is_given_up(export: Export) -> None:
    assert export.state(later(EXPORT_GIVEN_UP_S - 1)) is ExportState.WAITING
    assert export.state(later(EXPORT_GIVEN_UP_S)) is ExportState.FAILED


def test_is_there_for_a_week(export: Export) -> None:
    made = export.made(Bytes(1), later(60))
    assert made.state(later(60 + EXPORT_KEEP_S - 1)) is ExportState.READY
    assert made.state(later(60 + EXPORT_KEEP_S)) is ExportState.EXPIRED


def test_lies_below_its_owner(export: Export) -> None:
    assert export.key.startswith(f"{export.account_id}/")
