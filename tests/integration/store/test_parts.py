"""Parts of long tracks: one worker each, leases that end, results that stay."""

import pytest

from core.domain.claims import Claim
from core.domain.ids import EpochSeconds, Samples, TrackId, new_id
from core.domain.parts import PartResult, PartsKey, RungPart
from core.store.parts import PartRepository
from core.store.tracks import TrackRepository
from tests.builders import NOW, a_track, an_upload

LEASE_S = 900


@pytest.fixture
def parts(tables: dict[str, str]) -> PartRepository:
    return PartRepository(tables["catalogue"])


@pytest.fixture
def key() -> PartsKey:
    return PartsKey(track_id=TrackId(new_id()), attempt=1, content_id="0123456789abcdef")


def a_result(name: str = "aac-64") -> PartResult:
    rung = RungPart(
        name=name,
        codec="mp4a.40.2",
        timescale=44_100,
        priming=Samples(1024),
        segments=((8_000, 44_032), (9_000, 88_064)),
    )
    return PartResult(rungs=(rung,))


def claimed(parts: PartRepository, key: PartsKey, number: int, *, now: int = NOW) -> Claim:
    return parts.claim(key, number, now=EpochSeconds(now), lease_s=LEASE_S)


def test_a_part_is_one_workers_until_its_lease_ends(parts: PartRepository, key: PartsKey) -> None:
    assert claimed(parts, key, 1) is Claim.WON
    assert claimed(parts, key, 1, now=NOW + LEASE_S - 1) is Claim.BUSY
    assert claimed(parts, key, 2) is Claim.WON
    assert claimed(parts, key, 1, now=NOW + LEASE_S) is Claim.WON


def test_a_released_part_is_free_at_once(parts: PartRepository, key: PartsKey) -> None:
    claimed(parts, key, 1)
    parts.release(key, 1, now=NOW)

    assert claimed(parts, key, 1) is Claim.WON


def test_a_finished_part_stays_finished(parts: PartRepository, key: PartsKey) -> None:
    claimed(parts, key, 1)
    parts.finish(key, 1, a_result(), now=NOW)
    parts.release(key, 1, now=NOW)

    assert claimed(parts, key, 1, now=NOW + LEASE_S) is Claim.DONE
    assert parts.done(key) == {1: a_result()}


def test_parts_of_another_attempt_or_ladder_are_others(parts: PartRepository, key: PartsKey) -> None:
    parts.finish(key, 1, a_result(), now=NOW)
    again = PartsKey(track_id=key.track_id, attempt=11, content_id=key.content_id)
    changed = PartsKey(track_id=key.track_id, attempt=1, content_id="fedcba9876543210")

    assert (parts.done(again), parts.done(changed)) == ({}, {})
    assert claimed(parts, again, 1) is Claim.WON


def test_a_purge_removes_them(parts: PartRepository, tracks: TrackRepository) -> None:
    track = a_track()
    tracks.create(track, an_upload(track))
    key = PartsKey(track_id=track.id, attempt=1, content_id="0123456789abcdef")
    parts.finish(key, 1, a_result(), now=NOW)

    tracks.purge(track.id)

    assert parts.done(key) == {}


def test_six_hours_of_results_fit_into_rows(parts: PartRepository, key: PartsKey) -> None:
    """A row holds 400 KB (Amazon DynamoDB, service quotas); the lossless rung of six hours has 3,600 segments."""
    whole = RungPart(
        name="flac", codec="fLaC", timescale=192_000, priming=Samples(0), segments=((3_500_000, 1_155_072),) * 3_610
    )
    parts.finish(key, 36, PartResult(rungs=(whole,)), now=NOW)

    assert len(parts.done(key)[36].rungs[0].segments) == 3_610
