"""What a test of the API can see and do: the app, its tables, and what stands behind its ports."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI

from api.accounts.service import AccountService
from api.app import create_app
from api.areas import ALL
from api.dependencies import Gate
from api.platform.contract import openapi
from api.platform.readiness import ReadinessService
from api.platform.routes import Contract
from api.playback.media_urls import MediaUrls
from api.playback.service import PlaybackService
from api.tracks.presenter import TrackPresenter
from api.tracks.service import TrackService
from api.uploads.service import UploadService
from core.domain.accounts import fold_email, hash_token
from core.domain.errors import QueueUnavailable, StorageUnavailable
from core.domain.ids import AccountId, EpochSeconds, TrackId, UploadId, new_id
from core.domain.limits import ACCESS_TOKEN_S
from core.domain.tracks import Progress, Track, TrackState
from core.domain.uploads import Strategy
from core.domain.verdicts import ScanVerdict
from core.messages import DEFINITIONS_POINTER, DefinitionsManifest, Envelope, Message
from core.ports import AccessClaims, SignedRequest
from core.store.accounts import AccountRepository
from core.store.health import HealthRepository
from core.store.outbox import envelope_of
from core.store.sessions import SessionRepository
from core.store.tracks import TrackRepository
from core.store.uploads import UploadRepository
from core.telemetry import get_logger
from tests import builders
from tests.fakes.clock import FakeClock
from tests.fakes.door import FakeUploadDoor
from tests.fakes.objects import FakeObjectStore
from tests.fakes.passwords import FakePasswordHasher
from tests.fakes.queue import FakeQueue
from tests.fakes.tokens import FakeTokenSigner
from tests.integration.api.client import ApiClient

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

PASSWORD = "a-kettle-full-of-larks"
UPLOADS, MEDIA, DEFINITIONS = "uploads", "media", "definitions"


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


@dataclass(kw_only=True)
class Parts:
    """Repositories on moto, fakes for the ports, and the services made of them."""

    clock: FakeClock
    hasher: FakePasswordHasher
    storage: FakeObjectStore
    door: FakeUploadDoor
    queue: FakeQueue
    accounts: AccountRepository
    sessions: SessionRepository
    tracks: ContestedTracks
    uploads: UploadRepository
    health: HealthRepository
    refresh_key: bytes = b"the first key"

    def services(self) -> list[object]:
        signer = FakeTokenSigner(self.clock)
        urls = MediaUrls(base_url="https://media.example/", key=lambda: b"media key")
        return [
            Gate(signer=signer),
            AccountService(
                accounts=self.accounts,
                sessions=self.sessions,
                hasher=self.hasher,
                signer=signer,
                clock=self.clock,
                refresh_key=lambda: self.refresh_key,
            ),
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
            PlaybackService(tracks=self.tracks, media_urls=urls, clock=self.clock),
            self._readiness(),
            Contract(openapi),
        ]

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
    storage = FakeObjectStore()
    return Parts(
        clock=FakeClock(builders.NOW),
        hasher=FakePasswordHasher(),
        storage=storage,
        door=FakeUploadDoor(storage, UPLOADS),
        queue=FakeQueue(),
        accounts=AccountRepository(tables["accounts"], tables["outbox"]),
        sessions=SessionRepository(tables["accounts"]),
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


@dataclass(kw_only=True)
class World:
    api: ApiClient
    dynamodb: "DynamoDBClient"
    tables: dict[str, str]
    parts: Parts
    account_id: AccountId | None = None
    """Who `api` speaks for."""

    @property
    def clock(self) -> FakeClock:
        return self.parts.clock

    @property
    def hasher(self) -> FakePasswordHasher:
        return self.parts.hasher

    @property
    def tracks(self) -> ContestedTracks:
        return self.parts.tracks

    @property
    def uploads(self) -> UploadRepository:
        return self.parts.uploads

    @property
    def health(self) -> HealthRepository:
        return self.parts.health

    # -- people

    def register(self, person: dict[str, str], *, verified: bool = True) -> AccountId:
        """They have an account."""
        account = builders.an_account(
            email=fold_email(person["email"]),
            username=person["username"].lower(),
            password_hash=self.hasher.hash(person.get("password", PASSWORD)),
            email_verified=verified,
        )
        self.parts.accounts.create(account)
        return account.id

    def sign_in(self, person: dict[str, str]) -> None:
        """`api` is their browser from now on, refresh cookie included."""
        self.account_id = self.register(person)
        credentials = {"email": person["email"], "password": person.get("password", PASSWORD)}
        self.api.token = self.api.post("/auth/login", credentials).json()["access_token"]

    def be(self, username: str, *, verified: bool = True) -> None:
        """`api` is that new person's program from now on: an access token and nothing else."""
        self.account_id = self.register(_called(username), verified=verified)
        self.renew_token()

    def renew_token(self) -> None:
        assert self.account_id is not None
        self.api.token = self._token_of(self.account_id)

    def somebody_else(self) -> ApiClient:
        """A signed-in stranger."""
        client = self.api.another()
        client.token = self._token_of(self.register(_called("stranger")))
        return client

    def _token_of(self, account_id: AccountId) -> str:
        now = self.clock.now()
        claims = AccessClaims(
            account_id=account_id, session_id=new_id(), issued_at=now, expires_at=EpochSeconds(now + ACCESS_TOKEN_S)
        )
        return FakeTokenSigner(self.clock).sign(claims)

    def mailed_token(self, account_id: str) -> str:
        """What the mail consumer puts into the verification mail."""
        expires_at = EpochSeconds(self.clock.now() + 24 * 3600)
        self.parts.accounts.add_verification(hash_token("mailed"), AccountId(account_id), expires_at)
        return "mailed"

    def change_refresh_key(self) -> None:
        self.parts.refresh_key = b"the second key"

    # -- tracks

    def has(self, track: Track) -> Track:
        """The signed-in artist has such a track."""
        assert self.account_id is not None
        return self._created(replace(track, owner_id=self.account_id))

    def somebody_elses(self, track: Track) -> Track:
        return self._created(track)

    def _created(self, track: Track) -> Track:
        self.tracks.create(track, builders.an_upload(track))
        return track

    def move_track(self, track_id: str, to: TrackState, *, percent: int | None = None) -> None:
        """As the pipeline would."""
        track = self.tracks.get(TrackId(track_id))
        progress = None if percent is None else Progress(stage=to.value, percent=percent)
        TrackRepository.save(self.tracks, replace(track, state=to, progress=progress), now=self.clock.now())

    def steal_next_save(self, track_id: str, to: TrackState) -> None:
        """A worker saves the track right before the API does."""
        self.tracks.thief = lambda: self.move_track(track_id, to)

    # -- storage

    def store_part(self, upload_id: str, number: int) -> str:
        """As the client would with the part's signed URL; returns its ETag."""
        fresh = self.api.post(f"/uploads/{upload_id}/parts", {"part_numbers": [number]}).json()["parts"][0]
        self._send(fresh, bytes(fresh["size_bytes"]))
        there = self.api.get(f"/uploads/{upload_id}").json()["parts"]
        return next(str(part["etag"]) for part in there if part["part_number"] == number)

    def store_all_parts(self, upload_id: str) -> dict[int, str]:
        missing = self.api.get(f"/uploads/{upload_id}").json()["missing_parts"]
        return {part["part_number"]: self.store_part(upload_id, part["part_number"]) for part in missing}

    def spoil_part(self, upload_id: str, number: int) -> None:
        """A part that is not as long as it must be, however that came about."""
        upload = self.uploads.get(UploadId(upload_id))
        self.parts.door.open[upload.multipart_id or ""].parts[number] = b"too short"

    def store_file(self, upload_id: str) -> None:
        """As the client would with its signed URL."""
        put = self.api.post(f"/uploads/{upload_id}/parts").json()["put"]
        self._send(put, bytes(int(put["headers"]["Content-Length"])))

    def _send(self, signed: dict[str, Any], body: bytes) -> None:
        request = SignedRequest(url=signed["url"], headers=signed["headers"])
        assert self.parts.door.send(request, body) == HTTPStatus.OK

    def store_all(self, upload_id: str) -> None:
        if self.uploads.get(UploadId(upload_id)).strategy is Strategy.PUT:
            self.store_file(upload_id)
        else:
            self.store_all_parts(upload_id)

    def join_parts_behind_our_back(self, upload_id: str) -> None:
        upload = self.uploads.get(UploadId(upload_id))
        assert upload.multipart_id is not None
        there = self.parts.door.list_parts(upload.key, upload.multipart_id)
        parts = [(part.part_number, part.etag) for part in there]
        self.parts.door.complete_multipart(upload.key, upload.multipart_id, parts)

    def open_multiparts(self) -> int:
        return len(self.parts.door.open)

    def publish_definitions(self, *, built_at: int = builders.NOW, text: str | None = None) -> None:
        manifest = DefinitionsManifest(version="1", built_at=built_at, signatures=9, source="builtin", files=())
        body = (text or manifest.model_dump_json()).encode()
        self.parts.storage.put(DEFINITIONS, DEFINITIONS_POINTER, body, content_type="application/json")

    # -- what else is behind

    def events(self) -> list[Envelope]:
        """What lies in the outbox, in order."""
        items = self.dynamodb.scan(TableName=self.tables["outbox"])["Items"]
        return sorted((envelope_of(item) for item in items), key=lambda envelope: envelope.id)

    def queued(self) -> list[str]:
        return list(self.parts.queue.sent)

    def queue_goes_down(self) -> None:
        self.parts.queue.fault = QueueUnavailable("The queue can't take messages at the moment.")

    def storage_goes_down(self) -> None:
        self.parts.storage.fault = StorageUnavailable("Storage does not answer.")

    def lose_accounts(self) -> None:
        self.parts.sessions = SessionRepository("no-such-table")
        provide(self.api.app, self.parts)


def _called(username: str) -> dict[str, str]:
    return {"email": f"{username}@example.com", "username": username}
