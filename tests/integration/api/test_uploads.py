"""Announcing a file, sending it in parts, finishing or giving up; by its owner alone."""

from typing import Any

import pytest

from core.domain.ids import TrackId, UploadId, new_id
from core.domain.limits import MIB, UPLOAD_EXPIRES_S, UPLOAD_MAX_BYTES, UPLOAD_PART_BYTES
from core.domain.tracks import TrackState
from core.domain.uploads import Strategy, UploadState
from tests.integration.api.world import World

SMALL: dict[str, Any] = {"filename": "Night Drive.flac", "size_bytes": 5 * MIB}
LARGE: dict[str, Any] = {"filename": "Long Night.wav", "size_bytes": 2 * UPLOAD_PART_BYTES + 10}


def announced(world: World, **wanted: Any) -> dict[str, Any]:
    answer = world.api.post("/uploads", {**SMALL, **wanted})
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body


class TestAnnounce:
    def test_a_small_file_gets_one_signed_put_and_a_draft_track(self, artist: World) -> None:
        upload = announced(artist)

        assert upload["strategy"] == "put"
        assert upload["put"]["url"].startswith("http")
        assert "parts" not in upload
        assert upload["expires_at"] == "2027-01-16T08:00:00Z"
        track = artist.api.get(f"/tracks/{upload['track_id']}").json()
        assert (track["state"], track["title"], track["filename"]) == ("draft", "Night Drive", "Night Drive.flac")

    def test_a_large_file_gets_signed_parts_that_cover_it(self, artist: World) -> None:
        upload = announced(artist, **LARGE)

        assert upload["strategy"] == "multipart"
        assert "put" not in upload
        assert [part["part_number"] for part in upload["parts"]] == [1, 2, 3]
        assert sum(part["size_bytes"] for part in upload["parts"]) == LARGE["size_bytes"]

    def test_the_title_may_be_said(self, artist: World) -> None:
        upload = announced(artist, title="  Nächtliche Fahrt ")

        assert artist.api.get(f"/tracks/{upload['track_id']}").json()["title"] == "Nächtliche Fahrt"

    def test_a_track_may_be_private_from_its_first_second(self, artist: World) -> None:
        upload = announced(artist, visibility="private")

        assert artist.api.get(f"/tracks/{upload['track_id']}").json()["visibility"] == "private"

    @pytest.mark.parametrize(
        ("change", "field", "code"),
        [
            ({"size_bytes": 0}, "size_bytes", "size_zero"),
            ({"size_bytes": -1}, "size_bytes", "size_zero"),
            ({"size_bytes": UPLOAD_MAX_BYTES + 1}, "size_bytes", "size_too_large"),
            ({"size_bytes": "5"}, "size_bytes", "int_type"),
            ({"size_bytes": True}, "size_bytes", "int_type"),
            ({"size_bytes": 1.5}, "size_bytes", "int_type"),
            ({"filename": "notes.txt"}, "filename", "extension_unsupported"),
            ({"filename": "../../etc/passwd.wav"}, "filename", "filename_invalid"),
            ({"filename": ".wav"}, "filename", "filename_invalid"),
            ({"filename": "a\u0000b.wav"}, "filename", "filename_invalid"),
            ({"filename": "x" * 300 + ".wav"}, "filename", "filename_invalid"),
            ({"title": "   "}, "title", "title_invalid"),
            ({"title": "x" * 201}, "title", "title_invalid"),
            ({"sha256": "ABC"}, "sha256", "string_pattern_mismatch"),
            ({"client_token": ""}, "client_token", "string_pattern_mismatch"),
            ({"bucket": "mine"}, "bucket", "extra_forbidden"),
        ],
    )
    def test_nonsense_creates_nothing(self, artist: World, change: dict[str, Any], field: str, code: str) -> None:
        answer = artist.api.post("/uploads", {**SMALL, **change})

        assert answer.status_code == 422
        assert [(error["field"], error["code"]) for error in answer.json()["errors"]] == [(field, code)]
        assert artist.api.get("/tracks").json()["items"] == []

    def test_the_largest_file_is_announced_in_full(self, artist: World) -> None:
        assert len(announced(artist, size_bytes=UPLOAD_MAX_BYTES)["parts"]) == 128

    def test_an_unverified_account_may_not_upload(self, world: World) -> None:
        world.be("new", verified=False)

        answer = world.api.post("/uploads", SMALL)

        assert (answer.status_code, answer.json()["code"]) == (403, "email_not_verified")

    def test_strangers_may_not_upload(self, world: World) -> None:
        assert world.api.post("/uploads", SMALL).status_code == 401


