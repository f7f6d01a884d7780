from core.domain.errors import StoreUnavailable
from core.domain.ids import TrackId
from core.domain.tracks import Progress
from tests.builders import NOW, a_scanned_track
from tests.fakes.clock import FakeClock
from tests.unit.transcode.memory import TracksInMemory
from transcode.progress import ProgressReporter


def test_progress_says_how_far_and_how_long() -> None:
    tracks, clock = TracksInMemory(a_scanned_track()), FakeClock(NOW)
    report = ProgressReporter(tracks, tracks.now_is, clock)

    clock.advance(10)
    report(0.25)

    assert tracks.reports == [Progress(stage="transcoding", percent=25, eta_s=30)]


def test_progress_is_written_every_two_seconds_at_most() -> None:
    tracks, clock = TracksInMemory(a_scanned_track()), FakeClock(NOW)
    report = ProgressReporter(tracks, tracks.now_is, clock)

    for second in range(10):
        for part in range(10):
            report((10 * second + part + 1) / 200)
        clock.advance(1)

    assert len(tracks.reports) == 4
    assert [r.percent for r in tracks.reports] == sorted(r.percent for r in tracks.reports)


def test_a_track_is_not_done_before_it_is_ready() -> None:
    tracks, clock = TracksInMemory(a_scanned_track()), FakeClock(NOW)
    report = ProgressReporter(tracks, tracks.now_is, clock)

    clock.advance(5)
    report(1.0)

    assert tracks.reports == [Progress(stage="transcoding", percent=99, eta_s=0)]


def test_no_track_fails_for_want_of_a_number() -> None:
    class Away:
        calls = 0

        def set_progress(self, track_id: TrackId, *, attempt: int, progress: Progress) -> None:
            self.calls += 1
            raise StoreUnavailable("throttled")

    away, clock = Away(), FakeClock(NOW)
    report = ProgressReporter(away, a_scanned_track(), clock)
    clock.advance(2)
    report(0.5)

    assert away.calls == 1
