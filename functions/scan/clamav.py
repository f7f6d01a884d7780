"""The Scanner port on ClamAV: a warm clamd that has proved itself, on definitions that are fresh."""

import atexit
import itertools
import os
import shutil
import tempfile
import threading
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, Final

from aws_lambda_powertools import Logger

from core.domain.errors import ScannerUnavailable, StorageUnavailable
from core.domain.verdicts import Definitions, Verdict
from core.messages.definitions import DefinitionsManifest
from core.ports.clock import Clock
from core.ports.scanner import EngineAnswer
from core.telemetry import LogEvent
from scan.clamd import Clamd
from scan.definitions import PublishedDefinitions, described

POINTER_CHECK_S: Final = 10
"""One HEAD and one GET in so many seconds of scanning cost next to nothing."""
START_TIMEOUT_S: Final = 120.0
SCAN_TIMEOUT_S: Final = 330.0
"""A little over clamd's own MaxScanTime, which answers by itself."""
SELF_TEST_TIMEOUT_S: Final = 10.0
SOCKET_HOME_MAX: Final = 50

UNDECIDED: Final = ("Heuristics.Limits.", "Heuristics.Encrypted.")
"""Names under which clamd says FOUND for files that it could not look through."""
UNSCANNABLE_ERRORS: Final = (
    "INSTREAM size limit exceeded",
    "Size limit reached",
    "Time limit reached",
    "Recursion limit reached",
    "Files limit reached",
    "Bad format or broken data",
)
"""Errors that another try would give again (cl_strerror of libclamav 1.4); all others may pass."""


def verdict_of(answer: str) -> tuple[Verdict, str | None]:
    """clamd's answer as verdict and name. Only the very word `OK` is clean."""
    if answer == "OK":
        return Verdict.CLEAN, None
    if answer.endswith(" FOUND"):
        name = answer.removesuffix(" FOUND")
        return (Verdict.UNSCANNABLE if name.startswith(UNDECIDED) else Verdict.INFECTED), name
    name = answer.removesuffix("ERROR").strip().rstrip(".")
    return (Verdict.UNSCANNABLE if any(words in name for words in UNSCANNABLE_ERRORS) else Verdict.ERROR), name


@dataclass(frozen=True)
class Engine:
    """A clamd that found EICAR with these definitions."""

    daemon: Clamd
    definitions: Definitions
    folder: Path


