"""The program under its limits: whatever it does, the worker gets a clear answer in time."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import pytest

from core.domain.errors import EncoderFailed, StorageUnavailable
from tests import corpus
from tests.integration.transcode.studio import production_ffmpeg
from transcode.ffmpeg import FD, STDERR_LINES, Ffmpeg, Limits, Output, collect

Program = Callable[[str], Ffmpeg]


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """An engine whose program is a shell script."""

    def written(script: str) -> Ffmpeg:
        path = tmp_path / "program"
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o700)
        return Ffmpeg(str(path), Limits(wall_s=20))

    return written


def nothing(pipe: BinaryIO) -> None:
    pipe.read()


def test_fault_15_a_program_that_hangs_is_stopped(program: Program) -> None:
    engine, started = program("exec sleep 60"), time.monotonic()

    with pytest.raises(EncoderFailed, match="stopped after"):
        engine.run([], [Output([], nothing)], wall_s=0.5)
    assert time.monotonic() - started < 10


def test_a_program_killed_from_outside_is_our_failure(program: Program) -> None:
    with pytest.raises(EncoderFailed, match="signal 9"):
        program("kill -KILL $$").run([], [])


def test_a_program_that_is_not_there_is_our_failure(tmp_path: Path) -> None:
    with pytest.raises(EncoderFailed, match="can't be started"):
        Ffmpeg(str(tmp_path / "nowhere")).run([], [Output([], nothing)])


def test_the_exit_code_alone_means_nothing(program: Program) -> None:
    assert program("exit 1").run([], []) == []
    assert program("echo broken >&2; exit 0").run([], []) == ["broken"]


def test_a_flood_of_complaints_neither_blocks_nor_piles_up(program: Program) -> None:
    errors = program("yes 'the same complaint' | head -c 3000000 >&2").run([], [])

    assert errors == ["the same complaint"] * STDERR_LINES


def test_every_output_goes_to_its_own_reader(program: Program) -> None:
    engine, first, second = program("echo one >/dev/fd/$6; echo two >/dev/fd/$7"), bytearray(), bytearray()

    engine.run([], [Output([FD], collect(100, first)), Output([FD], collect(2, second))])

    assert (bytes(first), bytes(second)) == (b"one\n", b"tw")


def test_a_reader_that_fails_stops_the_program_and_is_heard(program: Program) -> None:
    def full(_pipe: BinaryIO) -> None:
        raise StorageUnavailable("no room")

    engine, started = program("exec sleep 60"), time.monotonic()

    with pytest.raises(StorageUnavailable):
        engine.run([], [Output([], nothing), Output([], full)])
    assert time.monotonic() - started < 10


def test_the_program_sees_no_environment_of_ours(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "a secret")

    errors = program("env >&2").run([], [])

    assert errors
    assert not any("AWS" in line for line in errors)


def test_ffmpeg_writes_no_files(tmp_path: Path) -> None:
    source, target = ["-i", str(corpus.sample("wav-16").path)], tmp_path / "out.wav"

    with pytest.raises(EncoderFailed, match="signal"):
        Ffmpeg(production_ffmpeg()).run(source, [Output([str(target), "-f", "null", "-"], nothing)])
    assert not target.exists() or target.stat().st_size == 0
