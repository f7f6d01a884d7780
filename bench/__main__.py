"""The benches: `python -m bench all|NAME|report`; `--quick` to see that they work."""

import sys
from collections.abc import Sequence
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from bench import cost, enumeration, longest, pipeline, report, scan, sockets, throughput
from bench.results import Results
from dev.problem import Problem

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False)
console = Console(highlight=False, width=None if sys.stdout.isatty() else 140)
errors = Console(stderr=True, highlight=False)
Quick = Annotated[bool, typer.Option("--quick", help="Short files, few of them; results go below .veza/bench.")]
Pieces = Annotated[list[str] | None, typer.Option("--piece", help="Only pieces with this in their name.")]
QUICK_SCAN_MB = (1, 10)


@app.command("all")
def everything(quick: Quick = False) -> None:
    """All benches, one after the other, and the report."""
    for each in (_scan, _pipeline, _throughput, _longest, _cost, _enumeration, _sockets):
        each(Results(quick))
    report.show(Results(quick), console)


@app.command("pipeline")
def pipeline_bench(quick: Quick = False, piece: Pieces = None) -> None:
    """Time to playable and ready, beside a sequential baseline and one hand-tuned ffmpeg."""
    _pipeline(Results(quick), piece or ())
    report.show(Results(quick), console, (pipeline.NAME,))


@app.command("scan")
def scan_bench(quick: Quick = False) -> None:
    """How fast files are hashed, sniffed and scanned."""
    _scan(Results(quick))


@app.command("throughput")
def throughput_bench(quick: Quick = False) -> None:
    """A hundred tracks through the pipeline."""
    _throughput(Results(quick))
    report.show(Results(quick), console, (throughput.NAME,))


@app.command("longest")
def longest_bench(quick: Quick = False) -> None:
    """Six hours of audio, and how near its calls come to Lambda's limits."""
    _longest(Results(quick))
    report.show(Results(quick), console, (longest.NAME,))


@app.command("cost")
def cost_bench(quick: Quick = False) -> None:
    """Dollars for a thousand tracks."""
    _cost(Results(quick))
    report.show(Results(quick), console, (cost.NAME,))


@app.command("ws")
def sockets_bench(quick: Quick = False) -> None:
    """How fast a message is with everybody in a room, and what sockets cost."""
    _sockets(Results(quick))
    report.show(Results(quick), console, (sockets.NAME,))


@app.command("enumeration")
def enumeration_bench(quick: Quick = False) -> None:
    """Whether the time of an answer tells who has an account."""
    _enumeration(Results(quick))
    report.show(Results(quick), console, (enumeration.NAME,))


@app.command("report")
def report_again(quick: Quick = False) -> None:
    """The tables and docs/benchmarks.md once more, from the results."""
    report.write(Results(quick))
    report.show(Results(quick), console)


def _pipeline(results: Results, named: Sequence[str] = ()) -> None:
    """Named pieces take the place of what was measured of them before; without names all is new."""
    plan = pipeline.chosen(pipeline.QUICK if results.quick else pipeline.FULL, named)
    before = results.load(pipeline.NAME) if named else None
    for piece in pipeline.run(plan, console):
        before = pipeline.merged(before, piece)
        results.save(pipeline.NAME, before)
        report.write(results)


def _scan(results: Results) -> None:
    if results.quick:
        console.print(scan.table(scan.run(QUICK_SCAN_MB)))
    else:
        scan.main()
        report.write(results)


def _throughput(results: Results) -> None:
    results.save(throughput.NAME, throughput.run(throughput.QUICK if results.quick else throughput.FULL, console))
    report.write(results)


def _longest(results: Results) -> None:
    results.save(longest.NAME, longest.run(longest.QUICK if results.quick else longest.FULL, console))
    report.write(results)


def _cost(results: Results) -> None:
    results.save(cost.NAME, cost.run(cost.QUICK if results.quick else cost.FULL, console))
    report.write(results)


def _sockets(results: Results) -> None:
    results.save(sockets.NAME, sockets.run(sockets.QUICK if results.quick else sockets.FULL, console))


def _enumeration(results: Results) -> None:
    results.save(enumeration.NAME, enumeration.run(enumeration.QUICK if results.quick else enumeration.FULL, console))
    report.write(results)


def main() -> None:
    try:
        app()
    except Problem as problem:
        errors.print(f"\n[bold red]✗[/] {escape(problem.message)}")
        for more in (problem.detail, problem.hint):
            if more:
                errors.print(f"  {escape(more)}")
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
