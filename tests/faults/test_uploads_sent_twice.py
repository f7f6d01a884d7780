"""Fault 12: a presigned URL opens the door once, for the announced bytes, and what was scanned is what is promoted."""

from typing import BinaryIO

import pytest

from core.domain.reasons import ReasonCode
from core.domain.tracks import StoredObject, TrackState
from core.ports.scanner import EngineAnswer
from scan.service import Outcome
from tests import corpus
from tests.corpus import eicar
from tests.fakes.scanner import FakeScanner
from tests.faults.invariants import assert_at_rest
from tests.faults.pipeline import Pipeline
from tests.faults.workshop import Workshop
from tests.people import Artist

WAV = corpus.sample("wav-8-mono-8k")


def test_fault_12_a_url_works_once_and_the_first_bytes_stay(pipeline: Pipeline, artist: Artist) -> None:
    track = pipeline.announce(artist, WAV.filename, WAV.read())

    statuses = [artist.send(track.upload, WAV.read()).status_code for _ in range(3)]
    artist.wait_for(track.track_id, "ready")
    statuses.append(artist.send(track.upload, WAV.read()).status_code)

    assert statuses == [200, 412, 412, 412]
    assert_at_rest(pipeline, artist, track.track_id)
    assert len(pipeline.objects(track.track_id)["Uploads"]) == 1


@pytest.mark.parametrize(
    ("body", "changed"),
    [
        pytest.param(bytes(len(WAV.read())), {}, id="other bytes"),
        pytest.param(WAV.read()[:-1], {}, id="a byte less"),
        pytest.param(WAV.read() + b"!", {}, id="a byte more"),
        pytest.param(WAV.read(), {"Content-Type": "text/html"}, id="another type"),
        pytest.param(WAV.read(), {"If-None-Match": ""}, id="leave to overwrite"),
    ],
)
def test_fault_12_anything_but_the_announced_bytes_is_refused_by_the_storage(
    pipeline: Pipeline, artist: Artist, body: bytes, changed: dict[str, str]
) -> None:
    track = pipeline.announce(artist, WAV.filename, WAV.read())
    put = track.upload["put"]
    headers = {**put["headers"], "Content-Length": str(len(body)), **changed}

    answer = artist.cloud.http.put(put["url"], content=body, headers={k: v for k, v in headers.items() if v})

    assert answer.status_code in {400, 403}
    assert pipeline.objects(track.track_id)["Uploads"] == {}
    assert artist.track(track.track_id)["state"] == "draft"
    assert artist.call("POST", f"/tracks/{track.track_id}/stream").status_code == 409


def test_fault_12_a_url_opens_no_other_key(pipeline: Pipeline, artist: Artist) -> None:
    mine, other = (pipeline.announce(artist, WAV.filename, WAV.read()) for _ in range(2))
    put = mine.upload["put"]

    answer = artist.cloud.http.put(put["url"].replace(mine.key, other.key), content=WAV.read(), headers=put["headers"])

    assert answer.status_code == 403
    assert pipeline.objects(other.track_id)["Uploads"] == {}


class Overwriting(FakeScanner):
    """Somebody writes to the key while the scanner looks at what was there."""

    def __init__(self, workshop: Workshop, content: bytes) -> None:
        super().__init__()
        self._workshop = workshop
        self._content = content
        self.watched: StoredObject | None = None
        self.newer: StoredObject | None = None

    def scan(self, file: BinaryIO) -> EngineAnswer:
        assert self.watched is not None
        self.newer = self.newer or self._workshop.store.add(self.watched.bucket, self.watched.key, self._content)
        return super().scan(file)


@pytest.mark.parametrize("content", [eicar(), WAV.read()[:-2] + b"\x01\x02"], ids=["malware", "another take"])
def test_fault_12_an_overwrite_during_the_scan_changes_nothing_of_what_is_promoted(
    workshop: Workshop, content: bytes
) -> None:
    scanner = workshop.scanner = Overwriting(workshop, content)
    track, scanner.watched = workshop.arrived(WAV.filename, WAV.read())

    assert workshop.scan(scanner.watched) is Outcome.PROMOTED

    held = workshop.now(track)
    assert held.incoming == scanner.watched
    assert held.original is not None
    assert workshop.store.newest("originals", held.original.key).body == WAV.read()
    assert scanner.newer is not None
    assert workshop.scan(scanner.newer) is Outcome.SUPERSEDED
    assert workshop.events(track) == ["track.scanned"]


def test_fault_12_an_overwrite_of_malware_during_the_scan_does_not_bring_it_in(workshop: Workshop) -> None:
    scanner = workshop.scanner = Overwriting(workshop, WAV.read())
    track, scanner.watched = workshop.arrived("song.wav", eicar())

    assert workshop.scan(scanner.watched) is Outcome.REJECTED

    assert (workshop.now(track).state, workshop.now(track).reason) == (TrackState.REJECTED, ReasonCode.INFECTED)
    assert workshop.store.newest("quarantine", f"{track.id}/{track.upload_id}").body == eicar()
    assert scanner.newer is not None
    assert workshop.scan(scanner.newer) is Outcome.SUPERSEDED
    assert workshop.keys("originals") == []
