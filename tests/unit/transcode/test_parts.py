"""The parts of a long track: the head makes it playable and sends for the rest, and who is last makes it ready."""

import gzip
from collections.abc import Callable

import pytest

from core.domain.errors import EncoderFailed, MediaRejected, VezaError
from core.domain.ids import Samples
from core.domain.playback import EVENT, MASTER
from core.domain.reasons import ReasonCode
from core.domain.tracks import Track, TrackState
from core.messages.tracks import TrackPlayable, TrackRejected, TrackScanned, TranscodingCompleted
from core.messages.work import PartRequest
from tests.builders import NOW, a_scanned_track, source_facts
from tests.fakes.clock import FakeClock
from tests.fakes.objects import FakeObjectStore
from tests.fakes.queue import FakeQueue
from tests.unit.transcode.memory import PartsInMemory, ScriptedEncoder, TracksInMemory
from transcode.completion import Completion
from transcode.ladder import content_id
from transcode.parts import PartEncoder
from transcode.service import Transcoder
from transcode.work import LEASE_S, Outcome, TrackWork

HALF_AN_HOUR = source_facts(samples=Samples(1_800 * 44_100))
REST = [4, 1, 2, 3]
"""What the head sends for: the part that hears the whole track first."""


class Factory:
    """A scanned track of half an hour, and the two workers."""

    def __init__(self) -> None:
        self.track: Track = a_scanned_track(source=HALF_AN_HOUR)
        self.tracks = TracksInMemory(self.track)
        self.store, self.queue, self.parts = FakeObjectStore(), FakeQueue(), PartsInMemory()
        self.clock, self.encoder = FakeClock(NOW), ScriptedEncoder(early=True)
        self.completion = Completion(store=self.store, parts=self.parts, parts_queue=self.queue, media_bucket="media")

    def head(self, *, last_try: bool = False) -> Outcome:
        worker = Transcoder(tracks=self.tracks, encoder=self.encoder, completion=self.completion, clock=self.clock)
        message = TrackScanned(track_id=self.track.id, owner_id=self.track.owner_id, attempt=1)
        return worker.transcode_track(message, last_try=last_try)

    def part(self, number: int, *, last_try: bool = False, attempt: int = 1) -> Outcome:
        worker = PartEncoder(tracks=self.tracks, encoder=self.encoder, completion=self.completion, clock=self.clock)
        request = PartRequest(track_id=self.track.id, owner_id=self.track.owner_id, attempt=attempt, number=number)
        return worker.encode_part(request, last_try=last_try)

    def failing(self, error: VezaError) -> None:
        def fail(_progress: Callable[[float], None]) -> None:
            raise error

        self.encoder.meanwhile = fail

    def mended(self) -> None:
        self.encoder.meanwhile = lambda _progress: None

    @property
    def asked_for(self) -> list[int]:
        return [PartRequest.model_validate_json(body).number for body in self.queue.sent]

    @property
    def files(self) -> set[str]:
        prefix = f"{self.track.id}/{content_id(self.track.sha256 or '')}/"
        return {key.removeprefix(prefix) for key in self.store.list_keys("media", "")}

    def listed(self, rung: str = "aac-64") -> tuple[int, bool]:
        """Segments in a rung's growing playlist, and whether it has ended."""
        key = f"{self.track.id}/{content_id(self.track.sha256 or '')}/{rung}/{EVENT}"
        text = gzip.decompress(self.store.newest("media", key).body).decode()
        return text.count("#EXTINF"), "#EXT-X-ENDLIST" in text


@pytest.fixture
def factory() -> Factory:
    return Factory()


def test_the_head_makes_the_track_playable_and_sends_for_the_rest(factory: Factory) -> None:
    assert factory.head() is Outcome.PART_DONE

    assert factory.tracks.now_is.state is TrackState.PLAYABLE
    assert factory.tracks.now_is.lease_until is None, "nobody has to wait for the head any more"
    assert factory.asked_for == REST
    assert [type(event) for event in factory.tracks.events] == [TrackPlayable]
    assert MASTER not in factory.files


@pytest.mark.parametrize("order", [[1, 2, 3, 4], [4, 3, 2, 1], [2, 4, 3, 1]])
def test_the_last_part_in_any_order_makes_it_ready(factory: Factory, order: list[int]) -> None:
    factory.head()

    outcomes = [factory.part(number) for number in order]

    assert outcomes == [Outcome.PART_DONE] * 3 + [Outcome.READY]
    assert factory.tracks.now_is.state is TrackState.READY
    assert factory.tracks.now_is.media is not None
    assert factory.tracks.now_is.media.samples == HALF_AN_HOUR.samples
    assert [type(event) for event in factory.tracks.events] == [TrackPlayable, TranscodingCompleted]
    assert MASTER in factory.files


