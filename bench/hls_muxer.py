"""The ladder as everybody else makes it: ffmpeg's own HLS muxer, the same rungs, bit rates and AAC coder as ours.

Resampling is ffmpeg's default here (ours is soxr), and no loudness, waveform or fingerprint is made: what is compared
with us does less, not more.
"""

import mmap
from pathlib import Path
from typing import Final

from core.domain.media import SourceFacts
from scan.sniff import sniff
from transcode import ladder
from transcode.ladder import Rung, RungCodec

DOWNLOAD: Final = "download.mp3"
MASTER: Final = "master.m3u8"
_SEGMENTS: Final = ("-f", "hls", "-hls_playlist_type", "vod", "-hls_segment_type", "fmp4")


def facts(path: Path) -> SourceFacts:
    """What our sniffer says of a file, so that all sides choose the same rungs."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        return sniff(data, path.name)


def coders(source: SourceFacts) -> dict[str, str]:
    """ffmpeg's `-aac_coder` for each AAC rung, as the ladder has it."""
    return {rung.name: ladder.AAC_CODER for rung in ladder.rungs(source) if rung.codec is RungCodec.AAC}


def opened(ffmpeg: Path, original: Path) -> list[str]:
    return [str(ffmpeg), "-nostdin", "-v", "error", "-y", "-i", str(original)]


def rendition(rung: Rung, source: SourceFacts, folder: Path) -> list[str]:
    """One rung as an output of ffmpeg: `{name}.m3u8`, `{name}-init.mp4` and segments of six seconds."""
    if rung.codec is RungCodec.AAC:
        codec = ["-c:a", "aac", "-aac_coder", coders(source)[rung.name], "-b:a", str(rung.bitrate)]
    else:
        codec = ["-c:a", "flac", "-sample_fmt", "s16" if rung.bits_per_sample == 16 else "s32"]
    return [
        *("-map", "0:a:0", "-ac", str(rung.channels), "-ar", str(rung.sample_rate), *codec),
        *(*_SEGMENTS, "-hls_time", str(ladder.TARGET_DURATION_S)),
        *("-hls_fmp4_init_filename", f"{rung.name}-init.mp4"),
        *("-hls_segment_filename", str(folder / f"{rung.name}-%05d.m4s"), str(folder / f"{rung.name}.m3u8")),
    ]


def download(source: SourceFacts, folder: Path) -> list[str]:
    """The MP3 people download."""
    rate = str(ladder.ladder_rate(source.sample_rate))
    codec = ("-c:a", "libmp3lame", "-b:a", str(ladder.DOWNLOAD_BITRATE))
    return ["-map", "0:a:0", "-ac", "2", "-ar", rate, *codec, str(folder / DOWNLOAD)]


def master(rungs: tuple[Rung, ...]) -> str:
    """A playlist of the renditions, good enough to play."""
    lines = ["#EXTM3U", "#EXT-X-VERSION:7"]
    for rung in rungs:
        lines += [f"#EXT-X-STREAM-INF:BANDWIDTH={rung.bitrate or 1_411_200}", f"{rung.name}.m3u8"]
    return "\n".join([*lines, ""])
