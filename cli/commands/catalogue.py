"""veza tracks · show · stream"""

from itertools import islice
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.progress import DownloadColumn, Progress, TimeRemainingColumn, TransferSpeedColumn

from cli.desk import Desk
from cli.errors import Refused
from cli.playing import download, play, safe_name
from cli.rendering import print_json, track_card, track_table
from cli.wire import Ticket, Track

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
TrackArgument = Annotated[str, typer.Argument(metavar="ID", help="The track's id.")]


def tracks(
    ctx: typer.Context,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="How many, newest first.")] = 20,
    as_json: AsJson = False,
) -> None:
    """List your tracks, newest first."""
    desk: Desk = ctx.obj
    found = list(islice(desk.api.tracks(), limit))
    if as_json:
        print_json(desk.out, [track.raw for track in found])
    elif found:
        desk.out.print(track_table(found, width=desk.out.width))
    else:
        desk.err.print("No tracks yet. Add one with: [bold]veza upload FILE[/]")


def show(ctx: typer.Context, track_id: TrackArgument, as_json: AsJson = False) -> None:
    """Show everything about one track."""
    desk: Desk = ctx.obj
    track = desk.api.track(track_id)
    if as_json:
        print_json(desk.out, track.raw)
    else:
        desk.out.print(track_card(track))


def stream(
    ctx: typer.Context,
    track_id: TrackArgument,
    play_it: Annotated[bool, typer.Option("--play", help="Play it here with ffplay.")] = False,
    download_it: Annotated[bool, typer.Option("--download", help="Save it as an MP3.")] = False,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Where --download saves; default is the title.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Print a track's HLS address (good for some minutes), play it, or save it."""
    desk: Desk = ctx.obj
    track, ticket = desk.api.track(track_id), desk.api.stream(track_id)
    if as_json:
        print_json(desk.out, ticket.raw)
    elif not (play_it or download_it):
        desk.out.print(ticket.hls_url, markup=False)
    if download_it:
        _save(desk, track, ticket, output)
    if play_it:
        desk.err.print(f"[green]▶[/] [bold]{escape(track.title)}[/]  [dim](q to stop)[/]")
        play(ticket, track)


def _save(desk: Desk, track: Track, ticket: Ticket, output: Path | None) -> None:
    if ticket.download_url is None:
        raise Refused("This track can't be downloaded yet.")
    target = output or Path(safe_name(track.title, ".mp3"))
    if target.is_dir():
        target = target / safe_name(track.title, ".mp3")
    columns = (*Progress.get_default_columns()[:2], DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=desk.err, transient=True) as bars:
        row = bars.add_task(escape(target.name), total=None)
        download(
            desk.storage,
            ticket.download_url,
            target,
            progress=lambda done, total: bars.update(row, completed=done, total=total),
        )
    desk.err.print(f"[green]✓[/] {escape(str(target))}")
