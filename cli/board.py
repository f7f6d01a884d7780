"""What a person sees while files travel: live bars on a terminal, plain lines anywhere else. Always on stderr."""

import contextlib
import threading
from typing import Protocol, Self

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TaskID, TextColumn
from rich.text import Text

from cli.durations import clock_time
from cli.wire import Track

STAGES = {
    "draft": "arriving",
    "uploaded": "in line",
    "scanning": "scanning",
    "transcoding": "transcoding",
    "playable": "playable, finishing",
    "ready": "ready",
    "rejected": "refused",
    "failed": "failed",
}
"""The platform's states in the words of the bars."""

NAME_WIDTH = 28
PLAIN_STEP_PERCENT = 25


class Board(contextlib.AbstractContextManager["Board"], Protocol):
    """One row per file. Thread-safe."""

    def add(self, name: str) -> int:
        """A new row; returns its number."""
        ...

    def sent(self, row: int, sent_bytes: int, size_bytes: int) -> None: ...

    def seen(self, row: int, track: Track) -> None: ...

    def note(self, row: int, text: str) -> None:
        """A sentence about a row that stays on the screen."""
        ...

    def done(self, row: int, verdict: Text) -> None:
        """The row's last word; its bar goes."""
        ...


def open_board(console: Console) -> "LiveBoard | PlainBoard":
    return LiveBoard(console) if console.is_terminal and not console.is_dumb_terminal else PlainBoard(console)


class _RemainingColumn(ProgressColumn):
    """Bytes tell their own speed; the server's stages bring an estimate."""

    def render(self, task: Task) -> Text:
        eta_s = task.time_remaining if task.fields["sending"] else task.fields["eta_s"]
        return Text(f"{clock_time(eta_s)} left" if eta_s else "", style="progress.remaining")


class LiveBoard:
    def __init__(self, console: Console) -> None:
        self._progress = Progress(
            TextColumn("{task.description}"),
            TextColumn("[cyan]{task.fields[stage]:<19}"),
            BarColumn(bar_width=24),
            TextColumn("[progress.percentage]{task.percentage:>3.0f}%"),
            _RemainingColumn(),
            console=console,
            transient=True,
            speed_estimate_period=10,
        )
        self._names: dict[int, str] = {}

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def add(self, name: str) -> int:
        row = self._progress.add_task(escape(_fitted(name)), total=100, stage="preparing", sending=True, eta_s=None)
        self._names[row] = name
        return row

    def sent(self, row: int, sent_bytes: int, size_bytes: int) -> None:
        self._progress.update(TaskID(row), stage="uploading", completed=sent_bytes, total=size_bytes)

    def seen(self, row: int, track: Track) -> None:
        progress = track.progress if track.progress and track.progress.stage == track.state else None
        self._progress.update(
            TaskID(row),
            stage=STAGES.get(track.state, track.state),
            sending=False,
            total=100,
            completed=progress.percent if progress else 0,
            eta_s=progress.eta_s if progress else None,
        )

    def note(self, row: int, text: str) -> None:
        self._progress.console.print(Text.assemble((self._names[row], "bold"), "  ", (text, "dim")))

    def done(self, row: int, verdict: Text) -> None:
        self._progress.console.print(verdict)
        self._progress.remove_task(TaskID(row))


class PlainBoard:
    """A line per stage and per quarter of it: readable in a log, nothing to redraw."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._names: dict[int, str] = {}
        self._last: dict[int, tuple[str, int]] = {}
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def add(self, name: str) -> int:
        with self._lock:
            row = len(self._names)
            self._names[row] = name
        return row

    def sent(self, row: int, sent_bytes: int, size_bytes: int) -> None:
        self._step(row, "uploading", 100 * sent_bytes // max(1, size_bytes))

    def seen(self, row: int, track: Track) -> None:
        fits = track.progress is not None and track.progress.stage == track.state
        self._step(row, STAGES.get(track.state, track.state), track.progress.percent if fits and track.progress else 0)

    def note(self, row: int, text: str) -> None:
        self._line(Text(f"{self._names[row]}: {text}"))

    def done(self, row: int, verdict: Text) -> None:  # noqa: ARG002 — the verdict names its file
        self._line(verdict)

    def _step(self, row: int, stage: str, percent: int) -> None:
        quarter = percent // PLAIN_STEP_PERCENT
        with self._lock:
            last_stage, last_quarter = self._last.get(row, ("", -1))
            if stage == last_stage and quarter <= last_quarter:
                return
            self._last[row] = (stage, quarter)
        shown = f" {quarter * PLAIN_STEP_PERCENT}%" if quarter else ""
        self._line(Text(f"{self._names[row]}: {stage}{shown}"))

    def _line(self, text: Text) -> None:
        self._console.print(text, soft_wrap=True)


def _fitted(name: str) -> str:
    """At most NAME_WIDTH characters, the ending kept: it says most about an audio file."""
    if len(name) <= NAME_WIDTH:
        return name.ljust(NAME_WIDTH)
    return f"{name[: NAME_WIDTH - 9]}…{name[-8:]}"
