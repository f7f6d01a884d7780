"""The length of one FLAC frame, found by skipping through its subframes (RFC 9639 §9.2) without decoding them."""

from typing import Final

SIDE_CHANNEL: Final = {8: 1, 9: 0, 10: 1}
"""Channel assignment → the channel that is a difference and has one bit more (§9.1.3)."""


class Ended(Exception):
    """The bytes end before the frame does."""


class Invalid(Exception):
    """A reserved value: these bytes are no frame."""


def frame_length(body: bytes, *, header_size: int, block: int, channels: int, bits: int) -> int:
    """Bytes of the frame at the start of `body`, its checksum included. Raises Ended or Invalid."""
    # As text of 0 and 1 the long unary codes are skipped by str.find, in C.
    digits = bin(int.from_bytes(b"\1" + body, "big"))[3:]
    side = SIDE_CHANNEL.get(body[3] >> 4)
    at = header_size * 8
    for channel in range(channels):
        at = _subframe(digits, at, block, bits + (channel == side))
    length = (at + 7) // 8 + 2
    if length > len(body):
        raise Ended
    return length


def _number(digits: str, at: int, width: int) -> int:
    if at + width > len(digits):
        raise Ended
    return int(digits[at : at + width], 2)


def _unary_end(digits: str, at: int) -> int:
    one = digits.find("1", at)
    if one < 0:
        raise Ended
    return one + 1


def _subframe(digits: str, at: int, block: int, bits: int) -> int:
    kind, wasted = _number(digits, at + 1, 6), _number(digits, at + 7, 1)
    at += 8
    if wasted:
        end = _unary_end(digits, at)
        bits, at = bits - (end - at), end
    if kind == 0:
        return at + bits
    if kind == 1:
        return at + bits * block
    if 8 <= kind <= 12:
        return _residual(digits, at + (kind - 8) * bits, block, kind - 8)
    if kind < 32:
        raise Invalid
    order = kind - 31
    at += order * bits
    precision = _number(digits, at, 4) + 1
    return _residual(digits, at + 9 + order * precision, block, order)


def _residual(digits: str, at: int, block: int, order: int) -> int:
    method, partition_order = _number(digits, at, 2), _number(digits, at + 2, 4)
    if method > 1 or block >> partition_order < order:
        raise Invalid
    width, escape = (4, 15) if method == 0 else (5, 31)
    at += 6
    for partition in range(1 << partition_order):
        parameter = _number(digits, at, width)
        at += width
        count = (block >> partition_order) - (order if partition == 0 else 0)
        if parameter == escape:
            at += 5 + count * _number(digits, at, 5)
            continue
        for _ in range(count):
            at = _unary_end(digits, at) + parameter
    return at