class TestClientToken:
    def test_the_same_token_is_the_same_upload_with_fresh_urls(self, artist: World) -> None:
        first = announced(artist, client_token="t-1")
        second = announced(artist, client_token="t-1")

        assert (first["upload_id"], first["track_id"]) == (second["upload_id"], second["track_id"])
        assert second["put"]["url"]
        assert len(artist.api.get("/tracks").json()["items"]) == 1

    def test_the_idempotency_key_header_is_the_same_thing(self, artist: World) -> None:
        first = announced(artist, client_token="t-1")
        second = artist.api.post("/uploads", SMALL, headers={"Idempotency-Key": "t-1"}).json()

        assert first["upload_id"] == second["upload_id"]

    def test_a_resumed_multipart_upload_keeps_its_parts(self, artist: World) -> None:
        first = announced(artist, **LARGE, client_token="t-1")
        artist.store_part(first["upload_id"], 1)

        second = announced(artist, **LARGE, client_token="t-1")

        status = artist.api.get(f"/uploads/{second['upload_id']}").json()
        assert [part["part_number"] for part in status["parts"]] == [1]
        assert artist.open_multiparts() == 1

    def test_another_file_under_the_same_token_is_refused(self, artist: World) -> None:
        announced(artist, client_token="t-1")

        answer = artist.api.post("/uploads", {**SMALL, "size_bytes": 7, "client_token": "t-1"})

        assert (answer.status_code, answer.json()["code"]) == (409, "client_token_reused")

    def test_tokens_of_two_artists_do_not_meet(self, artist: World) -> None:
        mine = announced(artist, client_token="t-1")
        artist.be("bob")

        assert announced(artist, client_token="t-1")["upload_id"] != mine["upload_id"]

    def test_a_closed_upload_comes_back_without_urls(self, artist: World) -> None:
        first = announced(artist, client_token="t-1")
        artist.api.delete(f"/uploads/{first['upload_id']}")

        second = announced(artist, client_token="t-1")

        assert (second["upload_id"], second["state"]) == (first["upload_id"], "aborted")
        assert "put" not in second


class TestStatus:
    def test_shows_what_is_there_and_what_is_missing(self, artist: World) -> None:
        upload = announced(artist, **LARGE)
        artist.store_part(upload["upload_id"], 2)
        artist.spoil_part(upload["upload_id"], 3)

        status = artist.api.get(f"/uploads/{upload['upload_id']}").json()

        assert status["state"] == "open"
        assert [(part["part_number"], part["size_bytes"]) for part in status["parts"]] == [(2, UPLOAD_PART_BYTES)]
        assert [part["part_number"] for part in status["missing_parts"]] == [1, 3], (
            "a part of the wrong size is missing"
        )
        assert status["track"]["state"] == "draft"

    def test_shows_how_far_the_track_is(self, artist: World) -> None:
        upload = announced(artist)
        artist.move_track(upload["track_id"], TrackState.SCANNING, percent=40)

        track = artist.api.get(f"/uploads/{upload['upload_id']}").json()["track"]

        assert track["progress"] == {"stage": "scanning", "percent": 40, "eta_s": None}

    def test_an_upload_past_its_time_is_expired(self, artist: World) -> None:
        upload = announced(artist)
        artist.clock.advance(UPLOAD_EXPIRES_S)
        artist.renew_token()

        assert artist.api.get(f"/uploads/{upload['upload_id']}").json()["state"] == "expired"
        answer = artist.api.post(f"/uploads/{upload['upload_id']}/complete")
        assert (answer.status_code, answer.json()["code"]) == (409, "upload_expired")


