"""The frames of a socket as JSON Schema (2020-12), whichever function answers them.

`docs/frames/{door}.json` holds it, and `{door}.d.ts` beside it, for TypeScript, is made of that; tests compare.
`make frames` writes both anew.
"""

import json
import sys
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from core.frames import chat, stream
from core.frames.envelope import ID_MAX, Data, Refusal

SCHEMA: Final = "https://json-schema.org/draft/2020-12/schema"
DOORS: Final[Mapping[str, tuple[Mapping[type[Data], type[Data]], Iterable[type[Data]]]]] = {
    "chat": (chat.ANSWERS, chat.EVENTS),
    "stream": (stream.ANSWERS, stream.EVENTS),
}
"""By door: what clients ask with what answers it, and what they are told."""
_ID: Final = {"type": "string", "minLength": 1, "maxLength": ID_MAX, "description": "The request's; its answer has it."}
_TS: Final = {"type": "integer", "description": "The sender's clock, in ms since 1970."}
_SEQ: Final = {"type": "integer", "description": "The place of the change in its conversation."}


@cache
def document(door: str) -> dict[str, Any]:
    """One definition for each type of frame. The same object every time, so don't change it."""
    answers, events = DOORS[door]
    kinds: list[type[Data]] = [*answers, *answers.values(), *events]
    every: list[type[BaseModel]] = [*kinds, Refusal]
    models: list[tuple[type[BaseModel], Literal["serialization"]]] = [(it, "serialization") for it in every]
    _, shared = models_json_schema(models, ref_template="#/$defs/{model}")
    definitions = {name: _without_titles(definition) for name, definition in shared["$defs"].items()}
    for kind in kinds:
        definitions[_frame_name(kind)] = _frame(kind, request=kind in answers)
    definitions["ErrorFrame"] = _error()
    told = [*answers.values(), *events]
    definitions["ClientFrame"] = {"oneOf": [_ref(kind) for kind in answers]}
    definitions["ServerFrame"] = {"oneOf": [*(_ref(kind) for kind in told), {"$ref": "#/$defs/ErrorFrame"}]}
    return {
        "$schema": SCHEMA,
        "title": f"{door.capitalize()}Frames",
        "description": f"What crosses the {door} socket. A client sends a ClientFrame, the server a ServerFrame.",
        "oneOf": [{"$ref": "#/$defs/ClientFrame"}, {"$ref": "#/$defs/ServerFrame"}],
        "$defs": dict(sorted(definitions.items())),
    }


def _without_titles(definition: dict[str, Any]) -> dict[str, Any]:
    """pydantic gives each field a title, its own name once more, and generators would make a type of each."""
    properties: dict[str, dict[str, Any]] = definition.get("properties", {})
    fields = {name: {k: v for k, v in field.items() if k != "title"} for name, field in properties.items()}
    return {key: value for key, value in definition.items() if key != "title"} | (
        {"properties": fields} if fields else {}
    )


def _frame_name(kind: type[Data]) -> str:
    return f"{kind.__name__}Frame"


def _ref(kind: type[Data]) -> dict[str, str]:
    return {"$ref": f"#/$defs/{_frame_name(kind)}"}


def _frame(kind: type[Data], *, request: bool) -> dict[str, Any]:
    properties: dict[str, Any] = {"type": {"const": kind.type}, "id": _ID, "ts": _TS}
    if not request:
        properties["seq"] = _SEQ
    properties["data"] = {"$ref": f"#/$defs/{kind.__name__}"}
    needed = [] if request and not _needs_data(kind) else ["data"]
    return {
        "type": "object",
        "properties": properties,
        "required": ["type", *needed, *([] if request else ["ts"])],
        "additionalProperties": False,
    }


def _needs_data(kind: type[Data]) -> bool:
    return any(field.is_required() for field in kind.model_fields.values())


def _error() -> dict[str, Any]:
    return {
        "type": "object",
        "description": "A request was not done. Without `id` if the frame could not be read.",
        "properties": {"type": {"const": "error"}, "id": _ID, "ts": _TS, "error": {"$ref": "#/$defs/Refusal"}},
        "required": ["type", "ts", "error"],
        "additionalProperties": False,
    }


def text(door: str) -> str:
    return json.dumps(document(door), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    Path(sys.argv[2]).write_text(text(sys.argv[1]), encoding="utf-8")
