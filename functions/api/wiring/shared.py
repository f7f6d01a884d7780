"""What several API functions are made of. Nothing is imported or connected before it is asked for."""

import hashlib
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from api.access import Gate
    from api.csrf import Csrf
    from api.middleware.audit_trail import Auditor
    from api.origin import Edge
    from core.adapters.secrets import SecretsManagerSecrets
    from core.limiter import Limiter
    from core.ports.credentials import TokenSigner

AUDIENCE: Final = "veza-api"


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueOnDemand:
    """Queue. Only a rare request sends anything, so no cold start pays for the client."""

    url: str

    def send(self, body: str, *, delay_s: int = 0) -> None:
        from core.adapters import clients
        from core.adapters.queue import SqsQueue

        SqsQueue(clients.sqs(), self.url).send(body, delay_s=delay_s)


def derived_key(purpose: str, secret: str) -> bytes:
    """A key of its own for each purpose, from a secret with plenty of entropy."""
    return hashlib.sha256(f"veza/{purpose}/".encode() + secret.encode()).digest()


@cache
def secrets() -> "SecretsManagerSecrets":
    from core.adapters import clients
    from core.adapters.secrets import SecretsManagerSecrets

    return SecretsManagerSecrets(clients.secretsmanager())


def gate(signer: "TokenSigner", limiter: "Limiter", *, accounts_table: str, counters_table: str) -> "Gate":
    from api.access import Gate
    from api.api_keys.gate import KeyGate
    from core.adapters.clock import SystemClock
    from core.store.access import AccessRepository
    from core.store.api_keys import ApiKeyRepository
    from core.store.counters import LastUses

    clock, access = SystemClock(), AccessRepository(accounts_table)
    keys = KeyGate(
        keys=ApiKeyRepository(accounts_table),
        access=access,
        last_uses=LastUses(counters_table),
        limiter=limiter,
        clock=clock,
    )
    return Gate(signer=signer, access=access, keys=keys, clock=clock)


def csrf(edge_secret: str) -> "Csrf":
    """Keyed by a secret that outlives the rotation of the signing keys, as sessions do."""
    from api.csrf import Csrf

    return Csrf(key=lambda: derived_key("csrf", secrets().get(edge_secret)))


def auditor(function: str, edge: "Edge", audit_table: str, audit_days: int) -> "Auditor":
    from api.middleware.audit_trail import Auditor
    from core.adapters.clock import SystemClock
    from core.store.audit_log import AuditLog
    from core.telemetry import get_metrics

    log = AuditLog(audit_table, keep_days=audit_days)
    return Auditor(log=log, edge=edge, metrics=get_metrics(function), clock=SystemClock())


def limiter(counters_table: str, factor: int) -> "Limiter":
    from core.adapters.clock import SystemClock
    from core.limiter import Limiter
    from core.store.counters import CounterRepository

    return Limiter(counters=CounterRepository(counters_table), clock=SystemClock(), factor=factor)


def signer(stage: str, algorithm: str, jwt_secret: str) -> "TokenSigner":
    from core.adapters.clock import SystemClock
    from core.adapters.tokens import JwtSigner

    return JwtSigner(
        secrets(), jwt_secret, algorithm=algorithm, issuer=f"veza-{stage}", audience=AUDIENCE, clock=SystemClock()
    )
