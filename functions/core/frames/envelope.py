"""The envelope of every frame: `{type, id?, ts, data, error?, seq?}`.

A client numbers its requests by `id`; the answer carries the same one, and the type of the request with `.ok`, or is of
the type `error`. `ts` is the sender's clock in ms since 1970. `seq` is the place of a change in its conversation.
"""

from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from core.domain.ids import EpochMs

ID_MAX = 64


class Data(BaseModel):
    """The `data` of one type of frame. Unknown fields are refused: a typo must not be silence."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    type: ClassVar[str]


class Request(BaseModel):
    """A frame as a client sends it, before its data is looked at."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    type: str = Field(min_length=1, max_length=ID_MAX)
    id: str | None = Field(default=None, min_length=1, max_length=ID_MAX)
    ts: int | None = None
    data: dict[str, Any] = {}


class Refusal(BaseModel):
    """Why a request was not done. `code` never changes its meaning; after `retry_after_s` it may be tried again."""

    model_config = ConfigDict(frozen=True)
    code: str
    detail: str
    field: str | None = None
    retry_after_s: int | None = None


class _Answer(BaseModel):
    """As JSON without what is None: every byte goes to many."""

    type: str
    id: str | None = None
    ts: int
    seq: int | None = None
    data: dict[str, Any] | None = None
    error: Refusal | None = None


def frame_of(data: Data, *, at: EpochMs, answers: str | None = None, seq: int | None = None) -> str:
    """`answers` is the id of the request that this is the answer to."""
    body = data.model_dump(mode="json", exclude_none=True)
    return _Answer(type=data.type, id=answers, ts=at, seq=seq, data=body).model_dump_json(exclude_none=True)


def error_frame(refusal: Refusal, *, at: EpochMs, answers: str | None = None) -> str:
    return _Answer(type="error", id=answers, ts=at, error=refusal).model_dump_json(exclude_none=True)


class Hello(Data):
    """The first thing a client says: a server can't speak before it has heard something."""

    type: ClassVar[str] = "hello"


class HelloOk(Data):
    """`reconnect_at` is when to come again with a new ticket, in ms since 1970: each client's own moment, before the
    gateway closes. A frame every `heartbeat_s` keeps the socket; silence of `silence_s` ends it."""

    type: ClassVar[str] = "hello.ok"
    account_id: str
    heartbeat_s: int
    silence_s: int
    reconnect_at: int


class Closing(Data):
    """The server closes right after this."""

    type: ClassVar[str] = "closing"
    reason: Literal["too_many_connections", "session_ended", "frame_too_large"]
