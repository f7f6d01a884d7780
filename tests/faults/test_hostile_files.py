"""Fault 13: malware and its disguises, archives, polyglots, nothing, silence: each gets its verdict, none is public."""

import wave
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest

from core.domain.reasons import ReasonCode as R
from core.domain.tracks import TrackState
from core.domain.verdicts import Verdict
from core.messages.definitions import DEFINITIONS_POINTER
from core.telemetry import get_logger
from dev import definitions, tools
from scan import clamd
from scan.clamav import ClamavScanner
from scan.definitions import PublishedDefinitions
from scan.service import Outcome
from tests import corpus
from tests.builders import NOW
from tests.corpus.spoiled import zipped
from tests.fakes.clock import FakeClock
from tests.fakes.objects import FakeObjectStore
from tests.faults.invariants import assert_at_rest
from tests.faults.pipeline import Pipeline
from tests.faults.workshop import Workshop
from tests.people import Artist
from transcode.work import Outcome as Transcoded

DISGUISED = ("clam.exe", "clam.zip", "clam.tar.gz")
"""Of clamav-testfiles, for the deployed pipeline; the real engine alone gets all of them."""


def debian_sample(name: str) -> Path:
    return next(path for path in tools.clamav_testfiles() if path.name == name)


def a_scanner(folder: Path) -> ClamavScanner:
    store = FakeObjectStore()
    built = definitions.build_builtin(folder)
    manifest = definitions.manifest_of(built, "builtin", NOW)
    for file in manifest.files:
        store.add("definitions", file.key, (built / file.name).read_bytes())
    store.add("definitions", DEFINITIONS_POINTER, manifest.model_dump_json().encode())
    return ClamavScanner(
        str(tools.clamd()),
        PublishedDefinitions(store, "definitions"),
        max_age_h=48,
        clock=FakeClock(NOW),
        logger=get_logger("test"),
    )


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClamavScanner]:
    """One clamd for all tests of this module."""
    scanner = a_scanner(tmp_path_factory.mktemp("definitions"))
    yield scanner
    scanner.close()


@pytest.fixture
def strict(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ClamavScanner]:
    """A clamd that looks no further than 16 KiB."""
    small = clamd.CONFIGURATION.replace("MaxFileSize 2048M", "MaxFileSize 16K")
    assert small != clamd.CONFIGURATION
    monkeypatch.setattr(clamd, "CONFIGURATION", small)
    scanner = a_scanner(tmp_path / "definitions")
    yield scanner
    scanner.close()


def assert_refused(workshop: Workshop, filename: str, data: bytes, reason: R) -> None:
    """Rejected for that reason, told once, deleted, and kept nowhere but in quarantine."""
    track, obj = workshop.arrived(filename, data)
    assert workshop.scan(obj) is Outcome.REJECTED
    ended = workshop.now(track)
    assert (ended.state, ended.reason) == (TrackState.REJECTED, reason)
    assert workshop.events(track) == ["track.rejected"]
    assert workshop.keys("uploads") == workshop.keys("originals") == workshop.keys("media") == []
    assert workshop.keys("quarantine") == ([f"{track.id}/{track.upload_id}"] if reason is R.INFECTED else [])


@pytest.mark.parametrize("path", tools.clamav_testfiles(), ids=lambda path: path.name)
def test_fault_13_every_test_file_of_clamav_is_locked_away(workshop: Workshop, real: ClamavScanner, path: Path) -> None:
    workshop.scanner = real

    assert_refused(workshop, "song.wav", path.read_bytes(), R.INFECTED)


@pytest.mark.parametrize(
    "name",
    [
        *("eicar", "eicar-zip", "eicar-behind-wav", "encrypted-zip", "zip", "wav-hiding-zip", "flac-16-then-zip"),
        *("empty", "header-only-wav", "seven-hours"),
    ],
)
def test_fault_13_hostile_and_hollow_files_are_refused(workshop: Workshop, real: ClamavScanner, name: str) -> None:
    workshop.scanner = real
    bad = corpus.bad_sample(name)

    assert_refused(workshop, bad.filename, bad.read(), bad.reason)


def test_fault_13_what_is_past_the_limits_is_unscannable_and_refused(workshop: Workshop, strict: ClamavScanner) -> None:
    workshop.scanner = strict

    assert_refused(workshop, "song.wav", corpus.sample("wav-16").read(), R.UNSCANNABLE)


def test_fault_13_an_archive_that_clamd_gave_up_on_is_refused_all_the_same(
    workshop: Workshop, strict: ClamavScanner
) -> None:
    """clamd says OK of a zip that unpacks past its limits: its word alone opens no door."""
    bomb = zipped("a.com", bytes(2**22) + corpus.eicar())
    workshop.scanner = strict

    assert_refused(workshop, "song.wav", bomb, R.ARCHIVE)


def silence(seconds: int = 1) -> bytes:
    out = BytesIO()
    with wave.open(out, "wb") as audio:
        audio.setnchannels(1)
        audio.setsampwidth(2)
        audio.setframerate(8000)
        audio.writeframes(bytes(16_000 * seconds))
    return out.getvalue()


def test_fault_13_silence_is_refused_however_long_it_is(workshop: Workshop, *, deep: bool) -> None:
    track = workshop.scanned("silence.wav", silence(2 * 3600 if deep else 60))

    assert workshop.transcode(track) is Transcoded.REJECTED

    assert workshop.now(track).reason is R.SILENT
    assert workshop.media_of(track) == {}


def test_fault_13_the_deployed_pipeline_lets_none_of_them_out(pipeline: Pipeline, artist: Artist) -> None:
    samples = map(corpus.bad_sample, ("eicar-zip", "encrypted-zip", "wav-hiding-zip", "header-only-wav"))
    sent = {bad.name: (bad.filename, bad.read(), bad.reason) for bad in samples}
    sent |= {name: ("song.mp3", debian_sample(name).read_bytes(), R.INFECTED) for name in DISGUISED}
    sent["silence"] = ("silence.wav", silence(), R.SILENT)
    tracks = {name: pipeline.upload(artist, filename, data) for name, (filename, data, _) in sent.items()}

    assert_at_rest(pipeline, artist, *(track.track_id for track in tracks.values()))

    ended = {name: artist.track(track.track_id) for name, track in tracks.items()}
    assert {track["state"] for track in ended.values()} == {"rejected"}
    found = {name: track["state_reason"]["code"] for name, track in ended.items()}
    assert found == {name: reason.value for name, (_, _, reason) in sent.items()}
    for name, track in tracks.items():
        quarantined = pipeline.objects(track.track_id)["Quarantine"]
        assert bool(quarantined) is (sent[name][2] is R.INFECTED)
        if quarantined:
            assert Verdict.INFECTED in pipeline.verdicts(track.key).values()


def test_fault_13_nothing_at_all_can_be_neither_announced_nor_slipped_in(pipeline: Pipeline, artist: Artist) -> None:
    refused = artist.call("POST", "/uploads", filename="nothing.wav", size_bytes=0)
    assert (refused.status_code, refused.json()["code"]) == (422, "size_zero")

    wav = corpus.sample("wav-8-mono-8k")
    track = pipeline.announce(artist, wav.filename, wav.read())
    pipeline.put(track.key, b"")

    assert_at_rest(pipeline, artist, track.track_id)
    assert artist.track(track.track_id)["state"] == "rejected"
