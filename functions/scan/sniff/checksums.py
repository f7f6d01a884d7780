"""The two checksums of FLAC (RFC 9639 §9.1.8, §9.3), which the standard library lacks."""

import functools


@functools.cache
def _table(polynomial: int, bits: int) -> tuple[int, ...]:
    top, mask = 1 << (bits - 1), (1 << bits) - 1
    table = []
    for byte in range(256):
        value = byte << (bits - 8)
        for _ in range(8):
            value = (value << 1 ^ polynomial if value & top else value << 1) & mask
        table.append(value)
    return tuple(table)


def crc8_flac(data: bytes) -> int:
    table = _table(0x07, 8)
    crc = 0
    for byte in data:
        crc = table[crc ^ byte]
    return crc


def crc16_flac(data: bytes) -> int:
    """0 for a frame together with its own checksum."""
    table = _table(0x8005, 16)
    crc = 0
    for byte in data:
        crc = (crc << 8 & 0xFF00) ^ table[crc >> 8 ^ byte]
    return crc
