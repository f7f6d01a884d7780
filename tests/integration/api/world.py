"""What a test of the API can see and do: the app, its tables, and what stands behind its ports."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from consumers.mail.account_mail import AccountMail
from consumers.mail.service import MailService
from core.domain.accounts import Account, fold_email
from core.domain.errors import QueueUnavailable, StorageUnavailable
from core.domain.ids import AccountId, EpochSeconds, TrackId, UploadId, new_id
from core.domain.limits import ACCESS_TOKEN_S, REFRESH_TOKEN_S
from core.domain.permissions import Role
from core.domain.sockets import Door
from core.domain.tracks import Progress, Track, TrackState
from core.domain.uploads import Strategy
from core.messages.definitions import DEFINITIONS_POINTER, DefinitionsManifest
from core.messages.envelope import Envelope
from core.ports.credentials import AccessClaims
from core.ports.storage import SignedRequest
from core.store.audit_log import AuditLog
from core.store.connection import shared_connection
from core.store.counters import CounterRepository
from core.store.health import HealthRepository
from core.store.mail_log import MailLog
from core.store.outbox import envelope_of
from core.store.tracks import TrackRepository
from core.store.uploads import UploadRepository
from tests import builders
from tests.fakes.clock import FakeClock
from tests.fakes.mail import FakeMailer
from tests.fakes.passwords import FakePasswordHasher
from tests.fakes.tokens import FakeTokenSigner
from tests.integration.api.client import ApiClient
from tests.integration.api.parts import DEFINITIONS, ContestedTracks, ForgetfulSessions, Parts, provide
from ws.desk import Desk

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

PASSWORD = "a-kettle-full-of-larks"


@dataclass(kw_only=True)
class World:
    api: ApiClient
    dynamodb: "DynamoDBClient"
    tables: dict[str, str]
    parts: Parts
    account_id: AccountId | None = None
    """Who `api` speaks for."""
    recovery_codes: list[str] = field(default_factory=list)
    """What they have written down."""

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

    def register(
        self, person: dict[str, str], *, verified: bool = True, roles: frozenset[Role] = frozenset({Role.USER})
    ) -> AccountId:
        """They have an account."""
        account = builders.an_account(
            email=fold_email(person["email"]),
            username=person["username"].lower(),
            password_hash=self.hasher.hash(person.get("password", PASSWORD)),
            email_verified=verified,
            roles=roles,
        )
        self.parts.accounts.create(account)
        return account.id

    def sign_in(self, person: dict[str, str]) -> None:
        """`api` is their browser from now on, with a session in its cookies."""
        self.account_id = self.register(person)
        credentials = {"email": person["email"], "password": person.get("password", PASSWORD)}
        assert self.api.post("/auth/login", credentials).status_code == HTTPStatus.OK

    def be(self, username: str, *, verified: bool = True, roles: frozenset[Role] = frozenset({Role.USER})) -> None:
        """`api` is that new person's program from now on: an access token and nothing else."""
        self.account_id = self.register(_called(username), verified=verified, roles=roles)
        self.renew_token()

    def renew_token(self) -> None:
        assert self.account_id is not None
        self.api.token = self.token_of(self.account_id)

    def somebody_else(self) -> ApiClient:
        """A signed-in stranger."""
        return self.another_person("stranger")

    def another_person(self, username: str, *, roles: frozenset[Role] = frozenset({Role.USER})) -> ApiClient:
        client = self.api.another()
        client.token = self.token_of(self.register(_called(username), roles=roles))
        return client

    def has_roles(self, account_id: AccountId, roles: frozenset[Role]) -> None:
        self._changed(self.parts.accounts.get(account_id), roles=roles)

    def has_password_hash(self, account_id: AccountId, password_hash: str) -> None:
        self._changed(self.parts.accounts.get(account_id), password_hash=password_hash)

    def needs_a_code(self, account_id: str) -> None:
        """As with a second factor that nobody here has."""
        self._changed(self.parts.accounts.get(AccountId(account_id)), second_factor_since=self.clock.now())

    def renew_access_only(self) -> None:
        """A fresh access token of the same old session."""
        assert self.api.token is not None
        signer = FakeTokenSigner(FakeClock(builders.NOW))
        claims = signer.verify(self.api.token)
        now = self.clock.now()
        renewed = replace(claims, issued_at=now, expires_at=EpochSeconds(now + ACCESS_TOKEN_S))
        self.api.token = FakeTokenSigner(self.clock).sign(renewed)

    def desk(self, door: Door = Door.CHAT) -> Desk:
        """Where sockets are heard."""
        of = self.parts.chat if door is Door.CHAT else self.parts.stream
        return of.desk(self.parts.limiter)

    def suspend(self, email: str) -> None:
        account = self.parts.accounts.find_by_email(email)
        assert account is not None
        self._changed(account, suspended_at=self.clock.now())

    def _changed(self, account: Account, **changes: Any) -> None:
        self.parts.accounts.save(replace(account, **changes), now=self.clock.now())

    def token_of(self, account_id: AccountId) -> str:
        now, account = self.clock.now(), self.parts.accounts.get(account_id)
        session = builders.a_session(
            account, created_at=now, rotated_at=now, proved_at=now, expires_at=now + REFRESH_TOKEN_S
        )
        self.parts.sessions.create(session)
        claims = AccessClaims(
            account_id=account_id,
            session_id=session.id,
            token_id=new_id(),
            token_version=account.token_version,
            issued_at=now,
            expires_at=EpochSeconds(now + ACCESS_TOKEN_S),
        )
        return FakeTokenSigner(self.clock).sign(claims)

    def mail(self) -> FakeMailer:
        """Everything that the mail consumer writes about what lies in the outbox, sent now."""
        mailer = FakeMailer()
        account_mail = AccountMail(
            tickets=self.parts.tickets,
            changes=self.parts.email_changes,
            clock=self.clock,
            app_url="https://veza.example",
        )
        service = MailService(
            accounts=self.parts.accounts,
            account_mail=account_mail,
            tracks=self.parts.tracks,
            mail_log=MailLog(self.tables["operations"]),
            mailer=mailer,
            clock=self.clock,
            app_url="https://veza.example",
        )
        for envelope in self.events():
            service.tell(envelope)
        return mailer

    def mailed_token(self, to: str) -> str:
        """The token of the latest unsent letter to that address."""
        letters = [letter for letter in self.mail().sent if letter.to == to]
        assert letters, f"nothing was written to {to}"
        found = re.search(r"[?&]token=(\S+)", letters[-1].text)
        assert found, letters[-1].text
        return found[1]

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

    def statements_of(self, act: Callable[[], object]) -> list[str]:
        """What the database is asked for while `act` runs: operations by table, without keys and values."""
        asked: list[str] = []
        connection = shared_connection()
        ask = connection.dispatch

        def noted(operation: str, arguments: dict[str, Any], *rest: Any, **more: Any) -> Any:
            asked.append(f"{operation} {arguments.get('TableName', '')}")
            return ask(operation, arguments, *rest, **more)

        connection.dispatch = noted  # type: ignore[method-assign, assignment]
        try:
            act()
        finally:
            del connection.dispatch
        return asked

    def queued(self) -> list[str]:
        return list(self.parts.queue.sent)

    def queue_goes_down(self) -> None:
        self.parts.queue.fault = QueueUnavailable("The queue can't take messages at the moment.")

    def storage_goes_down(self) -> None:
        self.parts.storage.fault = StorageUnavailable("Storage does not answer.")

    def limits_hold(self) -> None:
        """As they are where people are."""
        self.parts.limit_factor = 1
        provide(self.api.app, self.parts)

    def lose_counters(self) -> None:
        self.parts.counters = CounterRepository("no-such-table")
        provide(self.api.app, self.parts)

    def lose_audit(self) -> None:
        self.parts.audit = AuditLog("no-such-table")
        provide(self.api.app, self.parts)

    def lose_accounts(self) -> None:
        self.parts.sessions = ForgetfulSessions("no-such-table", "no-such-table")
        provide(self.api.app, self.parts)


def _called(username: str) -> dict[str, str]:
    return {"email": f"{username}@example.com", "username": username}
