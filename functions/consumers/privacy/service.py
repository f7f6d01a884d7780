"""Which news asks for what. Every step is idempotent, and looks at how things are now, not at how they were told."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from core.domain.ids import AccountId
from core.messages.accounts import AccountClosing, AccountErasureDue, AccountKept, ExportAsked
from core.messages.envelope import MESSAGES

if TYPE_CHECKING:
    from consumers.privacy.curtain import Curtain
    from consumers.privacy.erasure import Eraser
    from consumers.privacy.export import Exporter
    from core.messages.envelope import Envelope


class Outcome(StrEnum):
    TRACKS_SETTLED = "tracks_settled"
    """Hidden, or to be heard again, as the account is closing or not."""
    ERASED = "erased"
    EXPORTED = "exported"
    NOTHING_TO_DO = "nothing_to_do"
    """Done before, or the account was kept, or is gone."""
    NOT_FOR_US = "not_for_us"


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivacyDesk:
    curtain: Curtain
    eraser: Eraser
    exporter: Exporter

    def serve(self, envelope: Envelope) -> Outcome:
        """Raises Unavailable; the queue brings it again."""
        message = envelope.message() if envelope.detail_type in MESSAGES else None
        match message:
            case AccountClosing(account_id=account_id) | AccountKept(account_id=account_id):
                done, outcome = self.curtain.settle(AccountId(account_id)), Outcome.TRACKS_SETTLED
            case AccountErasureDue(account_id=account_id):
                done, outcome = self.eraser.erase(AccountId(account_id)), Outcome.ERASED
            case ExportAsked(account_id=account_id, export_id=export_id):
                done, outcome = self.exporter.make(AccountId(account_id), export_id), Outcome.EXPORTED
            case _:
                return Outcome.NOT_FOR_US
        return outcome if done else Outcome.NOTHING_TO_DO
