"""A track as its owner sees it, as others see it, and what may be done to it."""

import json
from dataclasses import replace
from typing import Any

import pytest

from core.domain.ids import new_id
from core.domain.reasons import MESSAGES, ReasonCode
from core.domain.tracks import Track, TrackState, Visibility
from tests import builders
from tests.integration.api.world import World


def path_of(track: Track) -> str:
    return f"/tracks/{track.id}"


class TestOwner:
    def test_sees_everything_of_a_ready_track(self, artist: World) -> None:
        track = artist.has(builders.a_ready_track())

        seen = artist.api.get(path_of(track)).json()

        assert seen["state"] == "ready"
        assert seen["duration_ms"] == 10_000
        assert seen["tags"]["artist"] == "Ada"
        assert seen["loudness"] == {"integrated_lufs": -16.2, "true_peak_db": -1.5, "gain_db": 0.5}
        assert seen["renditions"][0]["name"] == "aac-128"
        assert seen["created_at"] == "2027-01-15T08:00:00Z"
        assert (seen["filename"], seen["sha256"]) == ("first light.wav", "5" * 64)
        assert seen["state_reason"] is None
        for name, file in (
            ("waveform_url", "waveform-overview.json"),
            ("waveform_detail_url", "waveform-detail.json"),
            ("cover_url", "cover-1200.jpg"),
        ):
            assert seen[name].startswith("https://media.example/media/a.")
            assert seen[name].endswith(f"/{track.id}/0123456789abcdef/{file}")

    def test_sees_no_cover_where_the_file_had_none(self, artist: World) -> None:
        track = artist.has(builders.a_ready_track(media=builders.a_media_result(has_cover=False)))

        assert artist.api.get(path_of(track)).json()["cover_url"] is None

    def test_sees_how_far_the_work_is(self, artist: World) -> None:
        track = artist.has(builders.a_scanned_track(progress=builders.progress()))

        seen = artist.api.get(path_of(track)).json()

        assert seen["progress"] == {"stage": "transcoding", "percent": 40, "eta_s": 12}
        assert seen["duration_ms"] == 10_000
        assert (seen["renditions"], seen["waveform_url"], seen["loudness"]) == ([], None, None)

    def test_reads_why_a_track_was_rejected(self, artist: World) -> None:
        rejected = builders.an_uploaded_track().ended(TrackState.REJECTED, ReasonCode.TRUNCATED, builders.NOW)
        track = artist.has(rejected)

        assert artist.api.get(path_of(track)).json()["state_reason"] == {
            "code": "truncated",
            "message": MESSAGES[ReasonCode.TRUNCATED],
        }


class TestOthers:
    @pytest.mark.parametrize("visibility", [Visibility.PUBLIC, Visibility.UNLISTED])
    def test_see_a_track_that_can_be_heard_without_what_is_the_owners(
        self, artist: World, visibility: Visibility
    ) -> None:
        track = artist.has(builders.a_ready_track(visibility=visibility))

        seen = artist.somebody_else().get(path_of(track))

        assert seen.status_code == 200
        assert seen.json()["title"] == "First Light"
        assert set(seen.json()) & {"filename", "size_bytes", "sha256", "state_reason", "progress", "upload_id"} == set()

    @pytest.mark.parametrize(
        "track",
        [
            builders.a_track(),
            builders.an_uploaded_track(),
            builders.a_scanned_track(),
            builders.a_failed_track(),
            builders.a_ready_track(visibility=Visibility.PRIVATE),
            builders.a_ready_track().deleted(builders.NOW),
        ],
        ids=["draft", "uploaded", "transcoding", "failed", "private", "deleted"],
    )
    @pytest.mark.parametrize("signed_in", [True, False])
    def test_find_nothing_else(self, artist: World, track: Track, signed_in: bool) -> None:
        hidden = artist.has(track)
        reader = artist.somebody_else() if signed_in else artist.api.another()

        answer = reader.get(path_of(hidden))
        missing = reader.get(f"/tracks/{new_id()}")

        assert answer.status_code == 404
        assert {**answer.json(), "request_id": ""} == {**missing.json(), "request_id": ""}

    @pytest.mark.parametrize(
        ("method", "suffix", "body"), [("PATCH", "", {"title": "Mine"}), ("DELETE", "", None), ("POST", "/retry", None)]
    )
    def test_can_change_nothing(self, artist: World, method: str, suffix: str, body: Any) -> None:
        track = artist.has(builders.a_ready_track())

        answer = artist.somebody_else().call(method, f"{path_of(track)}{suffix}", body)

        assert (answer.status_code, answer.json()["code"]) == (404, "track_not_found")
        assert artist.tracks.get(track.id).revision == track.revision

    def test_a_bad_token_is_told_even_where_none_is_needed(self, artist: World) -> None:
        track = artist.has(builders.a_ready_track())
        stranger = artist.api.another()
        stranger.token = "bad"

        assert stranger.get(path_of(track)).status_code == 401


