"""What a person watches while files travel, on a terminal and in a log."""

import io

import pytest
from rich.console import Console
from rich.text import Text

from cli.board import LiveBoard, PlainBoard, open_board
from cli.wire import Track
from tests.unit.cli.conftest import Veza
from tests.unit.cli.veza_server import VezaServer, track_id


def look(state: str, percent: int, eta_s: int | None = None) -> Track:
    progress = {"stage": state, "percent": percent, "eta_s": eta_s}
    return Track.of({"id": track_id(1), "state": state, "progress": progress})


def test_a_terminal_gets_bars_and_a_pipe_gets_lines() -> None:
    assert isinstance(open_board(Console(file=io.StringIO(), force_terminal=True)), LiveBoard)
    assert isinstance(open_board(Console(file=io.StringIO(), force_terminal=False)), PlainBoard)


def test_a_bar_shows_stage_percent_and_remaining_time_and_leaves_its_verdict() -> None:
    console = Console(file=io.StringIO(), force_terminal=True, width=120, color_system=None)
    with LiveBoard(console) as board:
        row = board.add("a very long name of a demo take 7.flac")
        board.seen(row, look("transcoding", 40, eta_s=75))
        shown = "".join(segment.text for segment in console.render(board._progress))
        board.done(row, Text("✓ it is ready"))
    for expected in ("a very long name of…e 7.flac", "transcoding", "40%", "1:15 left"):
        assert expected in shown
    assert isinstance(console.file, io.StringIO)
    assert "✓ it is ready" in console.file.getvalue()


def test_a_log_gets_one_line_per_stage_and_quarter() -> None:
    console = Console(file=io.StringIO(), width=120)
    with PlainBoard(console) as board:
        row = board.add("night.wav")
        for sent in (0, 10, 30, 20, 60, 100):
            board.sent(row, sent, 100)
        for percent in (0, 10, 50, 50):
            board.seen(row, look("transcoding", percent))
    assert isinstance(console.file, io.StringIO)
    assert console.file.getvalue().splitlines() == [
        "night.wav: uploading",
        "night.wav: uploading 25%",
        "night.wav: uploading 50%",
        "night.wav: uploading 100%",
        "night.wav: transcoding",
        "night.wav: transcoding 50%",
    ]


@pytest.mark.usefixtures("signed_in")
def test_ids_are_never_cut_on_a_narrow_terminal(
    veza: Veza, server: VezaServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    server.lives = {track_id(1): [{"state": "ready", "title": "A title that is far too long for sixty columns"}]}
    assert track_id(1) in veza("tracks").stdout
