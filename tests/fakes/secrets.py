"""Secrets in a dict."""

from core.domain.errors import Unavailable
from tests.fakes.faults import Breakable


class FakeSecrets(Breakable):
    """Forgets nothing and caches nothing: a changed value is seen at once."""

    def __init__(self, **values: str) -> None:
        self.values = values
        self.reads: list[str] = []

    def get(self, name: str, *, max_age_s: int | None = None) -> str:
        self._reach()
        self.reads.append(name)
        try:
            return self.values[name]
        except KeyError as error:
            raise Unavailable("A secret can't be read at the moment.") from error
