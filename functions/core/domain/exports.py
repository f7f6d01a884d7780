"""A copy of everything we hold about somebody, for them to take along (GDPR articles 15 and 20)."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Self

from core.domain.ids import AccountId, Bytes, EpochSeconds
from core.domain.limits import EXPORT_GIVEN_UP_S, EXPORT_KEEP_S


class ExportState(StrEnum):
    WAITING = "waiting"
    READY = "ready"
    EXPIRED = "expired"
    """Made, and removed since."""
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    id: str
    account_id: AccountId
    asked_at: EpochSeconds
    ready_at: EpochSeconds | None = None
    size_bytes: Bytes | None = None

    @property
    def key(self) -> str:
        """Of its zip in the exports bucket."""
        return f"{exports_prefix(self.account_id)}{self.id}.zip"

    @property
    def expires_at(self) -> EpochSeconds | None:
        return None if self.ready_at is None else EpochSeconds(self.ready_at + EXPORT_KEEP_S)

    def made(self, size_bytes: Bytes, now: EpochSeconds) -> Self:
        return replace(self, ready_at=now, size_bytes=size_bytes)

    def state(self, now: EpochSeconds) -> ExportState:
        if self.expires_at is not None:
            return ExportState.READY if now < self.expires_at else ExportState.EXPIRED
        return ExportState.WAITING if now < self.asked_at + EXPORT_GIVEN_UP_S else ExportState.FAILED


def exports_prefix(account_id: AccountId) -> str:
    """Of all exports of an account in the bucket."""
    return f"{account_id}/"
