"""ffmpeg's command line: how the original is opened, and the arguments of each output of the one big run."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from core.domain.media import Codec, SourceFacts, Tags
from transcode.ffmpeg import FD
from transcode.ladder import AAC_CODER, DOWNLOAD_BITRATE, Rung, RungCodec, ladder_rate
from transcode.loudness import FILTER

_PCM = (
    *("u8", "s8", "s16le", "s16be", "s24le", "s24be", "s32le", "s32be"),
    *("f32le", "f32be", "f64le", "f64be"),
)
DECODERS: Final[dict[Codec, tuple[str, ...]]] = {
    Codec.PCM: tuple(f"pcm_{kind}" for kind in _PCM),
    Codec.FLAC: ("flac",),
    Codec.ALAC: ("alac",),
    Codec.AAC: ("aac",),
    Codec.MP3: ("mp3float",),
    Codec.VORBIS: ("vorbis",),
    Codec.OPUS: ("opus",),
}
"""The only decoders that may touch a file of each codec, whatever the file says about itself."""
PICTURE_DECODERS: Final = ("mjpeg", "png", "webp", "gif", "bmp")
STRICT: Final = ("-err_detect", "crccheck+bitstream+buffer+explode")
FRAGMENTED: Final = ("-f", "mp4", "-movflags", "+delay_moov+default_base_moof+skip_trailer+cmaf")
FINGERPRINT_S: Final = 120
RUN_UP_S: Final = 2
"""Seconds decoded before a cut, so that decoders which lean on earlier packets are in step by then."""

_AUDIO = ("-map", "0:a:0", "-map_metadata", "-1", "-map_chapters", "-1", "-bitexact")
_PIPE = f"pipe:{FD}"


@dataclass(frozen=True, slots=True)
class Cut:
    """The part of the decoded audio that goes to an encoder: samples `start` to `end`-1 of the source.

    ffmpeg seeks to a whole second some way before, and the filter cuts to the sample by the demuxer's time stamps:
    those are exact in every container we take (measured; tests/integration/transcode holds it).
    """

    start: int = 0
    end: int | None = None

    def seek_s(self, rate: int) -> int:
        return max(0, self.start // rate - RUN_UP_S)

    def filter(self, rate: int) -> str:
        """Empty where nothing is cut."""
        before = self.seek_s(rate) * rate
        bounds = [f"start_pts={self.start - before}"] if self.start else []
        bounds += [] if self.end is None else [f"end_pts={self.end - before}"]
        return f"atrim={':'.join(bounds)},asetpts=PTS-STARTPTS" if bounds else ""


WHOLE: Final = Cut()


def opened(
    source: SourceFacts, url: str, *, pictures: bool = False, strict: bool = True, cut: Cut = WHOLE
) -> list[str]:
    """The original as input: demuxer and decoders are ours to choose, and only the loopback can be reached."""
    decoders = DECODERS[source.codec] + (PICTURE_DECODERS if pictures else ())
    return [
        *(STRICT if strict else ()),
        *("-protocol_whitelist", "http,tcp"),
        *("-format_whitelist", _demuxer_names(source), "-codec_whitelist", ",".join(decoders)),
        *(("-ss", str(seek_s)) if (seek_s := cut.seek_s(source.sample_rate)) else ()),
        *("-f", source.container.value, "-i", url),
    ]


def _demuxer_names(source: SourceFacts) -> str:
    return "mov,mp4,m4a,3gp,3g2,mj2" if source.container.value == "mov" else source.container.value


def rendition(rung: Rung, source: SourceFacts, cut: Cut = WHOLE) -> list[str]:
    """One rung as fragmented MP4. ffmpeg closes a fragment with the frame that passes frag_duration."""
    microseconds = round((rung.chunk_frames - 0.5) * rung.frame_samples * 1_000_000 / rung.sample_rate)
    if rung.codec is RungCodec.AAC:
        codec = ["-c:a", "aac", "-aac_coder", AAC_CODER, "-b:a", str(rung.bitrate)]
    else:
        depth = "s16" if rung.bits_per_sample == 16 else "s32"
        codec = ["-c:a", "flac", "-frame_size", str(rung.frame_samples), "-sample_fmt", depth]
    filters = _filters(source, channels=rung.channels, rate=rung.sample_rate, cut=cut)
    return [*_AUDIO, *filters, *codec, *FRAGMENTED, "-frag_duration", str(microseconds), _PIPE]


def download(source: SourceFacts, *, title: str | None, tags: Tags) -> list[str]:
    """The MP3 people download, with title and artist in it."""
    words = {"title": title, "artist": tags.artist, "album": tags.album, "date": tags.date}
    metadata = [part for name, word in words.items() if word for part in ("-metadata", f"{name}={word}")]
    filters = _filters(source, channels=2, rate=ladder_rate(source.sample_rate))
    codec = ("-c:a", "libmp3lame", "-b:a", str(DOWNLOAD_BITRATE), "-write_xing", "0", "-id3v2_version", "3")
    return [*_AUDIO, *metadata, *filters, *codec, "-f", "mp3", _PIPE]


def samples(source: SourceFacts, cut: Cut = WHOLE) -> list[str]:
    """What was decoded, as 8-bit mono at the source's rate: to be counted, and drawn as the waveform."""
    trimmed = cut.filter(source.sample_rate)
    filters = ("-af", trimmed) if trimmed else ()
    return [*_AUDIO, *filters, "-ac", "1", "-ar", str(source.sample_rate), "-c:a", "pcm_u8", "-f", "u8", _PIPE]


def loudness(source: SourceFacts) -> list[str]:
    """The stereo everybody hears, measured; the values go to the pipe, the audio nowhere."""
    printed = f"{FILTER},ametadata=mode=print:file=pipe\\\\:{FD}"
    return [*_AUDIO, *_filters(source, channels=2, rate=source.sample_rate, then=printed), "-f", "null", "-"]


def fingerprint(source: SourceFacts) -> list[str]:
    """Chromaprint of the first two minutes, as AcoustID knows it."""
    filters = _filters(source, channels=min(source.channels, 2), rate=source.sample_rate)
    return [*_AUDIO, *filters, "-t", str(FINGERPRINT_S), "-f", "chromaprint", "-fp_format", "base64", _PIPE]


def packets() -> list[str]:
    """A line of time stamps per packet, nothing decoded."""
    return [*_AUDIO, "-c", "copy", "-f", "framecrc", _PIPE]


def _filters(source: SourceFacts, *, channels: int, rate: int, cut: Cut = WHOLE, then: str = "") -> Sequence[str]:
    trimmed = cut.filter(source.sample_rate)
    chain = [trimmed] if trimmed else []
    if source.channels == 1 and channels == 2:
        chain.append("pan=stereo|c0=c0|c1=c0")  # ffmpeg's own upmix would lose 3 dB
    elif source.channels > 2:
        chain.append("aformat=channel_layouts=stereo")
    if rate != source.sample_rate:
        # Asked for 16 bits, soxr dithers from a random seed, and a second run would make other bytes.
        chain.append(f"aresample={rate}:resampler=soxr:internal_sample_fmt=fltp")
    if then:
        chain.append(then)
    return ("-af", ",".join(chain)) if chain else ()
