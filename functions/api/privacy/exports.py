"""Use cases of taking one's data along."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.domain.errors import NotFound
from core.domain.exports import Export, ExportState
from core.domain.ids import new_id
from core.domain.limits import EXPORT_URL_S
from core.domain.rates import EXPORTS_BY_ACCOUNT
from core.messages.accounts import ExportAsked

if TYPE_CHECKING:
    from core.domain.ids import AccountId
    from core.limiter import Limiter
    from core.ports.clock import Clock
    from core.ports.storage import DownloadDoor
    from core.store.exports import ExportRepository


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportService:
    exports: ExportRepository
    door: DownloadDoor
    limiter: Limiter
    clock: Clock

    def ask(self, account_id: AccountId) -> Export:
        """Has one made; the one that is being made, if there is one. Raises TooMany."""
        now = self.clock.now()
        for export in self.exports.list_of(account_id):
            if export.state(now) is ExportState.WAITING:
                return export
        self.limiter.count(EXPORTS_BY_ACCOUNT, account_id)
        export = Export(id=new_id(), account_id=account_id, asked_at=now)
        self.exports.add(export, events=[ExportAsked(account_id=account_id, export_id=export.id)], now=now)
        return export

    def list_of(self, account_id: AccountId) -> list[Export]:
        """The newest first."""
        return self.exports.list_of(account_id)

    def link(self, account_id: AccountId, export_id: str) -> str:
        """A signed URL of the zip. Raises NotFound(`export_not_found`) for one that is not there, or not yet."""
        export = self.exports.find(account_id, export_id)
        if export is None or export.state(self.clock.now()) is not ExportState.READY:
            raise NotFound("There is no such export.", code="export_not_found")
        return self.door.sign_get(
            export.key, filename="veza-export.zip", content_type="application/zip", expires_s=EXPORT_URL_S
        )
