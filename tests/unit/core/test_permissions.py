"""The table of roles: nobody is without a place in it, and power goes downwards only."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.permissions import (
    PERMISSIONS,
    RANK,
    STAFF,
    Permission,
    Role,
    may_grant,
    permissions_of,
    rank_of,
)

roles = st.frozensets(st.sampled_from(Role))


def test_every_role_has_permissions_and_a_rank() -> None:
    assert set(PERMISSIONS) == set(RANK) == set(Role)


def test_every_permission_is_somebodys() -> None:
    assert permissions_of(Role) == set(Permission)


@pytest.mark.parametrize("role", list(Role))
def test_everybody_manages_what_is_their_own(role: Role) -> None:
    assert {Permission.ACCOUNT_SEE, Permission.ACCOUNT_OWN, Permission.TRACKS_OWN} <= PERMISSIONS[role]


def test_only_the_staff_has_power_over_other_people() -> None:
    over_others = {Permission.ACCOUNTS_READ, Permission.ACCOUNTS_SUSPEND, Permission.ROLES_GRANT}
    assert {role for role in Role if PERMISSIONS[role] & over_others} == STAFF


@given(roles, roles)
def test_a_further_role_takes_nothing_away(some: frozenset[Role], more: frozenset[Role]) -> None:
    assert permissions_of(some) <= permissions_of(some | more)
    assert rank_of(some) <= rank_of(some | more)


@given(roles, st.sampled_from(Role))
def test_only_a_superadmin_gives_their_own_rank_away(granter: frozenset[Role], role: Role) -> None:
    if may_grant(granter, role) and Role.SUPERADMIN not in granter:
        assert RANK[role] < rank_of(granter)


def test_nobody_without_a_rank_gives_anything() -> None:
    assert not any(may_grant({Role.USER, Role.PREMIUM}, role) for role in Role)
