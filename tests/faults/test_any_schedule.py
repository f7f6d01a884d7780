"""Fault 25: any of the other faults, in any order and many at once; whatever happens, the pipeline comes to rest."""

from collections import Counter
from collections.abc import Callable
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Final

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from api.tracks.service import TrackService
from core.domain.errors import EncoderFailed, Refused, ScannerUnavailable, StorageUnavailable, Unavailable
from core.domain.ids import AccountId, EpochSeconds, TrackId, UploadId
from core.domain.limits import DELETED_KEEP_S, STAGE_DEADLINE_S
from core.domain.tracks import IN_WORK, Track
from core.store import writes
from core.store.connection import shared_connection
from tests.builders import a_track, an_upload
from tests.dynamodb_line import Line, cancelled, failure
from tests.faults.belt import QUEUES, Belt, Letter
from tests.faults.engines import FakeEncoder, LearningScanner
from tests.faults.settled import History, Kind, assert_settled
from tests.faults.workshop import Workshop
from tests.tables import create_tables

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

SCHEDULES: Final = 300
FEW: Final = 12
POISON: Final = ("no JSON", "[]", '{"Records": [{}]}', '{"detail": {"type": "track.scanned"}}', '{"kind": "recheck"}')
THROTTLED: Final = failure("ProvisionedThroughputExceededException")
BUSY: Final = cancelled("TransactionConflict", "None")
LOST: Final = failure("RequestTimeout")
OWNER: Final = AccountId("00000000-0000-7000-8000-000000000000")

some = st.integers(0, 30)
"""Picks from whatever there is."""
queues = st.sampled_from(QUEUES)
boundaries = st.integers(1, 24)


