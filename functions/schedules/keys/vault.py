"""The signing keys' secret in Secrets Manager."""

from typing import TYPE_CHECKING

from core.adapters.faults import translated
from core.domain.errors import NotFound, Unavailable

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient


class SecretsManagerVault:
    """KeyVault. Not core's `Secrets`: that one caches, and can't write."""

    def __init__(self, client: "SecretsManagerClient", name: str) -> None:
        self._client = client
        self._name = name

    def read(self) -> str | None:
        # Said of a secret without a value too. If it is the secret that is missing, `write` will say so.
        empty = {"ResourceNotFoundException": lambda: NotFound("The secret holds nothing.")}
        try:
            with translated(empty, or_else=Unavailable("The signing keys' secret can't be read.")):
                return self._client.get_secret_value(SecretId=self._name)["SecretString"]
        except NotFound:
            return None

    def write(self, text: str) -> None:
        with translated({}, or_else=Unavailable("The signing keys' secret can't be written.")):
            self._client.put_secret_value(SecretId=self._name, SecretString=text)