class ClamavScanner:
    """Scanner. Starts clamd when first needed (or by `warm_up`) and again whenever it died or its definitions moved."""

    def __init__(
        self, program: str, definitions: PublishedDefinitions, *, max_age_h: int, clock: Clock, logger: Logger
    ) -> None:
        self._program = program
        self._published = definitions
        self._max_age_s = max_age_h * 3600
        self._clock = clock
        self._logger = logger
        self._engine: Engine | None = None
        self._refused_version: str | None = None
        self._checked_at: float | None = None
        self._lock = threading.Lock()
        self._numbers = itertools.count()
        self._home: Path | None = None

    def warm_up(self) -> threading.Thread:
        """Starts clamd in the background, for as long as the thread runs; what goes wrong is told to the first scan."""
        starting = threading.Thread(target=self._warm_up, daemon=True)
        starting.start()
        return starting

    def scan(self, file: BinaryIO) -> EngineAnswer:
        engine = self._ready()
        try:
            answer = engine.daemon.search(file.fileno(), SCAN_TIMEOUT_S)
        except ScannerUnavailable:
            # Dead or hung: the next scan gets a new one.
            self._discard(engine)
            self.warm_up()
            raise
        verdict, signature = verdict_of(answer)
        if verdict in {Verdict.CLEAN, Verdict.UNSCANNABLE} and self._is_stale(engine.definitions):
            verdict = Verdict.STALE
        return EngineAnswer(verdict=verdict, signature=signature, definitions=engine.definitions)

    def definitions(self) -> Definitions:
        return self._ready().definitions

    def close(self) -> None:
        """Ends clamd and removes everything it was given."""
        with self._lock:
            if self._engine is not None:
                self._engine.daemon.stop()
                self._engine = None
            if self._home is not None:
                shutil.rmtree(self._home, ignore_errors=True)
                self._home = None

    def _warm_up(self) -> None:
        try:
            self._ready()
        except (ScannerUnavailable, StorageUnavailable) as fault:
            self._logger.warning(LogEvent.SCANNER_STARTED, ok=False, detail=fault.detail)

    def _is_stale(self, definitions: Definitions) -> bool:
        return self._clock.now() - definitions.built_at > self._max_age_s

    def _ready(self) -> Engine:
        with self._lock:
            held = self._engine
            if held is not None and not held.daemon.alive:
                held.daemon.stop()
                held = self._engine = None
            manifest = self._moved_pointer(held)
            if manifest is not None:
                return self._replace(held, manifest)
            assert self._engine is not None
            return self._engine

    def _moved_pointer(self, held: Engine | None) -> DefinitionsManifest | None:
        """The manifest to load now; None while the held engine is right, asked at most every POINTER_CHECK_S."""
        now = time.monotonic()
        if held is not None and self._checked_at is not None and now - self._checked_at < POINTER_CHECK_S:
            return None
        try:
            manifest = self._published.current()
        except StorageUnavailable:
            # A pointer that can't be read is no reason to stop: the held definitions age, and then count as stale.
            if held is None:
                raise
            return None
        self._checked_at = now
        if held is not None and manifest.version == held.definitions.version:
            # Published again unchanged: the same signatures, known to be current.
            self._engine = replace(held, definitions=described(manifest))
            return None
        return None if held is not None and manifest.version == self._refused_version else manifest

    def _replace(self, held: Engine | None, manifest: DefinitionsManifest) -> Engine:
        """Loads the new definitions; if they prove bad, the old ones are kept and the new ones not tried again.

        The old clamd ends first: two sets in memory at once are 2.4 GiB.
        """
        folder = self._private_folder() / f"definitions-{next(self._numbers)}"
        try:
            self._published.download(manifest, folder)
            if held is not None:
                held.daemon.stop()
                self._engine = None
            self._engine = self._start(folder, described(manifest))
        except ScannerUnavailable as fault:
            shutil.rmtree(folder, ignore_errors=True)
            self._logger.warning(LogEvent.SCANNER_STARTED, ok=False, version=manifest.version, detail=fault.detail)
            if held is None:
                raise
            self._refused_version = manifest.version
            self._engine = held if held.daemon.alive else self._start(held.folder, held.definitions)
            return self._engine
        if held is not None:
            shutil.rmtree(held.folder, ignore_errors=True)
        return self._engine

    def _start(self, database: Path, definitions: Definitions) -> Engine:
        began = time.monotonic()
        folder = self._private_folder() / f"clamd-{next(self._numbers)}"
        daemon = Clamd(self._program, database=database, folder=folder, signatures=definitions.signatures)
        try:
            daemon.wait_ready(START_TIMEOUT_S)
            _self_test(daemon)
        except ScannerUnavailable:
            daemon.stop()
            raise
        seconds = round(time.monotonic() - began, 2)
        self._logger.info(LogEvent.SCANNER_STARTED, ok=True, version=definitions.version, seconds=seconds)
        return Engine(daemon, definitions, database)

    def _discard(self, engine: Engine) -> None:
        with self._lock:
            engine.daemon.stop()
            if self._engine is engine:
                self._engine = None

    def _private_folder(self) -> Path:
        if self._home is None:
            self._home = private_folder()
            atexit.register(self.close)
        return self._home


def _self_test(daemon: Clamd) -> None:
    """Ready is who finds EICAR and nothing in a harmless text."""
    for content, expected in ((eicar(), Verdict.INFECTED), (b"harmless\n", Verdict.CLEAN)):
        with os.fdopen(os.memfd_create("self-test"), "w+b", buffering=0) as file:
            file.write(content)
            if verdict_of(daemon.scan_descriptor(file.fileno(), SELF_TEST_TIMEOUT_S))[0] is not expected:
                raise ScannerUnavailable("The virus definitions failed the self-test.")


def eicar() -> bytes:
    """The harmless string that every scanner must find (eicar.org), in pieces so that none finds this file."""
    return rb"X5O!P%@AP[4\PZX54(P^)7CC)7}" + b"$EICAR-STANDARD-" + b"ANTIVIRUS-TEST-FILE!$H+H*"


def private_folder() -> Path:
    """A fresh folder that names our process; those of processes that were killed are removed."""
    # The path of a Unix socket has at most 107 bytes (unix(7)), and ours adds some fifty.
    home, prefix = Path(tempfile.gettempdir()), "veza-clamd-"
    home = home if len(os.fsencode(home)) <= SOCKET_HOME_MAX else Path("/tmp")  # noqa: S108 - mkdtemp makes it private
    for old in home.glob(f"{prefix}*"):
        owner = old.name.removeprefix(prefix).partition("-")[0]
        if owner.isdigit() and not Path(f"/proc/{owner}").exists():
            shutil.rmtree(old, ignore_errors=True)
    return Path(tempfile.mkdtemp(prefix=f"{prefix}{os.getpid()}-", dir=home))
