"""veza upload · retry: files and tracks on their way to `ready`."""

import uuid
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from cli.board import open_board
from cli.desk import Desk
from cli.errors import ExitCode, Misused
from cli.following import follow
from cli.rendering import print_json
from cli.sending import Wish
from cli.uploading import FileOutcome, Uploader, track_verdict, worst_of
from cli.wire import Json


class Visibility(StrEnum):
    PRIVATE = "private"
    UNLISTED = "unlisted"
    PUBLIC = "public"


def upload(
    ctx: typer.Context,
    files: Annotated[
        list[Path], typer.Argument(help="Audio files.", exists=True, dir_okay=False, readable=True, show_default=False)
    ],
    title: Annotated[str | None, typer.Option(help="The track's title (one file only); else the file's name.")] = None,
    visibility: Annotated[Visibility, typer.Option(help="Who may hear it once it is ready.")] = Visibility.PUBLIC,
    connections: Annotated[int, typer.Option(min=1, max=32, help="Parts sent at the same time.")] = 6,
    again: Annotated[bool, typer.Option("--again", help="Make a new track even of a file uploaded before.")] = False,
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Follow the tracks until they can be heard.")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print the outcomes as JSON.")] = False,
) -> None:
    """Upload files and follow them through scan and transcode.

    An upload that was interrupted goes on where it stopped: just run the same command again.
    """
    desk: Desk = ctx.obj
    paths = list({path.resolve(): path for path in files}.values())
    if title is not None and len(paths) > 1:
        raise Misused("--title names one track: upload one file at a time with it.")
    desk.api.signed_in()
    wish = Wish(title=title, visibility=visibility, generation=uuid.uuid4().hex if again else "first")
    with open_board(desk.err) as board:
        uploader = Uploader(
            api=desk.api, sender=desk.sender(connections), board=board, stop=desk.stop, wait_for_end=wait
        )
        outcomes = uploader.upload(paths, wish)
    if as_json:
        print_json(desk.out, [_as_json(outcome) for outcome in outcomes])
    else:
        _summarize(desk, outcomes)
    raise typer.Exit(worst_of(outcomes))


def retry(
    ctx: typer.Context,
    track_id: Annotated[str, typer.Argument(metavar="ID", help="A track that failed.")],
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Follow the track until it can be heard.")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print the track as JSON.")] = False,
) -> None:
    """Try a failed track again, without uploading it again."""
    desk: Desk = ctx.obj
    track = desk.api.retry(track_id)
    if wait:
        with open_board(desk.err) as board:
            row = board.add(track.title)
            track = follow(desk.api, track_id, seen=lambda look: board.seen(row, look), stop=desk.stop)
            board.done(row, track_verdict(track.title, track))
    if as_json:
        print_json(desk.out, track.raw)
    raise typer.Exit(ExitCode.REFUSED if track.ended and track.state != "ready" else ExitCode.OK)


def _as_json(outcome: FileOutcome) -> Json:
    """One file's outcome; `state` is `sent` without --wait and `error` when there is no track to speak of."""
    error, track = outcome.error, outcome.track
    reason: dict[str, str | None] | None = None
    if track is not None and track.reason is not None:
        reason = {"code": track.reason.code, "message": track.reason.message}
    elif error is not None:
        reason = {"code": error.code or "error", "message": error.detail, "request_id": error.request_id or None}
    return {
        "file": str(outcome.path),
        "upload_id": outcome.sent.upload_id if outcome.sent else None,
        "track_id": outcome.sent.track_id if outcome.sent else None,
        "state": "error" if error is not None else track.state if track is not None else "sent",
        "reason": reason,
        "resumed_bytes": outcome.sent.resumed_bytes if outcome.sent else 0,
    }


def _summarize(desk: Desk, outcomes: Sequence[FileOutcome]) -> None:
    ready = [outcome.track for outcome in outcomes if outcome.track is not None and outcome.track.state == "ready"]
    if len(outcomes) > 1:
        desk.err.print(f"{len(ready)} of {len(outcomes)} ready")
    if ready:
        desk.err.print(f"[dim]Hear it with:[/] veza stream {ready[0].id} --play")
    for outcome in outcomes:
        failure = outcome.error
        if failure is not None and failure.request_id and (desk.verbose or failure.exit_code is ExitCode.UNREACHABLE):
            desk.err.print(f"[dim]{outcome.path.name}: request id {failure.request_id}[/]")