class TestList:
    def test_pages_through_the_own_tracks_newest_first(self, artist: World) -> None:
        made = [artist.has(builders.a_track()).id for _ in range(5)]
        artist.somebody_elses(builders.a_ready_track())

        pages, cursor = [], ""
        while True:
            page = artist.api.get(f"/tracks?limit=2{cursor}").json()
            pages.append([track["id"] for track in page["items"]])
            if page["next_cursor"] is None:
                break
            cursor = f"&cursor={page['next_cursor']}"

        assert pages == [made[:-3:-1], made[-3:-5:-1], made[:1]]

    @pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=x", "page=2", "cursor=nonsense"])
    def test_refuses_a_query_it_does_not_know(self, artist: World, query: str) -> None:
        answer = artist.api.get(f"/tracks?{query}")

        assert answer.status_code == 422
        assert answer.json()["errors"][0]["field"] == query.partition("=")[0]

    def test_leaves_deleted_tracks_out(self, artist: World) -> None:
        track = artist.has(builders.a_ready_track())
        artist.api.delete(path_of(track))

        assert artist.api.get("/tracks").json() == {"items": [], "next_cursor": None}


class TestEdit:
    def test_changes_what_is_given_and_nothing_else(self, artist: World) -> None:
        track = artist.has(builders.a_ready_track())

        answer = artist.api.patch(path_of(track), {"title": " Last Light "})

        assert (answer.json()["title"], answer.json()["visibility"]) == ("Last Light", "public")
        assert artist.api.patch(path_of(track), {"visibility": "private"}).json()["title"] == "Last Light"

    def test_hides_a_track_at_once(self, artist: World) -> None:
        track = artist.has(builders.a_ready_track())
        artist.api.patch(path_of(track), {"visibility": "private"})

        assert artist.api.another().get(path_of(track)).status_code == 404

    def test_survives_a_worker_that_saves_meanwhile(self, artist: World) -> None:
        track = artist.has(builders.an_uploaded_track())
        artist.steal_next_save(track.id, TrackState.SCANNING)

        answer = artist.api.patch(path_of(track), {"title": "Last Light"})

        assert (answer.json()["title"], answer.json()["state"]) == ("Last Light", "scanning")

    @pytest.mark.parametrize(
        "body",
        [{"title": ""}, {"title": "x" * 201}, {"title": "a\u0007b"}, {"visibility": "secret"}, {"state": "ready"}],
    )
    def test_refuses_nonsense(self, artist: World, body: dict[str, str]) -> None:
        track = artist.has(builders.a_ready_track())

        answer = artist.api.patch(path_of(track), body)

        assert answer.status_code == 422
        assert [error["field"] for error in answer.json()["errors"]] == list(body)


class TestDelete:
    def test_takes_the_track_away_and_says_so_once(self, artist: World) -> None:
        track = artist.has(builders.a_ready_track())

        assert artist.api.delete(path_of(track)).status_code == 204
        assert artist.api.delete(path_of(track)).status_code == 204

        assert artist.api.get(path_of(track)).status_code == 404
        assert [(event.type, event.data["track_id"]) for event in artist.events()] == [("track.deleted", track.id)]

    def test_a_deleted_track_cannot_be_edited_or_retried(self, artist: World) -> None:
        track = artist.has(builders.a_failed_track())
        artist.api.delete(path_of(track))

        assert artist.api.patch(path_of(track), {"title": "Back"}).status_code == 404
        assert artist.api.post(f"{path_of(track)}/retry").status_code == 404


