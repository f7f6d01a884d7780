"""Who may do what: the roles, the permissions, and the one table between them. api/access.py checks it, nobody else."""

from collections.abc import Collection, Iterable, Mapping
from enum import StrEnum
from typing import Final


class Permission(StrEnum):
    """One thing that a route does. What is one's own stays a matter of the use case: a permission opens no doors of
    other people, unless its name says so."""

    ACCOUNT_SEE = "account:see"
    """See who one is."""
    ACCOUNT_OWN = "account:own"
    """Look after one's own account: sessions, password, ways to sign in, keys, privacy. For people, not programs."""
    TRACKS_OWN = "tracks:own"
    """Look at one's own tracks and change them."""
    TRACKS_UPLOAD = "tracks:upload"
    CHAT = "chat"
    """Open sockets, talk, and look after one's own conversations. For people, not programs."""
    ACCOUNTS_READ = "accounts:read"
    """Look at anybody's account."""
    ACCOUNTS_SUSPEND = "accounts:suspend"
    """Shut somebody out and let them in again; end somebody's sessions."""
    AUDIT_READ = "audit:read"
    """See what was changed, by whom."""
    ROLES_GRANT = "roles:grant"
    """Give and take roles below one's own rank."""


class Role(StrEnum):
    """An account has one or more; everybody is a USER."""

    USER = "user"
    CREATOR = "creator"
    PREMIUM = "premium"
    MODERATOR = "moderator"
    ADMIN = "admin"
    SUPERADMIN = "superadmin"


_EVERYBODY: Final = frozenset(
    {
        Permission.ACCOUNT_SEE,
        Permission.ACCOUNT_OWN,
        Permission.TRACKS_OWN,
        Permission.TRACKS_UPLOAD,
        Permission.CHAT,
    }
)
_MODERATION: Final = _EVERYBODY | {Permission.ACCOUNTS_READ, Permission.ACCOUNTS_SUSPEND}
_ADMINISTRATION: Final = _MODERATION | {Permission.AUDIT_READ, Permission.ROLES_GRANT}

PERMISSIONS: Final[Mapping[Role, frozenset[Permission]]] = {
    Role.USER: _EVERYBODY,
    Role.CREATOR: _EVERYBODY,
    Role.PREMIUM: _EVERYBODY,
    Role.MODERATOR: _MODERATION,
    Role.ADMIN: _ADMINISTRATION,
    Role.SUPERADMIN: _ADMINISTRATION,
}

RANK: Final[Mapping[Role, int]] = {
    Role.USER: 0,
    Role.CREATOR: 0,
    Role.PREMIUM: 0,
    Role.MODERATOR: 1,
    Role.ADMIN: 2,
    Role.SUPERADMIN: 3,
}
"""Power over people goes downwards only: nobody suspends, promotes or demotes their equals."""

FOR_PEOPLE: Final = frozenset({Permission.ACCOUNT_OWN, Permission.CHAT})
"""Never for a program with an API key: one that leaked must not open the account itself, nor what was written to it."""
OVER_OTHERS: Final = frozenset(set(Permission) - _EVERYBODY)
"""Power over other people's accounts: only with a second factor."""
STAFF: Final = frozenset(role for role, rank in RANK.items() if rank > 0)
"""Roles with power over other people's accounts."""


def permissions_of(roles: Iterable[Role]) -> frozenset[Permission]:
    """Everything that one of `roles` allows."""
    return frozenset().union(*(PERMISSIONS[role] for role in roles))


def rank_of(roles: Collection[Role]) -> int:
    """The highest rank among `roles`; 0 without any."""
    return max((RANK[role] for role in roles), default=0)


def may_grant(granter: Collection[Role], role: Role) -> bool:
    """Whether somebody with the roles `granter` may give or take `role`: below their own rank, and a superadmin any."""
    return Role.SUPERADMIN in granter or RANK[role] < rank_of(granter)
