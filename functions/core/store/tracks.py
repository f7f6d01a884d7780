"""Tracks with their announced uploads and scan verdicts; every change and its events are one transaction."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from core.domain.errors import Conflict, NotFound
from core.domain.ids import AccountId, EpochSeconds, TrackId, UploadId
from core.domain.tracks import Progress, StoredObject, Track, TrackState
from core.domain.uploads import Upload
from core.domain.verdicts import ScanVerdict
from core.messages.message import Message
from core.store.catalogue_rows import (
    TRACK_SK,
    UPLOAD_SK,
    ClientTokenRow,
    TrackRow,
    UploadRow,
    VerdictRow,
    client_token_key,
    object_pk,
    part_sk,
    track_pk,
    upload_pk,
    verdict_sk,
)
from core.store.faults import translated
from core.store.outbox import puts_of
from core.store.page import Page, cursor_after, id_of_cursor
from core.store.parts import PartRow
from core.store.rows import bound
from core.store.tables import BY_DEADLINE, BY_OWNER, BY_SCAN_DAY, DEADLINE_SHARDS, scan_day
from core.store.writes import Put, write_all

_REPORTING: Final = {"transcoding": (TrackState.TRANSCODING, TrackState.PLAYABLE)}
"""A track may be playable while its transcoding still goes on; any other stage is the state of its name."""


class TrackRepository:
    """All methods raise StoreUnavailable while DynamoDB can't answer."""

    def __init__(self, catalogue_table: str, outbox_table: str) -> None:
        self._outbox_table = outbox_table
        self._tracks = bound(TrackRow, catalogue_table)
        self._uploads = bound(UploadRow, catalogue_table)
        self._client_tokens = bound(ClientTokenRow, catalogue_table)
        self._verdicts = bound(VerdictRow, catalogue_table)
        self._parts = bound(PartRow, catalogue_table)

    def create(self, track: Track, upload: Upload) -> Upload:
        """Writes both; the upload of the first call if the owner's `client_token` was used before.

        Raises Conflict(`client_token_reused`) if that one announced a different file.
        """
        puts = [
            Put(row=self._tracks.of(track), only_if=self._tracks.pk.does_not_exist()),
            Put(row=self._uploads.of(upload), only_if=self._uploads.pk.does_not_exist()),
        ]
        if upload.client_token is None:
            write_all(puts)
            return upload
        used = Conflict("This client token was used for another file.", code="client_token_reused")
        row = self._client_tokens.of(upload, upload.client_token)
        puts.append(Put(row=row, only_if=self._client_tokens.pk.does_not_exist(), or_else=used))
        try:
            write_all(puts)
        except Conflict as conflict:
            if conflict is not used:
                raise
            return self._earlier(upload, used)
        return upload

    def _earlier(self, upload: Upload, used: Conflict) -> Upload:
        token = self._client_tokens.find(*client_token_key(upload.owner_id, upload.client_token or ""))
        row = token and self._uploads.find(upload_pk(UploadId(token.upload_id)), UPLOAD_SK)
        earlier = row.noun() if row else None
        if earlier is None or _announced(earlier) != _announced(upload):
            raise used
        return earlier

    def get(self, track_id: TrackId) -> Track:
        """The track as it is now, soft-deleted ones too. Raises NotFound(`track_not_found`)."""
        row = self._tracks.find(track_pk(track_id), TRACK_SK)
        if row is None:
            raise NotFound("There is no such track.", code="track_not_found")
        return row.noun()

    def save(
        self, track: Track, *, events: Sequence[Message] = (), verdict: ScanVerdict | None = None, now: EpochSeconds
    ) -> Track:
        """Writes the changed track, its events and the verdict behind it; returns it with the next revision.

        Raises Conflict(`stale_track`) if somebody saved it since it was read: load it and decide again.
        """
        saved = replace(track, revision=track.revision + 1)
        change = Put(
            row=self._tracks.of(saved),
            only_if=self._tracks.revision == track.revision,
            or_else=Conflict("The track was changed meanwhile.", code="stale_track"),
        )
        verdicts = [] if verdict is None else [Put(row=self._verdicts.of(verdict))]
        write_all([change, *verdicts, *puts_of(events, self._outbox_table, now)])
        return saved

    def set_progress(self, track_id: TrackId, *, attempt: int, progress: Progress) -> None:
        """Shows how far the work is. Without effect once the track left that attempt or that stage."""
        rows = self._tracks
        states = _REPORTING.get(progress.stage) or (TrackState(progress.stage),)
        moved_on = Conflict("The track has moved on.", code="stale_track")
        try:
            with translated(or_else=moved_on):
                rows(pk=track_pk(track_id), sk=TRACK_SK).update(
                    actions=[rows.progress.set(progress)],
                    condition=(rows.attempt == attempt) & rows.state.is_in(*states),
                )
        except Conflict:
            return

    def list_by_owner(self, owner_id: AccountId, *, limit: int, cursor: str | None) -> Page[Track]:
        """An owner's tracks, newest first, without deleted ones. Raises InvalidInput(`cursor_invalid`).

        Eventually consistent: a new track may take a moment to show.
        """
        older = None if cursor is None else self._tracks.listed_id < id_of_cursor(cursor)
        with translated():
            found = self._tracks.query(
                owner_id, older, index_name=BY_OWNER.name, scan_index_forward=False, limit=limit + 1
            )
            tracks = [row.noun() for row in found]
        more = len(tracks) > limit
        return Page(items=tracks[:limit], next_cursor=cursor_after(tracks[limit - 1].id) if more else None)

    def due(self, now: EpochSeconds, *, limit: int) -> list[Track]:
        """Tracks whose deadline has passed, the longest overdue first.

        Eventually consistent: a track may have moved on meanwhile, which its `save` will notice.
        """
        passed = self._tracks.deadline <= now
        with translated():
            tracks = [
                row.noun()
                for shard in range(DEADLINE_SHARDS)
                for row in self._tracks.query(str(shard), passed, index_name=BY_DEADLINE.name, limit=limit)
            ]
        return sorted(tracks, key=lambda track: track.deadline or 0)[:limit]

    def scanned_on(self, at: EpochSeconds, *, after: str | None, limit: int) -> list[TrackId]:
        """Living tracks promoted on the UTC day of `at`, by id, those behind `after`.

        Eventually consistent: the reader finds out by itself what became of a track meanwhile.
        """
        behind = None if after is None else self._tracks.id > after
        with translated():
            found = self._tracks.query(scan_day(at), behind, index_name=BY_SCAN_DAY.name, limit=limit)
            return [TrackId(row.id) for row in found]

    def record_verdict(self, verdict: ScanVerdict) -> None:
        """Keeps a verdict that changes nothing about its track."""
        write_all([Put(row=self._verdicts.of(verdict))])

    def purge(self, track_id: TrackId) -> None:
        """Removes every row of the track for good, its own last, so that a purge cut short is found again."""
        track = self._tracks.find(track_pk(track_id), TRACK_SK)
        if track is None:
            return
        upload = self._uploads.find(upload_pk(UploadId(track.upload_id)), UPLOAD_SK)
        for scanned in (track.incoming, track.original):
            if scanned is not None:
                self._purge_verdicts(scanned)
        with translated():
            for part in self._parts.query(track_pk(track_id), self._parts.sk.startswith(part_sk())):
                part.delete()
            if upload is not None and upload.client_token is not None:
                pk, sk = client_token_key(AccountId(upload.owner_id), upload.client_token)
                self._client_tokens(pk=pk, sk=sk).delete()
            if upload is not None:
                upload.delete()
            track.delete()

    def _purge_verdicts(self, obj: StoredObject) -> None:
        with translated():
            for row in self._verdicts.query(object_pk(obj.bucket, obj.key)):
                row.delete()

    def verdict_of(self, obj: StoredObject) -> ScanVerdict | None:
        """The latest verdict on that very version, or None if it was never scanned."""
        with translated():
            found = self._verdicts.query(
                object_pk(obj.bucket, obj.key),
                self._verdicts.sk.startswith(verdict_sk(obj.version_id)),
                consistent_read=True,
            )
            verdicts = [row.noun() for row in found]
        return max(verdicts, key=lambda verdict: verdict.scanned_at, default=None)


def _announced(upload: Upload) -> tuple[str, int, str | None]:
    return upload.filename, upload.size_bytes, upload.sha256
