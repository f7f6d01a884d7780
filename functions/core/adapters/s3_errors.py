"""What S3's error codes mean to us; shared by the store and the upload door.

https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
"""

from contextlib import AbstractContextManager
from typing import Final

from core.adapters.faults import ErrorTable, translated
from core.domain.errors import InvalidInput, ObjectGone, StorageUnavailable


def gone() -> ObjectGone:
    return ObjectGone("The object does not exist any more.")


def unavailable() -> StorageUnavailable:
    return StorageUnavailable("Storage can't answer at the moment.")


def _parts_mismatch() -> InvalidInput:
    return InvalidInput("The parts in storage are not the ones listed.", code="parts_mismatch", field="parts")


_S3_ERRORS: Final[ErrorTable] = {
    "NoSuchKey": gone,
    "NoSuchVersion": gone,
    "NoSuchUpload": gone,
    "404": gone,
    "MethodNotAllowed": gone,  # that version is a delete marker
    "405": gone,
    "InvalidPart": _parts_mismatch,
    "InvalidPartOrder": _parts_mismatch,
    "EntityTooSmall": _parts_mismatch,
    "MalformedXML": _parts_mismatch,  # a part number out of range
}


def s3_errors() -> AbstractContextManager[None]:
    """Translates inside a `with`. A missing bucket or right is a fault of the deployment: StorageUnavailable."""
    return translated(_S3_ERRORS, or_else=unavailable())
