"""Every bad file ends `rejected` with the right code and a human sentence, and nothing of it can be read."""

from collections.abc import Callable

import pytest

from tests import corpus
from tests.cloud import Cloud
from tests.corpus import BadSample
from tests.people import Artist


def objects_of(cloud: Cloud, track_id: str) -> dict[str, list[str]]:
    """Every object version anywhere that belongs to a track, by bucket."""
    s3 = cloud.aws("s3")
    found = {}
    for output in ("UploadsBucket", "OriginalsBucket", "MediaBucket", "QuarantineBucket"):
        listed = s3.list_object_versions(Bucket=cloud.outputs[output]).get("Versions", [])
        found[output] = [version["Key"] for version in listed if track_id in version["Key"]]
    return found


@pytest.mark.parametrize("bad", corpus.bad(), ids=str)
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
    assert left["UploadsBucket"] == []
    assert bool(left["QuarantineBucket"]) is (bad.reason.value == "infected")


def test_the_artist_is_told_by_mail_once(artist: Artist, cloud: Cloud, uploaded: Callable[[str], str]) -> None:
    track = artist.wait_for(uploaded("eicar"), "rejected")
    about = [mail for mail in cloud.mails_to(artist.email) if track["title"] in str(mail)]
    assert len(about) == 1
    assert "malware" in str(about[0])
