"""The contract as one readable page: plain HTML made from the OpenAPI document, with nothing fetched from anywhere."""

import base64
import hashlib
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any, Final

Json = Mapping[str, Any]
_STYLE: Final = """
:root { color-scheme: light dark; --line: #8884; --soft: #8881 }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 0 auto; padding: 1.5rem }
code, .path { font-family: ui-monospace, monospace; font-size: .92em }
details { border: 1px solid var(--line); border-radius: .5rem; margin: .5rem 0; padding: .5rem .8rem }
summary { cursor: pointer } .method { display: inline-block; min-width: 4.2rem; font-weight: 700 }
table { border-collapse: collapse; width: 100%; margin: .4rem 0 }
td, th { text-align: left; vertical-align: top; padding: .25rem .5rem; border-top: 1px solid var(--line) }
th { background: var(--soft) } h2 { margin-top: 2.2rem; text-transform: capitalize }
"""
_STYLE_HASH: Final = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
CONTENT_SECURITY_POLICY: Final = f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; frame-ancestors 'none'"
"""This very style and no other (CSP level 3, §6.7.3.3)."""


def render(document: Json) -> str:
    info = document["info"]
    body = "".join(_areas(document))
    shapes = "".join(_schema(name, schema) for name, schema in document["components"]["schemas"].items())
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(info['title'])}</title><style>{_STYLE}</style></head><body>"
        f"<h1>{escape(info['title'])} {escape(info['version'])}</h1>"
        f"<p>{_prose(info.get('description', ''))}</p>"
        '<p>For programs: <a href="openapi.json">openapi.json</a></p>'
        f"{body}<h2>Shapes</h2>{shapes}</body></html>"
    )


def _areas(document: Json) -> Iterator[str]:
    area = None
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            tag = operation.get("tags", ["other"])[0]
            if tag != area:
                area = tag
                yield f"<h2>{escape(tag)}</h2>"
            yield _operation(path, method, operation)


def _operation(path: str, method: str, operation: Json) -> str:
    needed = operation.get("security", [])
    lock = " · signed in" if needed and {} not in needed else ""
    rows = "".join(_parameter(parameter) for parameter in operation.get("parameters", []))
    body = operation.get("requestBody", {}).get("content", {})
    answers = "".join(
        f"<tr><td>{escape(status)}</td><td>{_content(answer.get('content', {}))}</td>"
        f"<td>{_prose(answer['description'])}</td></tr>"
        for status, answer in operation["responses"].items()
    )
    return (
        f'<details id="{escape(operation["operationId"])}"><summary><span class="method">{method.upper()}</span>'
        f'<span class="path">{escape(path)}</span>{lock}</summary><p>{_prose(operation.get("description", ""))}</p>'
        + (f"<table><tr><th>Parameter</th><th>Type</th><th></th></tr>{rows}</table>" if rows else "")
        + (f"<p>Body: {_content(body)}</p>" if body else "")
        + f"<table><tr><th>Status</th><th>Answer</th><th></th></tr>{answers}</table></details>"
    )


def _parameter(parameter: Json) -> str:
    return (
        f"<tr><td><code>{escape(parameter['name'])}</code> in {escape(parameter['in'])}</td>"
        f"<td>{_type(parameter['schema'])}</td><td>{_prose(parameter.get('description', ''))}</td></tr>"
    )


def _schema(name: str, schema: Json) -> str:
    needed = schema.get("required", [])
    rows = "".join(
        f"<tr><td><code>{escape(field)}</code>{' *' if field in needed else ''}</td>"
        f"<td>{_type(shape)}</td><td>{_prose(shape.get('description', ''))}</td></tr>"
        for field, shape in schema.get("properties", {}).items()
    )
    table = f"<table><tr><th>Field</th><th>Type</th><th></th></tr>{rows}</table>" if rows else _type(schema)
    return (
        f'<details id="schema-{escape(name)}"><summary><code>{escape(name)}</code></summary>'
        f"<p>{_prose(schema.get('description', ''))}</p>{table}</details>"
    )


def _content(content: Json) -> str:
    return ", ".join(f"{_type(kind.get('schema', {}))}" for kind in content.values()) or "nothing"


def _type(shape: Json) -> str:
    """A type in words, with links to the shapes that have a name."""
    if "$ref" in shape:
        name = escape(shape["$ref"].rpartition("/")[2])
        return f'<a href="#schema-{name}">{name}</a>'
    for several in ("anyOf", "oneOf"):
        if several in shape:
            return " or ".join(_type(one) for one in shape[several])
    if "enum" in shape:
        return " or ".join(f"<code>{escape(str(value))}</code>" for value in shape["enum"])
    if "const" in shape:
        return f"<code>{escape(str(shape['const']))}</code>"
    if shape.get("type") == "array":
        return f"list of {_type(shape.get('items', {}))}"
    return escape(" ".join(filter(None, (shape.get("type", "anything"), shape.get("format", "")))))


def _prose(text: str) -> str:
    """Escaped text in which `backticks` are code."""
    pieces = escape(text).split("`")
    return "".join(piece if index % 2 == 0 else f"<code>{piece}</code>" for index, piece in enumerate(pieces))
