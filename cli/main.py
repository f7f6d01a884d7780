"""The entry point: global options, the commands, and the one place where failures become sentences and exit codes."""

import os
import sys
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.text import Text
from typer.core import TyperGroup

from cli.commands import account, catalogue, upload
from cli.desk import Desk, Surroundings
from cli.errors import CommandFailed, ExitCode, Unreachable
from cli.http_calls import own_version


class VezaGroup(TyperGroup):
    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except CommandFailed as failure:
            _explain(failure, verbose=bool(ctx.params.get("verbose")))
            raise typer.Exit(failure.exit_code) from failure
        except KeyboardInterrupt as interrupt:
            Console(stderr=True).print("\nStopped. Run the same command again: only what is missing is sent.")
            raise typer.Exit(ExitCode.INTERRUPTED) from interrupt


app = typer.Typer(
    name="veza",
    cls=VezaGroup,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    help="Upload music to Veza and hear it.",
    epilog="Exit codes: 0 all fine · 1 refused · 2 wrong usage · 3 Veza can't be reached",
)
app.command()(account.login)
app.command()(account.register)
app.command()(account.verify)
app.command()(account.logout)
app.command()(account.whoami)
app.command()(upload.upload)
app.command()(catalogue.tracks)
app.command()(catalogue.show)
app.command()(catalogue.stream)
app.command()(upload.retry)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"veza {own_version()}")
        raise typer.Exit


@app.callback()
def veza(
    ctx: typer.Context,
    api_url: Annotated[
        str | None, typer.Option(help="Where the API is. Else VEZA_API_URL, the local stack, or the last sign-in.")
    ] = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Show request ids with every refusal.")] = False,
    version: Annotated[  # noqa: ARG001 — handled by its callback
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    around = ctx.obj if isinstance(ctx.obj, Surroundings) else Surroundings()
    ctx.obj = Desk(around, api_url=api_url, verbose=verbose)


def _explain(failure: CommandFailed, *, verbose: bool) -> None:
    console = Console(stderr=True, highlight=False)
    console.print(Text.assemble(("✗ ", "red"), failure.detail), soft_wrap=True)
    if failure.request_id and (verbose or isinstance(failure, Unreachable)):
        console.print(Text(f"  request id: {failure.request_id}", style="dim"), soft_wrap=True)


def main() -> None:
    try:
        app()
    except SystemExit as end:
        if end.code == ExitCode.INTERRUPTED:
            # A thread may still wait for an answer; the person already waits for the prompt.
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(ExitCode.INTERRUPTED)
        raise
