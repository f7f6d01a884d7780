"""Mailed secrets, by their hash."""

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from core.domain.errors import Conflict
from core.domain.ids import EpochSeconds
from core.domain.tickets import Purpose, Ticket
from core.store.account_rows import AccountsRow
from core.store.faults import translated
from core.store.rows import EnumAttribute, attributes_of, bound, noun_of

_TICKET_SK = "ticket"


class TicketRow(AccountsRow):
    secret_hash = UnicodeAttribute()
    purpose: EnumAttribute[Purpose] = EnumAttribute(Purpose)
    account_id = UnicodeAttribute()
    expires_at = NumberAttribute()
    bound_to = UnicodeAttribute(null=True)
    state = UnicodeAttribute(null=True)

    @classmethod
    def of(cls, ticket: Ticket) -> "TicketRow":
        return cls(pk=_pk(ticket.secret_hash), sk=_TICKET_SK, ttl=ticket.expires_at, **attributes_of(ticket))

    def noun(self) -> Ticket:
        return noun_of(Ticket, self)


class TicketRepository:
    """All methods raise StoreUnavailable while DynamoDB can't answer."""

    def __init__(self, accounts_table: str) -> None:
        self._rows = bound(TicketRow, accounts_table)

    def add(self, ticket: Ticket) -> None:
        with translated():
            self._rows.of(ticket).save()

    def find(self, secret_hash: str, purpose: Purpose, now: EpochSeconds) -> Ticket | None:
        """The ticket if it is for that and has not expired. TTL removes rows late, up to days: the expiry decides."""
        row = self._rows.find(_pk(secret_hash), _TICKET_SK)
        ticket = row.noun() if row else None
        return ticket if ticket and ticket.purpose is purpose and ticket.expires_at > now else None

    def use(self, ticket: Ticket) -> bool:
        """Uses it up; False if somebody else did, even at the same time."""
        rows = self._rows
        used = Conflict("The ticket was used.")
        try:
            with translated(or_else=used):
                rows(pk=_pk(ticket.secret_hash), sk=_TICKET_SK).delete(condition=rows.pk.exists())
        except Conflict:
            return False
        return True


def _pk(secret_hash: str) -> str:
    return f"ticket#{secret_hash}"
