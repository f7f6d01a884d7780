"""From a frame to its answer: the sockets' one translator of errors, beside the API's (api/errors.py)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from pydantic import ValidationError

from core.domain.errors import InvalidInput, TooMany, Unavailable, VezaError
from core.domain.ids import EpochMs
from core.domain.sockets import FRAME_MAX
from core.frames.envelope import Data, Refusal, Request, error_frame, frame_of

RETRY_AFTER_S = 5
DataT = TypeVar("DataT", bound=Data)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A frame that has the shape of its type."""

    id: str | None
    data: Data


class Malformed(InvalidInput):
    """It can't be read; `answers` is the id that it had, if that could be read."""

    def __init__(self, detail: str, *, code: str, field: str | None = None, answers: str | None = None) -> None:
        super().__init__(detail, code=code, field=field)
        self.answers = answers


def read(body: str, kinds: Mapping[str, type[Data]], *, binary: bool) -> Asked:
    """Raises Malformed (`frame_binary`, `frame_too_large`, `frame_invalid`, `type_unknown`, `validation_failed`)."""
    if binary:
        raise Malformed("Frames are text.", code="frame_binary")
    if len(body.encode()) > FRAME_MAX:
        raise Malformed(f"A frame has at most {FRAME_MAX // 1024} KiB.", code="frame_too_large")
    try:
        request = Request.model_validate_json(body)
    except ValidationError as error:
        raise Malformed("A frame is {type, id?, ts?, data?} in JSON.", code="frame_invalid") from error
    kind = kinds.get(request.type)
    if kind is None:
        raise Malformed("There is no frame of this type.", code="type_unknown", field="type", answers=request.id)
    try:
        return Asked(id=request.id, data=kind.model_validate(request.data))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(step) for step in first["loc"]) or "data"
        raise Malformed(
            f"{where}: {first['msg']}", code="validation_failed", field=where, answers=request.id
        ) from error


def answered(asked: Asked, do: Callable[[Data], Data], *, at: EpochMs) -> str:
    """What `do` answers, or why it did not. Errors that are nobody's but ours are raised."""
    try:
        return frame_of(do(asked.data), at=at, answers=asked.id)
    except VezaError as error:
        return refused(error, at=at, answers=asked.id)


def refused(error: VezaError, *, at: EpochMs, answers: str | None = None) -> str:
    wait = None
    if isinstance(error, TooMany):
        wait = error.left.resets_in_s
    elif isinstance(error, Unavailable):
        wait = RETRY_AFTER_S
    field = error.field if isinstance(error, InvalidInput) else None
    refusal = Refusal(code=error.code, detail=error.detail, field=field, retry_after_s=wait)
    return error_frame(refusal, at=at, answers=answers)
