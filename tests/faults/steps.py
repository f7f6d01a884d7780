"""The step hook of the fault tests: it hears every call a worker makes to the outside, and may kill it there.

Nothing in functions/ knows of it. A worker's ports and repositories are wrapped by `watched`; a dead worker reaches
nothing any more, whatever its clean-up code tries.
"""

import threading
from collections.abc import Callable
from typing import Any, TypeVar, cast

PortT = TypeVar("PortT")


class Killed(BaseException):
    """What SIGKILL looks like from inside a test: nothing in a worker may catch it."""


def die() -> None:
    raise Killed


class Steps:
    """Step boundaries are counted from 1: the one before the first call, then the one behind each call.

    At the armed boundary of a worker `happens` happens, once; by default the worker dies there.
    """

    def __init__(self) -> None:
        self.calls: list[str] = []
        """Names of the calls since `arm` or `disarm`, such as `store.copy`."""
        self.deaths = 0
        self._lock = threading.RLock()
        self.disarm()

    def arm(self, at: int, happens: Callable[[], None] = die) -> None:
        self.disarm()
        self._at, self._happens = at, happens

    def arm_behind(self, call: str, happens: Callable[[], None] = die) -> None:
        """The boundary behind the first call of that name."""
        self.disarm()
        self._behind, self._happens = call, happens

    def disarm(self) -> None:
        """A new worker, to whom nothing will happen."""
        self._at, self._behind, self._happens = 0, "", die
        self.calls, self.passed, self.dead = [], 0, False

    def watched(self, name: str, port: PortT) -> PortT:
        """The same port, with the hook at each of its calls."""
        return cast("PortT", _Watched(name, port, self))

    def call(self, name: str, method: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        if not self.calls:
            self._boundary()
        if self.dead:
            raise Killed
        self.calls.append(name)
        answer = method(*args, **kwargs)
        self._boundary()
        return answer

    def _boundary(self) -> None:
        with self._lock:
            if self.dead:
                raise Killed
            self.passed += 1
            if self.passed != self._at and (not self._behind or self.calls[-1:] != [self._behind]):
                return
            happens, self._at, self._behind = self._happens, 0, ""
        try:
            happens()
        except Killed:
            self.dead = True
            self.deaths += 1
            raise


class _Watched:
    def __init__(self, name: str, port: object, steps: Steps) -> None:
        self._name, self._port, self._steps = name, port, steps

    def __getattr__(self, attribute: str) -> Any:
        found = getattr(self._port, attribute)
        if not callable(found) or attribute.startswith("_"):
            return found

        def called(*args: Any, **kwargs: Any) -> Any:
            return self._steps.call(f"{self._name}.{attribute}", found, *args, **kwargs)

        return called
