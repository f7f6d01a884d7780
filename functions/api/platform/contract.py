"""The OpenAPI document of the whole API, whichever function serves which area.

`docs/openapi.json` holds it; a test compares the two. To write it anew, with functions/ on the path:

    python -m api.platform.contract docs/openapi.json
"""

import json
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

from api.app import create_app
from api.errors import PROBLEM_JSON, Problem
from core.telemetry import get_logger

METHODS: Final = frozenset({"get", "put", "post", "patch", "delete"})
_PROBLEM_REF: Final = {"$ref": "#/components/schemas/Problem"}
_DESCRIPTION: Final = (
    "Errors are `application/problem+json` with a stable `code`. Lists are pages with a cursor. "
    "Unknown fields are refused. Times are ISO 8601 in UTC."
)


@cache
def openapi() -> dict[str, Any]:
    """The document; the same object every time, so don't change it."""
    from api.areas import ALL

    app = create_app(ALL, services=(), logger=get_logger("contract"))
    app.description = _DESCRIPTION
    document: dict[str, Any] = app.openapi()
    for operation in operations(document):
        _refuse_as_problem(operation)
    schemas = document["components"]["schemas"]
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(problem.pop("$defs", {}))
    schemas["Problem"] = problem
    document["components"]["schemas"] = dict(sorted(schemas.items()))
    return document


def operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for path in document["paths"].values():
        yield from (operation for method, operation in path.items() if method in METHODS)


def _refuse_as_problem(operation: dict[str, Any]) -> None:
    """FastAPI announces its own error shape, which never leaves this API."""
    operation["responses"].pop("422", None)
    operation["responses"]["default"] = {
        "description": "Refused, or failed.",
        "content": {PROBLEM_JSON: {"schema": _PROBLEM_REF}},
    }


def text() -> str:
    return json.dumps(openapi(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(text(), encoding="utf-8")
