"""Every bad file ends `rejected` with the right code and a human sentence, and nothing of it can be read."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.cloud import Cloud
from tests.corpus import BadSample, RefusedBy
from tests.corpus.spoiled import eicar
from tests.e2e.conftest import arriving
from tests.people import PATIENCE_S, Artist


def objects_of(cloud: Cloud, track_id: str) -> dict[str, list[str]]:
    """Every object version anywhere that belongs to a track, by bucket."""
    s3 = cloud.aws("s3")
    found = {}
    for output in ("UploadsBucket", "OriginalsBucket", "MediaBucket", "QuarantineBucket"):
        listed = s3.list_object_versions(Bucket=cloud.outputs[output]).get("Versions", [])
        found[output] = [version["Key"] for version in listed if track_id in version["Key"]]
    return found


@pytest.mark.parametrize("bad", arriving(), ids=str)
def test_it_is_rejected_with_its_reason(
    bad: BadSample, artist: Artist, cloud: Cloud, uploaded: Callable[[str], str]
) -> None:
    track_id = uploaded(bad.name)
    track = artist.wait_for(track_id, "rejected")
    assert track["state_reason"]["code"] == bad.reason.value
    assert len(track["state_reason"]["message"]) > 20
    assert track["renditions"] == []
    refused = artist.call("POST", f"/tracks/{track_id}/stream")
    assert refused.status_code == 409
    assert refused.json()["code"] == "not_playable_yet"
    assert cloud.http.get(f"{cloud.api_url}/tracks/{track_id}").status_code == 404
    left = objects_of(cloud, track_id)
    assert left["MediaBucket"] == []
    if bad.refused_by is RefusedBy.SCAN:
        assert left["UploadsBucket"] == []
        assert left["OriginalsBucket"] == []
    assert bool(left["QuarantineBucket"]) is (bad.reason.value == "infected")


def test_the_artist_is_told_by_mail_once(artist: Artist, cloud: Cloud) -> None:
    upload = artist.announce("song.wav", eicar(), title="Nocturne in B flat")
    artist.send(upload, eicar())
    artist.wait_for(upload["track_id"], "rejected")
    about = wait_for_mails(cloud, artist.email, "Nocturne in B flat")
    assert len(about) == 1
    assert "malware" in str(about[0])


def wait_for_mails(cloud: Cloud, email: str, words: str) -> list[dict[str, Any]]:
    """Mails that mention `words`, once the mail queue is empty."""
    sqs, url = cloud.aws("sqs"), cloud.outputs["MailQueueUrl"]
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        found = [mail for mail in cloud.mails_to(email) if words in str(mail)]
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        left = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
        if found and not any(int(count) for count in left.values()):
            return found
        time.sleep(0.3)
    raise AssertionError(f"no mail about {words!r} within {PATIENCE_S} s")
