"""The original as a seekable URL for ffmpeg: a small HTTP server on the loopback that reads it by bounded ranges.

ffmpeg asks for open-ended ranges; the store is only ever asked for blocks of 8 MiB, a few ahead of the reader. Port
and path are random, and the server lives as long as one transcode.
"""

import re
import secrets
import socketserver
import sys
import threading
from collections import OrderedDict
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Final

from core.domain.errors import EncoderFailed, VezaError
from core.domain.tracks import StoredObject
from core.ports.storage import ObjectStore

BLOCK: Final = 4 * 1024 * 1024
AHEAD: Final = 2
KEPT: Final = 6
"""Blocks in memory, those on their way included: 24 MiB, however long the track."""
_RANGE = re.compile(r"bytes=(\d+)-(\d*)$")


class BlockReader:
    """One object version in blocks, fetched ahead, the last few kept. Safe to use from several threads."""

    def __init__(self, store: ObjectStore, obj: StoredObject, size: int, pool: ThreadPoolExecutor) -> None:
        self._store = store
        self._object = obj
        self._pool = pool
        self._blocks: OrderedDict[int, Future[bytes]] = OrderedDict()
        self._lock = threading.Lock()
        self.size = size
        self.furthest = 0

    def read(self, start: int, end: int) -> Iterator[bytes]:
        """The bytes start..end-1, piece by piece. What the store raises is raised here."""
        while start < end:
            index, offset = divmod(start, BLOCK)
            piece = self._block(index).result()[offset : offset + end - start]
            if not piece:
                return
            start += len(piece)
            self.furthest = max(self.furthest, start)
            yield piece

    def forget(self) -> None:
        """Drops all blocks now: the server's threads may hold on to this reader for a while."""
        with self._lock:
            self._blocks.clear()

    def _block(self, index: int) -> "Future[bytes]":
        last = (self.size - 1) // BLOCK
        with self._lock:
            # Who jumped here may jump on (a demuxer looking for a place); only who reads on is served ahead.
            reading_on = index == 0 or index - 1 in self._blocks
            for ahead in range(index, min(index + (AHEAD if reading_on else 0), last) + 1):
                if ahead not in self._blocks:
                    start = ahead * BLOCK
                    end = min(start + BLOCK, self.size)
                    self._blocks[ahead] = self._pool.submit(self._store.read_range, self._object, start, end)
                self._blocks.move_to_end(ahead)
            wanted = self._blocks[index]
            while len(self._blocks) > KEPT:
                self._blocks.popitem(last=False)
        return wanted


class Origin:
    """Serves one object version at `url` while the context lasts."""

    def __init__(self, store: ObjectStore, obj: StoredObject, size: int) -> None:
        self._pool = ThreadPoolExecutor(max_workers=AHEAD + 1, thread_name_prefix="origin")
        self._reader = BlockReader(store, obj, size, self._pool)
        self._path = f"/{secrets.token_urlsafe(16)}"
        self._server = _Server(self._path, self._reader)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}{self._path}"

    @property
    def read_share(self) -> float:
        """How far into the file the reader got, 0 to 1."""
        return self._reader.furthest / self._reader.size

    def raise_failure(self) -> None:
        """Raises what the store raised, if it did: ffmpeg saw just a broken connection and would blame the file."""
        if self._server.failure is not None:
            raise self._server.failure

    def __enter__(self) -> "Origin":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        self._pool.shutdown(cancel_futures=True)
        self._reader.forget()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, path: str, reader: BlockReader) -> None:
        self.path = path
        self.reader = reader
        self.failure: VezaError | None = None
        super().__init__(("127.0.0.1", 0), _Handler)

    def server_bind(self) -> None:
        """Without HTTPServer's reverse look-up of the host name."""
        socketserver.TCPServer.server_bind(self)

    def handle_error(self, request: object, client_address: object) -> None:  # noqa: ARG002 - the base class's names
        """What went wrong on our side is kept. ffmpeg seeks by hanging up, so that is no fault."""
        error = sys.exception()
        if isinstance(error, VezaError):
            self.failure = error
        elif not isinstance(error, ConnectionError):
            self.failure = EncoderFailed(f"the original could not be served: {error!r}")


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_HEAD(self) -> None:
        self._head()

    def do_GET(self) -> None:
        span = self._head()
        if span is None:
            return
        for piece in self.server.reader.read(*span):
            self.wfile.write(piece)
        self.close_connection = True

    def _head(self) -> tuple[int, int] | None:
        """Sends status and headers; the span to send, or None if there is nothing to send."""
        size = self.server.reader.size
        asked = _RANGE.match(self.headers.get("Range", "bytes=0-"))
        if self.path != self.server.path or asked is None:
            self.send_error(HTTPStatus.NOT_FOUND)
            return None
        start = int(asked[1])
        end = min(size, int(asked[2]) + 1 if asked[2] else size)
        if start >= end:
            self.send_error(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE)
            return None
        self.send_response(HTTPStatus.PARTIAL_CONTENT)
        self.send_header("Content-Type", "application/octet-stream")
        self.send_header("Content-Range", f"bytes {start}-{end - 1}/{size}")
        self.send_header("Content-Length", str(end - start))
        self.send_header("Accept-Ranges", "bytes")
        self.end_headers()
        return start, end

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Nothing: the path is a secret."""
