"""What the API is made of in a test: real repositories on moto, fakes behind the ports, and the services of both."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

from fastapi import FastAPI

from api.access import Gate
from api.api_keys.gate import KeyGate
from api.app import create_app
from api.areas import ALL
from api.csrf import Csrf
from api.middleware.audit_trail import Auditor
from api.origin import Edge
from api.platform.contract import openapi
from api.platform.readiness import ReadinessService
from api.platform.routes import Contract
from api.playback.service import PlayCounts
from api.tracks.presenter import TrackPresenter
from api.tracks.service import TrackService
from api.uploads.service import UploadService
from api.wiring import accounts as wiring
from core.adapters.one_time_codes import TotpCodes
from core.adapters.passkeys import WebAuthnPasskeys
from core.domain.ids import AccountId, EpochSeconds, SessionId
from core.domain.tracks import Track
from core.domain.verdicts import ScanVerdict
from core.limiter import Limiter
from core.messages.message import Message
from core.playback.media_urls import MediaUrls
from core.playback.tickets import Tickets
from core.ports.credentials import TokenSigner
from core.store.access import AccessRepository
from core.store.accounts import AccountRepository
from core.store.api_keys import ApiKeyRepository
from core.store.audit_log import AuditLog
from core.store.connections import ConnectionRepository, FlowRepository
from core.store.consents import ConsentLedger
from core.store.counters import CounterRepository, LastUses, LockoutRepository
from core.store.email_changes import EmailChangeRepository
from core.store.exports import ExportRepository
from core.store.health import HealthRepository
from core.store.login_history import LoginHistory
from core.store.passkeys import PasskeyRepository
from core.store.plays import Plays
from core.store.second_factors import SecondFactorRepository
from core.store.sessions import SessionRepository
from core.store.tickets import TicketRepository
from core.store.tracks import TrackRepository
from core.store.uploads import UploadRepository
from core.telemetry import get_logger, get_metrics
from tests import builders
from tests.fakes.clock import FakeClock
from tests.fakes.door import FakeDownloadDoor, FakeUploadDoor
from tests.fakes.objects import FakeObjectStore
from tests.fakes.passwords import FakePasswordGuesser, FakePasswordHasher
from tests.fakes.providers import FakeIdentityProviders
from tests.fakes.queue import FakeQueue
from tests.fakes.sealer import FakeSealer
from tests.fakes.tokens import FakeTokenSigner
from tests.integration.api.chat_parts import ChatParts
from tests.integration.api.client import ORIGIN
from tests.integration.api.stream_parts import StreamParts

UPLOADS, MEDIA, DEFINITIONS = "uploads", "media", "definitions"
EDGE_SECRET = "known to the CDN and the API"


class ContestedTracks(TrackRepository):
    """The real repository, in which another worker can be made to save first."""

    thief: Callable[[], None] | None = None

    def save(
        self, track: Track, *, events: Sequence[Message] = (), verdict: ScanVerdict | None = None, now: EpochSeconds
    ) -> Track:
        thief, self.thief = self.thief, None
        if thief is not None:
            thief()
        return super().save(track, events=events, verdict=verdict, now=now)


class ForgetfulSessions(SessionRepository):
    """The real repository, which can be made to die before it ends a session."""

    forgetful = False

    def revoke(
        self, account_id: AccountId, session_id: SessionId, *, events: Sequence[Message] = (), now: EpochSeconds
    ) -> None:
        if not self.forgetful:
            super().revoke(account_id, session_id, events=events, now=now)


@dataclass(kw_only=True)
class Parts:
    """Repositories on moto, fakes for the ports, and the services made of them."""

    tables: dict[str, str]
    clock: FakeClock
    hasher: FakePasswordHasher
    storage: FakeObjectStore
    door: FakeUploadDoor
    queue: FakeQueue
    providers: FakeIdentityProviders
    accounts: AccountRepository
    sessions: ForgetfulSessions
    logins: LoginHistory
    access: AccessRepository
    tracks: ContestedTracks
    uploads: UploadRepository
    health: HealthRepository
    counters: CounterRepository
    lockouts: LockoutRepository
    audit: AuditLog
    tickets: TicketRepository
    second_factors: SecondFactorRepository
    email_changes: EmailChangeRepository
    chat: ChatParts
    stream: StreamParts
    refresh_key: bytes = b"the first key"
    limit_factor: int = 1000
    """Tests that are not about limits may do things as often as they like."""

    def services(self) -> list[object]:
        signer = FakeTokenSigner(self.clock)
        edge = Edge(secret=lambda: EDGE_SECRET)
        limiter = self.limiter
        urls = MediaUrls(base_url="https://media.example/", key=lambda: b"media key")
        return [
            Gate(signer=signer, access=self.access, keys=self._key_gate(limiter), clock=self.clock),
            edge,
            Csrf(key=lambda: b"the key of forms"),
            Auditor(log=self.audit, edge=edge, metrics=get_metrics("test"), clock=self.clock),
            limiter,
            *wiring.services_of(self._of_accounts(signer, limiter)),
            UploadService(
                accounts=self.accounts,
                tracks=self.tracks,
                uploads=self.uploads,
                objects=self.storage,
                door=self.door,
                uploads_bucket=UPLOADS,
                clock=self.clock,
            ),
            TrackService(tracks=self.tracks, scan_queue=self.queue, uploads_bucket=UPLOADS, clock=self.clock),
            TrackPresenter(media_urls=urls, clock=self.clock),
            Tickets(tracks=self.tracks, media_urls=urls, clock=self.clock),
            PlayCounts(tracks=self.tracks, plays=Plays(self.tables["counters"])),
            *self.chat.services(limiter),
            self._readiness(),
            Contract(openapi),
        ]

    @property
    def limiter(self) -> Limiter:
        return Limiter(counters=self.counters, clock=self.clock, factor=self.limit_factor)

    def _key_gate(self, limiter: Limiter) -> KeyGate:
        return KeyGate(
            keys=ApiKeyRepository(self.tables["accounts"]),
            access=self.access,
            last_uses=LastUses(self.tables["counters"]),
            limiter=limiter,
            clock=self.clock,
        )

    def _of_accounts(self, signer: TokenSigner, limiter: Limiter) -> wiring.Parts:
        return wiring.Parts(
            accounts=self.accounts,
            sessions=self.sessions,
            second_factors=self.second_factors,
            one_time_codes=TotpCodes(),
            sealer=FakeSealer(),
            passkeys=PasskeyRepository(self.tables["accounts"]),
            connections=ConnectionRepository(self.tables["accounts"]),
            flows=FlowRepository(self.tables["accounts"]),
            api_keys=ApiKeyRepository(self.tables["accounts"]),
            last_uses=LastUses(self.tables["counters"]),
            passkey_engine=WebAuthnPasskeys(origin=ORIGIN, host="veza.example"),
            providers=self.providers,
            page_url=ORIGIN,
            logins=self.logins,
            access=self.access,
            tickets=self.tickets,
            email_changes=self.email_changes,
            lockouts=self.lockouts,
            audit=self.audit,
            consents=ConsentLedger(self.tables["accounts"]),
            exports=ExportRepository(self.tables["accounts"], self.tables["outbox"]),
            export_door=FakeDownloadDoor("exports"),
            limiter=limiter,
            hasher=self.hasher,
            guesser=FakePasswordGuesser(),
            signer=signer,
            clock=self.clock,
            refresh_key=lambda: self.refresh_key,
        )

    def _readiness(self) -> ReadinessService:
        return ReadinessService(
            sessions=self.sessions,
            uploads=self.uploads,
            health=self.health,
            objects=self.storage,
            buckets={"uploads": UPLOADS, "media": MEDIA},
            definitions_bucket=DEFINITIONS,
            definitions_max_age_h=48,
            clock=self.clock,
        )


def parts_of(tables: dict[str, str]) -> Parts:
    storage, clock = FakeObjectStore(), FakeClock(builders.NOW)
    door = FakeUploadDoor(storage, UPLOADS)
    chat = ChatParts(tables=tables, clock=clock, storage=storage, door=door)
    return Parts(
        tables=tables,
        chat=chat,
        stream=StreamParts(tables=tables, clock=clock, storage=storage, chat=chat, media_bucket=MEDIA),
        providers=FakeIdentityProviders(),
        clock=clock,
        hasher=FakePasswordHasher(),
        storage=storage,
        door=door,
        queue=FakeQueue(),
        accounts=AccountRepository(tables["accounts"], tables["outbox"]),
        sessions=ForgetfulSessions(tables["accounts"], tables["outbox"]),
        logins=LoginHistory(tables["accounts"]),
        counters=CounterRepository(tables["counters"]),
        lockouts=LockoutRepository(tables["counters"]),
        audit=AuditLog(tables["audit"]),
        tickets=TicketRepository(tables["accounts"]),
        second_factors=SecondFactorRepository(tables["accounts"]),
        email_changes=EmailChangeRepository(tables["accounts"]),
        access=AccessRepository(tables["accounts"]),
        tracks=ContestedTracks(tables["catalogue"], tables["outbox"]),
        uploads=UploadRepository(tables["catalogue"]),
        health=HealthRepository(tables["operations"]),
    )


@cache
def whole_app() -> FastAPI:
    """All areas in one app; built once, as it holds nothing of a test but its services."""
    return create_app(ALL, services=(), logger=get_logger("test"))


def provide(app: FastAPI, parts: Parts) -> None:
    """From now on the app works with these."""
    app.state.services = {type(service): service for service in parts.services()}
