"""Secrets Manager, with a memory of minutes."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from core.adapters.faults import translated
from core.domain.errors import Unavailable

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

TTL_S: Final = 300


class SecretsManagerSecrets:
    """Secrets."""

    def __init__(
        self, client: "SecretsManagerClient", *, ttl_s: int = TTL_S, elapsed: Callable[[], float] = time.monotonic
    ) -> None:
        self._client = client
        self._ttl_s = ttl_s
        self._elapsed = elapsed
        self._known: dict[str, tuple[float, str]] = {}

    def get(self, name: str, *, max_age_s: int | None = None) -> str:
        read_at, value = self._known.get(name, (0.0, ""))
        now = self._elapsed()
        if name in self._known and now - read_at < (self._ttl_s if max_age_s is None else max_age_s):
            return value
        with translated({}, or_else=Unavailable("A secret can't be read at the moment.")):
            value = self._client.get_secret_value(SecretId=name)["SecretString"]
        self._known[name] = (now, value)
        return value
