"""Use cases of identities elsewhere: sign in with one, connect one to an account, part from it."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from api.connections.newcomers import Newcomers
from api.sign_in.service import SignedIn, SignInService
from api.ways_in import WaysIn
from core.domain.accounts import hash_token, state_of
from core.domain.errors import NotAuthenticated
from core.domain.ids import AccountId, EpochSeconds, SessionId
from core.domain.limits import AUTHORIZATION_S
from core.domain.providers import AuthorizationFlow, Connection, Identity
from core.domain.sessions import Origin, Proof, Way
from core.domain.tickets import LIFE_S, TICKET_BYTES, Purpose, Ticket
from core.messages.accounts import ConnectionChanged
from core.ports.clock import Clock
from core.ports.credentials import IdentityProviders, Sealer

if TYPE_CHECKING:
    from core.store.accounts import AccountRepository
    from core.store.connections import ConnectionRepository, FlowRepository
    from core.store.sessions import SessionRepository
    from core.store.tickets import TicketRepository


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """Where the browser goes, and what it keeps meanwhile."""

    authorize_url: str
    kept: str


class Person(NamedTuple):
    """Who connects their account, and from where."""

    account_id: AccountId
    session_id: SessionId


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """The browser is back. `ticket` fetches the session; None after a connection was made."""

    account_id: AccountId
    ticket: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionService:
    accounts: AccountRepository
    connections: ConnectionRepository
    flows: FlowRepository
    tickets: TicketRepository
    sessions: SessionRepository
    providers: IdentityProviders
    newcomers: Newcomers
    sealer: Sealer
    sign_in: SignInService
    ways_in: WaysIn
    clock: Clock

    def start(self, provider: str, linking: Person | None) -> Started:
        """Begins a visit to the provider. Raises NotFound(`provider_unknown`)."""
        state, verifier, kept = (secrets.token_urlsafe(TICKET_BYTES) for _ in range(3))
        url = self.providers.authorize_url(provider, state=state, verifier=verifier)
        self.flows.start(
            AuthorizationFlow(
                state_hash=hash_token(state),
                provider=provider,
                verifier=verifier,
                bound_to=hash_token(kept),
                linking=linking.account_id if linking else None,
                session_id=linking.session_id if linking else None,
                expires_at=EpochSeconds(self.clock.now() + AUTHORIZATION_S),
            )
        )
        return Started(authorize_url=url, kept=kept)

    def come_back(self, provider: str, *, code: str, state: str, kept: str | None) -> Returned:
        """The provider has sent the browser back.

        Raises NotAuthenticated(`state_invalid`), InvalidInput(`provider_refused`), ProviderUnavailable, Conflict
        (`identity_taken`, `connection_there`), and what `Newcomers.welcome` raises.
        """
        flow = self.flows.take(hash_token(state), self.clock.now())
        if flow is None or flow.provider != provider or not hmac.compare_digest(hash_token(kept or ""), flow.bound_to):
            raise _not_begun_here()
        identity = self.providers.identify(provider, code=code, verifier=flow.verifier)
        if flow.linking is not None and flow.session_id is not None:
            self._link(provider, identity, Person(flow.linking, flow.session_id))
            return Returned(account_id=flow.linking, ticket=None)
        account_id = self.connections.owner_of(provider, identity.subject)
        if account_id is None:
            newcomer = self.newcomers.person(identity)
            tie = self.connections.writes_of(self._connection(provider, identity, newcomer.id))
            self.accounts.create(newcomer, also=tie)
            account_id = newcomer.id
        state = state_of(self.accounts.get(account_id), provider, identity.subject)
        return Returned(account_id=account_id, ticket=self._ticket(account_id, flow.bound_to, state))

    def _link(self, provider: str, identity: Identity, person: Person) -> None:
        """Unless the session ended meanwhile, as it does when the account is taken back from whoever was in it."""
        session = self.sessions.get(*person)
        if session is None or not session.lives(self.accounts.get(person.account_id), self.clock.now()):
            raise _not_begun_here()
        tie = self.connections.writes_of(self._connection(provider, identity, person.account_id))
        news = _news(person.account_id, provider, added=True)
        self.ways_in.add(person.account_id, tie, [news], token_version=session.token_version)

    def finish(self, ticket: str, kept: str | None, *, code: str | None, remember: bool, origin: Origin) -> SignedIn:
        """Opens the session. Raises NotAuthenticated(`state_invalid`), and what `SignInService.admit` raises, after
        which the ticket still works."""
        found = self.tickets.find(hash_token(ticket), Purpose.PROVIDER_SIGN_IN, self.clock.now())
        bound = found is not None and hmac.compare_digest(hash_token(kept or ""), found.bound_to or "")
        if found is None or not bound:
            raise _not_begun_here()
        account = self.accounts.get(found.account_id)
        states = {state_of(account, tie.provider, tie.subject) for tie in self.connections.list_of(account.id)}
        if found.state not in states:  # parted since, or the account was taken back
            raise _not_begun_here()
        proof = self.sign_in.admit(account, Proof(way=Way.PROVIDER), code, origin)
        if not self.tickets.use(found):
            raise NotAuthenticated("This sign-in was used already.", code="state_invalid")
        return self.sign_in.open(account, proof, remember=remember, origin=origin)

    def list_of(self, account_id: AccountId) -> list[Connection]:
        return self.connections.list_of(account_id)

    def part(self, account_id: AccountId, provider: str) -> None:
        """Raises NotFound(`connection_not_found`), Conflict(`last_way_in`)."""
        removal = self.connections.removal(account_id, provider)
        self.ways_in.remove(account_id, removal, [_news(account_id, provider, added=False)])

    def _connection(self, provider: str, identity: Identity, account_id: AccountId) -> Connection:
        return Connection(
            provider=provider,
            subject=identity.subject,
            account_id=account_id,
            name=identity.email or identity.name,
            sealed_tokens=self.sealer.seal(identity.tokens, f"{provider} {account_id}"),
            connected_at=self.clock.now(),
        )

    def _ticket(self, account_id: AccountId, bound_to: str, state: str) -> str:
        secret, purpose = secrets.token_urlsafe(TICKET_BYTES), Purpose.PROVIDER_SIGN_IN
        self.tickets.add(
            Ticket(
                secret_hash=hash_token(secret),
                purpose=purpose,
                account_id=account_id,
                expires_at=EpochSeconds(self.clock.now() + LIFE_S[purpose]),
                bound_to=bound_to,
                state=state,
            )
        )
        return secret


def _not_begun_here() -> NotAuthenticated:
    return NotAuthenticated("This sign-in was not begun here, or it took too long.", code="state_invalid")


def _news(account_id: AccountId, provider: str, *, added: bool) -> ConnectionChanged:
    return ConnectionChanged(account_id=account_id, provider=provider, added=added)