class TestRetry:
    def test_from_the_clean_original_if_there_is_one(self, artist: World) -> None:
        failed = replace(builders.a_scanned_track().ended(TrackState.FAILED, ReasonCode.TRANSCODE_FAILED, builders.NOW))
        track = artist.has(failed)

        answer = artist.api.post(f"{path_of(track)}/retry")

        assert (answer.status_code, answer.json()["state"], answer.json()["attempt"]) == (200, "transcoding", 2)
        assert [(e.type, e.data["attempt"]) for e in artist.events()] == [("track.scanned", 2)]
        assert artist.queued() == []

    def test_else_from_the_scan_within_seconds(self, artist: World) -> None:
        track = artist.has(builders.a_failed_track(ReasonCode.SCAN_FAILED))

        answer = artist.api.post(f"{path_of(track)}/retry")

        assert answer.json()["state"] == "uploaded"
        assert [json.loads(body) for body in artist.queued()] == [
            {"kind": "rescan", "bucket": "uploads", "key": f"incoming/{track.id}/{track.upload_id}"}
        ]

    def test_a_queue_that_is_down_leaves_it_to_the_sweep(self, artist: World) -> None:
        track = artist.has(builders.a_failed_track(ReasonCode.SCAN_FAILED))
        artist.queue_goes_down()

        answer = artist.api.post(f"{path_of(track)}/retry")

        assert (answer.status_code, answer.json()["state"]) == (200, "uploaded")
        assert artist.tracks.get(track.id).deadline is not None

    @pytest.mark.parametrize("reason", [ReasonCode.UPLOAD_EXPIRED, ReasonCode.OBJECT_GONE])
    def test_not_where_nothing_is_left_to_work_on(self, artist: World, reason: ReasonCode) -> None:
        track = artist.has(builders.a_failed_track(reason))

        answer = artist.api.post(f"{path_of(track)}/retry")

        assert (answer.status_code, answer.json()["code"]) == (409, "not_retryable")

    @pytest.mark.parametrize("track", [builders.a_ready_track(), builders.a_scanned_track()])
    def test_only_what_failed(self, artist: World, track: Track) -> None:
        answer = artist.api.post(f"{path_of(artist.has(track))}/retry")

        assert (answer.status_code, answer.json()["code"]) == (409, "not_retryable")


class TestStream:
    def test_anybody_gets_a_ticket_for_a_public_track(self, artist: World) -> None:
        track = artist.has(builders.a_ready_track())

        answer = artist.api.another().post(f"{path_of(track)}/stream")

        ticket = answer.json()
        assert answer.status_code == 200
        assert ticket["hls_url"].startswith("https://media.example/media/h.")
        assert ticket["hls_url"].endswith(f"/{track.id}/0123456789abcdef/master.m3u8")
        assert "download_url" not in ticket
        assert (ticket["expires_at"], ticket["renew_after_s"]) == ("2027-01-15T08:15:00Z", 600)
        assert (ticket["gain_db"], ticket["encoder_delay"]) == (0.5, 1024)
        assert (ticket["samples"], ticket["duration_ms"]) == (441_000, 10_000)
        assert answer.headers["cache-control"] == "no-store"

    def test_the_owner_may_download_too(self, artist: World) -> None:
        track = artist.has(builders.a_ready_track(visibility=Visibility.PRIVATE))

        ticket = artist.api.post(f"{path_of(track)}/stream").json()

        assert ticket["download_url"].startswith("https://media.example/media/d.")
        assert ticket["download_url"].endswith("/download.mp3")

    @pytest.mark.parametrize("track", [builders.a_track(), builders.a_scanned_track(), builders.a_failed_track()])
    def test_the_owner_is_told_that_it_is_too_early(self, artist: World, track: Track) -> None:
        answer = artist.api.post(f"{path_of(artist.has(track))}/stream")

        assert (answer.status_code, answer.json()["code"]) == (409, "not_playable_yet")

    def test_others_find_nothing(self, artist: World) -> None:
        track = artist.has(builders.a_ready_track(visibility=Visibility.PRIVATE))

        assert artist.somebody_else().post(f"{path_of(track)}/stream").status_code == 404
        assert artist.api.another().post(f"{path_of(track)}/stream").status_code == 404


@pytest.mark.parametrize("track_id", ["1", "0197A5C0-7B1E-7CC0-8000-3F2A9D4C5E6F", "%00", new_id() + "0"])
def test_a_path_that_names_no_id_is_refused(artist: World, track_id: str) -> None:
    answer = artist.api.get(f"/tracks/{track_id}")

    assert (answer.status_code, answer.json()["code"]) == (422, "validation_failed")
