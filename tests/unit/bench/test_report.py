"""Tables and goals from results."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from rich.table import Table

from bench import goals, headline, report, scan
from bench.pipeline import FULL, chosen, merged, middle
from bench.results import COMMITTED, Results
from bench.runs import BASELINE, HAND_TUNED, OURS, Run
from bench.sheets import Sheet
from bench.throughput import percentile
from dev.problem import Problem

MB = 1_000_000


def run(
    way: str,
    *,
    ready_s: float,
    playable_s: float | None = None,
    peak_bytes: int = 150 * MB,
    elsewhere_cpu_s: float = 0.1,
) -> Run:
    return Run(
        way=way,
        playable_s=playable_s,
        ready_s=ready_s,
        cpu_s=ready_s * 2,
        encoder_cpu_s=20.0,
        disk_bytes=0,
        peak_bytes=peak_bytes,
        encoder_peak_bytes=peak_bytes,
        elsewhere_cpu_s=elsewhere_cpu_s,
    )


def piece(name: str, seconds: int, *runs: Run) -> dict[str, Any]:
    return {"name": name, "seconds": seconds, "size_bytes": MB, "tries": 1, "runs": [asdict(each) for each in runs]}


def document(*pieces: dict[str, Any]) -> dict[str, Any]:
    machine = {
        "cpu": "a processor",
        "cores": 2,
        "memory_mb": 8192,
        "kernel": "6.1",
        "python": "3.11.7",
        "clamav": "1.4",
    }
    return {"measured": "2026-11-24", "machine": machine, "pieces": list(pieces)}


def three(seconds: int, *, playable_s: float, ready_s: float, baseline_s: float, peak_bytes: int = 150 * MB) -> Any:
    return piece(
        f"{seconds} s FLAC",
        seconds,
        run(OURS, playable_s=playable_s, ready_s=ready_s, peak_bytes=peak_bytes),
        run(BASELINE, playable_s=baseline_s, ready_s=baseline_s),
        run(HAND_TUNED, ready_s=10),
    )


def test_goals_that_are_met() -> None:
    results = document(
        three(180, playable_s=1.0, ready_s=10.5, baseline_s=30), three(600, playable_s=1.5, ready_s=10, baseline_s=30)
    )
    found = goals.reached(results)
    assert [goal.met for goal in found] == [True, True, True, True]
    assert "20.0 times" in found[1].found


def test_goals_that_are_missed_say_by_how_much() -> None:
    results = document(
        three(180, playable_s=1.0, ready_s=10, baseline_s=30),
        three(600, playable_s=5.0, ready_s=15, baseline_s=30, peak_bytes=600 * MB),
    )
    playable, sooner, wall, flat = goals.reached(results)
    assert not any(goal.met for goal in (playable, sooner, wall, flat))
    assert "3.00 s too much" in playable.found
    assert "0.40 too much" in wall.found
    assert "4.00 times" in flat.found


def test_a_quick_run_has_no_goal_for_what_it_did_not_measure() -> None:
    found = goals.reached(document(three(30, playable_s=1.0, ready_s=10, baseline_s=30)))
    assert len(found) == 2


def test_the_median_run_is_taken_and_of_two_the_quicker_one() -> None:
    assert middle([run(OURS, ready_s=each) for each in (9, 1, 4)]).ready_s == 4
    assert middle([run(OURS, ready_s=each) for each in (9, 1)]).ready_s == 1


def test_one_piece_can_be_measured_again() -> None:
    assert [piece.name for piece, _ in chosen(FULL, ["3 h"]).pieces] == ["3 h FLAC 16/44.1"]
    assert chosen(FULL, []) == FULL
    with pytest.raises(Problem, match="No piece"):
        chosen(FULL, ["3 weeks"])
    older, newer = piece("a", 60, run(OURS, ready_s=1)), piece("a", 60, run(OURS, ready_s=2))
    other = piece("b", 30)
    assert merged(merged(merged(None, older), other), newer) == {"pieces": [other, newer]}


def test_a_scan_is_held_against_its_goal() -> None:
    def measured(way: str, size_bytes: int, mb_per_s: float) -> dict[str, Any]:
        return {"definitions": "builtin", "format": "wav", "way": way, "size_bytes": size_bytes, "mb_per_s": mb_per_s}

    small = [measured(OURS, MB, 100.0), measured("descriptor", MB, 150.0)]
    missed = goals.scanned({"results": [*small, measured(OURS, 9 * MB, 200.0), measured("descriptor", 9 * MB, 240.0)]})
    assert [(goal.met, goal.found) for goal in missed] == [(False, "200 MB/s, 50 too little (clamd alone 240)")]
    (met,) = goals.scanned({"results": [measured(OURS, MB, 250.0), measured("descriptor", MB, 300.0)]})
    assert met.met


def test_percentiles_are_values_that_were_measured() -> None:
    values = [float(each) for each in range(1, 101)]
    assert (percentile(values, 50), percentile(values, 99), percentile([7.0], 99)) == (50.0, 99.0, 7.0)


def test_a_sheet_reads_the_same_in_markdown_as_on_a_terminal() -> None:
    table = Table(title="A title")
    for column in ("what", "how much"):
        table.add_column(column)
    table.add_row("bread", "2")
    sheet = Sheet.of(table)
    assert sheet.markdown() == "| what | how much |\n| --- | ---: |\n| bread | 2 |"
    assert Sheet.of(sheet.table()) == sheet


def test_the_report_is_made_of_what_there_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bench.results.HOME", tmp_path)
    monkeypatch.setattr("bench.machine.described", lambda: document()["machine"])
    results = Results(quick=True)
    assert "##" not in report.written(results)
    results.save("pipeline", document(three(600, playable_s=1.5, ready_s=10, baseline_s=30)))
    text = report.written(results)
    assert "## Playable and ready" in text
    assert "a processor, 2 cores, 8 GB" in text
    assert "| 600 s FLAC | 20× | 3.00× | 3.00× | 1.00× | 1.00× |" in text
    assert "## Cost" not in text


def test_a_busy_machine_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bench.results.HOME", tmp_path)
    monkeypatch.setattr("bench.machine.described", lambda: document()["machine"])
    results, quiet = Results(quick=True), three(600, playable_s=1.5, ready_s=10, baseline_s=30)
    results.save("pipeline", document(quiet))
    assert "Disturbed" not in report.written(results)
    noisy = run(HAND_TUNED, ready_s=10, elsewhere_cpu_s=10.0)
    results.save("pipeline", document({**quiet, "runs": [*quiet["runs"][:2], asdict(noisy)]}))
    assert "up to 50% of the processors" in report.written(results)


def test_the_committed_scan_can_be_shown() -> None:
    found = Results(quick=False).load("scan")
    assert found is not None
    assert COMMITTED.is_dir()
    goal, sheet = report.scan_sheets(found)
    assert len(goal.rows) == 3
    assert len(sheet.rows) == len(
        {(each["definitions"], each["format"], each["size_bytes"]) for each in found["results"]}
    )
    assert scan.RESULTS.parent == COMMITTED


def test_the_committed_document_says_what_the_committed_results_say() -> None:
    results = Results(quick=False)
    hint = "run `.venv/bin/python -m bench report`"
    assert results.report.read_text() == report.written(results), hint
    assert headline.written(results) in headline.README.read_text(), hint


def test_numbers_are_put_between_the_marks(tmp_path: Path) -> None:
    readme = tmp_path / "README.md"
    readme.write_text(f"before\n{headline.BEGIN}old\n{headline.END}after\n")
    results = Results(quick=False)
    for _ in range(2):
        headline.put(results, readme)
    text = readme.read_text()
    assert text == f"before\n{headline.BEGIN}{headline.written(results)}{headline.END}after\n"

    for half in ("no marks\n", f"before\n{headline.BEGIN}all the rest\n"):
        readme.write_text(half)
        with pytest.raises(Problem, match="no place"):
            headline.put(results, readme)
        assert readme.read_text() == half
