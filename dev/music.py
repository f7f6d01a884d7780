"""A short piece for the demo: arpeggios over four chords, plucked by ffmpeg's own oscillators."""

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from dev.problem import Problem

BAR_S = 3.0
NOTES_PER_BAR = 8
RATE_HZ = 48_000
TITLE = "Eight Bars Before Breakfast"
ARTIST = "Veza"
# MIDI numbers: A minor 9, F major 7, C, G 6; bass first, then what the arpeggio climbs over.
CHORDS = ((45, 60, 64, 67, 71), (41, 57, 60, 64, 72), (48, 55, 64, 67, 74), (43, 59, 62, 64, 67))
CLIMB = (1, 2, 3, 4, 3, 2, 4, 3)


@dataclass(frozen=True, slots=True)
class Note:
    """`pan` from 0 (left) to 1 (right); `level` and `hold_s` of the string that is plucked."""

    at_s: float
    midi: int
    level: float
    hold_s: float
    pan: float

    @property
    def hertz(self) -> float:
        return 440.0 * 2 ** ((self.midi - 69) / 12)


def score(bars: int) -> Iterator[Note]:
    """The notes of the piece in the order they sound."""
    step = BAR_S / NOTES_PER_BAR
    for bar in range(bars):
        chord = CHORDS[bar % len(CHORDS)]
        yield Note(bar * BAR_S, chord[0], 0.20, 2.8, 0.5)
        for position, string in enumerate(CLIMB):
            lift = 12 if bar >= len(CHORDS) and position in (3, 6) else 0
            level = 0.13 if position % 2 == 0 else 0.09
            yield Note(bar * BAR_S + position * step, chord[string] + lift, level, 1.8, 0.25 + 0.5 * (position % 4) / 3)
    yield Note(bars * BAR_S, 45, 0.20, 3.0, 0.5)
    yield Note(bars * BAR_S, 69, 0.10, 3.0, 0.5)


def filter_graph(notes: list[Note]) -> str:
    """One decaying oscillator with two overtones per note, put in its place, summed, with a little room."""
    voices = [_voice(number, note) for number, note in enumerate(notes)]
    mix = "".join(f"[v{number}]" for number in range(len(notes)))
    room = "volume=10dB,aecho=0.9:0.7:43|91|147:0.22|0.16|0.10,lowpass=f=9000,alimiter=limit=0.9"
    return ";".join([*voices, f"{mix}amix=inputs={len(notes)}:normalize=0:dropout_transition=0,{room}[out]"])


def _voice(number: int, note: Note) -> str:
    f, decay = note.hertz, 3.2 / note.hold_s
    wave = f"(sin({f:.3f}*2*PI*t)+0.45*exp(-3*t)*sin({2 * f:.3f}*2*PI*t)+0.2*exp(-6*t)*sin({3 * f:.3f}*2*PI*t))"
    pluck = f"{note.level}*min(1,t*180)*exp(-{decay:.3f}*t)*{wave}"
    place = f"pan=stereo|c0={1 - note.pan:.2f}*c0|c1={note.pan:.2f}*c0"
    return f"aevalsrc='{pluck}':s={RATE_HZ}:d={note.hold_s},{place},adelay={round(note.at_s * 1000)}:all=1[v{number}]"


def compose(path: Path, *, ffmpeg: Path, bars: int = 8) -> None:
    """Writes the piece to `path`; its ending decides the format. Eight bars and the last chord are 27 s."""
    command = [str(ffmpeg), "-v", "error", "-y", "-filter_complex", filter_graph(list(score(bars))), "-map", "[out]"]
    command += ["-metadata", f"title={TITLE}", "-metadata", f"artist={ARTIST}", "-sample_fmt", "s32", str(path)]
    result = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    if result.returncode != 0:
        raise Problem("ffmpeg could not make the demo piece.", detail=result.stderr[-1500:])
