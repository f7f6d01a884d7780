"""Builds what each API function needs, once per container; nothing is imported or connected before it is asked for."""

import hashlib
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

from core import settings

if TYPE_CHECKING:
    from api.access import Gate
    from api.limiter import Limiter
    from core.adapters.secrets import SecretsManagerSecrets
    from core.ports import TokenSigner

AUDIENCE: Final = "veza-api"


@cache
def accounts_api() -> tuple[object, ...]:
    """The services of `accounts-api`."""
    from api.accounts.service import AccountService
    from api.admin.service import AdminService
    from api.origin import Edge
    from api.sessions.service import SessionService
    from api.sign_in.guard import PasswordGuard
    from api.sign_in.service import SignInService
    from core.adapters.clock import SystemClock
    from core.adapters.passwords import Argon2PasswordHasher
    from core.store.access import AccessRepository
    from core.store.accounts import AccountRepository
    from core.store.counters import LockoutRepository
    from core.store.login_history import LoginHistory
    from core.store.sessions import SessionRepository

    env, clock, hasher = settings.load(settings.AccountsApi), SystemClock(), Argon2PasswordHasher()
    accounts = AccountRepository(env.accounts_table, env.outbox_table)
    sessions = SessionRepository(env.accounts_table, env.outbox_table)
    logins, access = LoginHistory(env.accounts_table), AccessRepository(env.accounts_table)
    lockouts, limiter = LockoutRepository(env.counters_table), _limiter(env.counters_table, env.limit_factor)
    signer = _signer(env.stage, env.jwt_secret)
    return (
        _gate(signer, env.accounts_table),
        Edge(secret=lambda: _secrets().get(env.edge_secret)),
        limiter,
        AccountService(accounts=accounts, hasher=hasher, clock=clock),
        SignInService(
            accounts=accounts,
            sessions=sessions,
            logins=logins,
            access=access,
            guard=PasswordGuard(accounts=accounts, lockouts=lockouts, limiter=limiter, clock=clock),
            hasher=hasher,
            signer=signer,
            clock=clock,
            refresh_key=lambda: derived_key("refresh token successor", _secrets().get(env.jwt_secret)),
        ),
        SessionService(accounts=accounts, sessions=sessions, logins=logins, clock=clock),
        AdminService(accounts=accounts, sessions=sessions, clock=clock),
    )


@cache
def catalogue_api() -> tuple[object, ...]:
    """The services of `catalogue-api`."""
    from api.playback.media_urls import MediaUrls
    from api.playback.service import PlaybackService
    from api.tracks.presenter import TrackPresenter
    from api.tracks.service import TrackService
    from api.uploads.service import UploadService
    from core.adapters import clients
    from core.adapters.clock import SystemClock
    from core.adapters.s3 import S3ObjectStore
    from core.adapters.upload_door import S3UploadDoor
    from core.store.accounts import AccountRepository
    from core.store.tracks import TrackRepository
    from core.store.uploads import UploadRepository

    env, clock = settings.load(settings.CatalogueApi), SystemClock()
    tracks = TrackRepository(env.catalogue_table, env.outbox_table)
    urls = MediaUrls(base_url=env.media_url, key=lambda: _secrets().get(env.media_secret).encode())
    queue = QueueOnDemand(url=env.scan_queue_url)
    uploads = UploadService(
        accounts=AccountRepository(env.accounts_table, env.outbox_table),
        tracks=tracks,
        uploads=UploadRepository(env.catalogue_table),
        objects=S3ObjectStore(clients.s3()),
        door=S3UploadDoor(clients.s3(), env.uploads_bucket),
        uploads_bucket=env.uploads_bucket,
        clock=clock,
    )
    return (
        _gate(_signer(env.stage, env.jwt_secret), env.accounts_table),
        _limiter(env.counters_table, env.limit_factor),
        uploads,
        TrackService(tracks=tracks, scan_queue=queue, uploads_bucket=env.uploads_bucket, clock=clock),
        TrackPresenter(media_urls=urls, clock=clock),
        PlaybackService(tracks=tracks, media_urls=urls, clock=clock),
    )


@cache
def platform_api() -> tuple[object, ...]:
    """The services of `platform-api`."""
    from api.platform.contract import openapi
    from api.platform.readiness import ReadinessService
    from api.platform.routes import Contract
    from core.adapters import clients
    from core.adapters.clock import SystemClock
    from core.adapters.s3 import S3ObjectStore
    from core.store.health import HealthRepository
    from core.store.sessions import SessionRepository
    from core.store.uploads import UploadRepository

    env = settings.load(settings.PlatformApi)
    readiness = ReadinessService(
        sessions=SessionRepository(env.accounts_table, outbox_table=""),
        uploads=UploadRepository(env.catalogue_table),
        health=HealthRepository(env.operations_table),
        objects=S3ObjectStore(clients.s3()),
        buckets={"uploads": env.uploads_bucket, "media": env.media_bucket},
        definitions_bucket=env.definitions_bucket,
        definitions_max_age_h=env.definitions_max_age_h,
        clock=SystemClock(),
    )
    return Contract(openapi), readiness


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueOnDemand:
    """Queue. Only a rare request sends anything, so no cold start pays for the client."""

    url: str

    def send(self, body: str) -> None:
        from core.adapters import clients
        from core.adapters.queue import SqsQueue

        SqsQueue(clients.sqs(), self.url).send(body)


def derived_key(purpose: str, secret: str) -> bytes:
    """A key of its own for each purpose, from a secret with plenty of entropy."""
    return hashlib.sha256(f"veza/{purpose}/".encode() + secret.encode()).digest()


@cache
def _secrets() -> "SecretsManagerSecrets":
    from core.adapters import clients
    from core.adapters.secrets import SecretsManagerSecrets

    return SecretsManagerSecrets(clients.secretsmanager())


def _gate(signer: "TokenSigner", accounts_table: str) -> "Gate":
    from api.access import Gate
    from core.adapters.clock import SystemClock
    from core.store.access import AccessRepository

    return Gate(signer=signer, access=AccessRepository(accounts_table), clock=SystemClock())


def _limiter(counters_table: str, factor: int) -> "Limiter":
    from api.limiter import Limiter
    from core.adapters.clock import SystemClock
    from core.store.counters import CounterRepository

    return Limiter(counters=CounterRepository(counters_table), clock=SystemClock(), factor=factor)


def _signer(stage: str, jwt_secret: str) -> "TokenSigner":
    from core.adapters.clock import SystemClock
    from core.adapters.tokens import RsaTokenSigner

    return RsaTokenSigner(_secrets(), jwt_secret, issuer=f"veza-{stage}", audience=AUDIENCE, clock=SystemClock())
