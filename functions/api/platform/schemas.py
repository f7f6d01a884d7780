"""Wire shapes of the platform's own state."""

from collections.abc import Sequence
from typing import Literal, Self

from api.platform.readiness import Check
from api.wire import Wire


class Health(Wire):
    status: Literal["ok"] = "ok"


class CheckView(Wire):
    name: str
    ok: bool
    detail: str


class Readiness(Wire):
    status: Literal["ready", "not_ready"]
    checks: list[CheckView]

    @classmethod
    def of(cls, checks: Sequence[Check]) -> Self:
        return cls(
            status="ready" if all(check.ok for check in checks) else "not_ready",
            checks=[CheckView(name=check.name, ok=check.ok, detail=check.detail) for check in checks],
        )
