"""The goals of the pipeline, and whether the results meet them."""

from dataclasses import dataclass
from typing import Any, Final

from bench.music import MINUTE
from bench.runs import BASELINE, OURS

PLAYABLE_S: Final = 2.0
SOONER: Final = 10.0
SOONER_AT_S: Final = 10 * MINUTE
WALL: Final = 1.1
SCANNED_MB_PER_S: Final = 250.0
"""For files in memory."""
CLAMD_ALONE: Final = "descriptor"
FLAT: Final = 1.25
"""What still counts as flat: the longest track's peak over the shortest one's of the same kind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """`wanted` and `found` in words."""

    what: str
    wanted: str
    found: str
    met: bool


def run_of(piece: dict[str, Any], way: str) -> dict[str, Any]:
    return next(run for run in piece["runs"] if run["way"] == way)


def wall_ratio(run: dict[str, Any], cores: int) -> float:
    """Time to ready over the least it could be: ffmpeg's CPU spread over all cores."""
    return float(run["ready_s"]) / (float(run["encoder_cpu_s"]) / cores)


def sooner(piece: dict[str, Any]) -> float:
    """How many times sooner ours plays than the baseline."""
    return float(run_of(piece, BASELINE)["playable_s"]) / float(run_of(piece, OURS)["playable_s"])


def reached(document: dict[str, Any]) -> list[Goal]:
    """Of a pipeline document; a goal about a length that was not measured is left out."""
    pieces, cores = document["pieces"], int(document["machine"]["cores"])
    playable = max(pieces, key=lambda piece: run_of(piece, OURS)["playable_s"])
    longest = float(run_of(playable, OURS)["playable_s"])
    wall = max(pieces, key=lambda piece: wall_ratio(run_of(piece, OURS), cores))
    ratio = wall_ratio(run_of(wall, OURS), cores)
    return [
        Goal(
            what="last byte to playable, any length",
            wanted=f"at most {PLAYABLE_S:.0f} s",
            found=f"{longest:.2f} s at most ({playable['name']}){_by(longest, PLAYABLE_S, 's')}",
            met=longest <= PLAYABLE_S,
        ),
        *(_sooner(piece) for piece in pieces if piece["seconds"] == SOONER_AT_S),
        Goal(
            what="time to ready ÷ (ffmpeg's CPU ÷ cores)",
            wanted=f"at most {WALL}",
            found=f"{ratio:.2f} at most ({wall['name']}){_by(ratio, WALL, '')}",
            met=ratio <= WALL,
        ),
        *_flat(pieces),
    ]


def scanned(document: dict[str, Any]) -> list[Goal]:
    """Of a scan document: a goal per format; clamd alone says what is left to win."""
    return [_scanned(name, ways[OURS], ways[CLAMD_ALONE]) for name, ways in largest_scans(document).items()]


def largest_scans(document: dict[str, Any]) -> dict[str, dict[str, dict[str, Any]]]:
    """The largest file of each format, by way."""
    usual = [each for each in document["results"] if each["definitions"] == "builtin"]
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for each in sorted(usual, key=lambda each: int(each["size_bytes"])):
        found.setdefault(each["format"], {})[each["way"]] = each
    return found


def _scanned(name: str, ours: dict[str, Any], alone: dict[str, Any]) -> Goal:
    rate = float(ours["mb_per_s"])
    return Goal(
        what=f"hash, sniff and ClamAV in one pass, {name.upper()} of {ours['size_bytes'] / 1e6:.0f} MB",
        wanted=f"at least {SCANNED_MB_PER_S:.0f} MB/s",
        found=f"{rate:.0f} MB/s{_short(rate)} (clamd alone {alone['mb_per_s']:.0f})",
        met=rate >= SCANNED_MB_PER_S,
    )


def _short(rate: float) -> str:
    return "" if rate >= SCANNED_MB_PER_S else f", {SCANNED_MB_PER_S - rate:.0f} too little"


def _sooner(piece: dict[str, Any]) -> Goal:
    found = sooner(piece)
    return Goal(
        what=f"playable sooner than the sequential baseline, {piece['name']}",
        wanted=f"{SOONER:.0f} times",
        found=f"{found:.1f} times",
        met=found >= SOONER,
    )


def _flat(pieces: list[dict[str, Any]]) -> list[Goal]:
    """Compares the longest and the shortest lossless piece of the same sample format."""
    flac = sorted((piece for piece in pieces if "FLAC" in piece["name"]), key=lambda piece: float(piece["seconds"]))
    if len(flac) < 2:
        return []
    short, long = (int(run_of(piece, OURS)["encoder_peak_bytes"]) for piece in (flac[0], flac[-1]))
    return [
        Goal(
            what="memory of the transcoder, flat in the length",
            wanted=f"at most {FLAT} times",
            found=f"{long / short:.2f} times: {short / 1e6:.0f} MB ({flac[0]['name']}), "
            f"{long / 1e6:.0f} MB ({flac[-1]['name']})",
            met=long / short <= FLAT,
        )
    ]


def _by(found: float, wanted: float, unit: str) -> str:
    return "" if found <= wanted else f", {found - wanted:.2f} {unit}".rstrip() + " too much"
