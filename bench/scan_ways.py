"""The ways to have a file scanned that bench.scan compares."""

import resource
import socket
import struct
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from core.ports.storage import ObjectInfo
from dev import definitions, tools
from scan.clamd import Clamd
from scan.sniff import sniff
from scan.spool import sha256_of, spooled
from tests.fakes.objects import FakeObjectStore

PIECE: Final = 1024 * 1024
TIMEOUT_S: Final = 600.0
BOTH_MATCHERS: Final = 1_000_000
"""Signatures: so many give a clamd the matchers it has by default."""

Run = Callable[[], str]


class Ways:
    """Two clamds with the same definitions: ours, and one with the usual matchers."""

    def __init__(self, database: Path, folder: Path) -> None:
        self._database = database
        self._usual_folder = folder / "usual"
        signatures = definitions.manifest_of(database, "builtin", built_at=0).signatures
        self._ours = _started(database, folder / "ours", signatures)
        self._usual = _started(database, self._usual_folder, BOTH_MATCHERS)

    def close(self) -> None:
        self._ours.stop()
        self._usual.stop()

    def cpu_s(self) -> float:
        """CPU time taken until now by this process, its children that ended, and both clamds."""
        ended = resource.getrusage(resource.RUSAGE_CHILDREN)
        alive = sum(_cpu_s(clamd) for clamd in (self._ours, self._usual))
        return time.process_time() + ended.ru_utime + ended.ru_stime + alive

    @contextmanager
    def of(self, path: Path) -> Iterator[dict[str, Run]]:
        """The ways by name, each to be run as often as wanted; all answer as clamd does."""
        store, content = FakeObjectStore(), path.read_bytes()
        store.add("uploads", "file", content)
        info = store.head("uploads", "file")  # here, as the fake makes an MD5 of the bytes each time
        with spooled(store, info, lambda _done: None) as spool:
            yield {
                "ours": lambda: self._scanned(store, info, path.name),
                "descriptor": lambda: self._ours.search(spool.file.fileno(), TIMEOUT_S),
                "instream": lambda: self._streamed(memoryview(content)),
                "clamscan": lambda: self._clamscan(path),
            }

    def _scanned(self, store: FakeObjectStore, info: ObjectInfo, filename: str) -> str:
        """What scan/service.py does between the claim and the verdict."""
        with (
            spooled(store, info, lambda _done: None) as spool,
            spool.mapped() as data,
            ThreadPoolExecutor(max_workers=1) as beside,
        ):
            hashing, sniffing = beside.submit(sha256_of, data), beside.submit(sniff, data, filename)
            answer = self._ours.search(spool.file.fileno(), TIMEOUT_S)
            hashing.result()
            sniffing.result()
        return answer

    def _streamed(self, content: memoryview) -> str:
        """The bytes through the socket, as most clients of clamd do (clamd(8))."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
            line.settimeout(TIMEOUT_S)
            line.connect(str(self._usual_folder / "clamd.sock"))
            line.sendall(b"zINSTREAM\0")
            for start in range(0, len(content), PIECE):
                piece = content[start : start + PIECE]
                line.sendall(struct.pack(">I", len(piece)))
                line.sendall(piece)
            line.sendall(bytes(4))
            return line.recv(4096).rstrip(b"\0").decode().partition(": ")[2]

    def _clamscan(self, path: Path) -> str:
        """A process per file. The builtin definitions load at once; the official ones would add 10 to 20 s each."""
        command = [str(tools.require("clamscan")), f"--database={self._database}", "--no-summary"]
        command += ["--max-filesize=2048M", "--max-scansize=4095M", str(path)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
        return done.stdout.strip().rpartition(": ")[2]


def _started(database: Path, folder: Path, signatures: int) -> Clamd:
    clamd = Clamd(str(tools.clamd()), database=database, folder=folder, signatures=signatures)
    clamd.wait_ready(60)
    return clamd


def _cpu_s(clamd: Clamd) -> float:
    """Of clamd itself, the first child of its guard; the clock's number as clock_getcpuclockid(3) makes it."""
    guard = clamd._process.pid  # noqa: SLF001 - nobody else wants it
    pid = int(Path(f"/proc/{guard}/task/{guard}/children").read_text().split()[0])
    return time.clock_gettime((~pid << 3) | 2)
