"""What several API functions are made of. Nothing is imported or connected before it is asked for."""

import hashlib
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from api.access import Gate
    from api.limiter import Limiter
    from core.adapters.secrets import SecretsManagerSecrets
    from core.ports import TokenSigner

AUDIENCE: Final = "veza-api"


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
def secrets() -> "SecretsManagerSecrets":
    from core.adapters import clients
    from core.adapters.secrets import SecretsManagerSecrets

    return SecretsManagerSecrets(clients.secretsmanager())


def gate(signer: "TokenSigner", accounts_table: str) -> "Gate":
    from api.access import Gate
    from core.adapters.clock import SystemClock
    from core.store.access import AccessRepository

    return Gate(signer=signer, access=AccessRepository(accounts_table), clock=SystemClock())


def limiter(counters_table: str, factor: int) -> "Limiter":
    from api.limiter import Limiter
    from core.adapters.clock import SystemClock
    from core.store.counters import CounterRepository

    return Limiter(counters=CounterRepository(counters_table), clock=SystemClock(), factor=factor)


def signer(stage: str, jwt_secret: str) -> "TokenSigner":
    from core.adapters.clock import SystemClock
    from core.adapters.tokens import RsaTokenSigner

    return RsaTokenSigner(secrets(), jwt_secret, issuer=f"veza-{stage}", audience=AUDIENCE, clock=SystemClock())
