"""Wire shapes of privacy."""

from typing import Self

from pydantic import Field

from api.wire import Flag, Id, Timestamp, Wire
from core.domain.consents import Consent, Document
from core.domain.exports import Export, ExportState
from core.domain.ids import EpochSeconds


class Decision(Wire):
    document: Document
    version: str = Field(min_length=1, max_length=20, pattern=r"^[0-9A-Za-z.-]+$", examples=["2026-11"])
    granted: Flag


class ConsentView(Wire):
    document: Document
    version: str
    granted: bool
    at: Timestamp
    by_signal: bool = Field(description="Refused by the browser, with `Sec-GPC: 1`.")

    @classmethod
    def of(cls, consent: Consent) -> Self:
        return cls(
            document=consent.document,
            version=consent.version,
            granted=consent.granted,
            at=consent.at,
            by_signal=consent.by_signal,
        )


class Consents(Wire):
    held: list[ConsentView] = Field(description="The latest decision about each document.")
    ledger: list[ConsentView] = Field(description="Every decision, the newest first.")


class ExportView(Wire):
    id: Id
    state: ExportState
    asked_at: Timestamp
    ready_at: Timestamp | None
    expires_at: Timestamp | None
    size_bytes: int | None

    @classmethod
    def of(cls, export: Export, now: EpochSeconds) -> Self:
        return cls(
            id=export.id,
            state=export.state(now),
            asked_at=export.asked_at,
            ready_at=export.ready_at,
            expires_at=export.expires_at,
            size_bytes=export.size_bytes,
        )


class Exports(Wire):
    items: list[ExportView]


class ExportLink(Wire):
    url: str


class Closing(Wire):
    closing_at: Timestamp = Field(description="When the account will be erased, if it is not kept.")
