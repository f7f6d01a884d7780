"""An announced upload: what may be announced, how it is cut into parts, where its bytes go."""

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from core.domain.errors import InvalidInput
from core.domain.ids import AccountId, Bytes, EpochSeconds, TrackId, UploadId
from core.domain.limits import FILENAME_MAX, UPLOAD_MAX_BYTES, UPLOAD_PART_BYTES, UPLOAD_SINGLE_PUT_MAX_BYTES
from core.domain.media import CONTENT_TYPES, EXTENSIONS


class UploadState(StrEnum):
    OPEN = "open"
    COMPLETED = "completed"
    ABORTED = "aborted"
    EXPIRED = "expired"


class Strategy(StrEnum):
    PUT = "put"
    MULTIPART = "multipart"


@dataclass(frozen=True, slots=True, kw_only=True)
class PartPlan:
    part_number: int
    size_bytes: Bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    id: UploadId
    track_id: TrackId
    owner_id: AccountId
    filename: str
    size_bytes: Bytes
    content_type: str
    sha256: str | None
    """Hex; what the client announced. Storage checks it on a single PUT, the scan checks it always."""
    client_token: str | None
    strategy: Strategy
    multipart_id: str | None
    state: UploadState
    created_at: EpochSeconds
    expires_at: EpochSeconds

    @property
    def key(self) -> str:
        return incoming_key(self.track_id, self.id)


def incoming_key(track_id: TrackId, upload_id: UploadId) -> str:
    """Where the bytes arrive in the uploads bucket; random and chosen by us."""
    return f"incoming/{track_id}/{upload_id}"


_INCOMING = re.compile(r"^incoming/([0-9a-f-]{36})/([0-9a-f-]{36})$")


def parse_incoming_key(key: str) -> tuple[TrackId, UploadId] | None:
    """The ids in a key that `incoming_key` made; None for any other object."""
    found = _INCOMING.fullmatch(key)
    return (TrackId(found[1]), UploadId(found[2])) if found else None


def check_filename(filename: str, accepted: Collection[str] = EXTENSIONS.keys()) -> str:
    """The name in NFC if it is one: no path, no control characters, a stem and an accepted extension.

    Raises InvalidInput (codes `filename_invalid`, `extension_unsupported`).
    """
    name = unicodedata.normalize("NFC", filename).strip()
    bad = not name or len(name) > FILENAME_MAX or any(c in "/\\\0" or unicodedata.category(c)[0] == "C" for c in name)
    stem, dot, extension = name.rpartition(".")
    if bad or not dot or not stem.strip(". "):
        raise InvalidInput("The file name is not usable.", code="filename_invalid", field="filename")
    if extension.lower() not in accepted:
        raise InvalidInput(
            f"Accepted file types are {', '.join(sorted(accepted))}.", code="extension_unsupported", field="filename"
        )
    return name


def check_size(size_bytes: int) -> Bytes:
    """Raises InvalidInput (codes `size_zero`, `size_too_large`)."""
    if size_bytes <= 0:
        raise InvalidInput("The file is empty.", code="size_zero", field="size_bytes")
    if size_bytes > UPLOAD_MAX_BYTES:
        raise InvalidInput("A file may have at most 2 GiB.", code="size_too_large", field="size_bytes")
    return Bytes(size_bytes)


def choose_strategy(size_bytes: Bytes) -> Strategy:
    return Strategy.PUT if size_bytes <= UPLOAD_SINGLE_PUT_MAX_BYTES else Strategy.MULTIPART


def plan_parts(size_bytes: Bytes) -> list[PartPlan]:
    """Parts of UPLOAD_PART_BYTES, the last one smaller; numbered from 1 as S3 does."""
    full, rest = divmod(size_bytes, UPLOAD_PART_BYTES)
    sizes = [UPLOAD_PART_BYTES] * full + ([rest] if rest else [])
    return [PartPlan(part_number=n, size_bytes=Bytes(size)) for n, size in enumerate(sizes, 1)]


def content_type_of(filename: str) -> str:
    """The content type that a name which passed `check_filename` is stored under."""
    containers = EXTENSIONS[filename.rpartition(".")[2].lower()]
    return CONTENT_TYPES[min(containers)]  # `.aac` may hold two; its raw form sorts first
