"""What definitions are proved with: one file that must be found, and a small clean corpus that must not."""

import wave
from pathlib import Path
from typing import Final

EICAR_HEX: Final = (
    "58354f2150254041505b345c505a58353428505e2937434329377d2445494341522d5354414e444152442d414e54"
    "4956495255532d544553542d46494c452124482b482a"
)
"""The EICAR anti-malware test file (eicar.org), in hex so that no scanner takes this source for it."""
_RATE_HZ: Final = 8000
_BLOCK: Final = 4096


def write_eicar(folder: Path) -> Path:
    path = folder / "infected.com"
    path.write_bytes(bytes.fromhex(EICAR_HEX))
    return path


def write_clean(folder: Path) -> list[Path]:
    """A WAV, a FLAC and a text: what artists send, so a set that finds something in them would refuse everybody."""
    sound, packed, text = folder / "clean.wav", folder / "clean.flac", folder / "clean.txt"
    with wave.open(str(sound), "wb") as audio:
        audio.setnchannels(1)
        audio.setsampwidth(2)
        audio.setframerate(_RATE_HZ)
        audio.writeframes(bytes(_RATE_HZ))
    packed.write_bytes(silent_flac())
    text.write_text("A quiet evening by the river, in three movements.\n")
    return [sound, packed, text]


def silent_flac() -> bytes:
    """One block of silence, 8 kHz, mono, 16 bits (RFC 9639: STREAMINFO, then a frame with a constant subframe)."""
    rate_to_total = (_RATE_HZ << 44) | (0 << 41) | (15 << 36) | _BLOCK
    stream = _BLOCK.to_bytes(2) * 2 + bytes(6) + rate_to_total.to_bytes(8) + bytes(16)
    # Sync code, fixed blocks | 4096 samples, 8 kHz | mono, 16 bits | frame 0
    header = bytes([0xFF, 0xF8, 0xC4, 0x08, 0x00])
    frame = header + bytes([_crc(header, 8, 0x07)]) + bytes(3)
    return b"fLaC" + bytes([0x80, 0, 0, len(stream)]) + stream + frame + _crc(frame, 16, 0x8005).to_bytes(2)


def _crc(data: bytes, bits: int, polynomial: int) -> int:
    """Most significant bit first, starting with 0 (RFC 9639 sections 9.1.8 and 9.3)."""
    remainder, top = 0, 1 << (bits - 1)
    for byte in data:
        remainder ^= byte << (bits - 8)
        for _ in range(8):
            remainder = (remainder << 1) ^ (polynomial if remainder & top else 0)
            remainder &= (1 << bits) - 1
    return remainder
