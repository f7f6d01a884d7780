"""Builds what `accounts-api` needs, once per container; nothing is imported or connected before it is asked for."""

from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from api.wire import AUTH_PREFIX
from api.wiring import shared
from core import settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.limiter import Limiter
    from core.ports.clock import Clock
    from core.ports.credentials import (
        IdentityProviders,
        OneTimeCodes,
        PasskeyEngine,
        PasswordGuesser,
        PasswordHasher,
        Sealer,
        TokenSigner,
    )
    from core.ports.storage import DownloadDoor
    from core.store.access import AccessRepository
    from core.store.accounts import AccountRepository
    from core.store.api_keys import ApiKeyRepository
    from core.store.audit_log import AuditLog
    from core.store.connections import ConnectionRepository, FlowRepository
    from core.store.consents import ConsentLedger
    from core.store.counters import LastUses, LockoutRepository
    from core.store.email_changes import EmailChangeRepository
    from core.store.exports import ExportRepository
    from core.store.login_history import LoginHistory
    from core.store.passkeys import PasskeyRepository
    from core.store.second_factors import SecondFactorRepository
    from core.store.sessions import SessionRepository
    from core.store.tickets import TicketRepository


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What the accounts' services are made of; tests bring their own."""

    accounts: "AccountRepository"
    sessions: "SessionRepository"
    logins: "LoginHistory"
    access: "AccessRepository"
    tickets: "TicketRepository"
    second_factors: "SecondFactorRepository"
    passkeys: "PasskeyRepository"
    connections: "ConnectionRepository"
    flows: "FlowRepository"
    api_keys: "ApiKeyRepository"
    last_uses: "LastUses"
    email_changes: "EmailChangeRepository"
    lockouts: "LockoutRepository"
    audit: "AuditLog"
    consents: "ConsentLedger"
    exports: "ExportRepository"
    export_door: "DownloadDoor"
    limiter: "Limiter"
    hasher: "PasswordHasher"
    guesser: "PasswordGuesser"
    one_time_codes: "OneTimeCodes"
    sealer: "Sealer"
    passkey_engine: "PasskeyEngine"
    providers: "IdentityProviders"
    page_url: str
    signer: "TokenSigner"
    clock: "Clock"
    refresh_key: "Callable[[], bytes]"


@cache
def services() -> tuple[object, ...]:
    from api.origin import Edge
    from core.adapters import clients
    from core.adapters.clock import SystemClock
    from core.adapters.download_door import S3DownloadDoor
    from core.adapters.identity_providers import OAuthProviders
    from core.adapters.one_time_codes import TotpCodes
    from core.adapters.passkeys import WebAuthnPasskeys
    from core.adapters.password_guesser import ZxcvbnGuesser
    from core.adapters.passwords import Argon2PasswordHasher
    from core.adapters.sealer import KmsSealer
    from core.store.access import AccessRepository
    from core.store.accounts import AccountRepository
    from core.store.api_keys import ApiKeyRepository
    from core.store.audit_log import AuditLog
    from core.store.connections import ConnectionRepository, FlowRepository
    from core.store.consents import ConsentLedger
    from core.store.counters import LastUses, LockoutRepository
    from core.store.email_changes import EmailChangeRepository
    from core.store.exports import ExportRepository
    from core.store.login_history import LoginHistory
    from core.store.passkeys import PasskeyRepository
    from core.store.second_factors import SecondFactorRepository
    from core.store.sessions import SessionRepository
    from core.store.tickets import TicketRepository

    env = settings.load(settings.AccountsApi)
    signer = shared.signer(env.stage, env.token_algorithm, env.jwt_secret)
    limiter = shared.limiter(env.counters_table, env.limit_factor)
    parts = Parts(
        accounts=AccountRepository(env.accounts_table, env.outbox_table),
        sessions=SessionRepository(env.accounts_table, env.outbox_table),
        logins=LoginHistory(env.accounts_table),
        access=AccessRepository(env.accounts_table),
        tickets=TicketRepository(env.accounts_table),
        second_factors=SecondFactorRepository(env.accounts_table),
        passkeys=PasskeyRepository(env.accounts_table),
        connections=ConnectionRepository(env.accounts_table),
        flows=FlowRepository(env.accounts_table),
        api_keys=ApiKeyRepository(env.accounts_table),
        last_uses=LastUses(env.counters_table),
        email_changes=EmailChangeRepository(env.accounts_table),
        lockouts=LockoutRepository(env.counters_table),
        audit=AuditLog(env.audit_table),
        consents=ConsentLedger(env.accounts_table),
        exports=ExportRepository(env.accounts_table, env.outbox_table),
        export_door=S3DownloadDoor(clients.s3, env.exports_bucket),
        limiter=limiter,
        hasher=Argon2PasswordHasher(),
        guesser=ZxcvbnGuesser(),
        one_time_codes=TotpCodes(),
        sealer=KmsSealer(clients.kms(), env.sealing_key),
        passkey_engine=WebAuthnPasskeys(origin=env.page_url, host=urlsplit(env.page_url).hostname or ""),
        providers=OAuthProviders(
            lambda: shared.secrets().get(env.oauth_secret), callback=lambda name: callback_of(env.page_url, name)
        ),
        page_url=env.page_url,
        signer=signer,
        clock=SystemClock(),
        # Of a secret that outlives the rotation of the signing keys, as sessions do.
        refresh_key=lambda: shared.derived_key("refresh token", shared.secrets().get(env.edge_secret)),
    )
    edge = Edge(secret=lambda: shared.secrets().get(env.edge_secret))
    return (
        shared.gate(signer, limiter, accounts_table=env.accounts_table, counters_table=env.counters_table),
        edge,
        shared.csrf(env.edge_secret),
        shared.auditor("accounts-api", edge, env.audit_table, env.audit_days),
        limiter,
        *services_of(parts),
    )


