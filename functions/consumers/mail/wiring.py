"""Builds the mail consumer once per container."""

from functools import cache

from aws_lambda_powertools import Logger

from consumers.mail.service import MailService
from core.adapters import clients
from core.adapters.clock import SystemClock
from core.adapters.mail import SesMailer
from core.settings import Mail, load
from core.store.accounts import AccountRepository
from core.store.mail_log import MailLog
from core.store.tracks import TrackRepository
from core.telemetry import get_logger


@cache
def service() -> MailService:
    settings = load(Mail)
    return MailService(
        accounts=AccountRepository(settings.accounts_table, outbox_table=""),
        tracks=TrackRepository(settings.catalogue_table, outbox_table=""),
        mail_log=MailLog(settings.operations_table),
        mailer=SesMailer(clients.sesv2(), settings.mail_from),
        clock=SystemClock(),
        app_url=settings.app_url,
    )


@cache
def logger() -> Logger:
    return get_logger("mail")
