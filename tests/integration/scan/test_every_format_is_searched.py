"""clamd passes some formats unread: whatever we take as audio is searched to its last byte all the same."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dev import definitions, tools
from scan.clamav import verdict_of
from scan.clamd import ONE_MATCHER_MAX_SIGNATURES, Clamd
from scan.spool import spooled
from tests import corpus
from tests.corpus import Sample
from tests.fakes.objects import FakeObjectStore


@pytest.fixture(scope="module", params=[1, ONE_MATCHER_MAX_SIGNATURES + 1], ids=["one-matcher", "both-matchers"])
def clamd(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clamd]:
    """With the matchers that few signatures get, and with those of many."""
    folder = tmp_path_factory.mktemp("clamd")
    database = definitions.build_builtin(folder / "db")
    daemon = Clamd(str(tools.clamd()), database=database, folder=folder / "run", signatures=request.param)
    daemon.wait_ready(60)
    yield daemon
    daemon.stop()


def answer_to(clamd: Clamd, content: bytes) -> str:
    store = FakeObjectStore()
    store.add("uploads", "a", content)
    with spooled(store, store.head("uploads", "a"), lambda _: None) as spool:
        return clamd.search(spool.file.fileno(), 60)


def a(name: str) -> bytes:
    return next(sample for sample in corpus.good() if sample.name == name).read()


def wav_with(payload: bytes) -> bytes:
    """A WAV that can be played, with that in a chunk before all others."""
    whole, padded = a("wav-16"), payload + b"\0" * (len(payload) % 2)
    chunk = b"JUNK" + len(padded).to_bytes(4, "little") + padded
    return b"RIFF" + (len(whole) - 8 + len(chunk)).to_bytes(4, "little") + whole[8:12] + chunk + whole[12:]


def flac_with(payload: bytes) -> bytes:
    """A FLAC that can be played, with that in an APPLICATION block (RFC 9639, section 8.4) behind STREAMINFO."""
    whole = a("flac-16")
    at = len(b"fLaC") + 4 + 34
    last, block = whole[4] & 0x80, b"test" + payload
    header = bytes([last | 2]) + len(block).to_bytes(3, "big")
    return b"fLaC" + bytes([whole[4] & 0x7F]) + whole[5:at] + header + block + whole[at:]


MIDI = b"MThd\x00\x00\x00\x06\x00\x00\x00\x01\x00\x60MTrk\x00\x00\x02\x00"
RASTER = b"/RGB\nID\n" + b"\xff" * 24
HTML = b"<html>\x00\x01"
UNREAD = {
    "RealMedia": b".RMF hello\n",
    "StuffIt": b"SIP-HIT (SIP/H hello\n",
    "RealMedia, an animated cursor": b".RMF1234ACON hello\n",
    "MP3": b"ID3\x04",
    "Ogg": b"OggS",
    "MIDI, a picture": MIDI + RASTER,
    "MIDI, a page": MIDI + HTML,
}
"""Beginnings that make clamd pass over what follows, or look at a part of it alone."""


@pytest.mark.parametrize("sample", corpus.good(), ids=lambda sample: sample.name)
def test_fault_13_malware_behind_audio_of_any_format_is_found(clamd: Clamd, sample: Sample) -> None:
    assert answer_to(clamd, sample.read()) == "OK"
    assert answer_to(clamd, sample.read() + corpus.eicar()) == "Eicar-Test-Signature.UNOFFICIAL FOUND"


@pytest.mark.parametrize("beginning", UNREAD.values(), ids=UNREAD)
def test_fault_13_no_beginning_hides_what_follows(clamd: Clamd, beginning: bytes) -> None:
    assert answer_to(clamd, beginning) == "OK"
    assert answer_to(clamd, beginning + corpus.eicar()) == "Eicar-Test-Signature.UNOFFICIAL FOUND"


@pytest.mark.parametrize("mark", [RASTER, HTML], ids=["a picture", "a page"])
@pytest.mark.parametrize("audio_with", [wav_with, flac_with])
def test_fault_13_no_mark_within_audio_hides_what_follows(
    clamd: Clamd, audio_with: Callable[[bytes], bytes], mark: bytes
) -> None:
    assert answer_to(clamd, audio_with(mark)) == "OK"
    assert answer_to(clamd, audio_with(mark + corpus.eicar())) == "Eicar-Test-Signature.UNOFFICIAL FOUND"


@pytest.mark.parametrize("path", tools.clamav_testfiles(), ids=lambda path: path.name)
def test_fault_13_every_test_file_is_found_by_either_set_of_matchers(clamd: Clamd, path: Path) -> None:
    assert verdict_of(answer_to(clamd, path.read_bytes()))[0] == "infected"
