"""The commands behind the Makefile."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from dev.engine import local_engine
from dev.problem import Problem
from dev.steps import console, errors

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False)
Stage = Annotated[str, typer.Option(help="local, localstack or aws")]


def _end(well: bool) -> None:
    raise typer.Exit(0 if well else 1)


@app.command()
def up() -> None:
    """Start the engine, deploy what changed, make the demo account."""
    from dev.up import up as bring_up

    bring_up(local_engine())


@app.command()
def down() -> None:
    """Stop the engine; its state stays."""
    from dev.exclusive import alone

    with alone(console.print):
        stopped = local_engine().stop()
    console.print("Down; `make up` goes on where it was." if stopped else "It was not running.")


@app.command()
def reset() -> None:
    """Stop the engine and delete all it knows."""
    from dev.exclusive import alone
    from dev.paths import OUTPUTS

    with alone(console.print):
        local_engine().erase()
        OUTPUTS.unlink(missing_ok=True)
    console.print("Everything in the local cloud is gone; `make up` starts afresh.")


@app.command()
def audit() -> None:
    """Whether an advisory names a version that is locked here; exit code 1 if one does."""
    from dev.audit import audit as compare

    _end(compare())


@app.command()
def status(as_json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """The health of every part; exit code 1 if one is not well."""
    from dev.status import report, show

    _end(show(report(local_engine()), as_json=as_json))


@app.command()
def doctor() -> None:
    """What this machine lacks."""
    from dev.doctor import examine, show

    _end(show(examine(local_engine())))


@app.command()
def logs(fn: str | None = None, follow: bool = False) -> None:
    """What the functions said."""
    from dev.logs import show_logs

    show_logs(fn, follow=follow)


@app.command()
def demo(file: Path | None = None) -> None:
    """From upload to playback."""
    from dev.demo import demo as perform

    _end(perform(file))


@app.command()
def invoke(fn: str = "", event: str = "") -> None:
    """Run one function on one event."""
    from dev.invoke import invoke as call

    _end(call(fn, event))


@app.command()
def redrive(queue: str = "") -> None:
    """Put dead letters back to work."""
    from dev.redrive import redrive as put_back

    put_back(queue)


@app.command()
def grant(email: str = "", role: str = "", stage: Stage = "local") -> None:
    """Give an account a role."""
    from dev.grant import grant as give

    give(email, role, stage=stage)


@app.command()
def deploy(stage: Stage = "local", cdk: Annotated[str, typer.Option(help="more for cdk, to AWS")] = "") -> None:
    """Deploy a change."""
    from dev.deploy import deploy_aws, deploy_local
    from dev.localstack import deploy_to_localstack

    if stage == "local":
        deploy_local(local_engine())
    elif stage == "localstack":
        deploy_to_localstack()
    else:
        deploy_aws(stage, cdk)


@app.command()
def synth(stage: Stage = "local") -> None:
    """Write the templates of a stage."""
    from dev.deploy import synth as synthesize

    synthesize(stage)


@app.command()
def localstack() -> None:
    """Deploy to a running LocalStack."""
    from dev.localstack import deploy_to_localstack

    deploy_to_localstack()


@app.command()
def definitions() -> None:
    """Fetch the official virus definitions, test them, publish them."""
    from dev.refresh import refresh_definitions

    refresh_definitions()


@app.command("test", context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def prove(context: typer.Context, which: str) -> None:
    """Run the tests: `quick` (unit and contract), `all`, or `faults` (at length); what follows goes to pytest."""
    from dev import proof

    _end(proof.prove(proof.ROUNDS[which], extra=context.args))


def main() -> None:
    try:
        app()
    except Problem as problem:
        errors.print(f"\n[bold red]✗[/] {escape(problem.message)}")
        if problem.detail:
            errors.print(f"\n[dim]{escape(problem.detail)}[/]\n")
        if problem.hint:
            errors.print(f"  [yellow]→[/] {escape(problem.hint)}")
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
