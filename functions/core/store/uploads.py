"""Announced uploads. They are created together with their track (tracks.py)."""

from core.domain.errors import Conflict, NotFound
from core.domain.ids import UploadId
from core.domain.uploads import Upload, UploadState
from core.store.catalogue_rows import UPLOAD_SK, UploadRow, upload_pk
from core.store.faults import translated
from core.store.rows import bound


class UploadRepository:
    """All methods raise NotFound(`upload_not_found`), and StoreUnavailable while DynamoDB can't answer."""

    def __init__(self, catalogue_table: str) -> None:
        self._rows = bound(UploadRow, catalogue_table)

    def get(self, upload_id: UploadId) -> Upload:
        """The upload as it is now."""
        row = self._rows.find(upload_pk(upload_id), UPLOAD_SK)
        if row is None:
            raise NotFound("There is no such upload.", code="upload_not_found")
        return row.noun()

    def set_multipart(self, upload_id: UploadId, multipart_id: str) -> Upload:
        """Remembers storage's id of the multipart upload. The first writer wins: look at what is returned."""
        taken = Conflict("The upload has a multipart id already.")
        row = self._rows(pk=upload_pk(upload_id), sk=UPLOAD_SK)
        try:
            with translated(or_else=taken):
                row.update(
                    actions=[self._rows.multipart_id.set(multipart_id)],
                    condition=self._rows.pk.exists() & self._rows.multipart_id.does_not_exist(),
                )
        except Conflict:
            return self.get(upload_id)
        return row.noun()

    def set_state(self, upload_id: UploadId, state: UploadState) -> Upload:
        """Ends an open upload; ending it the same way again is fine. Otherwise Conflict(`upload_closed`)."""
        row = self._rows(pk=upload_pk(upload_id), sk=UPLOAD_SK)
        closed = Conflict("The upload is closed.", code="upload_closed")
        try:
            with translated(or_else=closed):
                row.update(
                    actions=[self._rows.state.set(state)],
                    condition=self._rows.state.is_in(UploadState.OPEN, state),
                )
        except Conflict:
            self.get(upload_id)
            raise
        return row.noun()
