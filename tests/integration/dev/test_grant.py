"""`make grant`: a role on top of those that are there."""

import pytest

from core.domain.permissions import Role
from core.store.accounts import AccountRepository
from dev.grant import give, grant
from dev.problem import Problem
from tests.builders import NOW, an_account


def test_a_role_is_added(accounts: AccountRepository) -> None:
    account = an_account(roles=frozenset({Role.USER, Role.CREATOR}))
    accounts.create(account)

    assert give(accounts, account.email, Role.SUPERADMIN, NOW) == {Role.USER, Role.CREATOR, Role.SUPERADMIN}
    assert accounts.get(account.id).roles == {Role.USER, Role.CREATOR, Role.SUPERADMIN}


def test_nobody_gets_none(accounts: AccountRepository) -> None:
    with pytest.raises(Problem, match="no account"):
        give(accounts, "who@example.com", Role.ADMIN, NOW)


def test_a_role_that_does_not_exist_is_named_with_those_that_do() -> None:
    with pytest.raises(Problem) as told:
        grant("ada@example.com", "god", stage="local")
    assert "superadmin" in told.value.detail
