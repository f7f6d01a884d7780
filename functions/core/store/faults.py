"""DynamoDB's errors in our words, told apart by their codes and never by their text.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
"""

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError
from pynamodb.exceptions import PynamoDBException

from core.domain.errors import Refused, StoreUnavailable

CONDITION_FAILED = "ConditionalCheckFailed"
_CONDITION_FAILED_ERROR = "ConditionalCheckFailedException"
_OUR_MISTAKES = frozenset({"ValidationException", "SerializationException"})


@contextmanager
def translated(*, or_else: Refused | None = None) -> Iterator[None]:
    """Raises `or_else` where a condition failed, and StoreUnavailable where DynamoDB could not do its work.

    A malformed request is a mistake of this code: it is let through as it is.
    """
    try:
        yield
    except PynamoDBException as error:
        if or_else is not None and error.cause_response_code == _CONDITION_FAILED_ERROR:
            raise or_else from error
        raise_unavailable(error)
    except BotoCoreError as error:
        raise StoreUnavailable("The database can't be reached.") from error


def raise_unavailable(error: PynamoDBException) -> None:
    """Raises StoreUnavailable, or `error` itself if the request was malformed or failed before it was sent."""
    vendor_fault = error.cause_response_code is not None or isinstance(error.cause, BotoCoreError)
    if not vendor_fault or error.cause_response_code in _OUR_MISTAKES:
        raise error
    raise StoreUnavailable("The database can't answer at the moment.") from error
