"""Many files at once: a few are sent, more are followed, each ends in one outcome."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path

from rich.text import Text

from cli.api import VezaApi
from cli.board import Board
from cli.durations import byte_size, clock_time
from cli.errors import CommandFailed, ExitCode, Refused, Stopped
from cli.following import follow
from cli.patience import Stop
from cli.sending import FileSender, SentFile, Wish
from cli.storage import Meter
from cli.wire import Track

SENDING_AT_ONCE = 3
IN_FLIGHT_MAX = 32
GRACE_S = 3.0
"""How long Ctrl-C waits for requests under way; what they leave undone the next run resumes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileOutcome:
    """Exactly one of `error` and `sent` is None; `track` is None when nobody waited for it."""

    path: Path
    sent: SentFile | None = None
    track: Track | None = None
    error: CommandFailed | None = None

    @property
    def exit_code(self) -> ExitCode:
        if self.error is not None:
            return self.error.exit_code
        refused = self.track is not None and self.track.ended and self.track.state != "ready"
        return ExitCode.REFUSED if refused else ExitCode.OK


def worst_of(outcomes: Sequence[FileOutcome]) -> ExitCode:
    """One exit code for many files: interrupted over unreachable over refused over ready."""
    return max((outcome.exit_code for outcome in outcomes), default=ExitCode.OK)


class Uploader:
    def __init__(self, *, api: VezaApi, sender: FileSender, board: Board, stop: Stop, wait_for_end: bool) -> None:
        self._api = api
        self._sender = sender
        self._board = board
        self._stop = stop
        self._wait = wait_for_end
        self._turns = threading.BoundedSemaphore(SENDING_AT_ONCE)

    def upload(self, paths: Sequence[Path], wish: Wish) -> list[FileOutcome]:
        """One outcome per path, in their order. Ctrl-C stops every file and comes through as KeyboardInterrupt."""
        pool = ThreadPoolExecutor(min(IN_FLIGHT_MAX, len(paths)), thread_name_prefix="veza-file")
        running = [pool.submit(self._one, path, wish) for path in paths]
        try:
            return [future.result() for future in running]
        except KeyboardInterrupt:
            self._stop.pull()
            pool.shutdown(wait=False, cancel_futures=True)
            wait(running, timeout=GRACE_S)
            raise
        finally:
            pool.shutdown(wait=False)

    def _one(self, path: Path, wish: Wish) -> FileOutcome:
        with self._turns:
            row = self._board.add(path.name)
            try:
                outcome = self._send(row, path, wish)
            except CommandFailed as error:
                outcome = FileOutcome(path=path, error=error)
            except OSError as error:
                gone = Refused(f"The file can't be read: {error.strerror}.", code="file_unreadable")
                outcome = FileOutcome(path=path, error=gone)
        if outcome.sent is not None and self._wait:
            outcome = self._follow(row, path, outcome.sent)
        if not isinstance(outcome.error, Stopped):
            self._board.done(row, verdict_of(outcome))
        return outcome

    def _send(self, row: int, path: Path, wish: Wish) -> FileOutcome:
        self._stop.check()
        size_bytes = path.stat().st_size
        meter = Meter(
            lambda sent_bytes: self._board.sent(row, sent_bytes, size_bytes),
            resumed=lambda known_bytes: self._board.note(row, f"{byte_size(known_bytes)} had been uploaded before"),
        )
        sent = self._sender.send(path, wish=wish, meter=meter)
        return FileOutcome(path=path, sent=sent)

    def _follow(self, row: int, path: Path, sent: SentFile) -> FileOutcome:
        try:
            track = follow(self._api, sent.track_id, seen=lambda look: self._board.seen(row, look), stop=self._stop)
        except CommandFailed as error:
            return FileOutcome(path=path, sent=sent, error=error)
        return FileOutcome(path=path, sent=sent, track=track)


def verdict_of(outcome: FileOutcome) -> Text:
    """The line that stays: what became of the file, and for good news the id to go on with."""
    name = (outcome.path.name, "bold")
    if outcome.error is not None:
        return Text.assemble(("✗ ", "red"), name, "  ", (outcome.error.detail, "red"))
    if outcome.track is not None:
        return track_verdict(outcome.path.name, outcome.track)
    track_id = outcome.sent.track_id if outcome.sent else ""
    return Text.assemble(("↑ ", "cyan"), name, "  uploaded  ", (track_id, "cyan"))


def track_verdict(name: str, track: Track) -> Text:
    """The same line for a track in an end state."""
    if track.state == "ready":
        length = clock_time(track.duration_ms / 1000) if track.duration_ms else ""
        return Text.assemble(("✓ ", "green"), (name, "bold"), f"  ready  {length}  ", (track.id, "cyan"))
    message = track.reason.message if track.reason else "No reason was given."
    word = "refused" if track.state == "rejected" else "failed"
    hint = f"  Try again with: veza retry {track.id}" if track.state == "failed" else ""
    return Text.assemble(("✗ ", "red"), (name, "bold"), (f"  {word}: ", "red"), message, (hint, "dim"))
