"""veza upload: what reaches storage, what is sent again, what a person is told."""

import json
import os
from pathlib import Path

import httpx
import pytest

from cli.credentials import Credentials
from tests.unit.cli.conftest import Veza
from tests.unit.cli.veza_server import PART, READY, REJECTED, VezaServer, track_id

pytestmark = pytest.mark.usefixtures("signed_in")


@pytest.fixture
def song(tmp_path: Path) -> Path:
    """Five parts, the last one short."""
    path = tmp_path / "night drive.wav"
    path.write_bytes(os.urandom(4 * PART + 100))
    return path


@pytest.fixture
def jingle(tmp_path: Path) -> Path:
    """Small enough for a single PUT."""
    path = tmp_path / "jingle.flac"
    path.write_bytes(os.urandom(PART))
    return path


def only_upload(server: VezaServer) -> str:
    (upload_id,) = server.uploads
    return upload_id


def test_a_large_file_arrives_whole_in_parallel_parts(veza: Veza, server: VezaServer, song: Path) -> None:
    done = veza("upload", song)
    assert done.exit_code == 0, done.output
    upload = server.uploads[only_upload(server)]
    assert (upload.content, upload.state) == (song.read_bytes(), "completed")
    assert server.puts() == [f"upload-1/{n}" for n in range(1, 6)]


def test_the_person_reads_every_stage_and_the_id_to_go_on_with(veza: Veza, song: Path) -> None:
    told = veza("upload", song).stderr
    stages = [told.index(f"night drive.wav: {stage}") for stage in ("uploading", "scanning", "transcoding")]
    assert stages == sorted(stages)
    assert f"✓ night drive.wav  ready  0:03  {track_id(1)}" in told
    assert f"veza stream {track_id(1)} --play" in told


def test_a_small_file_goes_in_one_put_with_its_hash_announced(veza: Veza, server: VezaServer, jingle: Path) -> None:
    assert veza("upload", jingle).exit_code == 0
    upload = server.uploads[only_upload(server)]
    assert upload.announced["sha256"] is not None
    assert upload.content == jingle.read_bytes()
    put = next(request for request in server.requests if request.method == "PUT")
    assert put.headers["If-None-Match"] == "*"
    assert put.headers["Content-Length"] == str(PART)
    assert "Transfer-Encoding" not in put.headers


def test_after_a_kill_only_the_missing_parts_are_sent(veza: Veza, server: VezaServer, song: Path) -> None:
    whole = song.read_bytes()
    server.rules.append(lambda r: httpx.Response(400) if r.url.path.endswith(("/2", "/5")) else None)
    assert veza("upload", song, "--connections", 1).exit_code == 1
    server.rules.clear()
    there = sorted(server.uploads[only_upload(server)].parts)
    server.requests.clear()

    again = veza("upload", song, "--json")

    assert again.exit_code == 0, again.output
    assert server.puts() == [f"upload-1/{n}" for n in range(1, 6) if n not in there]
    assert server.uploads[only_upload(server)].content == whole
    assert json.loads(again.stdout)[0]["resumed_bytes"] == len(there) * PART > 0


def test_a_finished_upload_is_only_followed(veza: Veza, server: VezaServer, song: Path) -> None:
    veza("upload", song)
    server.requests.clear()
    assert veza("upload", song).exit_code == 0
    assert server.puts() == []
    assert len(server.uploads) == 1


def test_again_makes_a_second_track_of_the_same_file(veza: Veza, server: VezaServer, song: Path) -> None:
    veza("upload", song)
    assert veza("upload", song, "--again").exit_code == 0
    assert [upload.state for upload in server.uploads.values()] == ["completed", "completed"]


def test_another_content_is_another_upload(veza: Veza, server: VezaServer, song: Path) -> None:
    veza("upload", song)
    song.write_bytes(os.urandom(song.stat().st_size))
    veza("upload", song)
    assert len(server.uploads) == 2


