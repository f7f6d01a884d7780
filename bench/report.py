"""docs/benchmarks.md, the numbers in the README and the tables on the terminal, from the results alone."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from rich.console import Console

from bench import cost, enumeration, goals, headline, longest, pipeline, prices, scan, sockets, throughput
from bench.results import Document, Results
from bench.runs import BASELINE, HAND_TUNED, OURS
from bench.sheets import Sheet, dollars, megabytes, seconds, times

HEAD: Final = """# Benchmarks

Written by `make bench` from `bench/results/*.json`; a change by hand is lost. Every line is a ratio of things measured
side by side, one after the other, on one machine. Absolute times are those of that machine.
"""
DISTURBED: Final = 0.1
"""Of all processors; the bench itself takes a few per cent."""
ABOUT_PIPELINE: Final = """\
- **ours**: the deployed stack on MiniStack with S3 in memory, warm functions. Time counts from the answer to the last
  upload call. Playable: the API says so, and the stream ticket's master, media playlist, init and first segment were
  fetched. Looked at every 20 ms at first, later no less often than every 1 % of the time gone by or,
  if that is longer, every quarter of a second.
- **baseline**: `bench/baseline.py` against the same MiniStack. Download to disk, `clamscan`, one ffmpeg run after the
  other per rendition with the HLS muxer, the MP3, upload with 8 connections, the master playlist last. It makes no
  waveform, loudness or fingerprint. Its process is started before the clock.
- **hand-tuned**: one ffmpeg command, local file to all renditions and the MP3 on tmpfs. Transcoding only.
- Same rungs, bit rates and AAC coder for all. Builtin virus definitions: the official ones would cost `clamscan` 10 to
  20 s more for each file, ours nothing.
- CPU: user and system time of the process trees, MiniStack's (storage, queues, API, functions, clamd, ffmpeg) and the
  baseline's; ours contains the upload and our looking.
- Memory: resident sets, sampled every 200 ms, of the largest worker that ran ffmpeg together with it. A worker keeps
  what earlier files needed.
