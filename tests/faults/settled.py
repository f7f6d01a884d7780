"""What must hold in the workshop once it is at rest (reliability.md), for tracks whose bytes the test knows."""

from collections import Counter
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from core.domain.errors import NotFound
from core.domain.playback import MASTER
from core.domain.reasons import MESSAGES, ReasonCode
from core.domain.tracks import STREAMABLE, StoredObject, Track, TrackState
from core.domain.verdicts import Verdict
from tests.corpus import eicar
from tests.faults.belt import Belt
from tests.faults.engines import SLEEPER, UNDECODABLE, segment
from tests.faults.sounds import brief

ENDINGS: Final = {"ready": "transcoding.completed", "rejected": "track.rejected", "failed": "track.failed"}
OUR_FAULT: Final = frozenset(
    {
        ReasonCode.UPLOAD_EXPIRED,
        ReasonCode.OBJECT_GONE,
        ReasonCode.SCAN_FAILED,
        ReasonCode.TRANSCODE_FAILED,
        ReasonCode.TIMED_OUT,
    }
)


class Kind(Enum):
    """What may be uploaded; the sounds have all the same length."""

    SONG = brief(bytes(70))
    OTHER_SONG = brief(bytes(range(70)))
    INFECTED = brief(eicar().ljust(70, b"."))
    SLEEPER = brief(SLEEPER.ljust(70, b"."))
    UNDECODABLE = brief(UNDECODABLE.ljust(70, b"."))
    LETTER = b"Dear Sir or Madam, ".ljust(len(SONG), b".")

    @property
    def good(self) -> bool:
        return self in {Kind.SONG, Kind.OTHER_SONG}


@dataclass
class History:
    """A track as the test remembers it."""

    track: Track
    deleted: bool = False
    """Its artist was told so."""
    versions: dict[StoredObject, Kind] = field(default_factory=dict)


def assert_settled(belt: Belt, history: History, *, sleepers_known: bool) -> None:
    try:
        track = belt.workshop.now(history.track)
    except NotFound:
        _assert_gone(belt, history)
        return
    _assert_told_once(belt, track)
    if track.deleted_at is not None:
        return
    assert not history.deleted, "it came back"
    _assert_ended_with_a_reason(track)
    _assert_just(track, history)
    if track.state in STREAMABLE:
        _assert_clean_bytes_are_heard(belt, track, history, sleepers_known=sleepers_known)
    elif track.state is TrackState.REJECTED:
        assert belt.workshop.media_of(track) == {}


def _assert_gone(belt: Belt, history: History) -> None:
    """Purged: the rows, and every object but what is in quarantine."""
    left = {o.bucket for o in belt.workshop.store.versions if history.track.id in o.key}
    assert left <= {"quarantine"}, left
    assert "track.deleted" in belt.workshop.events(history.track)


def _assert_told_once(belt: Belt, track: Track) -> None:
    """One event per effect and attempt, and none about a track that was deleted."""
    events = [event for event in belt.workshop.outbox() if event.data["track_id"] == track.id]
    effects = Counter((event.type, event.data.get("attempt")) for event in events if event.type != "track.scanned")
    assert set(effects.values()) <= {1}, effects
    types = [event.type for event in events]
    if track.deleted_at is not None:
        assert types[-1] == "track.deleted", types
        return
    assert "track.deleted" not in types
    assert effects[ENDINGS[track.state], track.attempt] == 1, (track.state, effects)
    if track.state is TrackState.READY:
        assert effects["track.playable", track.attempt] == 1, effects
        assert not {"track.rejected"} & set(types), types


def _assert_ended_with_a_reason(track: Track) -> None:
    assert track.state in ENDINGS, track
    assert track.deadline is None
    if track.state is TrackState.READY:
        assert track.reason is None
        assert track.media is not None
    else:
        assert track.reason in MESSAGES


def _assert_just(track: Track, history: History) -> None:
    """Only a bad file is called bad; what is our fault is owned up to."""
    if track.state is TrackState.FAILED:
        assert track.reason in OUR_FAULT
        return
    assert track.incoming is not None
    kind = history.versions[track.incoming]
    if track.state is TrackState.REJECTED:
        assert track.reason not in OUR_FAULT
        assert not kind.good, f"{kind.name} was rejected: {track.reason}"
        assert (track.reason is ReasonCode.INFECTED) <= (kind in {Kind.INFECTED, Kind.SLEEPER})


def _assert_clean_bytes_are_heard(belt: Belt, track: Track, history: History, *, sleepers_known: bool) -> None:
    assert track.incoming is not None
    assert track.original is not None
    kind = history.versions[track.incoming]
    assert kind.good or (kind is Kind.SLEEPER and not sleepers_known), f"{kind.name} can be heard"
    shop = belt.workshop
    assert shop.store.versions[track.original].body == kind.value
    verdict = shop.tracks.verdict_of(track.incoming)
    assert verdict is not None
    assert verdict.verdict is Verdict.CLEAN
    media = {name.partition("/")[2]: body for name, body in shop.media_of(track).items()}
    assert MASTER in media
    assert [media[f"aac-64/{number}.m4s"] for number in range(2)] == [segment(kind.value, n) for n in range(2)]
