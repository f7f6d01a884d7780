"""Accounts are unique by name and address; a mailed token works until it expires."""

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from core.domain.errors import Conflict, NotFound
from core.domain.ids import EpochSeconds
from core.domain.permissions import Role
from core.messages import AccountRegistered
from core.store.accounts import AccountRepository
from core.store.outbox import envelope_of
from tests.builders import NOW, an_account

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

    def test_a_change_is_kept_and_counted(self, accounts: AccountRepository) -> None:
        account = an_account()
        accounts.create(account)
        changed = replace(account, roles=frozenset({Role.USER, Role.ADMIN}), token_version=4, suspended_at=NOW)
        saved = accounts.save(changed, now=NOW)
        assert saved == replace(changed, revision=1)
        assert accounts.get(account.id) == saved

    def test_a_change_of_what_was_changed_meanwhile_is_refused(self, accounts: AccountRepository) -> None:
        account = an_account()
        accounts.create(account)
        accounts.save(replace(account, token_version=1), now=NOW)
        with pytest.raises(Conflict) as refused:
            accounts.save(replace(account, token_version=2), now=NOW)
        assert refused.value.code == "stale_account"
        assert accounts.get(account.id).token_version == 1

    def test_what_is_not_there_is_not_created_by_a_change(self, accounts: AccountRepository) -> None:
        unknown = an_account()
        with pytest.raises(Conflict):
            accounts.save(unknown, now=NOW)
        with pytest.raises(NotFound):
            accounts.get(unknown.id)

    def test_an_account_from_before_roles_is_a_user_and_can_be_changed(
        self, accounts: AccountRepository, dynamodb: "DynamoDBClient", tables: dict[str, str]
    ) -> None:
        account = an_account()
        accounts.create(account)
        key = {"pk": {"S": f"account#{account.id}"}, "sk": {"S": "account"}}
        for young in ("roles", "token_version", "revision"):
            dynamodb.update_item(
                TableName=tables["accounts"],
                Key=key,
                UpdateExpression="REMOVE #a",
                ExpressionAttributeNames={"#a": young},
            )
        assert accounts.get(account.id) == account
        assert accounts.save(account, now=NOW).revision == 1


class TestVerification:
    def test_may_be_taken_again_until_it_expires(self, accounts: AccountRepository) -> None:
        account = an_account()
        accounts.add_verification("hash", account.id, EpochSeconds(NOW + 10))
        assert accounts.take_verification("hash", NOW) == account.id
        assert accounts.take_verification("hash", EpochSeconds(NOW + 9)) == account.id
        assert accounts.take_verification("hash", EpochSeconds(NOW + 10)) is None

    def test_a_guess_verifies_nobody(self, accounts: AccountRepository) -> None:
        assert accounts.take_verification("guess", NOW) is None
