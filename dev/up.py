"""`make up`: from nothing, or from wherever the last run was killed, to a running stack. Steps check, then act."""

import time
from dataclasses import asdict

import httpx

from cli.http_calls import open_client
from dev import definitions, stack
from dev.account import DEMO, AccountDoor
from dev.endpoint import Endpoint
from dev.engine import Engine
from dev.exclusive import alone
from dev.outputs import read_outputs, write_outputs
from dev.paths import HOME, OUTPUTS
from dev.stack import Deployment
from dev.steps import Note, console, facts, step

STAGE = "local"
COLD_START_TIMEOUT = httpx.Timeout(120.0, connect=5.0)
"""The first call of a function unpacks and imports it, on a busy machine for a while."""


def up(engine: Engine) -> None:
    """Brings everything up and prints what to open. A Problem says what went wrong."""
    started = time.monotonic()
    console.print("\n[bold]Veza[/], the whole cloud on this machine\n")
    with alone(lambda text: console.print(f"  [yellow]…[/] {text}")) as lock:
        held = (lock,)
        with step("Engine") as note:
            _start(engine, note)
        endpoint = Endpoint(engine.endpoint_url)
        outputs = _deploy(engine, endpoint, held)
        _finish(engine, endpoint, outputs)
    _invite(time.monotonic() - started)


def _start(engine: Engine, note: Note) -> None:
    begun = engine.start()
    health = engine.health() or {}
    note(f"MiniStack {health.get('version', '?')} {'started' if begun else 'is running'} on port {engine.port}")


def _deploy(engine: Engine, endpoint: Endpoint, held: tuple[int, ...]) -> stack.Outputs:
    """Outputs of the deployed stacks, after a bootstrap and a deploy only if something is missing or has changed."""
    work, record = engine.home / "cdk", engine.home / "deployed.json"
    with step("CDK bootstrap") as note:
        if stack.bootstrapped(endpoint):
            note("done before")
        else:
            stack.bootstrap(endpoint, work, keep=held)
            note("bucket and roles made")
    with step("Deploy") as note:
        code, rest = stack.current(endpoint)
        last = Deployment.load(record)
        if (
            last is not None
            and (last.code, last.rest) == (code, rest)
            and stack.stacks_complete(endpoint, last.outputs)
        ):
            note(f"{len(last.outputs)} stacks, nothing changed")
            return last.outputs
        record.unlink(missing_ok=True)
        outputs = stack.deploy(endpoint, work, stage=STAGE, note=note, keep=held)
        engine.checkpoint()
        Deployment(code=code, rest=rest, outputs=outputs).save(record)
        note(f"{len(outputs)} stacks: {', '.join(name.removesuffix(f'-{STAGE}') for name in outputs)}")
        return outputs


def _finish(engine: Engine, endpoint: Endpoint, outputs: stack.Outputs) -> None:
    known: dict[str, object] = {**stack.addresses(outputs, engine.endpoint_url), "stage": STAGE}
    # Before the account is made: if that goes wrong, `make logs` and `make status` must know where to look.
    write_outputs(known, outputs)
    with step("Virus definitions") as note:
        result = definitions.ensure_builtin(endpoint.aws("s3"), stack.flat(outputs)["DefinitionsBucket"])
        note(f"{result.manifest.version}, {'self-tested, published' if result.new else 'in place'}")
    with step("Demo account") as note, open_client(COLD_START_TIMEOUT) as http:
        _, made = AccountDoor(http, str(known["api_url"]), engine.endpoint_url).ensure(DEMO)
        note(f"{DEMO.email}, {'registered and verified' if made else 'in place'}")
    with step("Addresses") as note:
        write_outputs({**known, "demo": asdict(DEMO)}, outputs)
        engine.checkpoint()
        note(f"written to {OUTPUTS.relative_to(HOME.parent)}")


def _invite(seconds: float) -> None:
    outputs = read_outputs()
    console.print(f"\n[bold green]Up[/] after {seconds:.1f} s\n")
    facts(
        [
            ("open", f"[bold cyan]{outputs['app_url']}[/]"),
            ("sign in", f"{DEMO.email}  [dim]password[/]  {DEMO.password}"),
            ("API", outputs["api_url"]),
            ("API docs", f"{outputs['app_url']}/api/v1/docs"),
            ("mail", f"{outputs['endpoint_url']}/_ministack/ses/messages"),
        ]
    )
    console.print("\nTry")
    facts(
        [
            ("music", "[bold]make demo[/]  a piece from upload to playback"),
            ("your own", "[bold].venv/bin/veza login[/], then [bold].venv/bin/veza upload song.flac[/]"),
            ("look", "[bold]make status[/], [bold]make logs[/], [bold]make help[/]"),
        ]
    )
    console.print()