def test_a_listener_hears_on_as_far_as_parts_follow_each_other(factory: Factory) -> None:
    factory.head()
    listed, ended = factory.listed()
    factory.part(3)
    assert factory.listed() == (listed, False), "a gap is never listed"
    factory.part(2)
    longer, ended = factory.listed()
    assert (longer > 2.9 * listed, ended) == (True, False)
    factory.part(1)
    factory.part(4)
    assert factory.listed() == (longer, True)


def test_parts_that_are_asked_for_twice_are_encoded_once(factory: Factory) -> None:
    factory.head()
    factory.part(1)
    encoded = list(factory.encoder.numbers)

    assert factory.part(1) is Outcome.PART_DONE
    assert factory.encoder.numbers == encoded


def test_two_workers_never_encode_the_same_part(factory: Factory) -> None:
    factory.head()
    outcomes: list[Outcome] = []
    factory.encoder.meanwhile = lambda _progress: outcomes.append(factory.part(1)) if not outcomes else None

    assert factory.part(1) is Outcome.PART_DONE
    assert outcomes == [Outcome.HELD]


def test_a_part_that_fails_is_done_again_alone(factory: Factory) -> None:
    factory.head()
    factory.part(1)
    factory.failing(EncoderFailed("ffmpeg hung"))
    with pytest.raises(EncoderFailed):
        factory.part(2)
    factory.mended()

    assert [factory.part(n) for n in (2, 3, 4)] == [Outcome.PART_DONE, Outcome.PART_DONE, Outcome.READY]
    assert factory.encoder.numbers == [0, 1, 2, 2, 3, 4]


def test_fault_11_the_part_of_a_dead_worker_is_taken_over_when_its_lease_ends(factory: Factory) -> None:
    factory.head()
    key = factory.completion.job(_work(factory), factory.tracks.now_is).key
    factory.parts.claim(key, 1, now=NOW, lease_s=LEASE_S)

    assert factory.part(1) is Outcome.HELD
    factory.clock.advance(LEASE_S)
    assert factory.part(1) is Outcome.PART_DONE


def test_the_sweep_sends_for_the_parts_that_are_missing(factory: Factory) -> None:
    factory.head()
    factory.part(2)
    factory.queue.sent.clear()

    assert factory.head() is Outcome.PART_DONE
    assert factory.asked_for == [4, 1, 3]
    assert factory.encoder.numbers == [0, 2], "the head is not encoded again"


def test_fault_10_a_worker_that_died_before_it_told_anybody_is_followed_by_one_that_does(factory: Factory) -> None:
    factory.head()
    for number in (1, 2, 3):
        factory.part(number)
    saves = factory.tracks.before_save

    def die() -> None:
        raise KeyboardInterrupt

    factory.tracks.before_save = die
    with pytest.raises(KeyboardInterrupt):
        factory.part(4)
    factory.tracks.before_save = saves

    assert factory.part(4) is Outcome.READY
    assert factory.encoder.numbers == [0, 1, 2, 3, 4]


def test_a_bad_file_found_by_any_part_is_rejected_and_the_others_leave_nothing(factory: Factory) -> None:
    factory.head()
    factory.failing(MediaRejected(ReasonCode.CORRUPT))
    assert factory.part(4) is Outcome.REJECTED
    factory.mended()

    assert factory.part(1) is Outcome.VOID
    assert factory.files == set()
    assert [type(event) for event in factory.tracks.events] == [TrackPlayable, TrackRejected]


def test_a_part_that_was_at_work_when_the_track_was_deleted_clears_up(factory: Factory) -> None:
    factory.head()
    factory.encoder.meanwhile = lambda _progress: factory.tracks.change(deleted_at=NOW)

    assert factory.part(1) is Outcome.VOID
    assert factory.files == set()


def test_the_last_try_of_a_part_tells_the_artist(factory: Factory) -> None:
    factory.head()
    factory.failing(EncoderFailed("ffmpeg hung"))

    assert factory.part(1, last_try=True) is Outcome.FAILED
    assert factory.tracks.now_is.reason is ReasonCode.TRANSCODE_FAILED


@pytest.mark.parametrize(("number", "attempt"), [(1, 2), (99, 1)], ids=["another attempt", "another plan"])
def test_a_request_that_has_nothing_to_say_is_void(factory: Factory, number: int, attempt: int) -> None:
    factory.head()

    assert factory.part(number, attempt=attempt) is Outcome.VOID


def _work(factory: Factory) -> TrackWork:
    message = TrackScanned(track_id=factory.track.id, owner_id=factory.track.owner_id, attempt=1)
    return TrackWork(message=message, tracks=factory.tracks, clock=factory.clock)
