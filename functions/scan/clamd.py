"""One clamd process: its configuration, its life, and its protocol over a local socket (clamd(8))."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from core.domain.errors import ScannerUnavailable
from scan.veil import is_searched, veiled

CONFIGURATION: Final = """\
Foreground yes
LocalSocket {folder}/clamd.sock
LocalSocketMode 600
TemporaryDirectory {folder}/tmp
DatabaseDirectory {database}
ConcurrentDatabaseReload no
SelfCheck 0
MaxThreads 4
MaxConnectionQueueLength 8
ReadTimeout 600
CommandReadTimeout 30
StreamMaxLength 2048M
MaxFileSize 2048M
MaxScanSize 4095M
MaxScanTime 300000
AlertExceedsMax yes
AlertEncrypted yes
AlertEncryptedArchive yes
AlertEncryptedDoc yes
PhishingSignatures no
DisableCache yes
DevACOnly {one_matcher}
"""
"""Limits leave room for 2 GiB of audio; what goes past them is reported, not passed (AlertExceedsMax).

The cache would answer OK of any file with the MD5 of one that was clean, and no file comes twice before a reload.
DevACOnly drops the second matcher, Boyer-Moore, which reads every byte however few signatures it has; all of them go
into the other one, Aho-Corasick, and are found the same.
"""
ONE_MATCHER_MAX_SIGNATURES: Final = 200
"""Above, a single trie is the slower way (docs/decisions/0017-scan-speed.md)."""

_GUARDED: Final = """\
exec 3<&0
"$@" </dev/null 3<&- &
daemon=$!
{ read -r _ <&3; kill -9 "$daemon"; } 2>/dev/null &
guard=$!
exec 3<&-
wait "$daemon"
status=$?
kill "$guard"
exit "$status"
"""
"""Runs a program that is killed when our end of its standard input closes, so also when we are killed.

PR_SET_PDEATHSIG would not do: it fires when the *thread* that started the child ends.
"""

STDERR_TAIL: Final = 2_000


class Clamd:
    """clamd with one set of definitions, in `folder`, which is ours alone. Every fault is ScannerUnavailable.

    `signatures` is how many the set has, about.
    """

    def __init__(self, program: str, *, database: Path, folder: Path, signatures: int) -> None:
        self._folder = folder
        self._socket = folder / "clamd.sock"
        self._log = folder / "clamd.log"
        (folder / "tmp").mkdir(parents=True)
        configuration = folder / "clamd.conf"
        one_matcher = "yes" if signatures <= ONE_MATCHER_MAX_SIGNATURES else "no"
        configuration.write_text(CONFIGURATION.format(folder=folder, database=database, one_matcher=one_matcher))
        command = ["/bin/sh", "-c", _GUARDED, "clamd", program, f"--config-file={configuration}"]
        try:
            with self._log.open("wb") as log:
                self._process = subprocess.Popen(
                    command, stdin=subprocess.PIPE, stdout=log, stderr=log, start_new_session=True, cwd=folder
                )
        except OSError as fault:
            raise ScannerUnavailable("The virus scanner can't be started.") from fault

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def wait_ready(self, timeout_s: float) -> None:
        """Returns once clamd answers; loading the official definitions takes it 10 to 20 seconds."""
        deadline = time.monotonic() + timeout_s
        while not self._answers():
            if not self.alive:
                raise ScannerUnavailable(f"The virus scanner ended while starting: {self._last_words()}")
            if time.monotonic() > deadline:
                raise ScannerUnavailable("The virus scanner did not become ready in time.")
            time.sleep(0.05)

    def search(self, descriptor: int, timeout_s: float) -> str:
        """As `scan_descriptor`, and `OK` only of what was searched: if need be as it is and veiled, a time-out each."""
        answer = self.scan_descriptor(descriptor, timeout_s)
        if answer != "OK" or is_searched(descriptor):
            return answer
        with veiled(descriptor):
            return self.scan_descriptor(descriptor, timeout_s)

    def scan_descriptor(self, descriptor: int, timeout_s: float) -> str:
        """clamd's answer without the name it makes up, e.g. `OK` or `Eicar-Signature FOUND`."""
        with self._connected(timeout_s) as line:
            line.sendall(b"zFILDES\0")
            socket.send_fds(line, [b"\0"], [descriptor])
            answer = _read_answer(line, timeout_s)
        return answer.partition(": ")[2] or answer

    def stop(self) -> None:
        """Kills clamd at once; it holds nothing worth a farewell. Safe to repeat."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _answers(self) -> bool:
        try:
            with self._connected(5) as line:
                line.sendall(b"zPING\0")
                return _read_answer(line, 5) == "PONG"
        except ScannerUnavailable:
            return False

    @contextlib.contextmanager
    def _connected(self, timeout_s: float) -> Iterator[socket.socket]:
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
                line.settimeout(timeout_s)
                line.connect(str(self._socket))
                yield line
        except OSError as fault:
            raise ScannerUnavailable("The virus scanner does not answer.") from fault

    def _last_words(self) -> str:
        tail = self._log.read_bytes()[-STDERR_TAIL:].decode(errors="replace").strip()
        return (tail.rpartition("\n")[2] or f"exit code {self._process.returncode}").replace(str(self._folder), "")


def _read_answer(line: socket.socket, timeout_s: float) -> str:
    """One answer, ended by a zero byte; the time-out is for all of it."""
    deadline = time.monotonic() + timeout_s
    answer = b""
    while not answer.endswith(b"\0"):
        line.settimeout(max(deadline - time.monotonic(), 0.001))
        piece = line.recv(4096)
        if not piece or len(answer) > 65_536:
            raise ScannerUnavailable("The virus scanner broke off.")
        answer += piece
    return answer.rstrip(b"\0").decode(errors="replace").strip()
