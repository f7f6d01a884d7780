"""`make invoke`: one deployed function, one event, its answer and what it logged."""

import base64
import json
import time
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from dev.endpoint import Endpoint
from dev.outputs import read_outputs
from dev.paths import EVENTS, ROOT
from dev.problem import Problem
from dev.steps import console


def load_event(text: str, outputs: dict[str, Any]) -> dict[str, Any]:
    """The event of a file; `${Name}` in it stands for a stack output of that name, so events fit every stage."""
    for name, value in outputs.items():
        if isinstance(value, str):
            text = text.replace(f"${{{name}}}", value)
    event: dict[str, Any] = json.loads(text)
    return event


def invoke(function: str, event_file: str) -> bool:
    """Runs the function and prints its answer; False if it failed."""
    if not function or not event_file:
        samples = sorted(str(path.relative_to(ROOT)) for path in EVENTS.glob("*.json"))
        raise Problem(
            "Which function, and which event?",
            hint="make invoke FN=scan EVENT=events/inbound/….json",
            detail="Events that are there:\n" + "\n".join(f"  {sample}" for sample in samples),
        )
    outputs = read_outputs()
    try:
        event = load_event(Path(event_file).read_text(), outputs)
    except FileNotFoundError:
        raise Problem(f"There is no {event_file}.", hint="`make invoke` lists the events that are there.") from None
    except ValueError as error:
        raise Problem(f"{event_file} is not JSON: {error}") from error
    name = f"veza-{outputs['stage']}-{function}"
    started = time.monotonic()
    try:
        answer = (
            Endpoint(outputs["endpoint_url"])
            .aws("lambda")
            .invoke(FunctionName=name, Payload=json.dumps(event).encode(), LogType="Tail")
        )
    except ClientError as error:
        raise Problem(f"{name} can't be invoked: {error}", hint="`make status` lists the functions.") from error
    return _show(name, answer, time.monotonic() - started)


def _show(name: str, answer: dict[str, Any], seconds: float) -> bool:
    failed = answer.get("FunctionError")
    colour, word = ("red", "failed") if failed else ("green", "answered")
    console.print(f"[bold]{name}[/] [{colour}]{word}[/] after {seconds * 1000:.0f} ms")
    body = answer["Payload"].read().decode()
    try:
        console.print_json(body)
    except ValueError:
        console.print(body, markup=False)
    if logged := base64.b64decode(answer.get("LogResult", "")).decode(errors="replace").strip():
        console.print("\n[dim]log[/]")
        console.print(logged, markup=False, style="dim")
    return not failed
