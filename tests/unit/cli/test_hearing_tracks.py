"""veza tracks · show · stream, and the names of this machine."""

import json
from pathlib import Path

import httpx
import pytest

from cli.loopback import LoopbackTransport, dialable
from cli.playing import ffplay_command, safe_name
from cli.wire import Ticket, Track
from tests.unit.cli.conftest import Veza
from tests.unit.cli.veza_server import REJECTED, VezaServer, track_id

pytestmark = pytest.mark.usefixtures("signed_in")
HLS = "http://d1.cloudfront.localhost:4566/media/t/master.m3u8"


def ticket(**fields: object) -> Ticket:
    return Ticket.of({"hls_url": HLS, "renew_after_s": 600, "gain_db": 0.0, **fields})


def track(duration_ms: int) -> Track:
    return Track.of({"id": track_id(1), "state": "ready", "duration_ms": duration_ms})


def test_tracks_follows_the_pages_up_to_the_limit(veza: Veza, server: VezaServer) -> None:
    server.lives = {track_id(n): [{"state": "ready"}] for n in range(5)}
    ids = [found["id"] for found in json.loads(veza("tracks", "--json", "-n", 3).stdout)]
    assert ids == [track_id(4), track_id(3), track_id(2)]
    assert server.asked("GET", "/tracks") == 2


def test_tracks_shows_titles_and_states(veza: Veza, server: VezaServer) -> None:
    server.lives = {track_id(1): REJECTED}
    shown = veza("tracks").stdout
    assert track_id(1) in shown
    assert "Night Drive" in shown
    assert "refused" in shown


def test_no_tracks_yet_says_how_to_add_one(veza: Veza) -> None:
    done = veza("tracks")
    assert (done.stdout, done.exit_code) == ("", 0)
    assert "veza upload" in done.stderr


def test_show_tells_the_reason_of_a_refusal(veza: Veza, server: VezaServer) -> None:
    server.lives = {track_id(1): REJECTED}
    assert "The file ends too early." in veza("show", track_id(1)).stdout


def test_show_of_a_track_that_is_not_there(veza: Veza) -> None:
    done = veza("show", track_id(1))
    assert done.exit_code == 1
    assert "There is no such track." in done.stderr


def test_stream_prints_the_address_and_nothing_else(veza: Veza, server: VezaServer) -> None:
    server.lives = {track_id(1): [{"state": "ready"}]}
    shown = veza("stream", track_id(1)).stdout
    assert shown == f"http://d1.cloudfront.localhost:4566/media/t/{track_id(1)}/master.m3u8\n"


def test_download_saves_the_mp3_under_the_title(veza: Veza, server: VezaServer, tmp_path: Path) -> None:
    server.lives = {track_id(1): [{"state": "ready"}]}
    server.rules.append(lambda r: httpx.Response(200, content=b"mp3") if r.url.path.endswith(".mp3") else None)
    assert veza("stream", track_id(1), "--download", "-o", tmp_path).exit_code == 0
    assert (tmp_path / "Night Drive.mp3").read_bytes() == b"mp3"


def test_a_download_that_fails_leaves_nothing(veza: Veza, server: VezaServer, tmp_path: Path) -> None:
    server.lives = {track_id(1): [{"state": "ready"}]}
    server.rules.append(lambda r: httpx.Response(403) if r.url.path.endswith(".mp3") else None)
    assert veza("stream", track_id(1), "--download", "-o", tmp_path / "x.mp3").exit_code == 1
    assert not list(tmp_path.glob("*x.mp3*"))


def test_ffplay_dials_loopback_and_names_the_host() -> None:
    command = ffplay_command(ticket(gain_db=-3.5), track(3000))
    assert command[-1] == "http://127.0.0.1:4566/media/t/master.m3u8"
    assert command[command.index("-headers") + 1] == "Host: d1.cloudfront.localhost:4566\r\n"
    assert "volume=-3.50dB" in command


def test_ffplay_gets_public_addresses_as_they_are() -> None:
    command = ffplay_command(ticket(hls_url="https://cdn.veza.test/master.m3u8"), track(3000))
    assert command[-1] == "https://cdn.veza.test/master.m3u8"
    assert "-headers" not in command


def test_a_track_that_outlasts_its_ticket_is_played_in_one_request() -> None:
    mp3 = "https://cdn.veza.test/download.mp3"
    assert ffplay_command(ticket(download_url=mp3), track(3_600_000))[-1] == mp3


@pytest.mark.parametrize(
    ("url", "dialled"),
    [
        ("http://d1.cloudfront.localhost:4566/a", "127.0.0.1"),
        ("http://localhost:4566/a", "localhost"),
        ("https://cdn.veza.test/a", "cdn.veza.test"),
        ("https://localhost.veza.test/a", "localhost.veza.test"),
    ],
)
def test_names_below_localhost_are_dialled_on_loopback_with_their_host_header(url: str, dialled: str) -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(204)

    with httpx.Client(transport=LoopbackTransport(httpx.MockTransport(answer))) as client:
        client.get(url)
    assert seen[0].url.host == dialled
    assert seen[0].headers["Host"] == httpx.URL(url).netloc.decode()
    assert dialable(url)[0] == str(httpx.URL(url).copy_with(host=dialled))


@pytest.mark.parametrize("title", ["../../etc/passwd", "a/b", "..", "\x00", " . "])
def test_a_title_never_becomes_a_path(title: str) -> None:
    name = safe_name(title, ".mp3")
    assert Path(name).name == name
    assert not name.startswith(".")