def callback_of(page_url: str, provider: str) -> str:
    """Where a provider sends browsers back to: under the page's own address, where its cookies are."""
    return f"{page_url}{AUTH_PREFIX}/providers/{provider}/callback"


def services_of(parts: Parts) -> tuple[object, ...]:
    """The use cases, put together."""
    from api.accounts.service import AccountService
    from api.admin.service import AdminService
    from api.api_keys.service import ApiKeyService
    from api.connections.newcomers import Newcomers
    from api.connections.routes import PageAddress
    from api.connections.service import ConnectionService
    from api.emails.service import EmailService
    from api.guess_guard import GuessGuard
    from api.magic_links.service import MagicLinkService
    from api.new_passwords import NewPasswords
    from api.passkeys.service import PasskeyService
    from api.password_check import PasswordCheck
    from api.passwords.service import PasswordService
    from api.privacy.closing import ClosingService
    from api.privacy.exports import ExportService
    from api.privacy.service import PrivacyService
    from api.second_factor.service import SecondFactorService
    from api.second_factor_check import SecondFactorCheck
    from api.sessions.service import SessionService
    from api.sign_in.service import SignInService
    from api.ways_in import WaysIn
    from core.telemetry import count, get_metrics

    accounts, sessions, tickets, clock = parts.accounts, parts.sessions, parts.tickets, parts.clock
    limiter, lockouts = parts.limiter, parts.lockouts
    new_passwords = NewPasswords(hasher=parts.hasher, guesser=parts.guesser)
    tell = partial(count, get_metrics("accounts-api"))
    guard = GuessGuard(accounts=accounts, lockouts=lockouts, limiter=limiter, tell=tell, clock=clock)
    check = PasswordCheck(accounts=accounts, guard=guard, hasher=parts.hasher, clock=clock)
    second_factor = SecondFactorCheck(
        factors=parts.second_factors, codes=parts.one_time_codes, sealer=parts.sealer, guard=guard, clock=clock
    )
    sign_in = SignInService(
        accounts=accounts,
        sessions=sessions,
        logins=parts.logins,
        access=parts.access,
        check=check,
        second_factor=second_factor,
        signer=parts.signer,
        clock=clock,
        refresh_key=parts.refresh_key,
    )
    ways_in = WaysIn(
        accounts=accounts,
        passkeys=parts.passkeys,
        connections=parts.connections,
        api_keys=parts.api_keys,
        clock=clock,
    )
    return (
        AccountService(
            accounts=accounts, tickets=tickets, new_passwords=new_passwords, limiter=parts.limiter, clock=clock
        ),
        sign_in,
        MagicLinkService(accounts=accounts, tickets=tickets, sign_in=sign_in, limiter=limiter, clock=clock),
        SessionService(accounts=accounts, sessions=sessions, logins=parts.logins, clock=clock),
        PasswordService(
            accounts=accounts,
            tickets=tickets,
            lockouts=lockouts,
            ways_in=ways_in,
            new_passwords=new_passwords,
            limiter=limiter,
            clock=clock,
        ),
        EmailService(
            accounts=accounts,
            tickets=tickets,
            changes=parts.email_changes,
            sign_in=sign_in,
            limiter=limiter,
            clock=clock,
        ),
        SecondFactorService(
            accounts=accounts,
            factors=parts.second_factors,
            codes=parts.one_time_codes,
            sealer=parts.sealer,
            password=check,
            check=second_factor,
            ways_in=ways_in,
            clock=clock,
        ),
        PasskeyService(
            accounts=accounts,
            passkeys=parts.passkeys,
            tickets=tickets,
            engine=parts.passkey_engine,
            sign_in=sign_in,
            ways_in=ways_in,
            clock=clock,
        ),
        ConnectionService(
            accounts=accounts,
            connections=parts.connections,
            flows=parts.flows,
            tickets=tickets,
            sessions=sessions,
            providers=parts.providers,
            newcomers=Newcomers(accounts=accounts, clock=clock),
            sealer=parts.sealer,
            sign_in=sign_in,
            ways_in=ways_in,
            clock=clock,
        ),
        ApiKeyService(keys=parts.api_keys, accounts=accounts, ways_in=ways_in, last_uses=parts.last_uses, clock=clock),
        PrivacyService(ledger=parts.consents, clock=clock),
        ExportService(exports=parts.exports, door=parts.export_door, limiter=limiter, clock=clock),
        ClosingService(accounts=accounts, clock=clock),
        PageAddress(parts.page_url),
        AdminService(
            accounts=accounts, sessions=sessions, factors=parts.second_factors, audit=parts.audit, clock=clock
        ),
    )