class Schedule(RuleBasedStateMachine):
    def __init__(self, dynamodb: "DynamoDBClient", line: Line, ended: list[str]) -> None:
        super().__init__()
        self.ended = ended
        self.rows, self.line = dynamodb, line
        self.tables = create_tables(dynamodb)
        self.scanner = LearningScanner()
        self.shop = Workshop(dynamodb=dynamodb, tables=self.tables, scanner=self.scanner)
        self.encoder = self.shop.encoder = FakeEncoder(self.shop.store)
        self.belt = Belt(self.shop)
        self.belt.publish_definitions("1")
        self.histories: list[History] = []
        self.numbers = count(1)

    # What people do.

    @initialize(kinds=st.lists(st.sampled_from(Kind), min_size=2, max_size=5))
    def several_uploads(self, kinds: list[Kind]) -> None:
        for kind in kinds:
            self.upload(kind, sent=True, told=True)

    @rule(kind=st.sampled_from(Kind), sent=st.sampled_from([True, True, True, False]), told=st.booleans())
    def upload(self, kind: Kind, sent: bool, told: bool) -> None:
        now, number = self.shop.clock.now(), next(self.numbers)
        track = a_track(
            id=TrackId(f"{number:08x}-0000-7000-8000-00000000000a"),
            upload_id=UploadId(f"{number:08x}-0000-7000-8000-00000000000b"),
            owner_id=OWNER,
            filename="song.wav",
            size_bytes=len(kind.value),
            created_at=now,
            deadline=EpochSeconds(now + STAGE_DEADLINE_S["draft"]),
        )
        try:
            self.shop.tracks.create(track, an_upload(track))
        except Unavailable:
            return
        self.histories.append(History(track))
        if sent:
            self.write(self.histories[-1], kind, told=told)

    @precondition(lambda self: self.histories)
    @rule(pick=some, kind=st.sampled_from(Kind), told=st.booleans())
    def overwrite(self, pick: int, kind: Kind, told: bool) -> None:
        """Storage refuses this to artists; an administrator can do it."""
        history = self.history(pick)
        if not history.deleted:
            self.write(history, kind, told=told)

    @precondition(lambda self: self.histories)
    @rule(pick=some)
    def delete(self, pick: int) -> None:
        history = self.history(pick)
        try:
            self.service().delete(history.track.id, OWNER)
        except Unavailable:
            return
        history.deleted = True

    @precondition(lambda self: self.histories)
    @rule(pick=some)
    def retry(self, pick: int) -> None:
        try:
            self.service().retry(self.history(pick).track.id, OWNER)
        except (Refused, Unavailable):
            return
        self.belt.relay()

    # What messages do.

    @precondition(lambda self: any(self.belt.queues.values()))
    @rule(queue=queues, pick=some)
    def deliver(self, queue: str, pick: int) -> None:
        if letters := self.belt.queues[queue]:
            self.belt.deliver(queue, pick % len(letters))

    @precondition(lambda self: any(self.belt.queues.values()))
    @rule(queue=queues, pick=some)
    def duplicate(self, queue: str, pick: int) -> None:
        if letters := self.belt.queues[queue]:
            letters.append(Letter(letters[pick % len(letters)].body))

    @precondition(lambda self: any(self.belt.queues.values()))
    @rule(queue=queues, pick=some)
    def lose(self, queue: str, pick: int) -> None:
        if letters := self.belt.queues[queue]:
            del letters[pick % len(letters)]

    @rule(queue=queues, body=st.sampled_from(POISON))
    def poison(self, queue: str, body: str) -> None:
        self.belt.tell(queue, body)

    @rule()
    def redrive(self) -> None:
        self.belt.redrive()

    @rule(most=st.integers(1, 6))
    def deliver_some(self, most: int) -> None:
        for queue in QUEUES * most:
            self.deliver(queue, 0)

    # What workers suffer.

    @precondition(lambda self: any(self.belt.queues.values()))
    @rule(queue=queues, pick=some, at=boundaries)
    def kill(self, queue: str, pick: int, at: int) -> None:
        self.shop.steps.arm(at)
        self.deliver(queue, pick)
        self.shop.steps.disarm()

    @precondition(lambda self: any(self.belt.queues.values()))
    @rule(queue=queues, pick=some, at=boundaries, what=st.sampled_from(["delete", "overwrite", "deliver", "sweep"]))
    def meanwhile(self, queue: str, pick: int, at: int, what: str) -> None:
        """Somebody does something while a worker is at that step; it may even have been given up for dead."""
        happens: dict[str, Callable[[], None]] = {
            "delete": partial(self.delete, pick),
            "overwrite": partial(self.overwrite, pick, Kind.OTHER_SONG, told=True),
            "deliver": partial(self.deliver, queue, pick),
            "sweep": self.another_takes_over,
        }
        self.shop.steps.arm(at, happens[what])
        self.deliver(queue, pick)
        self.shop.steps.disarm()

    @rule(at=st.integers(1, 12))
    def kill_the_sweep(self, at: int) -> None:
        self.shop.steps.arm(at)
        self.belt.sweep()

    @rule(calls=st.integers(1, 8), how=st.sampled_from([THROTTLED, BUSY]), lost=st.booleans())
    def dynamodb_fails(self, calls: int, how: Exception, lost: bool) -> None:
        """Before a call is made, or when its answer is on the way."""
        self.line.failures = [] if lost else [how] * calls
        self.line.lost = [LOST] * (calls // 3) if lost else []

    @rule(what=st.sampled_from(["clamd", "storage", "ffmpeg"]), away=st.booleans())
    def outage(self, what: str, away: bool) -> None:
        match what:
            case "clamd":
                self.scanner.fault = ScannerUnavailable("clamd does not answer.") if away else None
            case "storage":
                self.shop.store.fault = StorageUnavailable("Storage does not answer.") if away else None
            case _:
                self.encoder.fault = EncoderFailed("ffmpeg hangs.") if away else None

    @rule()
    def newer_definitions(self) -> None:
        self.scanner.learned = True
        self.belt.publish_definitions("2")

    # What time does.

    @rule(seconds=st.sampled_from([1, 60, 301, 421, 901, 1801, 7200]))
    def wait(self, seconds: int) -> None:
        self.shop.clock.advance(seconds)

    @rule()
    def sweep(self) -> None:
        self.belt.sweep()

    def another_takes_over(self) -> None:
        self.shop.clock.advance(3600)
        self.belt.sweep()
        self.belt.drain()

    # And then all faults are over.

    def teardown(self) -> None:
        try:
            self.come_to_rest()
        finally:
            self.line.mend()
            for name in self.tables.values():
                self.rows.delete_table(TableName=name)

    def come_to_rest(self) -> None:
        self.line.mend()
        self.scanner.fault = self.shop.store.fault = self.encoder.fault = None
        self.belt.drain()
        for _ in range(20):  # twice as many hours as an upload may stay open, and a round for every redrive
            self.shop.clock.advance(7200)
            self.belt.sweep()
            self.belt.drain()
            if not any(self.in_work(history.track) for history in self.histories):
                break
        self.newer_definitions()
        for _ in range(3):  # seen, asked for, and what was left over
            self.shop.clock.advance(301)
            self.belt.sweep()
            self.belt.drain()
        self.check()
        self.ended += [self.ending(history.track) for history in self.histories]
        self.belt.redrive()
        self.belt.drain()
        self.shop.clock.advance(DELETED_KEEP_S)
        self.belt.sweep()
        self.belt.drain()
        self.check()

    def check(self) -> None:
        for history in self.histories:
            assert_settled(self.belt, history, sleepers_known=self.scanner.learned)

    def ending(self, track: Track) -> str:
        now = self.shop.now(track)
        return "deleted" if now.deleted_at is not None else now.reason or now.state

    def in_work(self, track: Track) -> bool:
        now = self.shop.now(track)
        return now.deleted_at is None and now.state in IN_WORK

    def history(self, pick: int) -> History:
        return self.histories[pick % len(self.histories)]

    def write(self, history: History, kind: Kind, *, told: bool) -> None:
        track = history.track
        obj = self.shop.store.add("uploads", f"incoming/{track.id}/{track.upload_id}", kind.value)
        history.versions[obj] = kind
        if told:
            self.belt.arrival(obj)

    def service(self) -> TrackService:
        return TrackService(
            tracks=self.shop.tracks,
            scan_queue=self.belt.scan_queue,
            uploads_bucket="uploads",
            clock=self.shop.clock,
        )


@pytest.mark.timeout(7200)
def test_fault_25_after_any_schedule_every_invariant_holds(
    ministack: "DynamoDBClient", monkeypatch: pytest.MonkeyPatch, *, deep: bool
) -> None:
    client = shared_connection().client
    line = Line(client._make_api_call)
    monkeypatch.setattr(client, "_make_api_call", line)
    monkeypatch.setattr(writes, "_BACKOFF_S", 0)
    ended: list[str] = []

    run_state_machine_as_test(
        lambda: Schedule(ministack, line, ended),  # type: ignore[arg-type]
        settings=settings(
            max_examples=SCHEDULES if deep else FEW,
            stateful_step_count=40 if deep else 25,
            derandomize=not deep,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )

    endings = {"ready", "infected", "corrupt", "not_audio", "deleted", "upload_expired"}
    assert endings <= set(ended), Counter(ended)
