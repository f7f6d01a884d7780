"""The one place that names tables' keys and indexes. Infra builds its tables alike, and tests/infra compares.

Physical names come by settings; here a table is known by its area. All are on-demand with point-in-time recovery.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal

from core.domain.ids import EpochSeconds

PK: Final = "pk"
SK: Final = "sk"
TTL: Final = "ttl"


@dataclass(frozen=True, slots=True)
class Key:
    """A key attribute; `type` is DynamoDB's: S text, N number."""

    name: str
    type: Literal["S", "N"] = "S"


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """A global secondary index with every attribute projected."""

    name: str
    hash_key: Key
    range_key: Key


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """`stream` is the DynamoDB stream view type, None without a stream."""

    area: str
    hash_key: Key = Key(PK)
    range_key: Key | None = Key(SK)
    indexes: tuple[Index, ...] = ()
    ttl: str = TTL
    stream: Literal["NEW_IMAGE"] | None = None


BY_OWNER: Final = Index(name="by_owner", hash_key=Key("owner_id"), range_key=Key("id"))
"""An owner's tracks by birth. `id` is on living tracks only, so soft-deleted ones leave the index."""
BY_DEADLINE: Final = Index(name="by_deadline", hash_key=Key("due_shard"), range_key=Key("deadline", "N"))
"""Tracks or attachments that the sweep must look at. In end states `deadline` is absent, so the index stays small."""
BY_SCAN_DAY: Final = Index(name="by_scan_day", hash_key=Key("scan_day"), range_key=Key("track_id"))
"""Promoted tracks by the UTC day of their scan (YYYY-MM-DD), to be scanned again when virus definitions change. Only
living tracks that may be heard, or will be, carry a day."""
BY_ATTACHMENT_SCAN_DAY: Final = Index(name="by_scan_day", hash_key=Key("scan_day"), range_key=Key("attachment_id"))
"""The same of clean attachments."""
DEADLINE_SHARDS: Final = 4
"""Over how many partitions BY_DEADLINE is spread; fixed, as rows carry their shard."""


def scan_day(at: EpochSeconds) -> str:
    """The UTC day as YYYY-MM-DD."""
    return datetime.fromtimestamp(at, UTC).date().isoformat()


def deadline_shard(noun_id: str) -> str:
    """The last digits of a UUIDv7 are random, so the shards fill evenly."""
    return str(int(noun_id[-2:], 16) % DEADLINE_SHARDS)


BY_CLOSING: Final = Index(name="by_closing", hash_key=Key("closing_group"), range_key=Key("closing_at", "N"))
"""Accounts by the time they are to be erased. Only those that are closing have these keys."""

ACCOUNTS: Final = Table(area="accounts", indexes=(BY_CLOSING,))
CATALOGUE: Final = Table(area="catalogue", indexes=(BY_OWNER, BY_DEADLINE, BY_SCAN_DAY))
OPERATIONS: Final = Table(area="operations")
OUTBOX: Final = Table(area="outbox", range_key=None, stream="NEW_IMAGE")
COUNTERS: Final = Table(area="counters", range_key=None)
BY_AUDIT_DAY: Final = Index(name="by_day", hash_key=Key("day"), range_key=Key("sk"))
"""Entries of one shard of a UTC day (YYYY-MM-DD#n), whoever made them."""
AUDIT: Final = Table(area="audit", indexes=(BY_AUDIT_DAY,))
CHAT: Final = Table(area="chat", indexes=(BY_DEADLINE, BY_ATTACHMENT_SCAN_DAY))
REALTIME: Final = Table(area="realtime")
TABLES: Final = (ACCOUNTS, CATALOGUE, OPERATIONS, OUTBOX, COUNTERS, AUDIT, CHAT, REALTIME)
