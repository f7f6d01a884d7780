"""Identifiers and units: one NewType per kind, so that mypy keeps them apart.

Every id is a UUIDv7 (RFC 9562 §5.7) in lower-case text: sorting ids sorts by birth.
"""

import re
from typing import NewType

from uuid6 import uuid7

AccountId = NewType("AccountId", str)
SessionId = NewType("SessionId", str)
TrackId = NewType("TrackId", str)
UploadId = NewType("UploadId", str)
EventId = NewType("EventId", str)

EpochSeconds = NewType("EpochSeconds", int)
EpochMs = NewType("EpochMs", int)
DurationMs = NewType("DurationMs", int)
Samples = NewType("Samples", int)
Bytes = NewType("Bytes", int)

ID_PATTERN = r"^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"
_ID = re.compile(ID_PATTERN)


def new_id() -> str:
    """A fresh UUIDv7; wrap it in the NewType of its kind."""
    return str(uuid7())


def is_id(text: str) -> bool:
    """Whether `text` has the exact shape of an id that `new_id` makes."""
    return _ID.fullmatch(text) is not None
