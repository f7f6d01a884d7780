"""The rows of the accounts table: accounts, their unique names, verifications and sessions."""

import hashlib
from typing import Final

from pynamodb.attributes import BooleanAttribute, NumberAttribute, UnicodeAttribute

from core.domain.accounts import Account, Session, fold_email
from core.domain.ids import AccountId, SessionId
from core.store.rows import Row, attributes_of, noun_of
from core.store.tables import SK, TTL

ACCOUNT_SK: Final = "account"
NAME_SK: Final = "name"
VERIFICATION_SK: Final = "verification"
SESSION_SK: Final = "session"


def account_pk(account_id: AccountId) -> str:
    return f"account#{account_id}"


def email_pk(email: str) -> str:
    """Hashed: keys show up in metrics and logs, addresses must not."""
    return f"email#{hashlib.sha256(fold_email(email).encode()).hexdigest()}"


def username_pk(username: str) -> str:
    return f"username#{username}"


def verification_pk(token_hash: str) -> str:
    return f"verification#{token_hash}"


def session_pk(session_id: SessionId) -> str:
    return f"session#{session_id}"


class AccountsRow(Row):
    sk = UnicodeAttribute(range_key=True, attr_name=SK)
    ttl = NumberAttribute(null=True, attr_name=TTL)


class AccountRow(AccountsRow):
    id = UnicodeAttribute()
    email = UnicodeAttribute()
    username = UnicodeAttribute()
    password_hash = UnicodeAttribute()
    email_verified = BooleanAttribute()
    created_at = NumberAttribute()

    @classmethod
    def of(cls, account: Account) -> "AccountRow":
        return cls(pk=account_pk(account.id), sk=ACCOUNT_SK, **attributes_of(account))

    def noun(self) -> Account:
        return noun_of(Account, self)


class NameRow(AccountsRow):
    """Makes an e-mail address or a username unique: it leads to the account that has it."""

    account_id = UnicodeAttribute()


class VerificationRow(AccountsRow):
    """A mailed token, by its hash."""

    account_id = UnicodeAttribute()
    expires_at = NumberAttribute()


class SessionRow(AccountsRow):
    id = UnicodeAttribute()
    account_id = UnicodeAttribute()
    token_hash = UnicodeAttribute()
    previous_hash = UnicodeAttribute(null=True)
    rotated_at = NumberAttribute()
    created_at = NumberAttribute()
    expires_at = NumberAttribute()

    @classmethod
    def of(cls, session: Session) -> "SessionRow":
        return cls(pk=session_pk(session.id), sk=SESSION_SK, ttl=session.expires_at, **attributes_of(session))

    def noun(self) -> Session:
        return noun_of(Session, self)
