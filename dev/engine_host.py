"""Runs MiniStack in its own environment, saves its state while it runs, not only when it stops, and lets the workers of
functions share their files.

Started by `dev.engine` as a script under .veza/cloud's Python; imports nothing of ours. MiniStack itself writes its
state at a clean shutdown alone, so a power cut would lose every account and track. Here what people change (rows,
queues, mails) is written every few seconds, and all of it, functions included, on SIGUSR1: that is how `make up`
pins a finished deploy. `checkpoint` in the state folder holds the time of the last complete save.
"""

import hashlib
import logging
import os
import signal
import tempfile
import threading
import time
import zipfile
from functools import cached_property
from pathlib import Path
from types import FrameType, SimpleNamespace
from typing import Any

from ministack import app  # type: ignore[import-not-found]
from ministack.core import lambda_runtime, persistence  # type: ignore[import-not-found]
from ministack.services import lambda_svc  # type: ignore[import-not-found]

EVERY_S = 5.0
HEAVY = frozenset({"lambda", "cloudformation"})
"""Change only in a deploy, and hold every zip and template."""

logger = logging.getLogger("veza.engine")


def save(*, everything: bool) -> None:
    """One snapshot. Services save one after the other, each file is replaced atomically."""
    parts = app._build_persistence_save_dict()  # noqa: SLF001 - no public way to save a running engine
    persistence.save_all({name: state for name, state in parts.items() if everything or name not in HEAVY})
    if everything:
        mark()


def mark() -> None:
    """Says that what lies in the state folder is whole."""
    Path(persistence.STATE_DIR, "checkpoint").write_text(str(time.time()))


def keep_saving(asked: threading.Event) -> None:
    while True:
        everything = asked.wait(EVERY_S)
        asked.clear()
        try:
            save(everything=everything)
        except Exception:
            # A service may change its dicts while they are read; the next round, seconds later, gets it.
            logger.exception("saving the engine's state failed; trying again")


def read_streams_from_the_start() -> None:
    """MiniStack keeps how far a function has read a table's stream, but not the stream: it begins anew, empty.

    Without this the relay would wait, after a restart, until as many new records came as it had read before.
    """
    restore = lambda_svc._restore_esm_positions  # noqa: SLF001 - no public way

    def restored(store: Any, positions: Any) -> None:
        restore(store, positions)
        if store is lambda_svc._dynamodb_stream_positions:  # noqa: SLF001
            store._data.update(dict.fromkeys(store._data, 0))  # noqa: SLF001

    lambda_svc._restore_esm_positions = restored  # noqa: SLF001


class UnpackedOnce(zipfile.ZipFile):
    """A package that all workers read from one folder, as they could not write there on AWS either.

    MiniStack unpacks code and layers, 4,700 files, anew for each worker: two to four seconds of this process, in which
    it hardly answers anybody, and six requests at once need six workers.
    """

    _unpacking = threading.Lock()

    def namelist(self) -> list[str]:
        """MiniStack asks in order to check each path; what lies there was checked."""
        return [] if self._folder.exists() else super().namelist()

    def extractall(self, path: Any = None, members: Any = None, pwd: bytes | None = None) -> None:
        """Puts a link to the one folder in the place of `path`, which is empty."""
        with self._unpacking:
            if not self._folder.exists():
                unfinished = tempfile.mkdtemp(prefix="unpacking-")
                super().extractall(unfinished, members, pwd)
                Path(unfinished).rename(self._folder)
        Path(path).rmdir()
        Path(path).symlink_to(self._folder)

    @cached_property
    def _folder(self) -> Path:
        with Path(str(self.filename)).open("rb") as package:
            digest = hashlib.file_digest(package, "sha256").hexdigest()
        return Path(tempfile.gettempdir(), f"package-{digest[:16]}")


def unpack_once() -> None:
    """In the runtime of functions alone."""
    lambda_runtime.zipfile = SimpleNamespace(**vars(zipfile) | {"ZipFile": UnpackedOnce})


def main() -> None:
    persistent = os.environ.get("PERSIST_STATE") == "1"
    read_streams_from_the_start()
    unpack_once()
    if persistent:
        asked = threading.Event()

        def ask(_signal: int, _frame: FrameType | None) -> None:
            asked.set()

        signal.signal(signal.SIGUSR1, ask)
        logging.getLogger("persistence").setLevel(logging.WARNING)
        threading.Thread(target=keep_saving, args=(asked,), daemon=True, name="veza-checkpoints").start()
    app.main()
    if persistent:
        mark()  # a clean shutdown has saved everything


if __name__ == "__main__":
    main()
