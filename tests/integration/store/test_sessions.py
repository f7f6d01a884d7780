"""A session rotates once a token; ended, it is over for good; and what a token is worth is told by one read."""

from dataclasses import replace

import pytest

from core.domain.accounts import Account
from core.domain.errors import Conflict
from core.domain.ids import EpochSeconds, new_id
from core.domain.limits import ACCESS_TOKEN_S
from core.domain.logins import Login, LoginOutcome
from core.domain.permissions import Role
from core.domain.sessions import Session, Way
from core.messages.accounts import SessionReused
from core.ports.credentials import AccessClaims
from core.store.access import AccessRepository, Standing
from core.store.accounts import AccountRepository
from core.store.login_history import LoginHistory
from core.store.sessions import SessionRepository
from tests.builders import NOW, a_session, an_account, an_origin

LATER = EpochSeconds(NOW + 100)


class TestSessions:
    def test_each_token_is_exchanged_once(self, sessions: SessionRepository) -> None:
        session = a_session()
        sessions.create(session)
        rotated = session.rotated("b" * 64, origin=an_origin(place="Paris, FR"), now=LATER)
        sessions.rotate(session, rotated)
        assert sessions.get(session.account_id, session.id) == rotated
        with pytest.raises(Conflict) as raced:
            sessions.rotate(session, session.rotated("c" * 64, origin=an_origin(), now=LATER))
        assert raced.value.code == "refresh_raced"
        assert sessions.get(session.account_id, session.id) == rotated

    def test_a_revoked_session_is_over(self, sessions: SessionRepository) -> None:
        session = a_session()
        sessions.create(session)
        told = SessionReused(account_id=session.account_id, session_id=session.id, device="")
        sessions.revoke(session.account_id, session.id, events=[told], now=NOW)
        sessions.revoke(session.account_id, session.id, now=NOW)
        assert sessions.get(session.account_id, session.id) is None
        with pytest.raises(Conflict):
            sessions.rotate(session, session.rotated("b" * 64, origin=an_origin(), now=LATER))
        assert sessions.get(session.account_id, session.id) is None

    def test_an_accounts_sessions_are_listed_the_newest_first(self, sessions: SessionRepository) -> None:
        account = an_account()
        mine = [a_session(account) for _ in range(3)]
        for session in (*mine, a_session(an_account())):
            sessions.create(session)
        assert sessions.list_of(account.id) == mine[::-1]

    def test_is_another_account_s_only_by_its_own_key(self, sessions: SessionRepository) -> None:
        session = a_session()
        sessions.create(session)
        assert sessions.get(an_account().id, session.id) is None


class TestStanding:
    @pytest.fixture
    def account(self, accounts: AccountRepository) -> Account:
        account = an_account(roles=frozenset({Role.USER, Role.MODERATOR}), token_version=2)
        accounts.create(account)
        return account

    @pytest.fixture
    def session(self, account: Account, sessions: SessionRepository) -> Session:
        session = a_session(account)
        sessions.create(session)
        return session

    @pytest.fixture
    def claims(self, session: Session) -> AccessClaims:
        return AccessClaims(
            account_id=session.account_id,
            session_id=session.id,
            token_id=new_id(),
            token_version=2,
            issued_at=NOW,
            expires_at=EpochSeconds(NOW + ACCESS_TOKEN_S),
        )

    def test_of_a_session_that_lives(self, access: AccessRepository, account: Account, claims: AccessClaims) -> None:
        standing = Standing(
            roles=account.roles, suspended=False, closing=False, token_counts=True, proved_at=NOW, strong=True
        )
        assert access.standing(claims, NOW) == standing

    def test_of_a_revoked_session(
        self, access: AccessRepository, sessions: SessionRepository, session: Session, claims: AccessClaims
    ) -> None:
        sessions.revoke(session.account_id, session.id, now=NOW)
        assert not access.standing(claims, NOW).token_counts  # type: ignore[union-attr]

    def test_of_a_session_that_expired_but_was_not_removed_yet(
        self, access: AccessRepository, session: Session, claims: AccessClaims
    ) -> None:
        assert not access.standing(claims, session.expires_at).token_counts  # type: ignore[union-attr]

    def test_of_an_outdated_token(
        self, access: AccessRepository, accounts: AccountRepository, account: Account, claims: AccessClaims
    ) -> None:
        accounts.save(replace(account, token_version=3), now=NOW)
        assert not access.standing(claims, NOW).token_counts  # type: ignore[union-attr]

    def test_of_a_denied_token_and_its_sister(self, access: AccessRepository, claims: AccessClaims) -> None:
        access.deny(claims)
        access.deny(claims)
        assert not access.standing(claims, NOW).token_counts  # type: ignore[union-attr]
        assert access.standing(replace(claims, token_id=new_id()), NOW).token_counts  # type: ignore[union-attr]

    def test_of_a_suspended_account(
        self, access: AccessRepository, accounts: AccountRepository, account: Account, claims: AccessClaims
    ) -> None:
        accounts.save(replace(account, suspended_at=NOW), now=NOW)
        assert access.standing(claims, NOW).suspended  # type: ignore[union-attr]

    def test_of_nobody(self, access: AccessRepository, claims: AccessClaims) -> None:
        assert access.standing(replace(claims, account_id=new_id()), NOW) is None


class TestLoginHistory:
    @pytest.mark.parametrize("limit", [1, 2, 3, 7])
    def test_pages_hold_every_sign_in_once(self, logins: LoginHistory, limit: int) -> None:
        account, stranger = an_account(), an_account()
        mine = [a_login(account) for _ in range(5)]
        for login in (*mine, a_login(stranger)):
            logins.add(login)
        found, cursor = [], None
        while True:
            page = logins.list_of(account.id, limit=limit, cursor=cursor)
            found += page.items
            cursor = page.next_cursor
            if cursor is None:
                break
        assert found == mine[::-1]


def a_login(account: Account) -> Login:
    return Login(
        id=new_id(),
        account_id=account.id,
        at=NOW,
        way=Way.PASSWORD,
        outcome=LoginOutcome.SIGNED_IN,
        origin=an_origin(),
    )
