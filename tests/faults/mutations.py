"""Files a little or a lot wrong, the same ones for the same seed."""

import random
import struct
from collections.abc import Callable, Sequence

from tests.corpus.spoiled import zipped

Mutation = Callable[[bytearray, random.Random, Sequence[bytes]], bytes | bytearray]
"""(a good file, chance, other good files) → a bad one, mostly."""

HEAD = 4096
"""Headers and tables decide most, so half of all changes go there."""
EXTREMES = (0, 1, 2, 7, 8, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFE, 0xFFFF_FFFF)


def mutant(data: bytes, others: Sequence[bytes], seed: str) -> tuple[str, bytes]:
    """One to three mutations of `data`, and their names."""
    chance = random.Random(seed)
    chosen = chance.choices(MUTATIONS, k=chance.choice((1, 1, 1, 2, 3)))
    for mutate in chosen:
        data = bytes(mutate(bytearray(data), chance, others))
        if not data:
            break
    return "+".join(mutate.__name__ for mutate in chosen), data


def flip_bits(data: bytearray, chance: random.Random, _others: Sequence[bytes]) -> bytearray:
    for _ in range(chance.choice((1, 1, 2, 8, 64))):
        data[_place(data, chance)] ^= 1 << chance.randrange(8)
    return data


def set_bytes(data: bytearray, chance: random.Random, _others: Sequence[bytes]) -> bytearray:
    for _ in range(chance.choice((1, 2, 16))):
        data[_place(data, chance)] = chance.choice((0, 1, 0x7F, 0x80, 0xFE, 0xFF, chance.randrange(256)))
    return data


def set_number(data: bytearray, chance: random.Random, _others: Sequence[bytes]) -> bytearray:
    """Sizes, counts, offsets, rates: whatever number happens to be there."""
    width, order = chance.choice((2, 4, 4, 4, 8)), chance.choice("<>")
    at = min(_place(data, chance), max(0, len(data) - width))
    now = int.from_bytes(data[at : at + width], "little" if order == "<" else "big")
    value = chance.choice((*EXTREMES, len(data), len(data) - at, now + 1, now - 1, now * 2, now // 2))
    form = {2: "H", 4: "I", 8: "Q"}[width]
    data[at : at + width] = struct.pack(order + form, value % (1 << 8 * width))
    return data


def truncate(data: bytearray, chance: random.Random, _others: Sequence[bytes]) -> bytearray:
    return data[: chance.choice((chance.randrange(len(data) + 1), len(data) - 1, len(data) - chance.randrange(64)))]


def cut_out(data: bytearray, chance: random.Random, _others: Sequence[bytes]) -> bytearray:
    start, end = _span(data, chance)
    return data[:start] + data[end:]


def double(data: bytearray, chance: random.Random, _others: Sequence[bytes]) -> bytearray:
    start, end = _span(data, chance)
    return data[:end] + data[start:end] * chance.choice((1, 1, 100)) + data[end:]


def splice(data: bytearray, chance: random.Random, others: Sequence[bytes]) -> bytearray:
    """A stretch of another file over or into this one."""
    donor = chance.choice(others)
    start, end = _span(donor, chance)
    at = _place(data, chance)
    return data[:at] + donor[start:end] + data[at + chance.choice((0, end - start)) :]


def change_heads(data: bytearray, chance: random.Random, others: Sequence[bytes]) -> bytes:
    donor, at = chance.choice(others), chance.choice((4, 12, 44, 64, 128, 1024))
    return donor[:at] + bytes(data[at:])


def append(data: bytearray, chance: random.Random, others: Sequence[bytes]) -> bytearray:
    tail = chance.choice(
        (
            zipped("song.wav", b"hidden" * 9),
            bytes(chance.randrange(1, 4096)),
            chance.randbytes(chance.randrange(1, 512)),
            bytes(data[-64:]),
            chance.choice(others),
            b"TAG".ljust(128, b"\0"),
        )
    )
    return data + tail


def reorder(data: bytearray, chance: random.Random, _others: Sequence[bytes]) -> bytes:
    """Its boxes, chunks, pages or frames, some of them elsewhere, twice or not at all."""
    head, *rest = pieces(bytes(data))
    if not rest:
        return head
    one, two = chance.randrange(len(rest)), chance.randrange(len(rest))
    match chance.randrange(3):
        case 0:
            rest[one], rest[two] = rest[two], rest[one]
        case 1:
            rest.insert(one, rest[two])
        case _:
            del rest[one]
    return head + b"".join(rest)


def noise(data: bytearray, chance: random.Random, _others: Sequence[bytes]) -> bytearray:
    start, end = _span(data, chance)
    data[start:end] = chance.randbytes(end - start)
    return data


MUTATIONS: tuple[Mutation, ...] = (
    flip_bits,
    set_bytes,
    set_number,
    set_number,
    truncate,
    cut_out,
    double,
    splice,
    change_heads,
    append,
    reorder,
    noise,
)


def pieces(data: bytes) -> list[bytes]:
    """The file in the pieces its format is made of; together they are the file."""
    if data[:4] in {b"RIFF", b"RF64"}:
        return [data[:12], *_chunks(data, 12, "<I", at=4, around=8, even=True)]
    if data[:4] == b"FORM":
        return [data[:12], *_chunks(data, 12, ">I", at=4, around=8, even=True)]
    if data[4:8] == b"ftyp":
        return _chunks(data, 0, ">I", at=0, around=0, even=False)
    if data[:4] == b"OggS":
        return [b"OggS" + page for page in data.split(b"OggS")[1:]]
    return [data[start : start + 417] for start in range(0, len(data), 417)] or [data]


def _chunks(data: bytes, start: int, form: str, *, at: int, around: int, even: bool) -> list[bytes]:
    found = []
    while start + 8 <= len(data):
        (size,) = struct.unpack_from(form, data, start + at)
        size += around + (size % 2 if even else 0)
        end = start + max(size, 8)
        found.append(data[start:end])
        start = end
    return [*found, data[start:]] if start < len(data) else found


def _place(data: bytearray, chance: random.Random) -> int:
    return chance.randrange(max(1, chance.choice((64, HEAD, len(data))))) % len(data)


def _span(data: bytes | bytearray, chance: random.Random) -> tuple[int, int]:
    start = chance.randrange(len(data))
    return start, min(len(data), start + chance.choice((1, 4, 16, 512, 4096, len(data))))
