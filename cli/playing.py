"""Hearing and keeping a track: ffplay if it is installed, and the MP3 as a file."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import httpx

from cli.errors import Refused, Unreachable
from cli.http_calls import problem_of
from cli.loopback import dialable
from cli.wire import Ticket, Track


def ffplay_command(ticket: Ticket, track: Track, ffplay: str = "ffplay") -> list[str]:
    """The argument list that plays `track` at its release loudness, without a window.

    ffplay can't renew a ticket: a track that outlasts it is played from the MP3, which is a single request.
    """
    outlasts = (track.duration_ms or 0) / 1000 > ticket.renew_after_s
    url, host = dialable(ticket.download_url if outlasts and ticket.download_url else ticket.hls_url)
    headers = ["-headers", f"Host: {host}\r\n"] if host else []
    gain = ["-af", f"volume={ticket.gain_db:.2f}dB"] if ticket.gain_db else []
    return [ffplay, "-hide_banner", "-loglevel", "error", "-stats", "-nodisp", "-autoexit", *headers, *gain, url]


def play(ticket: Ticket, track: Track) -> None:
    """Returns at the end of the track; Refused if there is no ffplay or it fails."""
    ffplay = shutil.which("ffplay")
    if ffplay is None:
        raise Refused("ffplay is not installed (it comes with ffmpeg). Open the URL in another player.")
    code = subprocess.run(ffplay_command(ticket, track, ffplay), check=False).returncode
    if code != 0:
        raise Refused(f"ffplay could not play the stream (exit code {code}).")


def download(client: httpx.Client, url: str, target: Path, *, progress: Callable[[int, int | None], None]) -> int:
    """Saves `url` as `target` and returns its size; nothing is left behind when it fails."""
    partial = target.with_name(f".{target.name}.part")
    try:
        with client.stream("GET", url) as response:
            if not response.is_success:
                response.read()
                raise problem_of(response)
            announced = response.headers.get("Content-Length")
            total = int(announced) if announced else None
            size = _write(response, partial, lambda done: progress(done, total))
        if total is not None and size != total:
            raise Unreachable("The download ended too early.")
        partial.replace(target)
    except httpx.TransportError as error:
        raise Unreachable(f"The download broke off: {error}") from error
    finally:
        partial.unlink(missing_ok=True)
    return size


def _write(response: httpx.Response, path: Path, progress: Callable[[int], None]) -> int:
    size = 0
    with path.open("wb") as file:
        for chunk in response.iter_bytes(256 * 1024):
            file.write(chunk)
            size += len(chunk)
            progress(size)
    return size


def safe_name(title: str, ending: str) -> str:
    """A file name that is no path and nothing hidden."""
    kept = "".join(c if c.isprintable() and c not in '/\\:*?"<>|' else "_" for c in title).strip(" .")
    return f"{kept[:120] or 'track'}{ending}"
