"""Bytes of a file to presigned URLs: streamed, counted, bounded, patient."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx

from cli.errors import CommandFailed, Refused, Unreachable
from cli.http_calls import call_patiently
from cli.patience import Patience, Stop

CHUNK_BYTES = 256 * 1024


class Meter:
    """Counts the bytes of one file that have left, across the threads that send it."""

    def __init__(self, show: Callable[[int], None], resumed: Callable[[int], None] = lambda _: None) -> None:
        self._show = show
        self._resumed = resumed
        self._left = 0
        self._lock = threading.Lock()

    def add(self, size: int) -> None:
        """`size` is negative when bytes have to leave again."""
        with self._lock:
            self._left += size
            self._show(self._left)

    def resume(self, size: int) -> None:
        """`size` bytes need not leave: they were in storage before."""
        if size:
            self._resumed(size)
            self.add(size)

    def restart(self) -> None:
        with self._lock:
            self._left = 0
            self._show(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Bytes `start`…`start + size` of a file."""

    path: Path
    start: int
    size: int


class Storage:
    """Thread-safe; `connections` bounds the PUT requests of all files together."""

    def __init__(self, *, client: httpx.Client, connections: int, patience: Patience, stop: Stop) -> None:
        self._client = client
        self._slots = threading.BoundedSemaphore(connections)
        self._patience = patience
        self._stop = stop

    def put(self, url: str, headers: dict[str, str], span: Span, meter: Meter) -> httpx.Response:
        """One PUT, repeated while storage is unwell; counts the bytes of the last try only."""
        left = 0

        def counted(size: int) -> None:
            nonlocal left
            left += size
            meter.add(size)

        def start_over() -> None:
            nonlocal left
            meter.add(-left)
            left = 0

        # A body that is an iterator would go out chunked, which storage refuses; and every header only once.
        exact = httpx.Headers(headers)
        exact["Content-Length"] = str(span.size)

        def put_once() -> httpx.Response:
            body = _chunks(span, self._stop, counted)
            return self._client.put(url, content=body, headers=exact)

        with self._slots:
            response = call_patiently(put_once, patience=self._patience, stop=self._stop, failed=start_over)
        meter.add(span.size - left)  # storage may answer before it read everything
        return response


def _chunks(span: Span, stop: Stop, counted: Callable[[int], None]) -> Iterator[bytes]:
    """The bytes of `span`, CHUNK_BYTES at a time; Refused if the file has become shorter."""
    with span.path.open("rb") as file:
        file.seek(span.start)
        left = span.size
        while left:
            stop.check()
            chunk = file.read(min(CHUNK_BYTES, left))
            if not chunk:
                raise file_changed()
            yield chunk
            counted(len(chunk))
            left -= len(chunk)


def file_changed() -> Refused:
    return Refused(
        "The file changed while it was being sent. Upload it again when it is finished.", code="file_changed"
    )


def storage_refusal(response: httpx.Response) -> CommandFailed:
    """The error for an answer that no repetition and no fresh URL changed."""
    if response.status_code >= 500:
        return Unreachable(f"Storage answered {response.status_code}.")
    return Refused(
        f"Storage refused the bytes ({response.status_code} {response.reason_phrase}): not what was announced.",
        code="storage_refused",
        status=response.status_code,
    )
