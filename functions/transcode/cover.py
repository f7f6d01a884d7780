"""The attached picture, drawn anew as JPEG in two sizes. The file's own bytes are never served."""

from dataclasses import dataclass
from typing import Final

from core.domain.errors import EncoderFailed
from core.domain.media import SourceFacts
from transcode import commands
from transcode.ffmpeg import FD, Ffmpeg, Output, collect

SIZES: Final = (1200, 300)
"""The longer side in pixels; a smaller picture stays as it is."""
PIXELS_MAX: Final = 64_000_000
JPEG_MAX: Final = 8 * 1024 * 1024
WALL_S: Final = 60


@dataclass(frozen=True, slots=True)
class Cover:
    """JPEG bytes by size."""

    pictures: dict[int, bytes]


def file_name(size: int) -> str:
    return f"cover-{size}.jpg"


def draw_cover(engine: Ffmpeg, source: SourceFacts, url: str) -> Cover | None:
    """None if the file has no picture, or none that can be drawn: a track is never refused for its cover."""
    pictures = {size: bytearray() for size in SIZES}
    outputs = [Output(_arguments(size), collect(JPEG_MAX + 1, into)) for size, into in pictures.items()]
    opened = ["-max_pixels", str(PIXELS_MAX), *commands.opened(source, url, pictures=True, strict=False)]
    try:
        engine.run(opened, outputs, wall_s=WALL_S)
    except EncoderFailed:
        return None
    drawn = {size: bytes(jpeg) for size, jpeg in pictures.items()}
    return Cover(drawn) if all(_whole(jpeg) for jpeg in drawn.values()) else None


def _arguments(size: int) -> list[str]:
    scale = f"scale=w='min({size},iw)':h='min({size},ih)':force_original_aspect_ratio=decrease"
    jpeg = ("-c:v", "mjpeg", "-q:v", "3", "-f", "image2pipe")
    return [
        *("-map", "0:v:0", "-map_metadata", "-1", "-bitexact", "-frames:v", "1"),
        *("-vf", f"{scale},format=yuvj420p", *jpeg, f"pipe:{FD}"),
    ]


def _whole(jpeg: bytes) -> bool:
    return jpeg.startswith(b"\xff\xd8") and jpeg.endswith(b"\xff\xd9") and len(jpeg) <= JPEG_MAX