def test_an_expired_upload_is_announced_anew(veza: Veza, server: VezaServer, song: Path) -> None:
    veza("upload", song)
    server.uploads["upload-1"].state = "expired"
    assert veza("upload", song).exit_code == 0
    assert server.uploads["upload-2"].content == song.read_bytes()


def test_a_track_deleted_since_is_uploaded_anew(veza: Veza, server: VezaServer, song: Path) -> None:
    veza("upload", song)
    del server.lives[track_id(1)]
    assert veza("upload", song).exit_code == 0
    assert server.uploads["upload-2"].state == "completed"


def test_a_track_whose_bytes_were_lost_is_uploaded_anew(veza: Veza, server: VezaServer, song: Path) -> None:
    server.fate = [{"state": "failed", "state_reason": {"code": "object_gone", "message": "The file is gone."}}]
    assert veza("upload", song).exit_code == 1
    server.fate = READY
    assert veza("upload", song).exit_code == 0
    assert server.uploads["upload-2"].content == song.read_bytes()


def test_another_run_that_finishes_first_is_no_error_and_no_second_track(
    veza: Veza, server: VezaServer, song: Path
) -> None:
    def other_run_completes(request: httpx.Request) -> None:
        if request.url.path == "/upload-1/5":
            server.uploads["upload-1"].state = "completed"
            server.lives[track_id(1)] = READY.copy()

    server.rules.append(other_run_completes)
    assert veza("upload", song).exit_code == 0
    assert list(server.uploads) == ["upload-1"]


@pytest.mark.parametrize("which", ["song", "jingle"])
def test_expired_urls_are_replaced_by_fresh_ones(
    veza: Veza, server: VezaServer, which: str, request: pytest.FixtureRequest
) -> None:
    path: Path = request.getfixturevalue(which)

    def expire_at_first_put(call: httpx.Request) -> None:
        if call.method == "PUT" and call.url.params["s"] == "0":
            server.uploads["upload-1"].signature = 1

    server.rules.append(expire_at_first_put)
    done = veza("upload", path)
    assert done.exit_code == 0, done.output
    assert server.uploads["upload-1"].content == path.read_bytes()
    assert server.asked("POST", "/parts") >= 1


def test_storage_that_stumbles_is_asked_again(veza: Veza, server: VezaServer, song: Path) -> None:
    stumbles = [httpx.Response(503), httpx.Response(500)]
    server.rules.append(lambda r: stumbles.pop() if r.method == "PUT" and stumbles else None)
    done = veza("upload", song)
    assert done.exit_code == 0, done.output
    assert server.uploads["upload-1"].content == song.read_bytes()
    assert len(server.puts()) == 7


def test_a_lost_connection_is_dialled_again(veza: Veza, server: VezaServer, song: Path) -> None:
    losses = 2

    def lose(request: httpx.Request) -> None:
        nonlocal losses
        if request.method == "PUT" and losses:
            losses -= 1
            raise httpx.WriteError("broken pipe", request=request)

    server.rules.append(lose)
    assert veza("upload", song).exit_code == 0
    assert server.uploads["upload-1"].content == song.read_bytes()


def test_a_put_whose_answer_was_lost_counts_as_done(veza: Veza, server: VezaServer, jingle: Path) -> None:
    def store_but_lose_the_answer(request: httpx.Request) -> None:
        if request.method == "PUT" and not server.uploads["upload-1"].parts:
            server.uploads["upload-1"].parts[1] = request.content
            raise httpx.ReadError("reset", request=request)

    server.rules.append(store_but_lose_the_answer)
    assert veza("upload", jingle).exit_code == 0
    assert server.uploads["upload-1"].content == jingle.read_bytes()


def test_storage_that_stays_down_ends_with_unreachable(veza: Veza, server: VezaServer, song: Path) -> None:
    server.rules.append(lambda r: httpx.Response(503) if r.method == "PUT" else None)
    done = veza("upload", song)
    assert done.exit_code == 3
    assert "503" in done.stderr