class TestFreshUrls:
    def test_by_default_for_all_parts_that_are_missing(self, artist: World) -> None:
        upload = announced(artist, **LARGE)
        artist.store_part(upload["upload_id"], 1)

        fresh = artist.api.post(f"/uploads/{upload['upload_id']}/parts").json()

        assert [part["part_number"] for part in fresh["parts"]] == [2, 3]

    def test_for_the_parts_that_are_named(self, artist: World) -> None:
        upload = announced(artist, **LARGE)

        fresh = artist.api.post(f"/uploads/{upload['upload_id']}/parts", {"part_numbers": [3]}).json()

        assert [part["part_number"] for part in fresh["parts"]] == [3]

    def test_for_a_small_file_its_one_url(self, artist: World) -> None:
        upload = announced(artist)

        assert artist.api.post(f"/uploads/{upload['upload_id']}/parts").json()["put"]["url"]

    @pytest.mark.parametrize("number", [0, -1, 4, 129])
    def test_refuses_parts_that_do_not_exist(self, artist: World, number: int) -> None:
        upload = announced(artist, **LARGE)

        answer = artist.api.post(f"/uploads/{upload['upload_id']}/parts", {"part_numbers": [number]})

        assert answer.status_code == 422

    def test_not_for_a_closed_upload(self, artist: World) -> None:
        upload = announced(artist, **LARGE)
        artist.api.delete(f"/uploads/{upload['upload_id']}")

        answer = artist.api.post(f"/uploads/{upload['upload_id']}/parts")

        assert (answer.status_code, answer.json()["code"]) == (409, "upload_closed")


class TestComplete:
    def test_a_small_file_that_arrived_makes_the_track_uploaded(self, artist: World) -> None:
        upload = announced(artist)
        artist.store_file(upload["upload_id"])

        answer = artist.api.post(f"/uploads/{upload['upload_id']}/complete", {"parts": []})

        assert answer.status_code == 200
        assert (answer.json()["state"], answer.json()["track"]["state"]) == ("completed", "uploaded")

    @pytest.mark.parametrize("wanted", [SMALL, LARGE])
    def test_not_before_the_bytes_are_there(self, artist: World, wanted: dict[str, Any]) -> None:
        upload = announced(artist, **wanted)

        answer = artist.api.post(f"/uploads/{upload['upload_id']}/complete")

        assert (answer.status_code, answer.json()["code"]) == (409, "upload_incomplete")
        assert artist.api.get(f"/uploads/{upload['upload_id']}").json()["state"] == "open"

    def test_not_while_a_part_is_missing_and_says_which(self, artist: World) -> None:
        upload = announced(artist, **LARGE)
        artist.store_part(upload["upload_id"], 1)
        artist.store_part(upload["upload_id"], 3)

        answer = artist.api.post(f"/uploads/{upload['upload_id']}/complete")

        assert answer.json()["code"] == "upload_incomplete"
        assert answer.json()["detail"] == "1 of 3 parts are missing: 2."

    @pytest.mark.parametrize("listed", [True, False])
    def test_all_parts_make_a_file(self, artist: World, listed: bool) -> None:
        upload = announced(artist, **LARGE)
        etags = artist.store_all_parts(upload["upload_id"])
        parts = [{"part_number": number, "etag": f'"{etag}"'} for number, etag in etags.items()] if listed else []

        answer = artist.api.post(f"/uploads/{upload['upload_id']}/complete", {"parts": parts})

        assert answer.status_code == 200, answer.text
        assert answer.json()["track"]["state"] == "uploaded"

    def test_parts_that_were_replaced_since_are_refused(self, artist: World) -> None:
        upload = announced(artist, **LARGE)
        etags = artist.store_all_parts(upload["upload_id"])
        parts = [{"part_number": number, "etag": etag} for number, etag in etags.items()]

        answer = artist.api.post(
            f"/uploads/{upload['upload_id']}/complete", {"parts": [*parts[:-1], {**parts[-1], "etag": "other"}]}
        )

        assert (answer.status_code, answer.json()["code"]) == (422, "parts_mismatch")

    @pytest.mark.parametrize("wanted", [SMALL, LARGE])
    def test_twice_is_once(self, artist: World, wanted: dict[str, Any]) -> None:
        upload = announced(artist, **wanted)
        artist.store_all(upload["upload_id"])
        first = artist.api.post(f"/uploads/{upload['upload_id']}/complete")

        second = artist.api.post(f"/uploads/{upload['upload_id']}/complete")

        assert first.status_code == second.status_code == 200
        assert first.json() == second.json()

    def test_after_a_crash_between_storage_and_row_it_can_be_said_again(self, artist: World) -> None:
        upload = announced(artist, **LARGE)
        artist.store_all_parts(upload["upload_id"])
        artist.join_parts_behind_our_back(upload["upload_id"])

        answer = artist.api.post(f"/uploads/{upload['upload_id']}/complete")

        assert answer.json()["state"] == "completed"

    def test_after_a_crash_between_upload_and_track_it_can_be_said_again(self, artist: World) -> None:
        upload = announced(artist)
        artist.store_file(upload["upload_id"])
        artist.uploads.set_state(UploadId(upload["upload_id"]), UploadState.COMPLETED)

        artist.api.post(f"/uploads/{upload['upload_id']}/complete")

        assert artist.tracks.get(TrackId(upload["track_id"])).state is TrackState.UPLOADED

    @pytest.mark.parametrize("state", [TrackState.SCANNING, TrackState.TRANSCODING, TrackState.REJECTED])
    def test_the_storage_event_may_be_faster(self, artist: World, state: TrackState) -> None:
        upload = announced(artist)
        artist.store_file(upload["upload_id"])
        artist.move_track(upload["track_id"], state)

        answer = artist.api.post(f"/uploads/{upload['upload_id']}/complete")

        assert (answer.status_code, answer.json()["track"]["state"]) == (200, state.value)

    def test_a_quarantined_file_was_sent_too(self, artist: World) -> None:
        upload = announced(artist)
        artist.move_track(upload["track_id"], TrackState.REJECTED)

        assert artist.api.post(f"/uploads/{upload['upload_id']}/complete").json()["state"] == "completed"

    def test_a_lost_race_for_the_track_is_decided_again(self, artist: World) -> None:
        upload = announced(artist)
        artist.store_file(upload["upload_id"])
        artist.steal_next_save(upload["track_id"], TrackState.SCANNING)

        answer = artist.api.post(f"/uploads/{upload['upload_id']}/complete")

        assert (answer.status_code, answer.json()["track"]["state"]) == (200, "scanning")


