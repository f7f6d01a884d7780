"""The shortest sounds that are worth a transcode."""

import io
import math
import wave


def brief(tail: bytes = b"") -> bytes:
    """A tenth of a second in WAV at 8 kHz; `tail` is part of the sound."""
    out = io.BytesIO()
    with wave.open(out, "wb") as audio:
        audio.setnchannels(1)
        audio.setsampwidth(1)
        audio.setframerate(8000)
        audio.writeframes(bytes(128 + round(90 * math.sin(n / 3)) for n in range(800)) + tail)
    return out.getvalue()
