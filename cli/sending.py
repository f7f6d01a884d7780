"""One file to object storage: announce, send what is missing, complete. Safe to kill anywhere and to run again."""

import contextlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

import httpx

from cli.api import VezaApi
from cli.errors import Refused, UploadClosed
from cli.file_identity import FileIdentity
from cli.patience import Patience, Stop
from cli.storage import Meter, Span, Storage, file_changed, storage_refusal
from cli.wire import CLOSED_STATES, SENT_STATES, AnnouncedUpload, PresignedPart, PresignedPut, UploadStatus

HASHED_UP_TO = 16 * 1024 * 1024
"""Files of one PUT are hashed first, and storage compares; for larger ones the scan's own hash has to do,
so that the first byte of a 2 GiB file leaves at once."""
FRESH_URLS_MAX = 3
"""How often in a row one part may be refused for its URL before that is an answer."""
CLOSED_MAX = 4
"""How many uploads of one file may turn out to be over before that is an answer."""
_CLOSED_CODES = frozenset(
    {"upload_closed", "upload_expired", "upload_not_found", "track_not_found", "track_deleted", "client_token_reused"}
)
_BYTES_LOST = frozenset({"object_gone", "upload_expired"})
"""Reasons of a failed track that only another upload cures."""
_URL_REFUSED = frozenset({400, 401, 403})
_STORED_ALREADY = frozenset({409, 412})


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What the person asked for. The same `generation` finds an earlier upload of the same file."""

    title: str | None = None
    visibility: str = "public"
    generation: str = "first"


@dataclass(frozen=True, slots=True, kw_only=True)
class SentFile:
    """`resumed_bytes` were in storage before this run."""

    upload_id: str
    track_id: str
    resumed_bytes: int


class FileSender:
    """Thread-safe; `connections` bounds the PUT requests of all files together."""

    def __init__(
        self,
        *,
        api: VezaApi,
        storage: httpx.Client,
        connections: int,
        patience: Patience,
        stop: Stop,
    ) -> None:
        self._api = api
        self._storage = Storage(client=storage, connections=connections, patience=patience, stop=stop)
        self._connections = connections

    def send(self, path: Path, *, wish: Wish, meter: Meter) -> SentFile:
        """Returns once storage has every byte. Refused, Unreachable or Stopped otherwise."""
        file = FileIdentity.of(path)
        for _ in range(CLOSED_MAX):
            announced, status = self._find(file, wish)
            try:
                return self._deliver(file, announced, status, meter)
            except UploadClosed:
                meter.restart()  # expired, aborted, or completed by another run: the next look tells which
        raise Refused("The upload was closed again and again while it was being sent.", code="upload_closed")

    def _find(self, file: FileIdentity, wish: Wish) -> tuple[AnnouncedUpload, UploadStatus]:
        """The upload of this file that is open or completed: an earlier one if there is one, else a new one."""
        account_id = self._api.signed_in().account_id
        sha256 = file.sha256() if file.size_bytes <= HASHED_UP_TO else None
        for earlier in range(CLOSED_MAX):
            with contextlib.suppress(UploadClosed), _closing():
                announced = self._api.announce(
                    filename=file.path.name,
                    size_bytes=file.size_bytes,
                    title=wish.title,
                    visibility=wish.visibility,
                    sha256=sha256,
                    client_token=file.client_token(account_id, f"{wish.generation}.{earlier}"),
                )
                status = self._api.upload(announced.upload_id)
                track = self._api.track(announced.track_id)  # UploadClosed if it was deleted since
                lost = track.reason is not None and track.reason.code in _BYTES_LOST
                if status.state not in CLOSED_STATES and not lost:
                    return announced, status
        raise Refused("This file was uploaded and deleted too often. Use --again.", code="upload_closed")

    def _deliver(self, file: FileIdentity, announced: AnnouncedUpload, status: UploadStatus, meter: Meter) -> SentFile:
        resumed = file.size_bytes
        if status.state in SENT_STATES:
            meter.resume(file.size_bytes)
        elif announced.put is not None:
            resumed = 0
            self._send_whole(file, announced.upload_id, announced.put, meter)
        else:
            resumed = self._send_parts(file, announced, status, meter)
        return SentFile(upload_id=announced.upload_id, track_id=announced.track_id, resumed_bytes=resumed)

    # -- single PUT ------------------------------------------------------------------------------------------------

    def _send_whole(self, file: FileIdentity, upload_id: str, put: PresignedPut, meter: Meter) -> None:
        span = Span(path=file.path, start=0, size=file.size_bytes)
        for _ in range(FRESH_URLS_MAX):
            response = self._storage.put(put.url, put.headers, span, meter)
            if response.is_success or response.status_code in _STORED_ALREADY:
                return self._complete(upload_id, {})
            meter.add(-span.size)
            _demand_unchanged(file)
            if response.status_code not in _URL_REFUSED:
                break
            with _closing():
                put = self._api.fresh_put(upload_id)
        raise storage_refusal(response)

    # -- parts -----------------------------------------------------------------------------------------------------

    def _send_parts(self, file: FileIdentity, announced: AnnouncedUpload, status: UploadStatus, meter: Meter) -> int:
        """Sends the parts that storage lacks and has them joined; returns the bytes it had before."""
        starts = _starts_of(announced.parts)
        etags = {
            part.part_number: status.parts[part.part_number]
            for part in announced.parts
            if part.part_number in status.parts
        }
        resumed = sum(part.size_bytes for part in announced.parts if part.part_number in etags)
        meter.resume(resumed)
        missing = [part for part in announced.parts if part.part_number not in etags]
        pool = ThreadPoolExecutor(self._connections, thread_name_prefix="veza-part")
        try:
            spans = {
                p.part_number: Span(path=file.path, start=starts[p.part_number], size=p.size_bytes) for p in missing
            }
            running = {pool.submit(self._send_part, announced, p, spans[p.part_number], meter): p for p in missing}
            for future in as_completed(running):
                etags[running[future].part_number] = future.result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
        _demand_unchanged(file)
        self._complete(announced.upload_id, etags)
        return resumed

    def _send_part(self, announced: AnnouncedUpload, part: PresignedPart, span: Span, meter: Meter) -> str:
        """The ETag storage gave the part; asks for a fresh URL when the old one has expired."""
        for _ in range(FRESH_URLS_MAX):
            response = self._storage.put(part.url, part.headers, span, meter)
            if response.is_success:
                return response.headers["ETag"]
            meter.add(-span.size)
            if response.status_code == httpx.codes.NOT_FOUND:
                raise UploadClosed("The upload was closed while it was being sent.")
            if response.status_code not in _URL_REFUSED:
                break
            with _closing():
                part = self._api.fresh_part(announced.upload_id, part.part_number)
        raise storage_refusal(response)

    def _complete(self, upload_id: str, etags: dict[int, str]) -> None:
        with _closing():
            self._api.complete(upload_id, etags)


def _starts_of(parts: list[PresignedPart]) -> dict[int, int]:
    """Where each part begins: parts follow each other in the order of their numbers."""
    starts, position = {}, 0
    for part in sorted(parts, key=lambda part: part.part_number):
        starts[part.part_number] = position
        position += part.size_bytes
    return starts


@contextlib.contextmanager
def _closing() -> Iterator[None]:
    """Turns the API's ways of saying that an upload or its track is over into UploadClosed."""
    try:
        yield
    except Refused as refusal:
        if refusal.code in _CLOSED_CODES:
            raise UploadClosed(refusal.detail, code=refusal.code) from refusal
        raise


def _demand_unchanged(file: FileIdentity) -> None:
    if not file.is_unchanged():
        raise file_changed()