class TestAbort:
    def test_closes_the_door_and_takes_the_draft_away(self, artist: World) -> None:
        upload = announced(artist, **LARGE)

        assert artist.api.delete(f"/uploads/{upload['upload_id']}").status_code == 204

        assert artist.open_multiparts() == 0
        assert artist.api.get(f"/tracks/{upload['track_id']}").status_code == 404
        assert artist.api.get(f"/uploads/{upload['upload_id']}").json()["state"] == "aborted"
        assert [event.type for event in artist.events()][-1] == "track.deleted"

    def test_twice_is_once(self, artist: World) -> None:
        upload = announced(artist)

        assert artist.api.delete(f"/uploads/{upload['upload_id']}").status_code == 204
        assert artist.api.delete(f"/uploads/{upload['upload_id']}").status_code == 204
        assert [event.type for event in artist.events()].count("track.deleted") == 1

    def test_not_once_it_is_completed(self, artist: World) -> None:
        upload = announced(artist)
        artist.store_file(upload["upload_id"])
        artist.api.post(f"/uploads/{upload['upload_id']}/complete")

        answer = artist.api.delete(f"/uploads/{upload['upload_id']}")

        assert (answer.status_code, answer.json()["code"]) == (409, "upload_closed")
        assert artist.api.get(f"/tracks/{upload['track_id']}").status_code == 200


@pytest.mark.parametrize(("method", "path"), [("GET", ""), ("POST", "/parts"), ("POST", "/complete"), ("DELETE", "")])
class TestStrangers:
    def test_an_upload_of_somebody_else_is_not_there(self, artist: World, method: str, path: str) -> None:
        upload = announced(artist)
        artist.be("bob")

        answer = artist.api.call(method, f"/uploads/{upload['upload_id']}{path}")

        assert (answer.status_code, answer.json()["code"]) == (404, "upload_not_found")

    def test_nor_is_one_that_never_was(self, artist: World, method: str, path: str) -> None:
        assert artist.api.call(method, f"/uploads/{new_id()}{path}").json()["code"] == "upload_not_found"

    def test_a_path_that_names_no_id_is_refused(self, artist: World, method: str, path: str) -> None:
        answer = artist.api.call(method, f"/uploads/not-an-id{path}")

        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "upload_id")

    def test_nobody_gets_in_without_signing_in(self, world: World, method: str, path: str) -> None:
        assert world.api.call(method, f"/uploads/{new_id()}{path}").status_code == 401


def test_the_strategy_follows_the_size(artist: World) -> None:
    assert announced(artist, size_bytes=16 * MIB)["strategy"] == Strategy.PUT
    assert announced(artist, size_bytes=16 * MIB + 1)["strategy"] == Strategy.MULTIPART
