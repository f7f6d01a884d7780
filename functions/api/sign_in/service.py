"""Use cases of signing in, staying signed in and signing out."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from api.password_check import PasswordCheck
from api.second_factor_check import SecondFactorCheck
from api.sign_in import refresh_tokens
from api.sign_in.refresh_tokens import Named
from core.domain.accounts import Account, hash_token
from core.domain.errors import Conflict, InvalidInput, NotAllowed, NotAuthenticated, NotFound
from core.domain.ids import AccountId, EpochSeconds, SessionId, new_id
from core.domain.limits import ACCESS_TOKEN_S, REFRESH_GRACE_S
from core.domain.logins import Login, LoginOutcome
from core.domain.sessions import Origin, Proof, Session, Way
from core.messages.accounts import SessionReused
from core.ports.clock import Clock
from core.ports.credentials import AccessClaims, TokenSigner

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.store.access import AccessRepository
    from core.store.accounts import AccountRepository
    from core.store.login_history import LoginHistory
    from core.store.sessions import SessionRepository


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """What a sign-in or a refresh hands out. `refresh_token` is shown here once and stored only as a hash."""

    account: Account
    session_id: SessionId
    access_token: str
    refresh_token: str
    refresh_life_s: int
    """Seconds until the refresh token expires if it is not used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInService:
    accounts: AccountRepository
    sessions: SessionRepository
    logins: LoginHistory
    access: AccessRepository
    check: PasswordCheck
    second_factor: SecondFactorCheck
    signer: TokenSigner
    clock: Clock
    refresh_key: Callable[[], bytes]
    """The key of `refresh_tokens`."""

    def login(self, *, email: str, password: str, code: str | None, remember: bool, origin: Origin) -> SignedIn:
        """Opens a session. An unknown address gets the same answer after the same work as a wrong password.

        Raises NotAuthenticated(`credentials_invalid`), TooMany (`rate_limited`, `account_locked`, `address_blocked`);
        and only to who knows the password: NotAuthenticated (`second_factor_required`, `code_wrong`),
        NotAllowed(`account_suspended`).
        """
        account, fits = self.check.attempt(email, password, origin)
        if account is None or not fits:
            self._remember(account, Way.PASSWORD, LoginOutcome.WRONG_PASSWORD, origin)
            raise NotAuthenticated("The e-mail address or the password is wrong.", code="credentials_invalid")
        proof = self.admit(account, Proof(way=Way.PASSWORD), code, origin)
        return self.open(account, proof, remember=remember, origin=origin)

    def admit(self, account: Account, proof: Proof, code: str | None, origin: Origin) -> Proof:
        """What is proved once the second factor, if the account has one, was shown too; a strong proof needs none.

        Raises NotAuthenticated (`second_factor_required`, `code_wrong`), NotAllowed (`account_suspended`,
        `account_erased`), TooMany.
        """
        if account.erased_at is not None:  # a passkey that is about to be cleared away
            raise NotAllowed("This account does not exist any more.", code="account_erased")
        if account.suspended_at is not None:
            self._remember(account, proof.way, LoginOutcome.SUSPENDED, origin)
            raise NotAllowed("This account is suspended.", code="account_suspended")
        if account.second_factor_since is None or proof.strong:
            return proof
        try:
            self.second_factor.must_pass(account, code, origin)
        except NotAuthenticated:
            if code is not None:
                self._remember(account, proof.way, LoginOutcome.WRONG_CODE, origin)
            raise
        return replace(proof, strong=True)

    def open(self, account: Account, proof: Proof, *, remember: bool, origin: Origin) -> SignedIn:
        """Opens a session for who was admitted."""
        self.check.guard.succeeded(account.email)
        self._remember(account, proof.way, LoginOutcome.SIGNED_IN, origin)
        return self._opened(account, proof, remember=remember, origin=origin)

    def step_up(
        self, account_id: AccountId, session_id: SessionId, *, password: str | None, code: str | None, origin: Origin
    ) -> SignedIn:
        """The session with a fresh proof: the password, if there is one, and a code if there is a second factor.

        Raises InvalidInput(`password_needed`), and what `prove` raises.
        """
        if password is None:
            raise InvalidInput("Please give your password.", code="password_needed", field="password")
        proof = self.prove(account_id, password=password, code=code, origin=origin)
        return self.renew(self.accounts.get(account_id), session_id, proof, origin)

    def prove(self, account_id: AccountId, *, password: str, code: str | None, origin: Origin) -> Proof:
        """Somebody signed in shows that it is them, with all that a sign-in would take.

        Raises InvalidInput(`password_wrong`), and what `admit` raises.
        """
        account = self.accounts.get(account_id)
        self.check.must_know(account, password, origin)
        proof = self.admit(account, Proof(way=Way.PASSWORD), code, origin)
        self.check.guard.succeeded(account.email)
        return proof

    def renew(self, account: Account, session_id: SessionId, proof: Proof, origin: Origin) -> SignedIn:
        """Another session in the place of that one, after a fresh proof (OWASP ASVS 5, 7.2.4)."""
        session = self.sessions.get(account.id, session_id)
        renewed = self._opened(account, proof, remember=session is not None and session.remembered, origin=origin)
        self.sessions.revoke(account.id, session_id, now=self.clock.now())
        return renewed

    def refresh(self, token: str, origin: Origin) -> SignedIn:
        """A new access token and the successor of `token`.

        Raises NotAuthenticated: `refresh_invalid`; `refresh_reused` when the token was used before, which also
        revokes the session, since nobody can tell whether the thief or the owner came second, and tells the owner.
        """
        now = self.clock.now()
        named = refresh_tokens.named_by(token)
        if named is None:
            raise _not_signed_in()
        account = self._account_of(named)
        session = self._session_of(named, account, now)
        following = refresh_tokens.successor(token, named, self.refresh_key())
        rotated = session.rotated(hash_token(following), origin=origin, now=now)
        session = self._exchanged(session, account, token, rotated)
        return self._signed_in(account, session, following, now)

    def logout(self, token: str | None, claims: AccessClaims | None) -> AccountId | None:
        """Ends the session that the refresh token names, and the one of the access token. Never refuses.

        Answers whose it was, if anybody's.
        """
        now, owner = self.clock.now(), None
        if token is not None and (session := self._session_behind(token)) is not None:
            owner = session.account_id
            self.sessions.revoke(owner, session.id, now=now)
        if claims is not None:
            owner = AccountId(claims.account_id)
            self.sessions.revoke(owner, SessionId(claims.session_id), now=now)
        return owner

    def revoke(self, token: str) -> AccountId | None:
        """Makes one token worthless (RFC 7009), a refresh token together with its session. Never refuses.

        Answers whose it was, if anybody's.
        """
        if refresh_tokens.named_by(token) is not None:
            return self.logout(token, None)
        try:
            claims = self.signer.verify(token)
        except NotAuthenticated:  # expired, or none of ours: nothing to revoke
            return None
        self.access.deny(claims)
        return AccountId(claims.account_id)

    def _session_behind(self, token: str) -> Session | None:
        """The session that this token is or was of; a guess with its name opens, and ends, nothing."""
        named = refresh_tokens.named_by(token)
        session = None if named is None else self.sessions.get(*named)
        return session if session is not None and self._is_of(session, token) else None

    def _is_of(self, session: Session, token: str) -> bool:
        presented = hash_token(token)
        stored = (session.token_hash, session.previous_hash or "")
        return any(hmac.compare_digest(presented, each) for each in stored) or refresh_tokens.is_genuine(
            token, self.refresh_key()
        )

    def _remember(self, account: Account | None, way: Way, outcome: LoginOutcome, origin: Origin) -> None:
        """Writes for unknown accounts too, to where nobody looks: the answer must take as long as for known ones."""
        account_id = AccountId(new_id()) if account is None else account.id
        now = self.clock.now()
        self.logins.add(Login(id=new_id(), account_id=account_id, at=now, way=way, outcome=outcome, origin=origin))

    def _opened(self, account: Account, proof: Proof, *, remember: bool, origin: Origin) -> SignedIn:
        now, named = self.clock.now(), Named(account.id, SessionId(new_id()))
        token = refresh_tokens.first(named, self.refresh_key())
        session = Session.opened(
            named.session_id,
            account,
            token_hash=hash_token(token),
            remembered=remember,
            proof=proof,
            origin=origin,
            now=now,
        )
        self.sessions.create(session)
        return self._signed_in(account, session, token, now)

    def _account_of(self, named: Named) -> Account:
        try:
            return self.accounts.get(named.account_id)
        except NotFound as gone:
            raise _not_signed_in() from gone

    def _session_of(self, named: Named, account: Account, now: EpochSeconds) -> Session:
        session = self.sessions.get(*named)
        if session is None or not session.lives(account, now):
            raise _not_signed_in()
        return session

    def _exchanged(self, session: Session, account: Account, token: str, rotated: Session) -> Session:
        """The session after the use of `token`: `rotated`, or what a parallel refresh made of it a moment ago."""
        presented, now = hash_token(token), rotated.rotated_at
        if hmac.compare_digest(presented, session.token_hash):
            try:
                self.sessions.rotate(session, rotated)
            except Conflict:
                session = self._session_of(Named(session.account_id, session.id), account, now)
            else:
                return rotated
        parallel = presented == session.previous_hash and now - session.rotated_at <= REFRESH_GRACE_S
        if parallel and rotated.token_hash == session.token_hash:
            return session
        if parallel:  # the key was changed in between, so the successor can't be told again
            raise _not_signed_in()
        if not self._is_of(session, token):
            raise _not_signed_in()
        self._close_reused(session, now)
        raise NotAuthenticated("This session was used from two places and is closed now.", code="refresh_reused")

    def _close_reused(self, session: Session, now: EpochSeconds) -> None:
        told = SessionReused(account_id=session.account_id, session_id=session.id, device=session.origin.device)
        self.sessions.revoke(session.account_id, session.id, events=[told], now=now)

    def _signed_in(self, account: Account, session: Session, token: str, now: EpochSeconds) -> SignedIn:
        claims = AccessClaims(
            account_id=account.id,
            session_id=session.id,
            token_id=new_id(),
            token_version=session.token_version,
            issued_at=now,
            expires_at=EpochSeconds(now + ACCESS_TOKEN_S),
        )
        return SignedIn(
            account=account,
            session_id=session.id,
            access_token=self.signer.sign(claims),
            refresh_token=token,
            refresh_life_s=session.expires_at - now,
        )


def _not_signed_in() -> NotAuthenticated:
    return NotAuthenticated("Please sign in again.", code="refresh_invalid")
