"""Builds the privacy consumer once per container."""

from functools import cache

from aws_lambda_powertools import Logger

from consumers.privacy.curtain import Curtain
from consumers.privacy.erasure import Eraser
from consumers.privacy.export import Exporter, Holdings
from consumers.privacy.service import PrivacyDesk
from core.adapters import clients
from core.adapters.clock import SystemClock
from core.adapters.s3 import S3ObjectStore
from core.chat.privacy_wiring import privacy_of
from core.settings import Privacy, load
from core.store.accounts import AccountRepository
from core.store.api_keys import ApiKeyRepository
from core.store.audit_log import AuditLog
from core.store.closings import ClosingRepository
from core.store.connections import ConnectionRepository
from core.store.consents import ConsentLedger
from core.store.exports import ExportRepository
from core.store.login_history import LoginHistory
from core.store.passkeys import PasskeyRepository
from core.store.sessions import SessionRepository
from core.store.tracks import TrackRepository
from core.telemetry import get_logger


@cache
def desk() -> PrivacyDesk:
    settings, clock, objects = load(Privacy), SystemClock(), S3ObjectStore(clients.s3())
    people, outbox = settings.accounts_table, settings.outbox_table
    chat = privacy_of(settings.chat_table, settings.realtime_table, clock)
    holdings = Holdings(
        accounts=AccountRepository(people, outbox),
        sessions=SessionRepository(people, outbox),
        logins=LoginHistory(people),
        passkeys=PasskeyRepository(people),
        connections=ConnectionRepository(people),
        api_keys=ApiKeyRepository(people),
        consents=ConsentLedger(people),
        audit=AuditLog(settings.audit_table),
        tracks=TrackRepository(settings.catalogue_table, outbox),
        chat=chat.holdings,
    )
    return PrivacyDesk(
        curtain=Curtain(accounts=holdings.accounts, tracks=holdings.tracks, clock=clock),
        eraser=Eraser(
            accounts=holdings.accounts,
            closings=ClosingRepository(people, outbox),
            connections=holdings.connections,
            tracks=holdings.tracks,
            chat=chat.erasure,
            objects=objects,
            clock=clock,
            exports_bucket=settings.exports_bucket,
        ),
        exporter=Exporter(
            holdings=holdings,
            exports=ExportRepository(people, outbox),
            objects=objects,
            clock=clock,
            exports_bucket=settings.exports_bucket,
            attachments_bucket=settings.attachments_bucket,
        ),
    )


@cache
def logger() -> Logger:
    return get_logger("privacy")
