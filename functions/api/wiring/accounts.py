"""Builds what `accounts-api` needs, once per container; nothing is imported or connected before it is asked for."""

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from api.wiring import shared
from core import settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from api.limiter import Limiter
    from core.ports import Clock, OneTimeCodes, PasswordGuesser, PasswordHasher, Sealer, TokenSigner
    from core.store.access import AccessRepository
    from core.store.accounts import AccountRepository
    from core.store.counters import LockoutRepository
    from core.store.email_changes import EmailChangeRepository
    from core.store.login_history import LoginHistory
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
    email_changes: "EmailChangeRepository"
    lockouts: "LockoutRepository"
    limiter: "Limiter"
    hasher: "PasswordHasher"
    guesser: "PasswordGuesser"
    one_time_codes: "OneTimeCodes"
    sealer: "Sealer"
    signer: "TokenSigner"
    clock: "Clock"
    refresh_key: "Callable[[], bytes]"


@cache
def services() -> tuple[object, ...]:
    from api.origin import Edge
    from core.adapters import clients
    from core.adapters.clock import SystemClock
    from core.adapters.one_time_codes import TotpCodes
    from core.adapters.password_guesser import ZxcvbnGuesser
    from core.adapters.passwords import Argon2PasswordHasher
    from core.adapters.sealer import KmsSealer
    from core.store.access import AccessRepository
    from core.store.accounts import AccountRepository
    from core.store.counters import LockoutRepository
    from core.store.email_changes import EmailChangeRepository
    from core.store.login_history import LoginHistory
    from core.store.second_factors import SecondFactorRepository
    from core.store.sessions import SessionRepository
    from core.store.tickets import TicketRepository

    env = settings.load(settings.AccountsApi)
    signer = shared.signer(env.stage, env.jwt_secret)
    limiter = shared.limiter(env.counters_table, env.limit_factor)
    parts = Parts(
        accounts=AccountRepository(env.accounts_table, env.outbox_table),
        sessions=SessionRepository(env.accounts_table, env.outbox_table),
        logins=LoginHistory(env.accounts_table),
        access=AccessRepository(env.accounts_table),
        tickets=TicketRepository(env.accounts_table),
        second_factors=SecondFactorRepository(env.accounts_table),
        email_changes=EmailChangeRepository(env.accounts_table),
        lockouts=LockoutRepository(env.counters_table),
        limiter=limiter,
        hasher=Argon2PasswordHasher(),
        guesser=ZxcvbnGuesser(),
        one_time_codes=TotpCodes(),
        sealer=KmsSealer(clients.kms(), env.sealing_key),
        signer=signer,
        clock=SystemClock(),
        refresh_key=lambda: shared.derived_key("refresh token successor", shared.secrets().get(env.jwt_secret)),
    )
    return (
        shared.gate(signer, env.accounts_table),
        Edge(secret=lambda: shared.secrets().get(env.edge_secret)),
        limiter,
        *services_of(parts),
    )


def services_of(parts: Parts) -> tuple[object, ...]:
    """The use cases, put together."""
    from api.accounts.service import AccountService
    from api.admin.service import AdminService
    from api.emails.service import EmailService
    from api.guess_guard import GuessGuard
    from api.magic_links.service import MagicLinkService
    from api.new_passwords import NewPasswords
    from api.password_check import PasswordCheck
    from api.passwords.service import PasswordService
    from api.second_factor.service import SecondFactorService
    from api.second_factor_check import SecondFactorCheck
    from api.sessions.service import SessionService
    from api.sign_in.service import SignInService

    accounts, sessions, tickets, clock = parts.accounts, parts.sessions, parts.tickets, parts.clock
    limiter, lockouts = parts.limiter, parts.lockouts
    new_passwords = NewPasswords(hasher=parts.hasher, guesser=parts.guesser)
    guard = GuessGuard(accounts=accounts, lockouts=lockouts, limiter=limiter, clock=clock)
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
    return (
        AccountService(accounts=accounts, tickets=tickets, new_passwords=new_passwords, clock=clock),
        sign_in,
        MagicLinkService(accounts=accounts, tickets=tickets, sign_in=sign_in, limiter=limiter, clock=clock),
        SessionService(accounts=accounts, sessions=sessions, logins=parts.logins, clock=clock),
        PasswordService(
            accounts=accounts,
            tickets=tickets,
            lockouts=lockouts,
            check=check,
            new_passwords=new_passwords,
            limiter=limiter,
            clock=clock,
        ),
        EmailService(
            accounts=accounts,
            tickets=tickets,
            changes=parts.email_changes,
            check=check,
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
            clock=clock,
        ),
        AdminService(accounts=accounts, sessions=sessions, clock=clock),
    )
