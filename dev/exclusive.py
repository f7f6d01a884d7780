"""One `make up`, `deploy` or `reset` at a time in a checkout."""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from dev.paths import HOME


@contextmanager
def alone(waiting: Callable[[str], object]) -> Iterator[int]:
    """Waits for its turn, telling `waiting` once. Yields the descriptor that holds the lock.

    The lock lasts until every copy of the descriptor is closed: a child that gets a copy keeps it even if its parent
    is killed, so nobody starts a second deploy beside an orphaned one.
    """
    HOME.mkdir(exist_ok=True)
    descriptor = os.open(HOME / "up.lock", os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            waiting("another `make up`, `deploy` or `reset` is still at work in this checkout; waiting for it")
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield descriptor
    finally:
        os.close(descriptor)
