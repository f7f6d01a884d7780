"""The numbers in the README: a few of the results, written between two marks so that they can't differ from them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from bench import cost, goals, pipeline, throughput
from bench.results import Results
from bench.runs import BASELINE, HAND_TUNED, OURS
from bench.sheets import Sheet, dollars, seconds, times
from dev.paths import ROOT
from dev.problem import Problem

README: Final = ROOT / "README.md"
BEGIN: Final = "<!-- numbers: written by `make bench` -->\n"
END: Final = "<!-- end of numbers -->\n"


def written(results: Results) -> str:
    """A table and a list; what was not measured yet is left out."""
    return "\n".join([*_pipeline(results), *_list(results)]) + "\n"


def put(results: Results, readme: Path = README) -> None:
    """Into the README, between the marks; without both of them nothing is written."""
    before, begin, rest = readme.read_text().partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise Problem(f"{readme.name} has no place for the numbers.", hint=f"Put back: {BEGIN.strip()} {END.strip()}")
    readme.write_text(before + BEGIN + written(results) + END + after)


def _pipeline(results: Results) -> Iterator[str]:
    document = results.load(pipeline.NAME)
    if document is None:
        return
    rows = []
    for piece in document["pieces"]:
        ours, baseline, tuned = (goals.run_of(piece, way) for way in (OURS, BASELINE, HAND_TUNED))
        times_ready = (seconds(run["ready_s"]) for run in (ours, baseline, tuned))
        rows.append((piece["name"], seconds(ours["playable_s"]), *times_ready, times(goals.sooner(piece))))
    columns = ("file", "playable", "ready", "sequential pipeline", "one hand-tuned ffmpeg", "heard sooner")
    yield Sheet(title="", columns=columns, rows=rows).markdown()
    yield ""


def _list(results: Results) -> Iterator[str]:
    if (found := results.load(throughput.NAME)) is not None:
        yield (
            f"- {found['tracks']} tracks of {found['track_seconds'] // 60} minutes: {found['tracks_per_minute']:.1f} a "
            f"minute on {found['cores']} cores, {found['efficiency']:.0%} of them encoding; the API's p99 meanwhile "
            f"{found['busy']['p99_ms']:.0f} ms."
        )
    if (found := results.load("scan")) is not None:
        largest = {name: ways[OURS] for name, ways in goals.largest_scans(found).items()}
        rates = ", ".join(f"{name.upper()} {each['mb_per_s']:.0f} MB/s" for name, each in largest.items())
        size_mb = max(each["size_bytes"] for each in largest.values()) / 1e6
        yield f"- Hash, sniff and ClamAV in one pass, files of up to {size_mb:.0f} MB in memory: {rates}."
    if (found := results.load(cost.NAME)) is not None:
        for piece in found["pieces"]:
            ours = sum(line["dollars"] for line in piece["lines"])
            others = piece["mediaconvert"] + piece["guardduty"]
            yield (
                f"- {found['tracks']:,} times {piece['name']} on Lambda: {dollars(ours)}; MediaConvert and GuardDuty "
                f"alone {dollars(others)}."
            )
