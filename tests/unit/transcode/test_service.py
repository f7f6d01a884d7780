"""The use case, with an encoder that does what the test says; the real one is tested with ffmpeg."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from core.domain.errors import EncoderFailed, MediaRejected, ObjectGone, StorageUnavailable, StoreUnavailable, VezaError
from core.domain.playback import MASTER
from core.domain.reasons import ReasonCode
from core.domain.tracks import Track, TrackState
from core.messages.tracks import TrackFailed, TrackPlayable, TrackRejected, TrackScanned, TranscodingCompleted
from core.messages.work import PartRequest
from tests.builders import NOW, a_media_result, a_ready_track, a_scanned_track
from tests.fakes.clock import FakeClock
from tests.fakes.objects import FakeObjectStore
from tests.fakes.queue import FakeQueue
from tests.unit.transcode.memory import PartsInMemory, ScriptedEncoder, TracksInMemory
from transcode.completion import Completion
from transcode.ladder import content_id
from transcode.parts import PartEncoder
from transcode.service import Transcoder
from transcode.work import LEASE_S, SAVE_TRIES, Outcome

MEDIA = "media"


class Studio:
    """A scanned track, its message, and a transcoder for it."""

    def __init__(self, track: Track | None = None, meanwhile: Callable[[], None] | None = None) -> None:
        self.track = track or a_scanned_track()
        self.tracks = TracksInMemory(self.track)
        self.store = FakeObjectStore()
        self.clock = FakeClock(NOW)
        self.queue, self.parts = FakeQueue(), PartsInMemory()
        self.completion = Completion(store=self.store, parts=self.parts, parts_queue=self.queue, media_bucket=MEDIA)
        self.encoder = ScriptedEncoder(lambda _progress: meanwhile() if meanwhile else None)
        self.message = TrackScanned(track_id=self.track.id, owner_id=self.track.owner_id, attempt=self.track.attempt)

    def transcode(self, *, last_try: bool = False) -> Outcome:
        """The head, and then the parts it asks for, as far as they come; what the last of them came to."""
        worker = Transcoder(tracks=self.tracks, encoder=self.encoder, completion=self.completion, clock=self.clock)
        outcome = worker.transcode_track(self.message, last_try=last_try)
        parts = PartEncoder(tracks=self.tracks, encoder=self.encoder, completion=self.completion, clock=self.clock)
        while self.queue.sent:
            outcome = parts.encode_part(PartRequest.model_validate_json(self.queue.sent.pop(0)), last_try=last_try)
        return outcome

    def while_encoding(self, happening: Callable[[], None]) -> "Studio":
        self.encoder.meanwhile = lambda _progress: happening()
        return self

    def failing(self, error: VezaError) -> "Studio":
        def fail() -> None:
            raise error

        return self.while_encoding(fail)

    @property
    def files(self) -> set[str]:
        prefix = f"{self.track.id}/{content_id(self.track.sha256 or '')}/"
        return {key.removeprefix(prefix) for key in self.store.list_keys(MEDIA, "")}


def test_a_scanned_track_becomes_playable_and_then_ready() -> None:
    studio = Studio()

    assert studio.transcode() is Outcome.READY

    assert studio.tracks.now_is.state is TrackState.READY
    assert studio.tracks.now_is.media is not None
    assert [type(event) for event in studio.tracks.events] == [TrackPlayable, TranscodingCompleted]
    assert MASTER in studio.files


def test_the_master_playlist_waits_for_everything_else() -> None:
    studio = Studio()
    studio.while_encoding(lambda: seen.append(studio.files))
    seen: list[set[str]] = []

    studio.transcode()

    assert not any(MASTER in files for files in seen)
    assert MASTER in studio.files


def test_a_track_is_playable_while_it_is_still_encoded() -> None:
    studio = Studio()
    studio.encoder.early = True
    studio.while_encoding(lambda: seen.append(studio.tracks.now_is))
    seen: list[Track] = []

    assert studio.transcode() is Outcome.READY

    meanwhile = seen[0]
    assert meanwhile.state is TrackState.PLAYABLE
    assert meanwhile.media is not None
    assert (meanwhile.media.loudness, meanwhile.media.samples) == (None, 441_000)
    assert [rendition.name for rendition in meanwhile.media.renditions] == ["aac-64"]
    assert meanwhile.lease_until is not None, "still in the worker's hands"
    assert studio.tracks.now_is.media is not None
    assert studio.tracks.now_is.media.loudness is not None
    assert [type(event) for event in studio.tracks.events] == [TrackPlayable, TranscodingCompleted]


def test_a_track_deleted_before_it_is_playable_is_encoded_no_further() -> None:
    studio = Studio()
    studio.encoder.early = True
    studio.tracks.before_save = lambda: studio.tracks.change(deleted_at=NOW) if studio.encoder.encoded else None
    studio.while_encoding(lambda: pytest.fail("the encoder goes on"))

    assert studio.transcode() is Outcome.VOID
    assert studio.files == set()
    assert studio.tracks.events == []


def test_a_file_that_proves_bad_after_it_was_playable_is_withdrawn() -> None:
    studio = Studio().failing(MediaRejected(ReasonCode.TRUNCATED))
    studio.encoder.early = True

    studio.transcode()

    assert studio.tracks.now_is.state is TrackState.REJECTED
    assert studio.files == set()


def test_the_same_message_again_changes_nothing() -> None:
    studio = Studio()
    studio.transcode()

    assert studio.transcode() is Outcome.VOID
    assert studio.encoder.numbers == [0, 1]
    assert len(studio.tracks.events) == 2


def test_a_track_another_worker_holds_is_left_alone() -> None:
    studio = Studio()
    studio.while_encoding(lambda: outcomes.append(studio.transcode()) if not outcomes else None)
    outcomes: list[Outcome] = []

    assert studio.transcode() is Outcome.READY
    assert outcomes == [Outcome.HELD]
    assert studio.encoder.numbers == [0, 1]


def test_the_track_of_a_dead_worker_is_taken_over_when_its_lease_ends() -> None:
    studio = Studio()
    held = studio.track.claimed(TrackState.TRANSCODING, NOW, LEASE_S)
    studio.tracks.track = held

    assert studio.transcode() is Outcome.HELD
    studio.clock.advance(LEASE_S)
    assert studio.transcode() is Outcome.READY


def test_fault_10_a_worker_that_died_after_playable_is_followed_by_one_that_lists_nothing_before_its_end() -> None:
    playable = replace(a_scanned_track().moved(TrackState.PLAYABLE, NOW), media=a_media_result(loudness=None))
    studio = Studio(playable)
    studio.encoder.early = True

    assert studio.transcode() is Outcome.READY
    assert studio.encoder.numbers == [0, 1]
    assert [type(event) for event in studio.tracks.events] == [TranscodingCompleted]


@pytest.mark.parametrize("reason", [ReasonCode.TRUNCATED, ReasonCode.CORRUPT, ReasonCode.EMPTY])
def test_a_bad_file_is_rejected_and_leaves_nothing_behind(reason: ReasonCode) -> None:
    studio = Studio().failing(MediaRejected(reason))

    assert studio.transcode() is Outcome.REJECTED

    assert (studio.tracks.now_is.state, studio.tracks.now_is.reason) == (TrackState.REJECTED, reason)
    (event,) = studio.tracks.events
    assert isinstance(event, TrackRejected)
    assert event.reason == reason
    assert studio.files == set()


def test_a_bad_file_whose_folder_cannot_be_cleared_yet_is_tried_again() -> None:
    studio = Studio()

    def refuse() -> None:
        studio.store.fault = StorageUnavailable("S3 is away")
        raise MediaRejected(ReasonCode.CORRUPT)

    with pytest.raises(StorageUnavailable):
        studio.while_encoding(refuse).transcode()

    studio.store.fault = None
    assert studio.failing(MediaRejected(ReasonCode.CORRUPT)).transcode() is Outcome.REJECTED


@pytest.mark.parametrize("error", [EncoderFailed("ffmpeg hung"), StorageUnavailable("S3 is slow")])
def test_our_own_failure_is_tried_again_at_once(error: VezaError) -> None:
    studio = Studio().failing(error)

    with pytest.raises(type(error)):
        studio.transcode()

    assert studio.tracks.now_is.state is TrackState.TRANSCODING
    assert studio.while_encoding(lambda: None).transcode() is Outcome.READY


def test_the_last_try_tells_the_artist() -> None:
    studio = Studio().failing(EncoderFailed("ffmpeg hung"))

    assert studio.transcode(last_try=True) is Outcome.FAILED

    assert studio.tracks.now_is.reason is ReasonCode.TRANSCODE_FAILED
    assert [type(event) for event in studio.tracks.events] == [TrackFailed]


def test_an_original_that_is_gone_is_not_tried_again() -> None:
    studio = Studio().failing(ObjectGone("no such version"))

    assert studio.transcode() is Outcome.FAILED
    assert studio.tracks.now_is.reason is ReasonCode.OBJECT_GONE


def test_what_is_deleted_meanwhile_stays_deleted() -> None:
    studio = Studio()
    studio.while_encoding(lambda: studio.tracks.change(deleted_at=NOW))

    assert studio.transcode() is Outcome.VOID

    assert studio.files == set()
    assert studio.tracks.events == []
    assert studio.tracks.now_is.deleted_at == NOW


def test_a_track_purged_meanwhile_leaves_no_files() -> None:
    studio = Studio()
    studio.while_encoding(lambda: setattr(studio.tracks, "track", None))

    assert studio.transcode() is Outcome.VOID
    assert studio.files == set()


def test_a_newer_attempt_keeps_the_files_both_share() -> None:
    studio = Studio()
    studio.while_encoding(lambda: studio.tracks.change(attempt=2))

    assert studio.transcode() is Outcome.VOID
    assert studio.files == {"aac-64/00001.m4s"}
    assert studio.tracks.events == []


def test_an_edit_meanwhile_is_kept() -> None:
    studio = Studio()
    studio.while_encoding(lambda: studio.tracks.change(title="Second Light"))

    assert studio.transcode() is Outcome.READY
    assert studio.tracks.now_is.title == "Second Light"


def test_a_track_that_changes_all_the_time_is_tried_again_later() -> None:
    studio = Studio()
    changes = 0

    def edit() -> None:
        nonlocal changes
        changes += 1
        studio.tracks.change(title=f"take {changes}")

    studio.tracks.before_save = edit

    with pytest.raises(StoreUnavailable):
        studio.transcode()
    assert changes == SAVE_TRIES


@pytest.mark.parametrize(
    "track",
    [a_ready_track(), a_scanned_track(deleted_at=NOW), a_scanned_track(state=TrackState.SCANNING)],
    ids=["ready", "deleted", "scanning again"],
)
def test_a_message_that_has_nothing_to_say_is_void(track: Track) -> None:
    studio = Studio(track)

    assert studio.transcode() is Outcome.VOID
    assert studio.encoder.encoded == []
    assert studio.tracks.now_is == track


def test_a_message_of_an_older_attempt_is_void() -> None:
    studio = Studio(a_scanned_track(attempt=2))
    studio.message = studio.message.model_copy(update={"attempt": 1})

    assert studio.transcode() is Outcome.VOID


def test_a_message_about_an_unknown_track_is_void() -> None:
    studio = Studio()
    studio.tracks.track = None

    assert studio.transcode() is Outcome.VOID
