"""`make grant`: gives an account a role. The way to a stage's first superadmin, for who has its AWS credentials."""

import os
from dataclasses import replace

from core.adapters.clock import SystemClock
from core.domain.ids import EpochSeconds
from core.domain.permissions import Role
from core.store.accounts import AccountRepository
from dev.endpoint import Endpoint
from dev.outputs import read_outputs
from dev.problem import Problem
from dev.steps import console


def grant(email: str, role: str, *, stage: str) -> None:
    """Gives `role` to the account with that address, on top of those it has. `aws` takes the shell's credentials."""
    if role not in set(Role):
        raise Problem(
            "Which role, and to whom?",
            hint=f"make grant EMAIL=ada@example.com ROLE={Role.SUPERADMIN.value}",
            detail=f"Roles are {', '.join(Role)}.",
        )
    if stage == "local":
        os.environ.update(Endpoint(read_outputs()["endpoint_url"]).environment())
    accounts = AccountRepository(f"veza-{stage}-accounts", f"veza-{stage}-outbox")
    roles = give(accounts, email, Role(role), SystemClock().now())
    console.print(f"{email} is now {', '.join(sorted(roles))}.")


def give(accounts: AccountRepository, email: str, role: Role, now: EpochSeconds) -> frozenset[Role]:
    """The account's roles after that."""
    account = accounts.find_by_email(email)
    if account is None:
        raise Problem(f"There is no account with the address {email}.", hint="Register it first.")
    return accounts.save(replace(account, roles=account.roles | {role}), now=now).roles
