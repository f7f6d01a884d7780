"""What a test of the API can see and do: the app, its tables, and what stands behind its ports."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import boto3
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
from core.domain.ids import AccountId, Bytes, EpochSeconds, TrackId, UploadId
from core.domain.tracks import Progress, Track, TrackState
from core.domain.uploads import Strategy, plan_parts
from core.domain.verdicts import ScanVerdict
from core.messages import DEFINITIONS_POINTER, DefinitionsManifest, Envelope, Message
from core.store.accounts import AccountRepository
from core.store.health import HealthRepository
from core.store.outbox import envelope_of
from core.store.sessions import SessionRepository
from core.store.tracks import TrackRepository
from core.store.uploads import UploadRepository
from core.telemetry import get_logger
from tests import builders
from tests.integration.api.client import ApiClient
from tests.integration.api.interim_fakes import FakeClock, FakeDoor, FakeHasher, FakeQueue, FakeSigner, FakeStorage

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
    hasher: FakeHasher
    storage: FakeStorage
    door: FakeDoor
    queue: FakeQueue
    accounts: AccountRepository
    sessions: SessionRepository
    tracks: ContestedTracks
    uploads: UploadRepository
    health: HealthRepository
    refresh_key: bytes = b"the first key"

    def services(self) -> list[object]:
        signer = FakeSigner(self.clock)
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
    storage = FakeStorage()
    return Parts(
        clock=FakeClock(builders.NOW),
        hasher=FakeHasher(),
        storage=storage,
        door=FakeDoor(storage, UPLOADS),
        queue=FakeQueue(),
        accounts=AccountRepository(tables["accounts"], tables["outbox"]),
        sessions=SessionRepository(tables["accounts"]),
        tracks=ContestedTracks(tables["catalogue"], tables["outbox"]),
        uploads=UploadRepository(tables["catalogue"]),
        health=HealthRepository(tables["operations"]),
    )


def app_of(parts: Parts) -> FastAPI:
    return create_app(ALL, services=parts.services(), logger=get_logger("test"))


@dataclass(kw_only=True)
class World:
    api: ApiClient
    tables: dict[str, str]
    parts: Parts
    account_id: AccountId | None = None
    _person: dict[str, str] | None = None

    @property
    def clock(self) -> FakeClock:
        return self.parts.clock

    @property
    def hasher(self) -> FakeHasher:
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
        """Their mail, opened; nothing of it stays in the outbox."""
        answer = self.api.another().post("/auth/register", {"password": PASSWORD, **person})
        assert answer.status_code == 201, answer.text
        account_id = AccountId(answer.json()["id"])
        if verified:
            self.parts.accounts.mark_verified(account_id)
        self._forget_events()
        return account_id

    def sign_in(self, person: dict[str, str], *, verified: bool = True) -> None:
        """`api` is theirs from now on."""
        self.account_id = self.register(person, verified=verified)
        self._person = person
        self.sign_in_again()

    def sign_in_again(self) -> None:
        assert self._person is not None
        self.api.token = self._login(self.api, self._person)

    def somebody_else(self) -> ApiClient:
        """A signed-in stranger."""
        stranger = {"email": "stranger@example.com", "username": "stranger"}
        self.register(stranger)
        client = self.api.another()
        client.token = self._login(client, stranger)
        return client

    def mailed_token(self, account_id: str) -> str:
        """What the mail consumer puts into the verification mail."""
        from api.accounts.refresh_tokens import hash_of

        expires_at = EpochSeconds(self.clock.now() + 24 * 3600)
        self.parts.accounts.add_verification(hash_of("mailed"), AccountId(account_id), expires_at)
        return "mailed"

    def change_refresh_key(self) -> None:
        self.parts.refresh_key = b"the second key"

    @staticmethod
    def _login(client: ApiClient, person: dict[str, str]) -> str:
        answer = client.post("/auth/login", {"email": person["email"], "password": person.get("password", PASSWORD)})
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])

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

    def store_part(self, upload_id: str, number: int, size_bytes: int) -> str:
        """As the client would with the part's signed URL; returns its ETag."""
        upload = self.uploads.get(UploadId(upload_id))
        assert upload.multipart_id is not None
        return self.parts.door.store_part(upload.key, upload.multipart_id, number, Bytes(size_bytes))

    def store_all_parts(self, upload_id: str) -> dict[int, str]:
        upload = self.uploads.get(UploadId(upload_id))
        return {
            plan.part_number: self.store_part(upload_id, plan.part_number, plan.size_bytes)
            for plan in plan_parts(upload.size_bytes)
        }

    def store_file(self, upload_id: str) -> None:
        upload = self.uploads.get(UploadId(upload_id))
        self.parts.storage.put(UPLOADS, upload.key, bytes(upload.size_bytes), content_type=upload.content_type)

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
        return self.parts.door.open_multiparts()

    def publish_definitions(self, *, built_at: int = builders.NOW, text: str | None = None) -> None:
        manifest = DefinitionsManifest(version="1", built_at=built_at, signatures=9, source="builtin", files=())
        body = (text or manifest.model_dump_json()).encode()
        self.parts.storage.put(DEFINITIONS, DEFINITIONS_POINTER, body, content_type="application/json")

    # -- what else is behind

    def events(self) -> list[Envelope]:
        """What lies in the outbox, in order."""
        items = boto3.client("dynamodb").scan(TableName=self.tables["outbox"])["Items"]
        return sorted((envelope_of(item) for item in items), key=lambda envelope: envelope.id)

    def _forget_events(self) -> None:
        client = boto3.client("dynamodb")
        for event in self.events():
            client.delete_item(TableName=self.tables["outbox"], Key={"pk": {"S": event.id}})

    def queued(self) -> list[str]:
        return list(self.parts.queue.bodies)

    def queue_goes_down(self) -> None:
        self.parts.queue.down = True

    def storage_goes_down(self) -> None:
        self.parts.storage.down = True

    def lose_table(self, area: str) -> None:
        boto3.client("dynamodb").delete_table(TableName=self.tables[area])

    @property
    def services(self) -> dict[type[object], Any]:
        return {type(service): service for service in self.parts.services()}
