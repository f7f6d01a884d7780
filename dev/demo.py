"""`make demo`: a real file all the way from upload to playback, with the same code the command line `veza` uses."""

import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from cli.api import VezaApi
from cli.credentials import CredentialStore
from cli.durations import byte_size, clock_time
from cli.errors import CommandFailed
from cli.following import follow
from cli.http_calls import API_TIMEOUT, STORAGE_TIMEOUT, open_client
from cli.loopback import dialable
from cli.patience import Patience, Stop
from cli.sending import FileSender, Wish
from cli.storage import Meter
from cli.wire import Ticket, Track
from dev import music, tools
from dev.account import DEMO
from dev.outputs import read_outputs
from dev.paths import HOME
from dev.problem import Problem
from dev.steps import console, facts, step

LISTEN_S = 8
_LEVEL = re.compile(r"(mean|max)_volume: (-?[0-9.]+) dB")


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What came out of the stream: how long, how loud (dBFS), and after how long the first sound was there."""

    seconds: float
    mean_db: float
    peak_db: float
    took_s: float


def demo(file: Path | None) -> bool:
    """Runs it and prints what happened; False if the track did not become ready."""
    outputs = read_outputs()
    path = file if file is not None else _piece()
    if not path.is_file():
        raise Problem(f"There is no file {path}.")
    console.print(f"\n[bold]{path.name}[/]  [dim]{byte_size(path.stat().st_size)}[/]\n")
    try:
        with _signed_in(outputs["api_url"]) as (api, storage):
            track = _upload_and_follow(api, storage, path)
            if track.state != "ready":
                reason = track.reason.message if track.reason else "no reason was given"
                console.print(f"\n[yellow]{track.state}[/]: {reason}\n")
                return False
            ticket = api.stream(track.id)
    except CommandFailed as error:
        raise Problem(error.detail, hint="`make status` shows what is not well.") from error
    heard = listen(ticket)
    _tell(track, ticket, heard)
    return True


def _piece() -> Path:
    """The demo piece, composed once."""
    key = sha256(Path(music.__file__).read_bytes()).hexdigest()[:8]
    path = HOME / "demo" / key / f"{music.TITLE}.flac"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with step("Composing") as note:
            draft = path.with_name(f"draft-{path.name}")
            music.compose(draft, ffmpeg=tools.ffmpeg())
            draft.replace(path)
            note(path.name)
    return path


@contextmanager
def _signed_in(api_url: str) -> Iterator[tuple[VezaApi, httpx.Client]]:
    """The API as the demo account, with credentials of its own: yours stay what they are."""
    patience, stop = Patience(attempts=3), Stop()
    with open_client(API_TIMEOUT) as client, open_client(STORAGE_TIMEOUT) as storage:
        store = CredentialStore(HOME / "demo")
        api = VezaApi(api_url=api_url, client=client, store=store, patience=patience, stop=stop)
        api.login(email=DEMO.email, password=DEMO.password)
        yield api, storage


def _upload_and_follow(api: VezaApi, storage: httpx.Client, path: Path) -> Track:
    sender = FileSender(api=api, storage=storage, connections=4, patience=Patience(attempts=3), stop=Stop())
    columns = (
        TextColumn("  {task.description:<14}"),
        BarColumn(28),
        TextColumn("{task.fields[said]}"),
        TimeElapsedColumn(),
    )
    size = path.stat().st_size
    with Progress(*columns, console=console) as progress:
        sending = progress.add_task("upload", total=size, said="")
        meter = Meter(lambda done: progress.update(sending, completed=done, said=byte_size(done)))
        # A new generation each time: the same file is a new track, or there would be nothing to see.
        sent = sender.send(path, wish=Wish(generation=uuid4().hex), meter=meter)
        progress.update(sending, completed=size, said=byte_size(size))
        working = progress.add_task("waiting", total=100, said="")

        def seen(track: Track) -> None:
            now = track.progress
            percent = 100 if track.ended else now.percent if now else 0
            eta = f"{percent} %, {clock_time(now.eta_s)} left" if now and now.eta_s else f"{percent} %"
            progress.update(working, description=track.state, completed=percent, said=eta)

        return follow(api, sent.track_id, seen=seen, stop=Stop())


def listen(ticket: Ticket, seconds: int = LISTEN_S) -> Heard:
    """Plays the first seconds of a stream through FFmpeg's HLS client and measures what it hears.

    Debian's ffmpeg where there is one: not the binary that encoded it.
    """
    url, host = dialable(ticket.hls_url)
    ffmpeg = tools.find("ffmpeg") or tools.ffmpeg()
    headers = ["-headers", f"Host: {host}\r\n"] if host else []
    folder = Path(tempfile.mkdtemp(prefix="veza-listen-"))
    started = time.monotonic()
    try:
        command = [str(ffmpeg), "-nostdin", "-hide_banner", *headers, "-i", url, "-t", str(seconds), "-map", "0:a:0"]
        command += ["-af", "volumedetect", "-f", "s16le", "-ar", "48000", "-ac", "2", str(folder / "heard.pcm")]
        result = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        levels = {name: float(value) for name, value in _LEVEL.findall(result.stderr)}
        if result.returncode != 0 or set(levels) != {"mean", "max"}:
            raise Problem("The stream could not be played.", detail=result.stderr[-2000:], hint=ticket.hls_url)
        length = (folder / "heard.pcm").stat().st_size / (48_000 * 2 * 2)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    took = time.monotonic() - started
    return Heard(seconds=length, mean_db=levels["mean"], peak_db=levels["max"], took_s=took)


def _tell(track: Track, ticket: Ticket, heard: Heard) -> None:
    loudness = track.raw.get("loudness") or {}
    rows: list[tuple[str, str]] = []
    rows.append(("track", f"[bold]{escape(track.title)}[/]  {clock_time((track.duration_ms or 0) / 1000)}"))
    if loudness:
        lufs, peak, gain = (loudness.get(key) for key in ("integrated_lufs", "true_peak_db", "gain_db"))
        rows.append(("loudness", f"{lufs} LUFS, true peak {peak} dB, played at {gain:+} dB"))
    rows.append(("renditions", ", ".join(_rendition(each) for each in track.raw.get("renditions") or [])))
    level = f"mean {heard.mean_db:.1f} dB, peak {heard.peak_db:.1f} dB"
    rows.append(("heard", f"{heard.seconds:.1f} s through the CDN in {heard.took_s:.1f} s, {level}"))
    rows.append(("stream", f"[cyan]{ticket.hls_url}[/]"))
    url, host = dialable(ticket.hls_url)
    headers = f"-headers 'Host: {host}' " if host else ""
    rows.append(("listen", f"ffplay -nodisp -autoexit {headers}'{url}'"))
    console.print()
    facts(rows)
    console.print()
    if heard.mean_db < -60 or heard.seconds < 1:
        raise Problem("The stream plays, but there is no sound in it.")


def _rendition(each: dict[str, Any]) -> str:
    return f"{each['name']} [dim]({each['average_bandwidth'] / 1000:.0f} kbit/s)[/]"
