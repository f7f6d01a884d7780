"""What somebody agreed to, or refused: a ledger that is only ever added to (GDPR article 7(1))."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from core.domain.ids import AccountId, EpochSeconds
from core.domain.sessions import Origin


class Document(StrEnum):
    TERMS = "terms"
    PRIVACY = "privacy"
    STATISTICS = "statistics"
    """Counting what is heard for its artist, beyond what the service needs."""


PRESENT_VERSIONS: Final[Mapping[Document, str]] = dict.fromkeys(Document, "2026-11")
"""What can be agreed to or refused now. A new text gets a new version here, and asks everybody again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """One decision about one version of a document. The latest about a document is what holds."""

    id: str
    account_id: AccountId
    document: Document
    version: str
    granted: bool
    at: EpochSeconds
    origin: Origin
    by_signal: bool = False
    """Refused by the browser for its person: Global Privacy Control (https://w3c.github.io/gpc/)."""
