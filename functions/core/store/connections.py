"""Ties between accounts and identities elsewhere: an identity belongs to one account at most."""

import hashlib
from typing import Final

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from core.domain.errors import Conflict, NotFound
from core.domain.ids import AccountId, EpochSeconds
from core.domain.providers import AuthorizationFlow, Connection
from core.store.account_rows import AccountsRow, account_pk
from core.store.faults import translated
from core.store.rows import attributes_of, bound, noun_of
from core.store.writes import Delete, Put, Write, write_all

CONNECTION_PREFIX: Final = "connection#"
IDENTITY_SK: Final = "identity"
FLOW_SK: Final = "flow"


class ConnectionRow(AccountsRow):
    provider = UnicodeAttribute()
    subject = UnicodeAttribute()
    account_id = UnicodeAttribute()
    name = UnicodeAttribute()
    sealed_tokens = UnicodeAttribute()
    connected_at = NumberAttribute()

    @classmethod
    def of(cls, connection: Connection) -> "ConnectionRow":
        return cls(
            pk=account_pk(connection.account_id), sk=_connection_sk(connection.provider), **attributes_of(connection)
        )

    def noun(self) -> Connection:
        return noun_of(Connection, self)


class IdentityRow(AccountsRow):
    """Leads from an identity to its account, and makes it unique."""

    account_id = UnicodeAttribute()


class FlowRow(AccountsRow):
    state_hash = UnicodeAttribute()
    provider = UnicodeAttribute()
    verifier = UnicodeAttribute()
    bound_to = UnicodeAttribute()
    linking = UnicodeAttribute(null=True)
    session_id = UnicodeAttribute(null=True)
    expires_at = NumberAttribute()

    @classmethod
    def of(cls, flow: AuthorizationFlow) -> "FlowRow":
        return cls(pk=_flow_pk(flow.state_hash), sk=FLOW_SK, ttl=flow.expires_at, **attributes_of(flow))

    def noun(self) -> AuthorizationFlow:
        return noun_of(AuthorizationFlow, self)


class ConnectionRepository:
    """All methods raise StoreUnavailable while DynamoDB can't answer."""

    def __init__(self, accounts_table: str) -> None:
        self._connections = bound(ConnectionRow, accounts_table)
        self._identities = bound(IdentityRow, accounts_table)

    def owner_of(self, provider: str, subject: str) -> AccountId | None:
        row = self._identities.find(_identity_pk(provider, subject), IDENTITY_SK)
        return None if row is None else AccountId(row.account_id)

    def list_of(self, account_id: AccountId) -> list[Connection]:
        """By the provider's name."""
        with translated():
            found = self._connections.query(
                account_pk(account_id), self._connections.sk.startswith(CONNECTION_PREFIX), consistent_read=True
            )
            return [row.noun() for row in found]

    def writes_of(self, connection: Connection) -> list[Write]:
        """What makes the connection; to be written together with a new account, or by `add`."""
        taken = Conflict("This identity is connected to another account.", code="identity_taken")
        there = Conflict("Your account has a connection there already.", code="connection_there")
        identity = self._identities(
            pk=_identity_pk(connection.provider, connection.subject), sk=IDENTITY_SK, account_id=connection.account_id
        )
        return [
            Put(row=identity, only_if=self._identities.pk.does_not_exist(), or_else=taken),
            Put(
                row=self._connections.of(connection),
                only_if=self._connections.pk.does_not_exist(),
                or_else=there,
            ),
        ]

    def add(self, connection: Connection) -> None:
        """Raises Conflict (`identity_taken`, `connection_there`)."""
        write_all(self.writes_of(connection))

    def removal(self, account_id: AccountId, provider: str) -> list[Write]:
        """To be written together with what depends on it. Raises NotFound(`connection_not_found`)."""
        row = self._connections.find(account_pk(account_id), _connection_sk(provider))
        if row is None:
            raise NotFound("There is no such connection.", code="connection_not_found")
        identity = self._identities(pk=_identity_pk(provider, row.subject), sk=IDENTITY_SK)
        return [Delete(row=row), Delete(row=identity)]

    def remove(self, account_id: AccountId, provider: str) -> None:
        """Raises NotFound(`connection_not_found`)."""
        write_all(self.removal(account_id, provider))


class FlowRepository:
    """Visits to providers under way. All methods raise StoreUnavailable while DynamoDB can't answer."""

    def __init__(self, accounts_table: str) -> None:
        self._rows = bound(FlowRow, accounts_table)

    def start(self, flow: AuthorizationFlow) -> None:
        with translated():
            self._rows.of(flow).save()

    def take(self, state_hash: str, now: EpochSeconds) -> AuthorizationFlow | None:
        """The flow, once: None if it is unknown, has expired or was taken."""
        row = self._rows.find(_flow_pk(state_hash), FLOW_SK)
        if row is None or row.expires_at <= now:
            return None
        taken = Conflict("The flow was taken.")
        try:
            with translated(or_else=taken):
                row.delete(condition=self._rows.pk.exists())
        except Conflict:
            return None
        return row.noun()


def _connection_sk(provider: str) -> str:
    return f"{CONNECTION_PREFIX}{provider}"


def _identity_pk(provider: str, subject: str) -> str:
    return f"identity#{provider}#{hashlib.sha256(subject.encode()).hexdigest()}"


def _flow_pk(state_hash: str) -> str:
    return f"flow#{state_hash}"
