"""`make status`: the health of every part, for people and for programs."""

import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from typing import Any

import httpx
from botocore.exceptions import BotoCoreError, ClientError
from rich.markup import escape

from cli.http_calls import open_client
from dev import definitions
from dev.endpoint import Endpoint
from dev.engine import Engine
from dev.outputs import read_outputs
from dev.problem import Problem
from dev.steps import console

DEAD_LETTERS = "-dead-letters"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One thing that works or does not. `facts` are for programs; `detail` says it to people."""

    kind: str
    name: str
    ok: bool
    detail: str
    facts: dict[str, str | int | float | bool | None] = field(default_factory=dict)


def report(engine: Engine) -> list[Part]:
    """Every part, asked at the same time. If the engine is down, there is nothing else to ask."""
    running = _engine(engine)
    if not running.ok:
        return [running]
    try:
        outputs = read_outputs()
    except Problem as problem:
        return [running, Part(kind="stack", name="stacks", ok=False, detail=f"{problem.message} {problem.hint}")]
    endpoint = Endpoint(engine.endpoint_url)
    questions: list[Callable[[], list[Part]]] = [
        lambda: [_api(outputs)],
        lambda: _functions(endpoint, outputs["stage"]),
        lambda: _queues(endpoint, outputs["stage"]),
        lambda: [_definitions(endpoint, outputs)],
    ]
    with ThreadPoolExecutor(max_workers=len(questions)) as pool:
        return [running, *(part for answer in pool.map(lambda ask: ask(), questions) for part in answer)]


def _engine(engine: Engine) -> Part:
    pid, health = engine.pid(), engine.health()
    if pid is None or health is None:
        detail = "not running: `make up`" if health is None else f"port {engine.port} belongs to another MiniStack"
        return Part(kind="engine", name="MiniStack", ok=False, detail=detail, facts={"port": engine.port})
    facts: dict[str, str | int | float | bool | None] = {
        "port": engine.port,
        "pid": pid,
        "version": str(health.get("version")),
    }
    detail = f"{health.get('version')}, port {engine.port}, pid {pid}"
    return Part(kind="engine", name="MiniStack", ok=True, detail=detail, facts=facts)


def _api(outputs: dict[str, Any]) -> Part:
    """/readyz names the part that failed itself; what it says is passed on."""
    started = time.monotonic()
    try:
        with open_client(httpx.Timeout(30.0, connect=2.0)) as http:
            answer = http.get(f"{outputs['api_url']}/readyz")
    except httpx.TransportError as error:
        return Part(kind="api", name="readyz", ok=False, detail=f"no answer: {error}", facts={"status": None})
    spent = int((time.monotonic() - started) * 1000)
    detail = f"{answer.status_code} in {spent} ms"
    if not answer.is_success:
        detail += f": {_why(answer)}"
    facts: dict[str, str | int | float | bool | None] = {"status": answer.status_code, "ms": spent}
    return Part(kind="api", name="readyz", ok=answer.is_success, detail=detail, facts=facts)


def _why(answer: httpx.Response) -> str:
    try:
        body = answer.json()
    except ValueError:
        return answer.text[:200]
    checks = body.get("checks") if isinstance(body, dict) else None
    return json.dumps(checks if checks else body)[:300]


def _functions(endpoint: Endpoint, stage: str) -> list[Part]:
    prefix = f"veza-{stage}-"
    pages = endpoint.aws("lambda").get_paginator("list_functions").paginate()
    found = {f["FunctionName"]: f for page in pages for f in page["Functions"] if f["FunctionName"].startswith(prefix)}
    if not found:
        return [Part(kind="function", name="functions", ok=False, detail="none is deployed: `make up`")]
    return [_function(name.removeprefix(prefix), found[name]) for name in sorted(found)]


def _function(name: str, config: dict[str, Any]) -> Part:
    state, update = config.get("State", "Active"), config.get("LastUpdateStatus", "Successful")
    ok = state == "Active" and update == "Successful"
    detail = f"{state}, {config['MemorySize']} MB, {config['Timeout']} s"
    if update != "Successful":
        detail += f", last update {update}"
    facts: dict[str, str | int | float | bool | None] = {
        "state": state,
        "last_update": update,
        "modified": config["LastModified"],
    }
    return Part(kind="function", name=name, ok=ok, detail=detail, facts=facts)


def _queues(endpoint: Endpoint, stage: str) -> list[Part]:
    sqs = endpoint.aws("sqs")
    pages = sqs.get_paginator("list_queues").paginate(QueueNamePrefix=f"veza-{stage}-")
    urls = [url for page in pages for url in page.get("QueueUrls", [])]
    return [_queue(sqs, url, stage) for url in sorted(urls)]


def _queue(sqs: Any, url: str, stage: str) -> Part:
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    numbers = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    waiting, working = (int(numbers.get(name, 0)) for name in names)
    name = url.rsplit("/", 1)[-1].removeprefix(f"veza-{stage}-")
    dead = name.endswith(DEAD_LETTERS)
    detail = f"{waiting} dead letters" if dead else f"{waiting} waiting, {working} in work"
    facts: dict[str, str | int | float | bool | None] = {"waiting": waiting, "in_work": working, "dead_letters": dead}
    return Part(kind="queue", name=name, ok=not (dead and waiting), detail=detail, facts=facts)


def _definitions(endpoint: Endpoint, outputs: dict[str, Any]) -> Part:
    try:
        manifest = definitions.published(endpoint.aws("s3"), outputs["DefinitionsBucket"])
    except (BotoCoreError, ClientError, ValueError) as error:
        return Part(kind="definitions", name="virus definitions", ok=False, detail=f"can't be read: {error}")
    if manifest is None:
        return Part(kind="definitions", name="virus definitions", ok=False, detail="none published: `make up`")
    age_h = (time.time() - manifest.built_at) / 3600
    detail = f"{manifest.version}, {manifest.signatures} signatures, {age_h:.1f} h old"
    facts: dict[str, str | int | float | bool | None] = {
        "version": manifest.version,
        "source": manifest.source,
        "signatures": manifest.signatures,
        "age_h": round(age_h, 2),
    }
    # A builtin set has no news to miss; how old an official one may be is the stage's decision, readyz tells it.
    return Part(kind="definitions", name="virus definitions", ok=True, detail=detail, facts=facts)


def show(parts: list[Part], *, as_json: bool) -> bool:
    """Prints the report; True if every part is well."""
    well = all(part.ok for part in parts)
    if as_json:
        print(json.dumps({"ok": well, "parts": [asdict(part) for part in parts]}, indent=2))
        return well
    previous = ""
    for part in parts:
        mark = "[green]●[/]" if part.ok else "[red]●[/]"
        kind = part.kind if part.kind != previous else ""
        console.print(f"  {mark} [dim]{kind:<12}[/] {part.name:<24} {escape(part.detail)}")
        previous = part.kind
    bad = sum(not part.ok for part in parts)
    console.print(f"\n{'[green]All well.[/]' if well else f'[red]{bad} not well.[/]'}")
    return well
