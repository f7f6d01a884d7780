"""Use cases of privacy: what somebody agreed to, and that their browser's word is taken for theirs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from core.domain.consents import PRESENT_VERSIONS, Consent, Document
from core.domain.errors import InvalidInput
from core.domain.ids import AccountId, new_id
from core.domain.sessions import Origin
from core.ports.clock import Clock

if TYPE_CHECKING:
    from core.store.consents import ConsentLedger

SIGNALLED: Final = "signal"
"""The version under which a browser's refusal is kept: it speaks of no document of ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivacyService:
    ledger: ConsentLedger
    clock: Clock

    def decide(
        self, account_id: AccountId, document: Document, *, version: str, granted: bool, origin: Origin
    ) -> Consent:
        """Adds a decision. One that says again what holds is not added.

        Raises InvalidInput(`version_unknown`): nobody agrees to a text that is not shown to them.
        """
        if version != PRESENT_VERSIONS[document]:
            raise InvalidInput("This is not the present version.", code="version_unknown", field="version")
        held = self._held(account_id).get(document)
        if held is not None and (held.version, held.granted, held.by_signal) == (version, granted, False):
            return held
        return self._added(account_id, document, version=version, granted=granted, origin=origin, by_signal=False)

    def holds(self, account_id: AccountId) -> list[Consent]:
        """The latest decision about each document."""
        return sorted(self._held(account_id).values(), key=lambda consent: consent.document)

    def ledger_of(self, account_id: AccountId) -> list[Consent]:
        """Every decision, the newest first."""
        return self.ledger.list_of(account_id)

    def honour_signal(self, account_id: AccountId, origin: Origin) -> bool:
        """The browser says `Sec-GPC: 1`: its person refuses what is not needed, unless they said otherwise to us.

        Whether that was news."""
        if Document.STATISTICS in self._held(account_id):
            return False
        self._added(account_id, Document.STATISTICS, version=SIGNALLED, granted=False, origin=origin, by_signal=True)
        return True

    def _held(self, account_id: AccountId) -> dict[Document, Consent]:
        return {consent.document: consent for consent in reversed(self.ledger.list_of(account_id))}

    def _added(
        self,
        account_id: AccountId,
        document: Document,
        *,
        version: str,
        granted: bool,
        origin: Origin,
        by_signal: bool,
    ) -> Consent:
        consent = Consent(
            id=new_id(),
            account_id=account_id,
            document=document,
            version=version,
            granted=granted,
            at=self.clock.now(),
            origin=origin,
            by_signal=by_signal,
        )
        self.ledger.add(consent)
        return consent