def test_a_rejected_track_shows_the_reason(veza: Veza, server: VezaServer, song: Path) -> None:
    server.fate = REJECTED
    done = veza("upload", song)
    assert done.exit_code == 1
    assert "✗ night drive.wav  refused: The file ends too early." in done.stderr


def test_a_failed_track_says_how_to_retry(veza: Veza, server: VezaServer, song: Path) -> None:
    server.fate = [{"state": "failed", "state_reason": {"code": "timed_out", "message": "It took too long."}}]
    done = veza("upload", song)
    assert done.exit_code == 1
    assert f"veza retry {track_id(1)}" in done.stderr


def test_one_refused_file_does_not_stop_the_others(veza: Veza, song: Path, tmp_path: Path) -> None:
    notes = tmp_path / "notes.txt"
    notes.write_text("not audio")
    done = veza("upload", notes, song)
    assert done.exit_code == 1
    assert "✗ notes.txt  Accepted file types are flac, wav." in done.stderr
    assert "✓ night drive.wav" in done.stderr
    assert "1 of 2 ready" in done.stderr


def test_json_on_stdout_is_for_programs(veza: Veza, server: VezaServer, song: Path, tmp_path: Path) -> None:
    notes = tmp_path / "notes.txt"
    notes.write_text("not audio")
    server.fate = REJECTED
    first, second = json.loads(veza("upload", notes, song, "--json").stdout)
    assert (first["state"], first["reason"]["code"], first["track_id"]) == ("error", "extension_unsupported", None)
    assert (second["state"], second["reason"]["code"], second["track_id"]) == ("rejected", "truncated", track_id(1))


def test_a_file_that_changes_meanwhile_is_not_completed(veza: Veza, server: VezaServer, song: Path) -> None:
    def touch(request: httpx.Request) -> None:
        if request.method == "PUT":
            os.utime(song, (1, 1))

    server.rules.append(touch)
    done = veza("upload", song)
    assert done.exit_code == 1
    assert "changed while it was being sent" in done.stderr
    assert server.uploads["upload-1"].state == "open"


def test_no_wait_ends_with_the_last_byte(veza: Veza, server: VezaServer, song: Path) -> None:
    done = veza("upload", song, "--no-wait", "--json")
    assert json.loads(done.stdout)[0]["state"] == "sent"
    assert server.uploads["upload-1"].state == "completed"


def test_title_and_visibility_are_announced(veza: Veza, server: VezaServer, song: Path) -> None:
    veza("upload", song, "--title", "Nachtfahrt", "--visibility", "public")
    announced = server.uploads["upload-1"].announced
    assert (announced["title"], announced["visibility"]) == ("Nachtfahrt", "public")


def test_a_title_for_two_files_is_wrong_usage(veza: Veza, song: Path, jingle: Path) -> None:
    assert veza("upload", song, jingle, "--title", "Both").exit_code == 2


def test_a_missing_file_is_wrong_usage(veza: Veza, tmp_path: Path) -> None:
    assert veza("upload", tmp_path / "nowhere.wav").exit_code == 2


def test_the_same_file_named_twice_is_sent_once(veza: Veza, server: VezaServer, song: Path) -> None:
    veza("upload", song, song.parent / "." / song.name)
    assert server.puts() == [f"upload-1/{n}" for n in range(1, 6)]


def test_retry_follows_the_new_attempt(veza: Veza, server: VezaServer) -> None:
    server.lives[track_id(7)] = [{"state": "failed"}]
    done = veza("retry", track_id(7))
    assert done.exit_code == 0
    assert "✓ Night Drive  ready" in done.stderr


def test_an_access_token_that_expires_during_an_upload_is_renewed_once(
    veza: Veza, server: VezaServer, song: Path, signed_in: Credentials
) -> None:
    server.access_token = "something newer"
    assert signed_in.access_token != server.access_token
    assert veza("upload", song).exit_code == 0
    assert server.asked("POST", "/auth/refresh") == 1
