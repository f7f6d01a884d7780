"""Whether a token that is genuine still counts: asked before anything that needs a caller."""

from dataclasses import dataclass
from typing import Any

from pynamodb.attributes import BooleanAttribute, NumberAttribute

from core.domain.ids import AccountId, EpochSeconds, SessionId
from core.domain.permissions import Role
from core.ports.credentials import AccessClaims
from core.store.account_rows import ACCOUNT_SK, AccountsRow, DeniedTokenRow, account_pk, denied_sk, session_sk
from core.store.faults import translated
from core.store.rows import EnumSetAttribute, bound


class _StandingRow(AccountsRow):
    """What matters here of an account's row and of a session's; each has its own half."""

    roles = EnumSetAttribute(Role, default=frozenset({Role.USER}))
    token_version = NumberAttribute(default=0)
    suspended_at = NumberAttribute(null=True)
    erased_at = NumberAttribute(null=True)
    expires_at = NumberAttribute(null=True)
    proved_at = NumberAttribute(null=True)
    strong = BooleanAttribute(null=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """`token_counts` is False once the token, its session or all tokens of its age were revoked.

    `proved_at` and `strong` are of the session: when and how well it was proved who is there.
    """

    roles: frozenset[Role]
    suspended: bool
    closing: bool
    token_counts: bool
    proved_at: EpochSeconds
    strong: bool


class AccessRepository:
    """All methods raise StoreUnavailable while DynamoDB can't answer: then nobody gets in."""

    def __init__(self, accounts_table: str) -> None:
        self._rows = bound(_StandingRow, accounts_table)
        self._denied = bound(DeniedTokenRow, accounts_table)

    def standing(self, claims: AccessClaims, now: EpochSeconds) -> Standing | None:
        """How the token's account stands now, by one strongly consistent read; None if the account is gone."""
        pk = account_pk(AccountId(claims.account_id))
        session, denied = session_sk(SessionId(claims.session_id)), denied_sk(claims.token_id)
        keys = [(pk, ACCOUNT_SK), (pk, session), (pk, denied)]
        with translated():
            found: dict[str, Any] = {row.sk: row for row in self._rows.batch_get(keys, consistent_read=True)}
        account, signed_in = found.get(ACCOUNT_SK), found.get(session)
        if account is None or account.erased_at is not None:
            return None
        alive = signed_in is not None and signed_in.expires_at is not None and signed_in.expires_at > now
        return Standing(
            roles=account.roles,
            suspended=account.suspended_at is not None,
            closing=account.closing_at is not None,
            token_counts=alive and denied not in found and account.token_version == claims.token_version,
            proved_at=EpochSeconds((signed_in and signed_in.proved_at) or 0),
            strong=bool(signed_in and signed_in.strong),
        )

    def roles_of(self, account_id: AccountId) -> frozenset[Role] | None:
        """The roles of an account in good standing; None if it is gone, suspended or closing."""
        row: Any = self._rows.find(account_pk(account_id), ACCOUNT_SK)
        if row is None or row.suspended_at is not None or row.closing_at is not None:
            return None
        roles: frozenset[Role] = row.roles
        return roles

    def deny(self, claims: AccessClaims) -> None:
        """Ends this one token before its time. Raises nothing if it was ended before."""
        row = self._denied(
            pk=account_pk(AccountId(claims.account_id)), sk=denied_sk(claims.token_id), ttl=claims.expires_at + 3600
        )
        with translated():
            row.save()
