"""`make logs`: what the functions said, oldest first, one readable line per event."""

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError
from rich.markup import escape

from dev.endpoint import Endpoint
from dev.outputs import read_outputs
from dev.problem import Problem
from dev.steps import console

LAST = 200
POLL_S = 1.0
_PLUMBING = ("START RequestId", "END RequestId", "REPORT RequestId", "INIT_START")
_SHOWN_ELSEWHERE = frozenset({"level", "message", "timestamp", "service", "location"})
_ROUTINE = frozenset(
    {"cold_start", "function_arn", "function_memory_size", "function_name", "function_request_id", "xray_trace_id"}
)
_COLOURS = {"ERROR": "red", "CRITICAL": "red", "WARNING": "yellow"}


def show_logs(function: str | None, *, follow: bool) -> None:
    """Prints the newest lines of one function or of all; with `follow`, goes on until interrupted."""
    outputs = read_outputs()
    client = Endpoint(outputs["endpoint_url"]).aws("logs")
    groups = _groups(client, outputs["stage"], function)
    seen_until, seen = 0, set[str]()
    while True:
        events = sorted(
            (event for group in groups for event in _events(client, group, seen_until)), key=lambda e: e["timestamp"]
        )
        for event in events[-LAST:] if seen_until == 0 else events:
            if _key(event) not in seen and (line := readable(event["message"], event["timestamp"], event["fn"])):
                console.print(line)
        seen = {_key(event) for event in events}
        seen_until = max((event["timestamp"] for event in events), default=seen_until)
        if not follow:
            return
        time.sleep(POLL_S)


def _groups(client: Any, stage: str, function: str | None) -> list[str]:
    prefix = f"/aws/lambda/veza-{stage}-"
    pages = client.get_paginator("describe_log_groups").paginate(logGroupNamePrefix=prefix)
    names = [group["logGroupName"] for page in pages for group in page["logGroups"]]
    if function is None:
        return names
    if f"{prefix}{function}" not in names:
        known = ", ".join(name.removeprefix(prefix) for name in names) or "none"
        raise Problem(f"There is no function called {function!r}.", hint=f"Functions that have a log: {known}.")
    return [f"{prefix}{function}"]


def _events(client: Any, group: str, since_ms: int) -> Iterator[dict[str, Any]]:
    function = group.rsplit("/", 1)[-1].split("-", 2)[-1]
    try:
        for page in client.get_paginator("filter_log_events").paginate(logGroupName=group, startTime=since_ms):
            for event in page["events"]:
                yield {**event, "fn": function}
    except ClientError as error:
        raise Problem(f"The log of {function} can't be read: {error}") from error


def _key(event: dict[str, Any]) -> str:
    """What makes an event the same one again; MiniStack gives it no id."""
    return str(event.get("eventId") or f"{event['fn']} {event['timestamp']} {event['message']}")


def readable(message: str, timestamp_ms: int, function: str) -> str | None:
    """A log line as markup: time, function, event, fields; None for the runtime's own START, END and REPORT."""
    message = message.strip()
    if not message or message.startswith(_PLUMBING):
        return None
    clock = datetime.fromtimestamp(timestamp_ms / 1000, tz=UTC).astimezone().strftime("%H:%M:%S.%f")[:-3]
    head = f"[dim]{clock}[/] [cyan]{function:<13}[/] "
    try:
        entry = json.loads(message)
    except ValueError:
        return head + escape(message)
    if not isinstance(entry, dict):
        return head + escape(message)
    if "_aws" in entry:  # a metric in CloudWatch's embedded format
        return None
    colour = _COLOURS.get(str(entry.get("level")), "default")
    fields = {key: value for key, value in entry.items() if key not in _SHOWN_ELSEWHERE | _ROUTINE}
    trace = fields.pop("exception", None)
    said = " ".join(f"[dim]{escape(key)}=[/]{escape(_short(value))}" for key, value in fields.items())
    line = f"{head}[{colour}]{escape(_short(entry.get('message', '')))}[/] {said}".rstrip()
    return f"{line}\n[red]{escape(str(trace))}[/]" if trace else line


def _short(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))
