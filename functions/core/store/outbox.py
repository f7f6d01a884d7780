"""The transactional outbox: events are written in the same transaction as the change they tell of.

The table's stream feeds `relay`, which puts them on the bus; TTL removes the rows after a week.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from pydantic import ValidationError
from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import AttributeDeserializationError

from core.domain.errors import InvalidInput
from core.domain.ids import EpochSeconds, new_id
from core.messages.envelope import Envelope
from core.messages.message import Message
from core.store.rows import Row, bound
from core.store.tables import TTL
from core.store.writes import Put

KEEP_S: Final = 7 * 24 * 3600


class OutboxRow(Row):
    """One event; `pk` is the id of its envelope."""

    type = UnicodeAttribute()
    version = NumberAttribute()
    occurred_at = NumberAttribute()
    data = UnicodeAttribute()
    ttl = NumberAttribute(attr_name=TTL)


def puts_of(events: Sequence[Message], table: str, now: EpochSeconds) -> list[Put]:
    """One put per event, each in a fresh envelope."""
    rows = bound(OutboxRow, table)
    return [
        Put(
            row=rows(
                pk=new_id(),
                type=event.type,
                version=event.version,
                occurred_at=now,
                data=event.model_dump_json(),
                ttl=now + KEEP_S,
            )
        )
        for event in events
    ]


def envelope_of(new_image: Mapping[str, Any]) -> Envelope:
    """The envelope in a stream record's NewImage (DynamoDB JSON).

    Raises InvalidInput(`outbox_row_broken`) for a row that holds no envelope; no retry heals it.
    """
    row = OutboxRow(_user_instantiated=False)
    try:
        row.deserialize(dict(new_image))
        return Envelope(
            id=row.pk, type=row.type, version=int(row.version), occurred_at=int(row.occurred_at),
            data=json.loads(row.data),
        )  # fmt: skip
    except (AttributeDeserializationError, ValidationError, ValueError, TypeError) as error:
        raise InvalidInput("The outbox row holds no envelope.", code="outbox_row_broken") from error
