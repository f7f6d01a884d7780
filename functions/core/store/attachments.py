"""Announced and said attachments, in the chat table, so that they change in one transaction with their messages."""

from collections.abc import Sequence
from dataclasses import replace

from core.domain.attachments import (
    Attached,
    Attachment,
    AttachmentId,
    AttachmentState,
    attachment_not_found,
    attachment_taken,
    purge_time,
)
from core.domain.conversations import Seq
from core.domain.errors import Conflict
from core.domain.ids import EpochSeconds
from core.store.chat_rows import ATTACHMENT_SK, AttachmentRow, attachment_pk
from core.store.faults import translated
from core.store.rows import bound
from core.store.tables import BY_ATTACHMENT_SCAN_DAY, BY_DEADLINE, DEADLINE_SHARDS, scan_day
from core.store.writes import Change, Put, Stale, Write, write_all


class AttachmentRepository:
    """All methods raise StoreUnavailable while DynamoDB can't answer."""

    def __init__(self, chat_table: str) -> None:
        self._rows = bound(AttachmentRow, chat_table)

    def add(self, attachment: Attachment) -> None:
        write_all([Put(row=self._rows.of(attachment), only_if=self._rows.pk.does_not_exist())])

    def get(self, attachment_id: AttachmentId) -> Attachment:
        """Raises NotFound(`attachment_not_found`)."""
        row = self._rows.find(attachment_pk(attachment_id), ATTACHMENT_SK)
        if row is None:
            raise attachment_not_found()
        return row.noun()

    def get_all(self, ids: Sequence[AttachmentId]) -> list[Attachment]:
        """In the order of `ids`. Raises NotFound(`attachment_not_found`) if one is missing."""
        by_id = self._found(ids)
        if not by_id.keys() >= set(ids):
            raise attachment_not_found()
        return [by_id[it] for it in ids]

    def _found(self, ids: Sequence[AttachmentId]) -> dict[AttachmentId, Attachment]:
        keys = [(attachment_pk(it), ATTACHMENT_SK) for it in ids]
        with translated():
            found = [row.noun() for row in self._rows.batch_get(keys, consistent_read=True)] if keys else []
        return {attachment.id: attachment for attachment in found}

    def save(self, attachment: Attachment) -> Attachment:
        """With the next revision. Raises Conflict(`stale_attachment`) if somebody saved it since it was read."""
        saved = replace(attachment, revision=attachment.revision + 1)
        stale = Conflict("The attachment was changed meanwhile.", code="stale_attachment")
        unchanged = self._rows.revision == attachment.revision
        write_all([Put(row=self._rows.of(saved), only_if=unchanged, or_else=stale)])
        return saved

    def saying(self, attachment: Attachment, seq: Seq) -> Put:
        """To be written with the message `seq`. Else AttachmentTaken: said, or dropped, since it was read."""
        said = replace(attachment.said(seq), revision=attachment.revision + 1)
        unchanged = self._rows.revision == attachment.revision
        return Put(row=self._rows.of(said), only_if=unchanged, or_else=attachment_taken())

    def dropping(self, said: Sequence[Attached], now: EpochSeconds) -> list[Write]:
        """To be written with the deletion of their message; of those that are left, as what the scan withdrew is purged
        though its message stays. Else Stale: one was purged since it was looked at."""
        left = self._found([attached.id for attached in said])
        return [self._dropping(attachment_id, now) for attachment_id in left]

    def _dropping(self, attachment_id: AttachmentId, now: EpochSeconds) -> Change:
        rows = self._rows
        actions = (
            rows.state.set(AttachmentState.DROPPED),
            rows.deadline.set(purge_time(now)),
            rows.scan_day.remove(),
            rows.revision.add(1),
        )
        row = rows(pk=attachment_pk(attachment_id), sk=ATTACHMENT_SK)
        return Change(row=row, actions=actions, only_if=rows.pk.exists(), or_else=Stale("It was purged meanwhile."))

    def due(self, now: EpochSeconds, *, limit: int) -> list[Attachment]:
        """Those whose deadline has passed, the longest overdue first.

        Eventually consistent: one may have been said meanwhile, which its `save` will notice.
        """
        passed = self._rows.deadline <= now
        with translated():
            found = [
                row.noun()
                for shard in range(DEADLINE_SHARDS)
                for row in self._rows.query(str(shard), passed, index_name=BY_DEADLINE.name, limit=limit)
            ]
        return sorted(found, key=lambda attachment: attachment.deadline or 0)[:limit]

    def scanned_on(self, at: EpochSeconds, *, after: str | None, limit: int) -> list[AttachmentId]:
        """Clean ones that were scanned on the UTC day of `at`, by id, those behind `after`. Eventually consistent."""
        behind = None if after is None else self._rows.id > after
        with translated():
            found = self._rows.query(scan_day(at), behind, index_name=BY_ATTACHMENT_SCAN_DAY.name, limit=limit)
            return [AttachmentId(row.id) for row in found]

    def purge(self, attachment_id: AttachmentId) -> None:
        with translated():
            self._rows(pk=attachment_pk(attachment_id), sk=ATTACHMENT_SK).delete()
