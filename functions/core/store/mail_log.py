"""Which mails were sent, so that an event that comes twice makes one mail."""

from typing import Final

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from core.domain.claims import Claim
from core.domain.errors import Conflict
from core.domain.ids import EpochSeconds
from core.store.faults import translated
from core.store.rows import Row, bound
from core.store.tables import SK, TTL

_MAIL_SK: Final = "mail"
KEEP_S: Final = 30 * 24 * 3600
"""Longer than any queue keeps a message (14 days)."""


class MailRow(Row):
    sk = UnicodeAttribute(range_key=True, attr_name=SK)
    lease_until = NumberAttribute()
    done_at = NumberAttribute(null=True)
    ttl = NumberAttribute(attr_name=TTL)


class MailLog:
    """All methods raise StoreUnavailable while DynamoDB can't answer."""

    def __init__(self, operations_table: str) -> None:
        self._rows = bound(MailRow, operations_table)

    def claim(self, key: str, now: EpochSeconds, lease_s: int) -> Claim:
        """Holds the mail for `lease_s` seconds; the lease of a worker that died is taken over after that."""
        rows = self._rows
        row = rows(pk=_mail_pk(key), sk=_MAIL_SK, lease_until=now + lease_s, ttl=now + KEEP_S)
        free = rows.pk.does_not_exist() | (rows.done_at.does_not_exist() & (rows.lease_until <= now))
        try:
            with translated(or_else=Conflict("The mail is taken.")):
                row.save(condition=free)
        except Conflict:
            held = rows.find(_mail_pk(key), _MAIL_SK)
            return Claim.DONE if held is not None and held.done_at is not None else Claim.BUSY
        return Claim.WON

    def release(self, key: str, now: EpochSeconds) -> None:
        """The mail could not be sent; the next worker need not wait for the lease to end."""
        with translated():
            self._rows(pk=_mail_pk(key), sk=_MAIL_SK, lease_until=now, ttl=now + KEEP_S).save()

    def done(self, key: str, now: EpochSeconds) -> None:
        """The mail went out; nobody sends it again."""
        with translated():
            self._rows(pk=_mail_pk(key), sk=_MAIL_SK, lease_until=now, done_at=now, ttl=now + KEEP_S).save()


def _mail_pk(key: str) -> str:
    return f"mail#{key}"
