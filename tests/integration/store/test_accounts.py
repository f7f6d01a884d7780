"""Accounts are unique by name and address; a mailed token works until it expires."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from core.domain.errors import Conflict, NotFound
from core.domain.ids import EpochSeconds
from core.domain.permissions import Role
from core.domain.tickets import Purpose
from core.messages.accounts import AccountRegistered
from core.store.accounts import AccountRepository
from core.store.outbox import envelope_of
from core.store.tickets import TicketRepository
from tests.builders import NOW, a_ticket, an_account

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


class TestNewAddress:
    def test_leads_to_the_account_and_the_old_one_no_longer_does(self, accounts: AccountRepository) -> None:
        account = an_account(email="ada@example.com")
        accounts.create(account)
        saved = accounts.save_with_new_email(replace(account, email="new@example.com"), "ada@example.com")
        assert accounts.find_by_email("new@example.com") == saved
        assert accounts.find_by_email("ada@example.com") is None

    def test_that_is_taken_changes_nothing(self, accounts: AccountRepository) -> None:
        account, other = an_account(), an_account(email="grace@example.com", username="grace")
        accounts.create(account)
        accounts.create(other)
        with pytest.raises(Conflict) as taken:
            accounts.save_with_new_email(replace(account, email="grace@example.com"), account.email)
        assert taken.value.code == "email_taken"
        assert accounts.find_by_email(account.email) == account
        assert accounts.find_by_email("grace@example.com") == other


class TestTickets:
    def test_are_found_for_their_purpose_until_they_expire(self, tickets: TicketRepository) -> None:
        ticket = a_ticket(expires_at=NOW + 10)
        tickets.add(ticket)
        assert tickets.find("hash", Purpose.VERIFY_EMAIL, EpochSeconds(NOW + 9)) == ticket
        assert tickets.find("hash", Purpose.VERIFY_EMAIL, EpochSeconds(NOW + 10)) is None
        assert tickets.find("hash", Purpose.RESET_PASSWORD, NOW) is None
        assert tickets.find("guess", Purpose.VERIFY_EMAIL, NOW) is None

    def test_are_used_once_however_many_try_at_once(self, tickets: TicketRepository) -> None:
        ticket = a_ticket()
        tickets.add(ticket)
        with ThreadPoolExecutor(8) as pool:
            assert sum(pool.map(lambda _: tickets.use(ticket), range(20))) == 1
        assert tickets.find("hash", Purpose.VERIFY_EMAIL, NOW) is None
