"""How long an account is closed to passwords after wrong ones. Whether there is an account does not matter."""

from dataclasses import dataclass
from typing import Final

from core.domain.ids import EpochSeconds

FROM_FAILURE: Final = 5
STEP_S: Final = 15 * 60
MAX_S: Final = 24 * 3600


NEVER: Final = EpochSeconds(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lockout:
    """`failures` since the last success; no password is looked at before `until`."""

    failures: int = 0
    until: EpochSeconds = NEVER

    def remaining_s(self, now: EpochSeconds) -> int:
        return max(0, self.until - now)

    @property
    def has_just_begun(self) -> bool:
        return self.failures == FROM_FAILURE


def locked_for_s(failures: int) -> int:
    """From the 5th failure on 15 min × (failures − 4), at most a day."""
    return min(max(0, failures - FROM_FAILURE + 1) * STEP_S, MAX_S)
