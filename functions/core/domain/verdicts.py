"""What the scanner says of one object version. Only CLEAN lets bytes through."""

from dataclasses import dataclass
from enum import StrEnum

from core.domain.ids import EpochSeconds
from core.domain.tracks import StoredObject


class Verdict(StrEnum):
    CLEAN = "clean"
    INFECTED = "infected"
    UNSCANNABLE = "unscannable"
    """The engine looked and could not decide (limits, encryption): refused for good."""
    STALE = "stale"
    """The definitions are older than DEFINITIONS_MAX_AGE_H: the track waits."""
    ERROR = "error"
    """The engine did not answer: the track waits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Definitions:
    """A version of ClamAV's signatures as the scanner holds it."""

    version: str
    built_at: EpochSeconds
    signatures: int
    source: str
    """`official`, or `builtin` for the small set of the local stage (EICAR and clamav-testfiles)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanVerdict:
    """The row of record, keyed by the object version."""

    object: StoredObject
    etag: str
    sha256: str
    verdict: Verdict
    signature: str | None
    definitions_version: str
    scanned_at: EpochSeconds
