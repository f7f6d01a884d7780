"""The rows of the accounts table: accounts with their sessions and sign-ins, and their unique names.

What belongs to one account lies in its partition, so that one query finds all of its sessions, and one read of several
keys tells whether a token still counts (access.py).
"""

import hashlib
from typing import Final

from pynamodb.attributes import BooleanAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex

from core.domain.accounts import Account, fold_email
from core.domain.ids import AccountId, SessionId
from core.domain.limits import LOGIN_HISTORY_S
from core.domain.logins import Login, LoginOutcome
from core.domain.permissions import Role
from core.domain.sessions import Origin, Session, Way
from core.store.rows import (
    EnumAttribute,
    EnumSetAttribute,
    Row,
    TextsAttribute,
    ValueAttribute,
    attributes_of,
    noun_of,
)
from core.store.tables import BY_CLOSING, SK, TTL

ACCOUNT_SK: Final = "account"
NAME_SK: Final = "name"
CLOSING_GROUP: Final = "closing"
"""One partition of BY_CLOSING is enough for people who leave."""


def account_pk(account_id: AccountId) -> str:
    return f"account#{account_id}"


def email_pk(email: str) -> str:
    """Hashed: keys show up in metrics and logs, addresses must not."""
    return f"email#{hashlib.sha256(fold_email(email).encode()).hexdigest()}"


def username_pk(username: str) -> str:
    return f"username#{username}"


SESSION_PREFIX: Final = "session#"
LOGIN_PREFIX: Final = "login#"


def session_sk(session_id: SessionId) -> str:
    return f"{SESSION_PREFIX}{session_id}"


def login_sk(login_id: str) -> str:
    return f"{LOGIN_PREFIX}{login_id}"


def denied_sk(token_id: str) -> str:
    return f"denied#{token_id}"


class ByClosing(GlobalSecondaryIndex["AccountsRow"]):  # type: ignore[no-untyped-call]
    class Meta:
        index_name = BY_CLOSING.name
        projection = AllProjection()

    closing_group = UnicodeAttribute(hash_key=True, attr_name=BY_CLOSING.hash_key.name)
    closing_at = NumberAttribute(range_key=True, attr_name=BY_CLOSING.range_key.name)


class AccountsRow(Row):
    """Every kind of row knows the table's whole key schema; only closing accounts fill the index's keys."""

    sk = UnicodeAttribute(range_key=True, attr_name=SK)
    ttl = NumberAttribute(null=True, attr_name=TTL)
    closing_group = UnicodeAttribute(null=True, attr_name=BY_CLOSING.hash_key.name)
    closing_at = NumberAttribute(null=True, attr_name=BY_CLOSING.range_key.name)
    by_closing = ByClosing()


class AccountRow(AccountsRow):
    id = UnicodeAttribute()
    email = UnicodeAttribute()
    username = UnicodeAttribute()
    password_hash = UnicodeAttribute()
    email_verified = BooleanAttribute()
    created_at = NumberAttribute()
    roles = EnumSetAttribute(Role, default=frozenset({Role.USER}))
    token_version = NumberAttribute(default=0)
    suspended_at = NumberAttribute(null=True)
    former_passwords = TextsAttribute()
    second_factor_since = NumberAttribute(null=True)
    erased_at = NumberAttribute(null=True)
    revision = NumberAttribute(default=0)

    @classmethod
    def of(cls, account: Account) -> "AccountRow":
        return cls(
            pk=account_pk(account.id),
            sk=ACCOUNT_SK,
            closing_group=None if account.closing_at is None else CLOSING_GROUP,
            **attributes_of(account),
        )

    def noun(self) -> Account:
        return noun_of(Account, self)


class NameRow(AccountsRow):
    """Makes an e-mail address or a username unique: it leads to the account that has it."""

    account_id = UnicodeAttribute()


class SessionRow(AccountsRow):
    id = UnicodeAttribute()
    account_id = UnicodeAttribute()
    token_hash = UnicodeAttribute()
    previous_hash = UnicodeAttribute(null=True)
    rotated_at = NumberAttribute()
    created_at = NumberAttribute()
    expires_at = NumberAttribute()
    remembered = BooleanAttribute()
    token_version = NumberAttribute()
    proved_at = NumberAttribute()
    strong = BooleanAttribute()
    origin: ValueAttribute[Origin] = ValueAttribute(Origin)

    @classmethod
    def of(cls, session: Session) -> "SessionRow":
        return cls(
            pk=account_pk(session.account_id),
            sk=session_sk(session.id),
            ttl=session.expires_at,
            **attributes_of(session),
        )

    def noun(self) -> Session:
        return noun_of(Session, self)


class LoginRow(AccountsRow):
    """One sign-in that was tried."""

    id = UnicodeAttribute()
    account_id = UnicodeAttribute()
    at = NumberAttribute()
    way: EnumAttribute[Way] = EnumAttribute(Way)
    outcome: EnumAttribute[LoginOutcome] = EnumAttribute(LoginOutcome)
    origin: ValueAttribute[Origin] = ValueAttribute(Origin)

    @classmethod
    def of(cls, login: Login) -> "LoginRow":
        return cls(
            pk=account_pk(login.account_id),
            sk=login_sk(login.id),
            ttl=login.at + LOGIN_HISTORY_S,
            **attributes_of(login),
        )

    def noun(self) -> Login:
        return noun_of(Login, self)


class DeniedTokenRow(AccountsRow):
    """An access token that counts no more although it has not expired."""
