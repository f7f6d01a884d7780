"""The ledger of consents, in the account's partition."""

from typing import Final

from pynamodb.attributes import BooleanAttribute, NumberAttribute, UnicodeAttribute

from core.domain.consents import Consent, Document
from core.domain.ids import AccountId
from core.domain.sessions import Origin
from core.store.account_rows import AccountsRow, account_pk
from core.store.faults import translated
from core.store.rows import EnumAttribute, ValueAttribute, attributes_of, bound, noun_of

CONSENT_PREFIX: Final = "consent#"
LIST_MAX: Final = 1000


class ConsentRow(AccountsRow):
    id = UnicodeAttribute()
    account_id = UnicodeAttribute()
    document: EnumAttribute[Document] = EnumAttribute(Document)
    version = UnicodeAttribute()
    granted = BooleanAttribute()
    at = NumberAttribute()
    origin: ValueAttribute[Origin] = ValueAttribute(Origin)
    by_signal = BooleanAttribute()

    @classmethod
    def of(cls, consent: Consent) -> "ConsentRow":
        return cls(pk=account_pk(consent.account_id), sk=f"{CONSENT_PREFIX}{consent.id}", **attributes_of(consent))

    def noun(self) -> Consent:
        return noun_of(Consent, self)


class ConsentLedger:
    """All methods raise StoreUnavailable while DynamoDB can't answer."""

    def __init__(self, accounts_table: str) -> None:
        self._rows = bound(ConsentRow, accounts_table)

    def add(self, consent: Consent) -> None:
        with translated():
            self._rows.of(consent).save(condition=self._rows.pk.does_not_exist())

    def list_of(self, account_id: AccountId) -> list[Consent]:
        """The newest first, and of a very long ledger the newest alone."""
        with translated():
            found = self._rows.query(
                account_pk(account_id),
                self._rows.sk.startswith(CONSENT_PREFIX),
                scan_index_forward=False,
                consistent_read=True,
                limit=LIST_MAX,
            )
            return [row.noun() for row in found]
