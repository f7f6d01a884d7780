"""Use cases of an account: register, verify the address, sign in, stay signed in, sign out."""

from __future__ import annotations

import hmac
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from api.accounts import refresh_tokens
from core.domain.accounts import Account, Session, check_password, check_username, fold_email, hash_token
from core.domain.errors import Conflict, InvalidInput, NotAuthenticated, NotFound
from core.domain.ids import AccountId, EpochSeconds, SessionId, new_id
from core.domain.limits import ACCESS_TOKEN_S, REFRESH_GRACE_S, REFRESH_TOKEN_S
from core.messages import AccountRegistered
from core.ports import AccessClaims, Clock, PasswordHasher, TokenSigner

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.store.accounts import AccountRepository
    from core.store.sessions import SessionRepository


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """What a sign-in or a refresh hands out. `refresh_token` is shown here once and stored only as a hash."""

    account: Account
    access_token: str
    refresh_token: str
    refresh_expires_at: EpochSeconds


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountService:
    accounts: AccountRepository
    sessions: SessionRepository
    hasher: PasswordHasher
    signer: TokenSigner
    clock: Clock
    refresh_key: Callable[[], bytes]
    """The key of `refresh_tokens.successor`."""

    def register(self, *, email: str, username: str, password: str) -> Account:
        """A new account with an unverified address; the mail consumer sends the verification.

        Raises InvalidInput (`username_invalid`, `password_weak`), Conflict (`email_taken`, `username_taken`).
        """
        address, name, secret = fold_email(email), check_username(username), _normal(password)
        check_password(secret, email=address, username=name)
        account = Account(
            id=AccountId(new_id()),
            email=address,
            username=name,
            password_hash=self.hasher.hash(secret),
            email_verified=False,
            created_at=self.clock.now(),
        )
        self.accounts.create(account, events=[AccountRegistered(account_id=account.id)])
        return account

    def verify_email(self, token: str) -> Account:
        """Idempotent until the token expires: mail readers and impatient people open links twice."""
        account_id = self.accounts.take_verification(hash_token(token), self.clock.now())
        if account_id is None:
            raise InvalidInput(
                "This confirmation link is not valid any more.", code="verification_token_invalid", field="token"
            )
        return self.accounts.mark_verified(account_id)

    def login(self, *, email: str, password: str) -> SignedIn:
        """Opens a session. An unknown address gets the same answer after the same work as a wrong password."""
        account = self.accounts.find_by_email(fold_email(email))
        hashed = self.hasher.decoy() if account is None else account.password_hash
        fits = self.hasher.verify(hashed, _normal(password))
        if account is None or not fits:
            raise NotAuthenticated("The e-mail address or the password is wrong.", code="credentials_invalid")
        now = self.clock.now()
        session_id = SessionId(new_id())
        token = refresh_tokens.first(session_id)
        session = Session(
            id=session_id,
            account_id=account.id,
            token_hash=hash_token(token),
            previous_hash=None,
            rotated_at=now,
            created_at=now,
            expires_at=EpochSeconds(now + REFRESH_TOKEN_S),
        )
        self.sessions.create(session)
        return self._signed_in(account, session, token, now)

    def refresh(self, token: str) -> SignedIn:
        """A new access token and the successor of `token`.

        Raises NotAuthenticated: `refresh_invalid`; `refresh_reused` when the token was used before, which also
        revokes the session, since nobody can tell whether the thief or the owner came second.
        """
        now = self.clock.now()
        session = self._session_of(token, now)
        following = refresh_tokens.successor(token, session.id, self.refresh_key())
        session = self._rotated(session, token, following, now)
        try:
            account = self.accounts.get(session.account_id)
        except NotFound as gone:
            raise _not_signed_in() from gone
        return self._signed_in(account, session, following, now)

    def logout(self, token: str | None, claims: AccessClaims | None) -> None:
        """Revokes the session that the refresh token, else the access token, belongs to. Never refuses."""
        session_id = refresh_tokens.session_of(token) if token else None
        if session_id is None and claims is not None:
            session_id = SessionId(claims.session_id)
        if session_id is not None and self.sessions.get(session_id) is not None:
            self.sessions.revoke(session_id)

    def me(self, account_id: AccountId) -> Account:
        try:
            return self.accounts.get(account_id)
        except NotFound as gone:
            raise NotAuthenticated("This account does not exist any more.", code="account_gone") from gone

    def _session_of(self, token: str, now: EpochSeconds) -> Session:
        session_id = refresh_tokens.session_of(token)
        session = self.sessions.get(session_id) if session_id is not None else None
        if session is None or session.expires_at <= now:
            raise _not_signed_in()
        return session

    def _rotated(self, session: Session, token: str, following: str, now: EpochSeconds) -> Session:
        """The session after the use of `token`; rotated by us, or a moment ago by a parallel refresh."""
        presented, next_hash = hash_token(token), hash_token(following)
        if hmac.compare_digest(presented, session.token_hash):
            try:
                return self.sessions.rotate(session, next_hash, now)
            except Conflict:
                session = self._session_of(token, now)
        parallel = presented == session.previous_hash and now - session.rotated_at <= REFRESH_GRACE_S
        if parallel and next_hash == session.token_hash:
            return session
        if parallel:  # the key was changed in between, so the successor can't be told again
            raise _not_signed_in()
        self.sessions.revoke(session.id)
        raise NotAuthenticated("This session was used from two places and is closed now.", code="refresh_reused")

    def _signed_in(self, account: Account, session: Session, token: str, now: EpochSeconds) -> SignedIn:
        claims = AccessClaims(
            account_id=account.id,
            session_id=session.id,
            issued_at=now,
            expires_at=EpochSeconds(now + ACCESS_TOKEN_S),
        )
        return SignedIn(
            account=account,
            access_token=self.signer.sign(claims),
            refresh_token=token,
            refresh_expires_at=session.expires_at,
        )


def _normal(password: str) -> str:
    """One form for the same characters typed on different keyboards (NIST SP 800-63B §5.1.1.2)."""
    return unicodedata.normalize("NFKC", password)


def _not_signed_in() -> NotAuthenticated:
    return NotAuthenticated("Please sign in again.", code="refresh_invalid")
