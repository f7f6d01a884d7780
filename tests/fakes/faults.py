"""How a fake fails on demand."""

from core.domain.errors import VezaError


class Breakable:
    """`fault`, while it is set, is raised by every call that reaches the outside thing."""

    fault: VezaError | None = None

    def _reach(self) -> None:
        if self.fault is not None:
            raise self.fault
