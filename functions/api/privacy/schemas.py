"""Wire shapes of privacy."""

from typing import Self

from pydantic import Field

from api.wire import Timestamp, Wire
from core.domain.consents import Consent, Document


class Decision(Wire):
    document: Document
    version: str = Field(min_length=1, max_length=20, pattern=r"^[0-9A-Za-z.-]+$", examples=["2026-11"])
    granted: bool


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