- Disk: bytes handed to file systems on disk (`write_bytes` of proc(5)), also what was deleted before it got there;
  files in memory (tmpfs, memfd, MiniStack's store) are none. Ours writes a file above 512 MiB once, for the scan; the
  rest is MiniStack's, which unpacks some 60 MB whenever it starts a worker.
- wall ÷ (CPU ÷ cores): time to ready over ffmpeg's CPU seconds spread over all cores; 1 would be perfect. Here the
  emulated cloud, which on AWS is somebody else's machine, takes its CPU from the same cores.
"""
ABOUT_THROUGHPUT: Final = """\
Encoding is ffmpeg's CPU over wall time and cores; the rest goes to the emulated cloud, the upload and the scan. The
read is `GET /auth/me` with a token, five a second, idle and then while the tracks went through; there the API shares
the processors with the encoders, which it does not on AWS.
"""
ABOUT_LONGEST: Final = """\
A call of Lambda ends after 15 minutes. The least memory is the setting at which the call with the longest ffmpeg run
would still end in time: Lambda gives one processor for 1,769 MB, and what a call does beside ffmpeg is allowed for. Two
calls run at once here, on two cores.
"""
ABOUT_COST: Final = """\
Durations are those of this machine, taken for Lambda's as they are; memory is what `infra/` sets, arm64. Calls that run
at once share this machine's processors, which they do not on Lambda: where a track is encoded in parts, the time is an
upper bound. Storage, delivery, logs and traces are left out on all sides. MediaConvert makes the same renditions and
the MP3, GuardDuty scans the upload; both would still need everything around them.
"""
ABOUT_ENUMERATION: Final = """\
Answers of the deployed stack for addresses with an account and without, in random order. Slower: how often, of one
answer each, that for the account took longer; 50 % tells nothing, and within the margin it can't be told from 50 %
(Mann-Whitney, 95 %). One door in twenty is outside by chance. The control must be far outside.
"""
ABOUT_SOCKETS: Final = """\
- One sender in a public room, the next message when everybody has heard the one before; times from the call to send
  until each listener's own socket has it, all by one clock. Above 50 listeners frames go by the queue, which
  MiniStack polls. The first is when everybody had the first message, for which the queue's workers start.
- MiniStack has one worker for each function of a WebSocket API: opening and frames wait in a line, which they don't
  on AWS. Clients, cloud and functions share the processors. Listeners say nothing meanwhile: what a heartbeat takes is
  measured by itself.
- CPU: of the socket's and the deliveries function's workers, for one message. Opening: ticket, handshake, `hello`,
  `room.open`.
- Costs: list prices of `bench/prices.py`, none of which could be read on its page here; units of DynamoDB as
  `bench/socket_costs.py` counts them; times of this machine taken for Lambda's. A connected hour is heartbeats alone;
  one with a playback session reports every half minute.
- With AppSync Events a connection's minutes cost a third and need no heartbeat of ours: who is only connected is
  cheaper there at any size. What speaks against it is a second protocol for every client, and that doors, sessions
  and silence would be somebody else's; the port `Publisher` is where it would go.
"""


@dataclass(frozen=True, slots=True)
class Section:
    """What one results file becomes."""

    name: str
    title: str
    about: str
    sheets: Callable[[Document], Iterator[Sheet]]


def pipeline_sheets(document: Document) -> Iterator[Sheet]:
    cores = int(document["machine"]["cores"])
    yield _goals_sheet(goals.reached(document))
    columns = ("file", "way", "playable", "ready", "CPU", "ffmpeg's CPU", "wall ÷ (CPU ÷ cores)", "memory", "to disk")
    yield Sheet(
        title="From the last byte to sound",
        columns=columns,
        rows=[_pipeline_row(piece, run, cores) for piece in document["pieces"] for run in piece["runs"]],
        words=2,
    )
    yield Sheet(
        title="Ours against the others",
        columns=("file", "playable sooner", "ready sooner", "baseline's CPU", "against one ffmpeg: time", "CPU"),
        rows=[_ratios(piece) for piece in document["pieces"]],
    )


def _goals_sheet(reached: list[goals.Goal]) -> Sheet:
    return Sheet(
        title="Goals",
        columns=("goal", "wanted", "found", "met"),
        rows=[(goal.what, goal.wanted, goal.found, "yes" if goal.met else "**no**") for goal in reached],
        words=4,
    )


def _pipeline_row(piece: dict[str, Any], run: dict[str, Any], cores: int) -> tuple[str, ...]:
    return (
        piece["name"],
        run["way"],
        seconds(run["playable_s"]),
        seconds(run["ready_s"]),
        seconds(run["cpu_s"]),
        seconds(run["encoder_cpu_s"]),
        f"{goals.wall_ratio(run, cores):.2f}",
        megabytes(run["encoder_peak_bytes"]),
        megabytes(run["disk_bytes"]),
    )


def _ratios(piece: dict[str, Any]) -> tuple[str, ...]:
    ours, baseline, tuned = (goals.run_of(piece, way) for way in (OURS, BASELINE, HAND_TUNED))
    return (
        piece["name"],
        times(goals.sooner(piece)),
        times(baseline["ready_s"] / ours["ready_s"]),
        times(baseline["cpu_s"] / ours["cpu_s"]),
        times(ours["ready_s"] / tuned["ready_s"]),
        times(ours["cpu_s"] / tuned["cpu_s"]),
    )


def scan_sheets(document: Document) -> Iterator[Sheet]:
    yield _goals_sheet(goals.scanned(document))
    yield Sheet.of(scan.table([scan.Measured(**each) for each in document["results"]]))


def throughput_sheets(document: Document) -> Iterator[Sheet]:
    rows = [
        ("tracks", f"{document['tracks']} of {document['track_seconds']} s, {document['in_flight']} on their way"),
        ("time", seconds(document["wall_s"])),
        ("tracks a minute", f"{document['tracks_per_minute']:.1f}"),
        ("faster than listening", times(document["times_real_time"])),
        ("processors busy with encoding", f"{document['efficiency']:.0%} of {document['cores']}"),
        ("ffmpeg's worker, at most", megabytes(document["encoder_peak_bytes"])),
        ("to disk", megabytes(document["disk_bytes"])),
    ]
    yield Sheet(title="Through the whole pipeline", columns=("what", "found"), rows=rows)
    idle, busy = document["idle"], document["busy"]
    yield Sheet(
        title="An authenticated read",
        columns=("when", "reads", "failed", "p50", "p99"),
        rows=[_latency("idle", idle), _latency("while tracks go through", busy)],
    )


def _latency(when: str, found: dict[str, float]) -> tuple[str, ...]:
    return when, f"{found['reads']}", f"{found['failed']}", f"{found['p50_ms']:.1f} ms", f"{found['p99_ms']:.1f} ms"


def longest_sheets(document: Document) -> Iterator[Sheet]:
    rows = [
        ("file", f"{document['name']}, {megabytes(document['size_bytes'])}"),
        ("playable", seconds(document["playable_s"])),
        ("ready", seconds(document["ready_s"])),
        ("longest ffmpeg run, CPU", seconds(document["longest_encoder_cpu_s"])),
        ("least memory for it", f"{document['least_memory_mb']} MB"),
        ("worker with its ffmpeg, at most", megabytes(document["peak_bytes"])),
        ("to disk", megabytes(document["disk_bytes"])),
    ]
    yield Sheet(title="The longest upload", columns=("what", "found"), rows=rows)
    yield Sheet(
        title="Its calls",
        columns=("function", "calls", "longest", "memory setting"),
        rows=[
            (each["function"], f"{each['calls']}", seconds(each["longest_s"]), f"{each['memory_mb']} MB")
            for each in document["functions"]
        ],
    )


def cost_sheets(document: Document) -> Iterator[Sheet]:
    yield Sheet(
        title=f"Dollars for {document['tracks']:,} tracks",
        columns=("file", "ours", "MediaConvert", "GuardDuty", "the two ÷ ours"),
        rows=[_compared(piece) for piece in document["pieces"]],
    )
    yield Sheet(
        title="Ours in detail",
        columns=("file", "what", "how sure", "for one track", "dollars"),
        rows=[
            (piece["name"], line["what"], line["basis"], line["detail"], dollars(line["dollars"]))
            for piece in document["pieces"]
            for line in piece["lines"]
        ],
        words=4,
    )
    yield Sheet(
        title="Prices",
        columns=("unit", "page", "through", "read", "assumed", "dollars"),
        rows=[
            (price.unit, price.page, price.via, price.read, price.assumed, f"{price.dollars:.10f}".rstrip("0"))
            for price in prices.table()
        ],
        words=5,
        printed=False,
    )


def _compared(piece: dict[str, Any]) -> tuple[str, ...]:
    ours = sum(line["dollars"] for line in piece["lines"])
    others = piece["mediaconvert"] + piece["guardduty"]
    shown = (dollars(value) for value in (ours, piece["mediaconvert"], piece["guardduty"]))
    return piece["name"], *shown, times(others / ours)


def enumeration_sheets(document: Document) -> Iterator[Sheet]:
    yield Sheet(
        title="Does the time of an answer tell who has an account?",
        columns=(
            "door",
            "answers each",
            "with: p50",
            "p99",
            "without: p50",
            "p99",
            "with ÷ without",
            "slower",
            "margin",
        ),
        rows=[_door(door) for door in document["doors"]],
    )


def _door(door: dict[str, Any]) -> tuple[str, ...]:
    heaps = (door["known"], door["unknown"])
    return (
        door["name"],
        f"{door['known']['answers']}",
        *(f"{heap[which]:.1f} ms" for heap in heaps for which in ("p50_ms", "p99_ms")),
        times(door["median_ratio"]),
        f"{door['slower_share']:.1%}",
        f"± {door['margin']:.1%}",
    )


def sockets_sheets(document: Document) -> Iterator[Sheet]:
    yield Sheet(
        title="From the sender to everybody in the room",
        columns=(
            "listeners",
            "p50",
            "p99",
            "the first",
            "deliveries a second",
            "not told",
            "lost after resume",
            "opening",
            "CPU",
        ),
        rows=[_room(room) for room in document["rooms"]],
    )
    costs = document["costs"]
    yield Sheet(
        title="1,000 messages delivered, by the size of the room",
        columns=("listeners", *(f"{each['listeners']:,}" for each in costs["per_1000_delivered"])),
        rows=[
            ("dollars", *(dollars(each["dollars"]) for each in costs["per_1000_delivered"])),
            ("DynamoDB read units", *(f"{each['reads']:,.0f}" for each in costs["per_1000_delivered"])),
            ("DynamoDB write units", *(f"{each['writes']:,.0f}" for each in costs["per_1000_delivered"])),
        ],
    )
    yield Sheet(
        title="An hour of one socket",
        columns=("", "dollars", "DynamoDB read units", "DynamoDB write units"),
        rows=[
            (each["what"], f"${each['dollars']:.6f}", f"{each['reads']:,.0f}", f"{each['writes']:,.0f}")
            for each in costs["hours"]
        ],
    )
    yield Sheet(
        title="Dollars for an hour of a room, and whether AppSync Events would be cheaper",
        columns=("listeners", "messages a minute", "ours", "with AppSync Events", "ours ÷ theirs"),
        rows=[_compared_room(each) for each in costs["compared"]],
    )


def _room(room: dict[str, Any]) -> tuple[str, ...]:
    return (
        f"{room['listeners']:,}",
        f"{room['p50_ms']:.0f} ms",
        f"{room['p99_ms']:.0f} ms",
        f"{room['first_ms']:.0f} ms",
        f"{room['deliveries_a_s']:.0f}",
        f"{room['not_told']}",
        f"{room['lost_after_resume']}",
        f"{room['opening_ms']:.0f} ms",
        f"{sum(room['busy_ms'].values()):.0f} ms",
    )


def _compared_room(each: dict[str, Any]) -> tuple[str, ...]:
    ours, theirs = each["ours"], each["elsewhere"]
    return f"{each['listeners']:,}", f"{each['a_minute']}", f"${ours:.4f}", f"${theirs:.4f}", times(ours / theirs)


SECTIONS: Final = (
    Section(pipeline.NAME, "Playable and ready", ABOUT_PIPELINE, pipeline_sheets),
    Section("scan", "Scan", "", scan_sheets),
    Section(throughput.NAME, "Throughput", ABOUT_THROUGHPUT, throughput_sheets),
    Section(longest.NAME, "Six hours", ABOUT_LONGEST, longest_sheets),
    Section(cost.NAME, "Cost", ABOUT_COST, cost_sheets),
    Section(sockets.NAME, "Sockets", ABOUT_SOCKETS, sockets_sheets),
    Section(enumeration.NAME, "Who has an account", ABOUT_ENUMERATION, enumeration_sheets),
)


def written(results: Results) -> str:
    """The whole document; what was not measured yet is left out."""
    parts = [HEAD]
    for section in SECTIONS:
        if (document := results.load(section.name)) is not None:
            parts.append(f"## {section.title}\n\n{_made_on(document)}{_disturbed(document)}\n")
            parts += [f"### {sheet.title}\n\n{sheet.markdown()}\n" for sheet in section.sheets(document)]
            parts += [section.about] if section.about else []
    return "\n".join(parts)


def _made_on(document: Document) -> str:
    machine = document["machine"]
    versions = [machine.get("clamav", ""), *(f"{name} {machine[name]}" for name in _VERSIONS if machine.get(name))]
    on = f"{machine['cpu']}, {machine['cores']} cores, {machine['memory_mb'] / 1024:.0f} GB, Linux {machine['kernel']}"
    when = f"Measured {document['measured']} on " if "measured" in document else "Measured on "
    return f"{when}{on}; Python {machine['python']}, {', '.join(versions)}."


def _disturbed(document: Document) -> str:
    """A warning, if something else used the processors."""
    cores = int(document["machine"]["cores"])
    runs = [run for piece in document.get("pieces", ()) for run in piece.get("runs", ())]
    runs = [(run["elsewhere_cpu_s"], run["ready_s"]) for run in runs]
    runs += [(document["elsewhere_cpu_s"], document["wall_s"])] if "elsewhere_cpu_s" in document else []
    share = max((elsewhere / (wall * cores) for elsewhere, wall in runs), default=0.0)
    if share <= DISTURBED:
        return ""
    return f" **Disturbed: up to {share:.0%} of the processors worked for something else.**"


_VERSIONS: Final = ("ffmpeg", "ministack")


def show(results: Results, console: Console, names: tuple[str, ...] = ()) -> None:
    """Prints the tables of the named benches, of all by default."""
    for section in SECTIONS:
        document = results.load(section.name)
        if document is not None and section.name in (names or (section.name,)):
            for sheet in section.sheets(document):
                if sheet.printed:
                    console.print(sheet.table())


def write(results: Results) -> None:
    results.report.parent.mkdir(parents=True, exist_ok=True)
    results.report.write_text(written(results))
    if not results.quick:
        headline.put(results)
