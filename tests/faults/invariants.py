"""What must hold whenever the system has come to rest, whatever was done to it (reliability.md)."""

import json
from collections import Counter
from typing import Any

from botocore.exceptions import ClientError

from core.domain.reasons import MESSAGES, ReasonCode
from tests.faults.pipeline import Pipeline
from tests.people import Artist

LOCKED_AWAY = ("Uploads", "Originals", "Quarantine")
ENDINGS = {"ready": "transcoding.completed", "rejected": "track.rejected", "failed": "track.failed"}


def assert_at_rest(pipeline: Pipeline, artist: Artist, *track_ids: str) -> None:
    """Waits for the end of everything, then holds each track against every invariant."""
    for track_id in track_ids:
        artist.wait_for(track_id, *ENDINGS)
    pipeline.rest()
    for noun in LOCKED_AWAY:
        _assert_private(pipeline, noun)
    for track_id in track_ids:
        track = artist.track(track_id)
        _assert_ended_with_a_reason(track)
        _assert_told_once(pipeline, artist, track)
        _assert_only_clean_bytes_are_heard(pipeline, artist, track)


def _assert_ended_with_a_reason(track: dict[str, Any]) -> None:
    assert track["state"] in ENDINGS, track
    reason = track["state_reason"]
    if track["state"] == "ready":
        assert reason is None
    else:
        assert reason["message"] == MESSAGES[ReasonCode(reason["code"])]


def _assert_told_once(pipeline: Pipeline, artist: Artist, track: dict[str, Any]) -> None:
    """One event per effect, one mail about the end."""
    events = Counter(event.type for event in pipeline.events_about(track["id"]))
    assert events[ENDINGS[track["state"]]] == 1, events
    assert sum(events[ending] for ending in ENDINGS.values()) == 1, events
    # A file may prove bad after its beginning could be heard.
    assert events["track.playable"] <= 1, events
    assert events["track.playable"] == 1 or track["state"] != "ready", events
    mails = [mail for mail in artist.cloud.mails_to(artist.email) if track["title"] in mail["BodyText"]]
    assert len(mails) == 1, [mail["Subject"] for mail in mails]


def _assert_only_clean_bytes_are_heard(pipeline: Pipeline, artist: Artist, track: dict[str, Any]) -> None:
    stored = pipeline.objects(track["id"])
    verdicts = pipeline.verdicts(f"incoming/{track['id']}/{track['upload_id']}")
    if stored["Originals"] or track["state"] == "ready":
        assert "clean" in verdicts.values(), "promoted without a clean verdict"
    for name in stored["Uploads"]:
        assert verdicts.get(name.partition("#")[2], "clean") == "clean", "refused bytes were left in the uploads bucket"
    for noun in LOCKED_AWAY:
        for name in stored[noun]:
            _assert_not_served(artist, name.partition("#")[0])
    if track["state"] == "ready":
        _assert_a_ticket_is_needed(artist, track["id"])
        return
    assert stored["Media"] == {}
    assert artist.call("POST", f"/tracks/{track['id']}/stream").status_code == 409


def _assert_private(pipeline: Pipeline, noun: str) -> None:
    """Nothing anonymous is let into the bucket, by its own settings; the engine of the tests enforces no policy."""
    s3, bucket = pipeline.cloud.aws("s3"), pipeline.bucket(noun)
    blocked = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    assert set(blocked.values()) == {True}
    try:
        statements = json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])["Statement"]
    except ClientError as error:
        assert error.response["Error"]["Code"] == "NoSuchBucketPolicy"  # noqa: PT017 - what it raises else is a failure
        return
    allowed = [s for s in statements if s["Effect"] == "Allow" and s["Principal"] in ("*", {"AWS": "*"})]
    assert allowed == []


def _assert_not_served(artist: Artist, key: str) -> None:
    """No address of the CDN leads to it."""
    for path in (key, f"media/{key}", f"api/v1/{key}"):
        answer = artist.cloud.http.get(f"{artist.cloud.media_url}/{path}")
        assert answer.status_code in {403, 404}, (path, answer.status_code)


def _assert_a_ticket_is_needed(artist: Artist, track_id: str) -> None:
    """403 without a token, with a wrong one, with an expired one, and with a good one for another track."""
    url = artist.ticket(track_id)["hls_url"]
    assert artist.cloud.http.get(url).status_code == 200
    base, _, rest = url.partition("/media/")
    token, _, path = rest.partition("/")
    kind, expires, signature = token.split(".")
    wrong = signature[:-1] + ("A" if signature[-1] != "A" else "B")
    for forged in (
        f"{base}/{path}",
        f"{base}/media/{path}",
        f"{base}/media/{kind}.{expires}.{wrong[::-1]}/{path}",
        f"{base}/media/{kind}.1600000000.{signature}/{path}",
        f"{base}/media/{kind}.{int(expires) + 60}.{signature}/{path}",
        f"{base}/media/{token}/{path.replace(track_id, track_id[::-1])}",
    ):
        answer = artist.cloud.http.get(forged)
        assert answer.status_code == 403, (forged, answer.status_code)
