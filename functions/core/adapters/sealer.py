"""Sealing by KMS: the key never leaves it, and each use is on its record."""

import base64
import binascii
from typing import TYPE_CHECKING, Final

from core.adapters.faults import translated
from core.domain.errors import Unavailable

if TYPE_CHECKING:
    from mypy_boto3_kms import KMSClient

CONTEXT: Final = "veza"


class KmsSealer:
    """Sealer. Up to 4 KiB of text (KMS Encrypt)."""

    def __init__(self, client: "KMSClient", key_id: str) -> None:
        self._client = client
        self._key_id = key_id

    def seal(self, text: str, context: str) -> str:
        with translated({}, or_else=Unavailable("A secret can't be sealed at the moment.")):
            answer = self._client.encrypt(
                KeyId=self._key_id, Plaintext=text.encode(), EncryptionContext={CONTEXT: context}
            )
        return base64.b64encode(answer["CiphertextBlob"]).decode()

    def open(self, sealed: str, context: str) -> str:
        unreadable = Unavailable("A sealed secret can't be read.")
        try:
            blob = base64.b64decode(sealed, validate=True)
        except (ValueError, binascii.Error) as error:
            raise unreadable from error
        with translated({}, or_else=unreadable):
            answer = self._client.decrypt(KeyId=self._key_id, CiphertextBlob=blob, EncryptionContext={CONTEXT: context})
        return answer["Plaintext"].decode()
