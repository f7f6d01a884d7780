"""The workshop with its queues, through the functions' own handlers: what fails comes again, then is a dead letter."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, Final, cast
from unittest.mock import patch

from aws_lambda_powertools.utilities.typing import LambdaContext

from core.domain.errors import Unavailable
from core.domain.limits import QUEUE_MAX_RECEIVES
from core.domain.tracks import StoredObject
from core.messages.definitions import DEFINITIONS_POINTER, DefinitionsManifest
from core.messages.tracks import TrackScanned
from core.messages.work import RecheckRequest
from core.store.recheck_log import RecheckLog
from core.telemetry import get_metrics
from scan import handler as scan_handler
from scan import wiring as scan_wiring
from schedules.sweep import handler as sweep_handler
from schedules.sweep import wiring as sweep_wiring
from schedules.sweep.recheck import RecheckAsker
from schedules.sweep.service import SweepService
from tests.fakes.door import FakeUploadDoor
from tests.fakes.queue import FakeQueue
from tests.faults.pipeline import bus_event, s3_event
from tests.faults.steps import Killed
from tests.faults.workshop import Workshop
from transcode import handler as transcode_handler
from transcode import parts_handler
from transcode import wiring as transcode_wiring

CONTEXT: Final = cast("LambdaContext", SimpleNamespace(get_remaining_time_in_millis=lambda: 60_000))
QUEUES: Final = ("scan", "transcode", "parts")
MANY: Final = 500
"""Far more deliveries than any test has messages for: more of them is a storm."""


@dataclass
class Letter:
    """A message and how often it was received."""

    body: str
    receives: int = 0


class Log:
    """A logger that keeps the outcomes."""

    def __init__(self) -> None:
        self.outcomes: list[str] = []

    def info(self, _event: str, *, extra: dict[str, Any] | None = None, **fields: Any) -> None:
        found = {**fields, **(extra or {})}
        if "outcome" in found:
            self.outcomes.append(str(found["outcome"]))

    def warning(self, event: str, **fields: Any) -> None:
        """Failures show in the queues."""

    exception = warning


class BeltQueue(FakeQueue):
    def __init__(self, letters: list[Letter]) -> None:
        super().__init__()
        self._letters = letters

    def send(self, body: str, *, delay_s: int = 0) -> None:
        super().send(body, delay_s=delay_s)
        self._letters.append(Letter(body))


@dataclass
class Belt:
    workshop: Workshop
    queues: dict[str, list[Letter]] = field(default_factory=lambda: {name: [] for name in QUEUES})
    dead: dict[str, list[Letter]] = field(default_factory=lambda: {name: [] for name in QUEUES})
    log: Log = field(default_factory=Log)

    def __post_init__(self) -> None:
        self.door = FakeUploadDoor(self.workshop.store)
        self.scan_queue = BeltQueue(self.queues["scan"])
        self.workshop.parts_queue = BeltQueue(self.queues["parts"])
        self._relayed: set[str] = set()

    def tell(self, queue: str, body: str) -> None:
        self.queues[queue].append(Letter(body))

    def arrival(self, obj: StoredObject) -> None:
        """S3 tells of an object."""
        self.tell("scan", s3_event(obj.bucket, (obj.key, obj.version_id)))

    def relay(self) -> None:
        """What is new in the outbox reaches the queues that listen."""
        for envelope in self.workshop.outbox():
            if envelope.id not in self._relayed:
                self._relayed.add(envelope.id)
                if envelope.type == TrackScanned.type:
                    self.tell("transcode", bus_event(envelope))

    def deliver(self, queue: str, index: int = 0) -> None:
        """Hands one message to its function; whoever is killed over it has not acknowledged it."""
        letter = self.queues[queue].pop(index)
        letter.receives += 1
        try:
            failed = self._handled(queue, letter)
        except Killed:
            failed = True
        self.workshop.steps.disarm()
        if failed:
            (self.dead if letter.receives >= QUEUE_MAX_RECEIVES else self.queues)[queue].append(letter)
        self.relay()

    def drain(self) -> None:
        """Delivers until nothing is left to deliver."""
        self.relay()
        for _ in range(MANY):
            queue = next((name for name in QUEUES if self.queues[name]), None)
            if queue is None:
                return
            self.deliver(queue)
        raise AssertionError(f"a storm: {self.queues}")

    def redrive(self) -> None:
        """All dead letters get another try."""
        for queue in QUEUES:
            self.queues[queue] += [Letter(letter.body) for letter in self.dead[queue]]
            self.dead[queue].clear()

    def sweep(self) -> dict[str, int]:
        """One run of the schedule; its outcomes, counted."""
        shop = self.workshop
        service = SweepService(
            tracks=shop.steps.watched("tracks", shop.tracks),
            uploads=shop.steps.watched("uploads", shop.uploads),
            objects=shop.steps.watched("store", shop.store),
            door=self.door,
            scan_queue=shop.steps.watched("queue", self.scan_queue),
            clock=shop.clock,
            uploads_bucket="uploads",
            originals_bucket="originals",
            quarantine_bucket="quarantine",
            media_bucket="media",
        )
        with patch.multiple(
            sweep_wiring,
            service=lambda: service,
            attachments=lambda: SimpleNamespace(overdue=lambda limit: []),
            rechecks=self._rechecks,
            logger=lambda: self.log,
            metrics=lambda: get_metrics("sweep"),
            report_health=lambda _outcomes: None,
        ):
            try:
                return sweep_handler.handler({}, None)
            except (Killed, Unavailable):
                return {}  # the schedule comes again
            finally:
                shop.steps.disarm()
                self.relay()

    def publish_definitions(self, version: str) -> None:
        manifest = DefinitionsManifest(
            version=version, built_at=self.workshop.clock.now(), signatures=1, source="builtin", files=()
        )
        self.workshop.store.add("definitions", DEFINITIONS_POINTER, manifest.model_dump_json().encode())

    def _rechecks(self) -> tuple[RecheckAsker, ...]:
        asker = RecheckAsker(
            passed=self.workshop.tracks,
            request=lambda track_id: RecheckRequest(track_id=track_id),
            log=RecheckLog(self.workshop.tables["operations"]),
            objects=self.workshop.store,
            scan_queue=self.scan_queue,
            clock=self.workshop.clock,
            definitions_bucket="definitions",
        )
        return (asker,)

    def _handled(self, queue: str, letter: Letter) -> bool:
        """Whether the function named the message as failed."""
        event = {
            "Records": [
                {
                    "messageId": "m0",
                    "body": letter.body,
                    "attributes": {"ApproximateReceiveCount": str(letter.receives)},
                    "eventSource": "aws:sqs",
                }
            ]
        }
        with self._wired():
            handlers = {
                "scan": scan_handler.handler,
                "transcode": transcode_handler.handler,
                "parts": parts_handler.handler,
            }
            handler = handlers[queue]
            return bool(handler(event, CONTEXT)["batchItemFailures"])

    @contextmanager
    def _wired(self) -> Iterator[None]:
        """The handlers find this workshop's workers."""
        shop = self.workshop
        quiet: dict[str, Any] = {"logger": lambda *_: self.log, "count": lambda *_: None}
        encoders: dict[str, Any] = {"service": shop.transcoder, "part_encoder": shop.part_encoder}
        with (
            patch.multiple(scan_wiring, service=shop.scan_service, rechecks=shop.recheck_service, **quiet),
            patch.multiple(transcode_wiring, **encoders, **quiet),
        ):
            yield
