"""What chat is made of in a test: real repositories on moto, a gateway and queues that can be looked into."""

from dataclasses import dataclass, field

from api.attachments.service import AttachmentService
from api.sockets.service import SocketService
from core.chat.wiring import Chat, chat_of
from core.domain.sockets import Door
from core.limiter import Limiter
from core.ports.clock import Clock
from core.realtime.publisher import INLINE_MAX, Courier, SocketPublisher
from core.realtime.rooms import Rooms
from core.store.access import AccessRepository
from core.store.accounts import AccountRepository
from core.store.attachments import AttachmentRepository
from core.store.chat_log import ChatLog
from core.store.conversations import ConversationRepository
from core.store.health import HealthRepository
from core.store.presences import PresenceRepository
from core.store.sockets import SocketRepository
from core.store.tracks import TrackRepository
from scan.attachment_recheck import AttachmentRecheck
from scan.attachments import AttachmentScan
from scan.examination import Examiner
from scan.health import ScanHealth
from schedules.sweep.attachments import AttachmentSweep
from tests.fakes.door import FakeDownloadDoor, FakeUploadDoor
from tests.fakes.objects import FakeObjectStore
from tests.fakes.queue import FakeQueue
from tests.fakes.scanner import FakeScanner
from tests.fakes.sockets import FakeSockets
from tests.integration.api.client import ORIGIN
from ws.chat.service import KINDS, ChatService
from ws.deliveries.service import DeliveryService
from ws.desk import Desk
from ws.doorkeeper import Doorkeeper

CHAT_URL = "wss://chat.example/live"
STREAM_URL = "wss://stream.example/live"
TURN_SECRET = "known to the TURN servers"


@dataclass(kw_only=True)
class ChatParts:
    tables: dict[str, str]
    clock: Clock
    storage: FakeObjectStore
    door: FakeUploadDoor
    scanner: FakeScanner = field(default_factory=FakeScanner)
    scan_queue: FakeQueue = field(default_factory=FakeQueue)
    gateway: FakeSockets = field(default_factory=FakeSockets)
    deliveries: FakeQueue = field(default_factory=FakeQueue)
    silence_checks: FakeQueue = field(default_factory=FakeQueue)
    inline_max: int = INLINE_MAX
    ice_urls: tuple[str, ...] = ("stun:stun.example", "turn:turn.example?transport=udp")

    @property
    def sockets(self) -> SocketRepository:
        return SocketRepository(self.tables["realtime"])

    @property
    def conversations(self) -> ConversationRepository:
        return ConversationRepository(self.tables["chat"])

    @property
    def log(self) -> ChatLog:
        return ChatLog(self.tables["chat"])

    @property
    def attachments(self) -> AttachmentRepository:
        return AttachmentRepository(self.tables["chat"])

    @property
    def _examiner(self) -> Examiner:
        health = ScanHealth(repository=HealthRepository(self.tables["operations"]), clock=self.clock)
        return Examiner(store=self.storage, scanner=self.scanner, health=health, clock=self.clock)

    @property
    def attachment_recheck(self) -> AttachmentRecheck:
        return AttachmentRecheck(
            attachments=self.attachments,
            store=self.storage,
            examiner=self._examiner,
            clock=self.clock,
            quarantine_bucket="quarantine",
        )

    @property
    def attachment_scan(self) -> AttachmentScan:
        return AttachmentScan(
            attachments=self.attachments,
            store=self.storage,
            examiner=self._examiner,
            clock=self.clock,
            uploads_bucket=self.door.bucket,
            attachments_bucket="attachments",
            quarantine_bucket="quarantine",
        )

    @property
    def attachment_sweep(self) -> AttachmentSweep:
        return AttachmentSweep(
            attachments=self.attachments,
            objects=self.storage,
            scan_queue=self.scan_queue,
            clock=self.clock,
            uploads_bucket=self.door.bucket,
            attachments_bucket="attachments",
            quarantine_bucket="quarantine",
        )

    @property
    def courier(self) -> Courier:
        return Courier(sockets=self.gateway, store=self.sockets, clock=self.clock)

    def delivery_service(self) -> DeliveryService:
        return DeliveryService(
            couriers={Door.CHAT: self.courier, Door.STREAM: self.courier}, queue=self.deliveries, pause=lambda _: None
        )

    def chat(self, limiter: Limiter) -> Chat:
        publisher = SocketPublisher(
            door=Door.CHAT,
            store=self.sockets,
            courier=self.courier,
            deliveries=self.deliveries,
            inline_max=self.inline_max,
        )
        return chat_of(
            accounts=AccountRepository(self.tables["accounts"], self.tables["outbox"]),
            conversations=self.conversations,
            log=self.log,
            attachments=self.attachments,
            tracks=TrackRepository(self.tables["catalogue"], self.tables["outbox"]),
            presences=PresenceRepository(self.tables["realtime"]),
            sockets=self.sockets,
            publisher=publisher,
            limiter=limiter,
            clock=self.clock,
        )

    def desk(self, limiter: Limiter) -> Desk:
        chat = self.chat(limiter)
        service = ChatService(
            speaking=chat.speaking,
            reading=chat.reading,
            signals=chat.signals,
            rooms=Rooms(store=self.sockets),
            sockets=self.sockets,
            limiter=limiter,
        )
        doorkeeper = Doorkeeper(
            door=Door.CHAT,
            store=self.sockets,
            access=AccessRepository(self.tables["accounts"]),
            sockets=self.gateway,
            silence_checks=self.silence_checks,
            went=service.went,
            clock=self.clock,
        )
        return Desk(doorkeeper=doorkeeper, service=service, kinds=KINDS, clock=self.clock)

    def services(self, limiter: Limiter) -> list[object]:
        chat = self.chat(limiter)
        tickets = SocketService(
            store=self.sockets,
            urls={Door.CHAT: CHAT_URL, Door.STREAM: STREAM_URL},
            page_origin=ORIGIN,
            ice_urls=self.ice_urls,
            turn_secret=lambda: TURN_SECRET,
            limiter=limiter,
            clock=self.clock,
        )
        attachments = AttachmentService(
            accounts=AccountRepository(self.tables["accounts"], self.tables["outbox"]),
            conversations=self.conversations,
            attachments=self.attachments,
            upload_door=self.door,
            download_door=FakeDownloadDoor("attachments"),
            limiter=limiter,
            clock=self.clock,
        )
        said = [chat.reading, chat.searching, chat.blocking]
        return [tickets, attachments, chat.beginning, chat.membership, chat.moderation, *said]
