"""Fault 10: a worker dies between segments, playlists and row; the next one ends in the same bytes."""

import io
import math
import wave
from collections.abc import Callable

import pytest

from core.domain.errors import StorageUnavailable
from core.domain.playback import MASTER
from core.domain.tracks import STREAMABLE, Track, TrackState
from tests.faults.steps import Killed
from tests.faults.workshop import Workshop
from transcode.work import LEASE_S, Outcome

MEDIA_PLAYLIST = "media.m3u8"
_smooth: dict[str, bytes] = {}


def a_second() -> bytes:
    """WAV at 8 kHz, 8 bits: resampled and requantised on every rung, which is where chance could come in."""
    out = io.BytesIO()
    with wave.open(out, "wb") as audio:
        audio.setnchannels(1)
        audio.setsampwidth(1)
        audio.setframerate(8000)
        audio.writeframes(bytes(128 + round(90 * math.sin(n / 3)) for n in range(8000)))
    return out.getvalue()


@pytest.fixture
def scanned(workshop: Workshop) -> Track:
    return workshop.scanned("second.wav", a_second())


@pytest.fixture
def undisturbed(workshop: Workshop) -> dict[str, bytes]:
    """The files of a run in which nothing happened, made once."""
    if not _smooth:
        track = workshop.scanned("second.wav", a_second())
        assert workshop.transcode(track) is Outcome.READY
        _smooth.update(workshop.media_of(track))
    return _smooth


def dying_at(suffix: str, how: BaseException) -> Callable[[str], None]:
    def check(key: str) -> None:
        if key.endswith(suffix):
            raise how

    return check


def dying_when_saved_as(state: TrackState) -> Callable[[Track], None]:
    def check(track: Track) -> None:
        if track.state is state:
            raise Killed

    return check


@pytest.mark.parametrize(
    ("at", "how"),
    [(MEDIA_PLAYLIST, Killed()), (MASTER, Killed()), (MASTER, StorageUnavailable("down"))],
    ids=["killed after the segments", "killed after the rungs' playlists", "storage away"],
)
def test_fault_10_a_crash_before_a_playlist_leaves_nothing_to_find(
    workshop: Workshop, undisturbed: dict[str, bytes], scanned: Track, at: str, how: BaseException
) -> None:
    workshop.store.before_put = dying_at(at, how)

    with pytest.raises(type(how)):
        workshop.transcode(scanned)

    left = workshop.media_of(scanned)
    assert any(name.endswith(".m4s") for name in left)
    assert not any(name.endswith(MASTER) for name in left)
    held = workshop.now(scanned)
    assert held.state is TrackState.PLAYABLE, "its beginning can be heard already"
    assert held.deadline is not None
    assert workshop.events(scanned) == ["track.scanned", "track.playable"]
    recover(workshop, scanned)
    assert workshop.media_of(scanned) == undisturbed


def test_fault_10_a_crash_between_playlist_and_row_ends_in_the_same_bytes(
    workshop: Workshop, undisturbed: dict[str, bytes], scanned: Track
) -> None:
    workshop.tracks.before_save = dying_when_saved_as(TrackState.READY)

    with pytest.raises(Killed):
        workshop.transcode(scanned)

    assert workshop.media_of(scanned) == undisturbed
    recover(workshop, scanned)
    assert workshop.media_of(scanned) == undisturbed


def test_fault_10_a_crash_before_anybody_was_told_that_it_can_be_heard_ends_in_the_same_bytes(
    workshop: Workshop, undisturbed: dict[str, bytes], scanned: Track
) -> None:
    workshop.tracks.before_save = dying_when_saved_as(TrackState.PLAYABLE)

    with pytest.raises(Killed):
        workshop.transcode(scanned)

    held = workshop.now(scanned)
    assert held.state not in STREAMABLE
    assert held.media is None
    assert held.deadline is not None
    assert workshop.events(scanned) == ["track.scanned"]
    recover(workshop, scanned)
    assert workshop.media_of(scanned) == undisturbed


def recover(workshop: Workshop, track: Track) -> None:
    """The dead worker's lease ends, another one gets the message, and everybody is told once."""
    workshop.store.before_put = lambda _key: None
    workshop.tracks.before_save = lambda _track: None
    workshop.clock.advance(LEASE_S)
    assert workshop.transcode(track) is Outcome.READY
    assert workshop.transcode(track) is Outcome.VOID
    assert workshop.events(track) == ["track.scanned", "track.playable", "transcoding.completed"]
