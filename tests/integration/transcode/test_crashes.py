"""Faults 9 and 10: killed at any step, the next worker ends in the same bytes; and whose fault is whose."""

import pytest

from core.domain.errors import StorageUnavailable
from core.domain.ids import Bytes
from core.domain.playback import MASTER
from core.domain.tracks import StoredObject, Track, TrackState
from core.messages.tracks import TrackPlayable, TrackScanned
from core.messages.work import PartRequest
from tests import corpus
from tests.builders import NOW, a_scanned_track
from tests.fakes.clock import FakeClock
from tests.fakes.objects import FakeObjectStore
from tests.fakes.queue import FakeQueue
from tests.integration.transcode.studio import MEDIA, facts_of, production_ffmpeg
from tests.unit.transcode.memory import PartsInMemory, TracksInMemory
from transcode.completion import Completion
from transcode.encode import FfmpegEncoder
from transcode.ffmpeg import Ffmpeg
from transcode.parts import PartEncoder
from transcode.service import Transcoder
from transcode.work import LEASE_S, Outcome

SAMPLE = "flac-tagged"


class Killed(BaseException):
    """What SIGKILL looks like from inside a test: nothing in the worker may catch it."""


class MortalStore(FakeObjectStore):
    """The worker dies when it writes its n-th object."""

    puts_left: int | None = None

    def put(
        self,
        bucket: str,
        key: str,
        body: bytes,
        *,
        content_type: str,
        cache_control: str = "",
        content_encoding: str = "",
        if_match: str = "",
    ) -> None:
        if self.puts_left is not None:
            if self.puts_left == 0:
                raise Killed
            self.puts_left -= 1
        super().put(
            bucket,
            key,
            body,
            content_type=content_type,
            cache_control=cache_control,
            content_encoding=content_encoding,
            if_match=if_match,
        )


class Workshop:
    def __init__(self) -> None:
        sample = corpus.sample(SAMPLE)
        self.store = MortalStore()
        original = self.store.add("originals", "track/sha", sample.read())
        self.track: Track = a_scanned_track(
            id="01890a5d-ac96-774b-bcce-b302099a8057", original=original, source=facts_of(sample)
        )
        self.tracks = TracksInMemory(self.track)
        self.clock = FakeClock(NOW)
        self.parts, self.queue = PartsInMemory(), FakeQueue()

    def transcode(self) -> Outcome:
        """The head, and then the parts it asked for."""
        encoder = FfmpegEncoder(Ffmpeg(production_ffmpeg()), self.store)
        completion = Completion(store=self.store, parts=self.parts, parts_queue=self.queue, media_bucket=MEDIA)
        message = TrackScanned(track_id=self.track.id, owner_id=self.track.owner_id, attempt=1)
        head = Transcoder(tracks=self.tracks, encoder=encoder, completion=completion, clock=self.clock)
        part = PartEncoder(tracks=self.tracks, encoder=encoder, completion=completion, clock=self.clock)
        outcome = head.transcode_track(message, last_try=False)
        while outcome is Outcome.PART_DONE and self.queue.sent:
            outcome = part.encode_part(PartRequest.model_validate_json(self.queue.sent.pop(0)), last_try=False)
        return outcome

    @property
    def files(self) -> dict[str, bytes]:
        return {key: self.store.newest(MEDIA, key).body for key in self.store.list_keys(MEDIA, "")}


@pytest.fixture(scope="module")
def undisturbed() -> dict[str, bytes]:
    workshop = Workshop()
    assert workshop.transcode() is Outcome.READY
    return workshop.files


@pytest.mark.parametrize("share", [0.0, 0.4, 0.8, 1.0], ids=["first file", "segments", "playlists", "master playlist"])
def test_fault_10_a_worker_killed_at_any_file_is_followed_by_the_same_bytes(
    share: float, undisturbed: dict[str, bytes]
) -> None:
    workshop = Workshop()
    written_by_put = len(undisturbed) - 1  # the download goes by put_stream
    workshop.store.puts_left = round(share * (written_by_put - 1))

    with pytest.raises(Killed):
        workshop.transcode()

    assert not any(key.endswith(MASTER) for key in workshop.files)
    heard = workshop.tracks.now_is.state is TrackState.PLAYABLE
    assert heard or workshop.tracks.now_is.state is TrackState.TRANSCODING
    assert [type(event) for event in workshop.tracks.events] == [TrackPlayable] * heard

    workshop.store.puts_left = None
    workshop.clock.advance(LEASE_S)
    assert workshop.transcode() is Outcome.READY
    assert workshop.files == undisturbed


def test_fault_10_a_worker_killed_between_playlist_and_row_is_followed_by_the_same_bytes(
    undisturbed: dict[str, bytes],
) -> None:
    workshop = Workshop()
    saves = 0

    def die_at_the_second_save() -> None:
        nonlocal saves
        saves += 1
        if saves == 2:
            raise Killed

    workshop.tracks.before_save = die_at_the_second_save

    with pytest.raises(Killed):
        workshop.transcode()
    workshop.clock.advance(LEASE_S)
    assert workshop.transcode() is Outcome.READY
    assert workshop.files == undisturbed


def test_the_storages_fault_is_never_the_files() -> None:
    workshop = Workshop()
    workshop.store = FailsWhileReading()
    original = workshop.store.add("originals", "track/sha", corpus.sample(SAMPLE).read())
    workshop.tracks.change(original=original)

    with pytest.raises(StorageUnavailable):
        workshop.transcode()
    assert workshop.tracks.now_is.state is TrackState.TRANSCODING


class FailsWhileReading(MortalStore):
    """Answers head, and then no more."""

    def read_range(self, obj: StoredObject, start: int, end: int) -> bytes:
        raise StorageUnavailable(f"timed out reading {Bytes(end - start)} bytes")
