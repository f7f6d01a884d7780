"""AWS's errors in our words, told apart by their codes and never by their text."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

from core.domain.errors import Unavailable, VezaError

ErrorTable = Mapping[str, Callable[[], VezaError]]
"""Error code of the service (or the bare status of an answer without a body, such as "404") → our error."""


def code_of(error: ClientError) -> str:
    """The service's error code; the status where it sent no body, as for every HEAD."""
    return str(error.response.get("Error", {}).get("Code", ""))


@contextmanager
def translated(table: ErrorTable, *, or_else: Unavailable) -> Iterator[None]:
    """Raises what `table` says of the code, and `or_else` for every other answer or none at all.

    A malformed call is a mistake of this code: it is let through as it is.
    """
    try:
        yield
    except ParamValidationError:
        raise
    except ClientError as error:
        known = table.get(code_of(error))
        raise (or_else if known is None else known()) from error
    except BotoCoreError as error:
        raise or_else from error
