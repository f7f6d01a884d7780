"""Tracks as tables and cards."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from cli.board import STAGES
from cli.durations import byte_size, clock_time
from cli.wire import Track

ID_WIDTH = 36
"""Ids are there to be copied: whatever the width of the terminal, they are never cut."""
DATED_FROM_WIDTH = 100
TAG_LABELS = {"title": "Title in file", "isrc": "ISRC", "bpm": "BPM"}
STATE_STYLES = {"ready": "green", "playable": "green", "rejected": "red", "failed": "red"}


def print_json(console: Console, value: object) -> None:
    """One JSON document and nothing else, the same on a terminal and in a pipe."""
    console.print(json.dumps(value, indent=2, ensure_ascii=False), markup=False, highlight=False, soft_wrap=True)


def track_table(tracks: Iterable[Track], *, width: int) -> Table:
    """Fits `width` columns: the title gives way first, then the date."""
    dated = width >= DATED_FROM_WIDTH
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("ID", no_wrap=True, min_width=ID_WIDTH, style="cyan")
    table.add_column("Title", no_wrap=True, min_width=12, max_width=40)
    table.add_column("State", no_wrap=True, min_width=8)
    table.add_column("Length", no_wrap=True, min_width=6, justify="right")
    if dated:
        table.add_column("Added", no_wrap=True, min_width=16)
    for track in tracks:
        length = clock_time(track.duration_ms / 1000) if track.duration_ms else ""
        added = [_moment(track.raw.get("created_at"))] if dated else []
        table.add_row(track.id, Text(track.title), state_text(track), length, *added)
    return table


def state_text(track: Track) -> Text:
    """The state in a word, with its percent while there is one."""
    word = STAGES.get(track.state, track.state)
    if track.progress and track.progress.stage == track.state and not track.ended:
        word = f"{word} {track.progress.percent}%"
    return Text(word, style=STATE_STYLES.get(track.state, "yellow"))


def track_card(track: Track) -> Table:
    """Everything worth reading about one track, one fact a line."""
    card = Table.grid(padding=(0, 2))
    card.add_column(style="dim", justify="right")
    card.add_column()
    for label, value in _facts(track):
        card.add_row(label, value if isinstance(value, Text) else Text(str(value)))
    return card


def _facts(track: Track) -> Iterable[tuple[str, Text | str]]:
    raw = track.raw
    yield "Title", Text(track.title, style="bold")
    yield "ID", Text(track.id, style="cyan")
    yield "State", state_text(track)
    if track.reason:
        yield "Reason", f"{track.reason.message} ({track.reason.code})"
    if raw.get("filename"):
        yield "File", f"{raw['filename']}, {byte_size(raw['size_bytes'])}"
    if track.duration_ms:
        yield "Length", clock_time(track.duration_ms / 1000)
    loudness = raw.get("loudness")
    if loudness:
        yield "Loudness", f"{loudness['integrated_lufs']:.1f} LUFS, peak {loudness['true_peak_db']:.1f} dBTP"
        yield "Gain", f"{loudness['gain_db']:+.1f} dB"
    if raw.get("renditions"):
        yield "Renditions", ", ".join(_rendition(rendition) for rendition in raw["renditions"])
    for name, value in (raw.get("tags") or {}).items():
        if value:
            yield TAG_LABELS.get(name, name.replace("_", " ").capitalize()), str(value)
    yield "Visible", str(raw.get("visibility", ""))
    yield "Added", _moment(raw.get("created_at"))


def _rendition(rendition: dict[str, Any]) -> str:
    return f"{rendition['name']} ({rendition.get('average_bandwidth', 0) / 1000:.0f} kbit/s)"


def _moment(created_at: int | str | None) -> str:
    """A time of the API (epoch seconds or RFC 3339) in this machine's zone."""
    if created_at is None:
        return ""
    moment = (
        datetime.fromtimestamp(created_at, UTC) if isinstance(created_at, int) else datetime.fromisoformat(created_at)
    )
    return moment.astimezone().strftime("%Y-%m-%d %H:%M")
