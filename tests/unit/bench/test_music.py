"""Which files the benches are made of."""

from bench.music import ENCODED, Format, Piece, distinct
from bench.pipeline import FULL


def test_pieces_of_a_throughput_run_are_all_different() -> None:
    pieces = distinct(100, 180)
    assert len({piece.path for piece in pieces}) == 100


def test_a_file_is_named_by_all_that_decides_its_bytes() -> None:
    pieces = [
        Piece(name=name, format=kind, seconds=seconds, start_s=start)
        for name in ("one", "other")
        for kind in Format
        for seconds in (20, 30)
        for start in (0, 400)
    ]
    assert len({piece.path for piece in pieces}) == len(pieces) // 2


def test_every_format_can_be_made() -> None:
    assert set(ENCODED) == set(Format)


def test_the_full_plan_has_the_lengths_the_goals_speak_of() -> None:
    assert sorted(piece.seconds for piece, _ in FULL.pieces) == [180, 600, 3600, 10_800]
