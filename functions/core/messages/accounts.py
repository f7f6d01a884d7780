"""Facts about accounts."""

from typing import ClassVar

from core.messages.message import Id, Message


class AccountRegistered(Message):
    """The mail consumer makes the ticket itself: no secret crosses the bus."""

    type: ClassVar[str] = "account.registered"
    account_id: Id


class VerificationAsked(Message):
    """The mail did not come, or the link has expired: another one, please."""

    type: ClassVar[str] = "account.verification-asked"
    account_id: Id


class PasswordResetAsked(Message):
    """The account need not exist: whoever asks must not learn that from our work."""

    type: ClassVar[str] = "password.reset-asked"
    account_id: Id


class PasswordChanged(Message):
    type: ClassVar[str] = "password.changed"
    account_id: Id


class SecondFactorChanged(Message):
    type: ClassVar[str] = "second-factor.changed"
    account_id: Id
    enabled: bool


class PasskeyChanged(Message):
    type: ClassVar[str] = "passkey.changed"
    account_id: Id
    name: str
    added: bool


class ConnectionChanged(Message):
    type: ClassVar[str] = "connection.changed"
    account_id: Id
    provider: str
    added: bool


class ApiKeyMade(Message):
    type: ClassVar[str] = "api-key.made"
    account_id: Id
    name: str


class RecoveryCodesRenewed(Message):
    type: ClassVar[str] = "recovery-codes.renewed"
    account_id: Id


class SignInLinkAsked(Message):
    """`bound_to` is the hash of what the asking browser keeps: the link works there alone. It need not exist."""

    type: ClassVar[str] = "sign-in.link-asked"
    account_id: Id
    bound_to: str


class EmailChangeAsked(Message):
    """The new address is with the account, not in here."""

    type: ClassVar[str] = "email.change-asked"
    account_id: Id


class AccountLocked(Message):
    """Wrong passwords closed the account to passwords for a while; its owner is told. The account need not exist."""

    type: ClassVar[str] = "account.locked"
    account_id: Id


class SessionReused(Message):
    """A used refresh token came again, so the session was closed; its owner is told."""

    type: ClassVar[str] = "session.reused"
    account_id: Id
    session_id: Id
    device: str
    """In words, such as "Firefox on Linux"; empty if it is not known."""


class AccountClosing(Message):
    """Its owner wants it erased. It need not be so any more: whoever reads this looks at the account."""

    type: ClassVar[str] = "account.closing"
    account_id: Id


class AccountKept(Message):
    """Its owner changed their mind in time."""

    type: ClassVar[str] = "account.kept"
    account_id: Id


class AccountErasureDue(Message):
    """The time to change one's mind is over. Said again every hour until the account is gone."""

    type: ClassVar[str] = "account.erasure-due"
    account_id: Id


class AccountErased(Message):
    """Nothing of it is left but this id, in what it did to others and in the audit for as long as that is kept."""

    type: ClassVar[str] = "account.erased"
    account_id: Id


class ExportAsked(Message):
    type: ClassVar[str] = "export.asked"
    account_id: Id
    export_id: Id


class ExportReady(Message):
    type: ClassVar[str] = "export.ready"
    account_id: Id
    export_id: Id


OF_ACCOUNTS: tuple[type[Message], ...] = (
    AccountRegistered,
    VerificationAsked,
    PasswordResetAsked,
    PasswordChanged,
    SecondFactorChanged,
    PasskeyChanged,
    ConnectionChanged,
    ApiKeyMade,
    RecoveryCodesRenewed,
    SignInLinkAsked,
    EmailChangeAsked,
    AccountLocked,
    SessionReused,
    AccountClosing,
    AccountKept,
    AccountErasureDue,
    AccountErased,
    ExportAsked,
    ExportReady,
)
