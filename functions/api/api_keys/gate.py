"""Lets programs in by API key: within its scope, and only so often."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from core.domain import api_keys
from core.domain.api_keys import USE_NOTED_EVERY_S, ApiKey, Scope
from core.domain.errors import NotAllowed, NotAuthenticated
from core.domain.ids import EpochSeconds
from core.domain.permissions import OVER_OTHERS, Permission, Role
from core.domain.rates import READS_BY_KEY, WRITES_BY_KEY
from core.limiter import Limiter
from core.ports.clock import Clock

if TYPE_CHECKING:
    from core.store.access import AccessRepository
    from core.store.api_keys import ApiKeyRepository
    from core.store.counters import LastUses

READING: Final = frozenset({"GET", "HEAD"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Admitted:
    key: ApiKey
    roles: frozenset[Role]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyGate:
    keys: "ApiKeyRepository"
    access: "AccessRepository"
    last_uses: "LastUses"
    limiter: Limiter
    clock: Clock
    _noted: dict[str, EpochSeconds] = field(default_factory=dict, init=False)
    """When this container noted a key's use last, so that it does not with every call."""

    def admit(self, text: str, method: str, note: Callable[[ApiKey], None]) -> Admitted:
        """`note` is told of the key once it has proved to be one.

        Raises NotAuthenticated(`api_key_invalid`), NotAllowed(`scope_missing`), TooMany(`rate_limited`).
        """
        key, now = self._key(text), self.clock.now()
        note(key)
        roles = self.access.roles_of(key.account_id)
        if roles is None:
            raise _invalid()
        reading = method in READING
        needed = Scope.READ if reading else Scope.WRITE
        if needed not in key.scopes:
            raise NotAllowed(f"This key may not {needed.value}.", code="scope_missing")
        self.limiter.count(READS_BY_KEY if reading else WRITES_BY_KEY, key.id)
        if now - self._noted.get(key.id, 0) >= USE_NOTED_EVERY_S:
            self.last_uses.note(key.id, now, key.expires_at)
            self._noted[key.id] = now
        return Admitted(key=key, roles=roles)

    def _key(self, text: str) -> ApiKey:
        presented = api_keys.read(text)
        key = self.keys.find(presented.account_id, presented.key_id) if presented else None
        if presented is None or key is None or not key.fits(presented.secret, self.clock.now()):
            raise _invalid()
        return key


def must_have_scope(scopes: frozenset[Scope], permission: Permission) -> None:
    """Power over others takes the scope `admin`. Raises NotAllowed(`scope_missing`)."""
    if permission in OVER_OTHERS and Scope.ADMIN not in scopes:
        raise NotAllowed("This key has no power over other accounts.", code="scope_missing")


def _invalid() -> NotAuthenticated:
    return NotAuthenticated("This API key is not valid, or not any more.", code="api_key_invalid")
