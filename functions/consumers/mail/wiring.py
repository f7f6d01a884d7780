"""Builds the mail consumer once per container."""

from functools import cache

from aws_lambda_powertools import Logger

from consumers.mail.account_mail import AccountMail
from consumers.mail.service import MailService
from core.adapters import clients
from core.adapters.clock import SystemClock
from core.adapters.mail import SesMailer
from core.settings import Mail, load
from core.store.accounts import AccountRepository
from core.store.email_changes import EmailChangeRepository
from core.store.mail_log import MailLog
from core.store.tickets import TicketRepository
from core.store.tracks import TrackRepository
from core.telemetry import get_logger


@cache
def service() -> MailService:
    settings = load(Mail)
    clock = SystemClock()
    return MailService(
        accounts=AccountRepository(settings.accounts_table, outbox_table=""),
        account_mail=AccountMail(
            tickets=TicketRepository(settings.accounts_table),
            changes=EmailChangeRepository(settings.accounts_table),
            clock=clock,
            app_url=settings.app_url,
        ),
        tracks=TrackRepository(settings.catalogue_table, outbox_table=""),
        mail_log=MailLog(settings.operations_table),
        mailer=SesMailer(clients.sesv2(), settings.mail_from),
        clock=clock,
        app_url=settings.app_url,
    )


@cache
def logger() -> Logger:
    return get_logger("mail")
