"""Accounts are unique by name and address; a mailed token works until it expires; a session rotates once a token."""

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from core.domain.errors import Conflict, NotFound
from core.domain.ids import AccountId, EpochSeconds, new_id
from core.domain.limits import REFRESH_TOKEN_S
from core.messages import AccountRegistered
from core.store.accounts import AccountRepository
from core.store.outbox import envelope_of
from core.store.sessions import SessionRepository
from tests.builders import NOW, a_session, an_account

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class TestAccounts:
    def test_a_new_account_is_found_by_id_and_address(self, accounts: AccountRepository) -> None:
        account = an_account(email="Ada@Example.com")
        accounts.create(account)
        assert accounts.get(account.id) == account
        assert accounts.find_by_email(" ada@example.COM ") == account

    def test_its_event_is_written_with_it(
        self, accounts: AccountRepository, dynamodb: "DynamoDBClient", tables: dict[str, str]
    ) -> None:
        account = an_account()
        event = AccountRegistered(account_id=account.id)
        accounts.create(account, [event])
        (row,) = dynamodb.scan(TableName=tables["outbox"])["Items"]
        assert envelope_of(row).message() == event

    @pytest.mark.parametrize(
        ("email", "username", "code"),
        [
            ("ADA@example.com", "grace", "email_taken"),
            ("grace@example.com", "ada", "username_taken"),
            ("ada@example.com", "ada", "email_taken"),
        ],
    )
    def test_a_taken_name_is_refused_by_name(
        self, accounts: AccountRepository, email: str, username: str, code: str
    ) -> None:
        accounts.create(an_account())
        second = an_account(email=email, username=username)
        with pytest.raises(Conflict) as refused:
            accounts.create(second)
        assert refused.value.code == code
        with pytest.raises(NotFound):
            accounts.get(second.id)

    def test_a_refused_account_takes_no_name(self, accounts: AccountRepository) -> None:
        accounts.create(an_account())
        with pytest.raises(Conflict):
            accounts.create(an_account(username="grace"))
        accounts.create(an_account(email="grace@example.com", username="grace"))

    def test_nobody_is_found_by_an_unknown_address(self, accounts: AccountRepository) -> None:
        assert accounts.find_by_email("nobody@example.com") is None

    def test_an_address_gets_verified(self, accounts: AccountRepository) -> None:
        account = an_account(email_verified=False)
        accounts.create(account)
        verified = replace(account, email_verified=True)
        assert accounts.mark_verified(account.id) == verified
        assert accounts.mark_verified(account.id) == verified
        assert accounts.get(account.id) == verified

    def test_a_password_hash_is_upgraded(self, accounts: AccountRepository) -> None:
        account = an_account()
        accounts.create(account)
        accounts.set_password_hash(account.id, "better")
        assert accounts.get(account.id).password_hash == "better"

    def test_what_is_not_there_is_not_created_by_a_change(self, accounts: AccountRepository) -> None:
        unknown = AccountId(new_id())
        with pytest.raises(NotFound):
            accounts.mark_verified(unknown)
        with pytest.raises(NotFound):
            accounts.set_password_hash(unknown, "better")
        with pytest.raises(NotFound):
            accounts.get(unknown)


class TestVerification:
    def test_may_be_taken_again_until_it_expires(self, accounts: AccountRepository) -> None:
        account = an_account()
        accounts.add_verification("hash", account.id, EpochSeconds(NOW + 10))
        assert accounts.take_verification("hash", NOW) == account.id
        assert accounts.take_verification("hash", EpochSeconds(NOW + 9)) == account.id
        assert accounts.take_verification("hash", EpochSeconds(NOW + 10)) is None

    def test_a_guess_verifies_nobody(self, accounts: AccountRepository) -> None:
        assert accounts.take_verification("guess", NOW) is None


class TestSessions:
    def test_each_token_is_exchanged_once(self, sessions: SessionRepository) -> None:
        session = a_session()
        sessions.create(session)
        later = EpochSeconds(NOW + 100)
        rotated = sessions.rotate(session, "b" * 64, later)
        assert rotated == replace(
            session,
            token_hash="b" * 64,
            previous_hash=session.token_hash,
            rotated_at=later,
            expires_at=EpochSeconds(later + REFRESH_TOKEN_S),
        )
        assert sessions.get(session.id) == rotated
        with pytest.raises(Conflict) as raced:
            sessions.rotate(session, "c" * 64, later)
        assert raced.value.code == "refresh_raced"
        assert sessions.get(session.id) == rotated

    def test_a_revoked_session_is_over(self, sessions: SessionRepository) -> None:
        session = a_session()
        sessions.create(session)
        sessions.revoke(session.id)
        sessions.revoke(session.id)
        assert sessions.get(session.id) is None
        with pytest.raises(Conflict):
            sessions.rotate(session, "b" * 64, NOW)
        assert sessions.get(session.id) is None
