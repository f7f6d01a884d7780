"""What every UploadDoor promises."""

import hashlib
from collections.abc import Callable
from http import HTTPStatus
from urllib.parse import parse_qs, urlsplit

import pytest

from core.domain.errors import Conflict, InvalidInput, ObjectGone
from core.domain.ids import Bytes
from core.ports.storage import ObjectStore, SignedRequest, StoredPart, UploadDoor

PART = Bytes(5 * 1024 * 1024)
"""S3's least for all parts but the last."""
StorePart = Callable[[str, str, int, bytes], None]
Send = Callable[[SignedRequest, bytes, dict[str, str]], HTTPStatus]


def two_parts(door: UploadDoor, store_part: StorePart, key: str) -> tuple[str, list[tuple[int, str]]]:
    """An upload of two parts, all there; its id and what to complete it with."""
    multipart_id = door.start_multipart(key, content_type="audio/wav")
    store_part(key, multipart_id, 2, b"tail")
    store_part(key, multipart_id, 1, b"h" * PART)
    return multipart_id, [(part.part_number, part.etag) for part in door.list_parts(key, multipart_id)]


class UploadDoorContract:
    """Subclasses bring `door`, `store` and `bucket` behind it, and `store_part`, which plays the client."""

    def test_a_put_tells_the_client_what_to_send(self, door: UploadDoor) -> None:
        signed = door.sign_put("song", size_bytes=Bytes(5), content_type="audio/wav", sha256="ab" * 32, expires_s=60)
        assert signed.headers == {
            "Content-Length": "5",
            "Content-Type": "audio/wav",
            "If-None-Match": "*",
            "x-amz-checksum-sha256": "q6urq6urq6urq6urq6urq6urq6urq6urq6urq6urq6s=",
        }

    def test_a_put_of_unknown_checksum_signs_none(self, door: UploadDoor) -> None:
        signed = door.sign_put("song", size_bytes=Bytes(5), content_type="audio/wav", sha256=None, expires_s=60)
        assert set(signed.headers) == {"Content-Length", "Content-Type", "If-None-Match"}

    def test_parts_are_listed_in_order_with_their_sizes(self, door: UploadDoor, store_part: StorePart) -> None:
        multipart_id = door.start_multipart("song", content_type="audio/wav")
        assert door.list_parts("song", multipart_id) == []
        store_part("song", multipart_id, 2, b"tail")
        store_part("song", multipart_id, 1, b"head")
        assert door.list_parts("song", multipart_id) == [
            StoredPart(part_number=1, etag=hashlib.md5(b"head").hexdigest(), size_bytes=Bytes(4)),
            StoredPart(part_number=2, etag=hashlib.md5(b"tail").hexdigest(), size_bytes=Bytes(4)),
        ]

    def test_a_part_sent_again_replaces_the_first(self, door: UploadDoor, store_part: StorePart) -> None:
        multipart_id = door.start_multipart("song", content_type="audio/wav")
        store_part("song", multipart_id, 1, b"he")
        store_part("song", multipart_id, 1, b"head")
        assert [part.size_bytes for part in door.list_parts("song", multipart_id)] == [4]

    def test_completing_joins_the_parts(
        self, door: UploadDoor, store: ObjectStore, bucket: str, store_part: StorePart
    ) -> None:
        multipart_id, parts = two_parts(door, store_part, "song")
        with pytest.raises(ObjectGone):
            store.head(bucket, "song")
        door.complete_multipart("song", multipart_id, parts)
        info = store.head(bucket, "song")
        assert info.size_bytes == PART + 4
        assert store.read_range(info.object, PART - 2, PART + 4) == b"hhtail"

    @pytest.mark.parametrize("quoted", [True, False])
    def test_etags_count_with_and_without_quotes(
        self, door: UploadDoor, store: ObjectStore, bucket: str, store_part: StorePart, quoted: bool
    ) -> None:
        multipart_id, parts = two_parts(door, store_part, "song")
        door.complete_multipart("song", multipart_id, [(n, f'"{etag}"' if quoted else etag) for n, etag in parts])
        assert store.head(bucket, "song").size_bytes == PART + 4

    def test_completing_twice_is_no_error_and_makes_one_version(
        self, door: UploadDoor, store: ObjectStore, bucket: str, store_part: StorePart
    ) -> None:
        multipart_id, parts = two_parts(door, store_part, "song")
        door.complete_multipart("song", multipart_id, parts)
        first = store.head(bucket, "song")
        door.complete_multipart("song", multipart_id, parts)
        assert store.head(bucket, "song") == first
        assert door.list_parts("song", multipart_id) == []

    @pytest.mark.parametrize("numbers", [[], [1, 3], [3]])
    def test_parts_that_are_not_there_are_refused(
        self, door: UploadDoor, store: ObjectStore, bucket: str, store_part: StorePart, numbers: list[int]
    ) -> None:
        multipart_id, parts = two_parts(door, store_part, "song")
        etag = parts[0][1]
        with pytest.raises(InvalidInput) as caught:
            door.complete_multipart("song", multipart_id, [(number, etag) for number in numbers])
        assert caught.value.code == "parts_mismatch"
        with pytest.raises(ObjectGone):
            store.head(bucket, "song")

    def test_a_wrong_etag_is_refused(self, door: UploadDoor, store_part: StorePart) -> None:
        multipart_id, parts = two_parts(door, store_part, "song")
        with pytest.raises(InvalidInput) as caught:
            door.complete_multipart("song", multipart_id, [parts[0], (2, "0" * 32)])
        assert caught.value.code == "parts_mismatch"
        door.complete_multipart("song", multipart_id, parts)

    def test_aborting_what_is_closed_changes_nothing(
        self, door: UploadDoor, store: ObjectStore, bucket: str, store_part: StorePart
    ) -> None:
        aborted = door.start_multipart("other", content_type="audio/wav")
        door.abort_multipart("other", aborted)
        door.abort_multipart("other", aborted)
        multipart_id, parts = two_parts(door, store_part, "song")
        door.complete_multipart("song", multipart_id, parts)
        door.abort_multipart("song", multipart_id)
        assert store.head(bucket, "song").size_bytes == PART + 4


class AbortedUploadContract:
    """Apart, since moto crashes when asked to complete what was aborted."""

    def test_an_aborted_upload_can_not_be_completed(self, door: UploadDoor, store_part: StorePart) -> None:
        multipart_id, parts = two_parts(door, store_part, "song")
        door.abort_multipart("song", multipart_id)
        assert door.list_parts("song", multipart_id) == []
        with pytest.raises(Conflict) as caught:
            door.complete_multipart("song", multipart_id, parts)
        assert caught.value.code == "upload_closed"


class SignedHeadersContract:
    """For doors with real presigned URLs: every header that the client is told is covered by the signature."""

    def test_every_told_header_is_signed(self, door: UploadDoor) -> None:
        put = door.sign_put("song", size_bytes=Bytes(5), content_type="audio/wav", sha256="00" * 32, expires_s=77)
        part = door.sign_part("song", "some-upload", 3, size_bytes=PART, expires_s=77)
        for signed in (put, part):
            query = parse_qs(urlsplit(signed.url).query)
            covered = set(query["X-Amz-SignedHeaders"][0].split(";"))
            assert covered == {"host", *(name.lower() for name in signed.headers)}
            assert query["X-Amz-Expires"] == ["77"]
            assert query["X-Amz-Algorithm"] == ["AWS4-HMAC-SHA256"]


class SentBytesContract:
    """For doors that a client can be sent through: fixture `send(request, body, changed headers) → status`."""

    def put_of(self, door: UploadDoor, body: bytes, sha256: str | None = None) -> SignedRequest:
        return door.sign_put("song", size_bytes=Bytes(len(body)), content_type="audio/wav", sha256=sha256, expires_s=60)

    def test_the_announced_bytes_pass(self, door: UploadDoor, store: ObjectStore, bucket: str, send: Send) -> None:
        request = self.put_of(door, b"audio", hashlib.sha256(b"audio").hexdigest())
        assert send(request, b"audio", {}) is HTTPStatus.OK
        assert store.read_range(store.head(bucket, "song").object, 0, 99) == b"audio"

    @pytest.mark.parametrize("body", [b"", b"audi", b"audio!"])
    def test_another_size_is_refused(
        self, door: UploadDoor, store: ObjectStore, bucket: str, send: Send, body: bytes
    ) -> None:
        assert send(self.put_of(door, b"audio"), body, {}) is HTTPStatus.FORBIDDEN
        with pytest.raises(ObjectGone):
            store.head(bucket, "song")

    def test_other_bytes_are_refused_if_the_checksum_was_announced(
        self, door: UploadDoor, store: ObjectStore, bucket: str, send: Send
    ) -> None:
        request = self.put_of(door, b"audio", hashlib.sha256(b"audio").hexdigest())
        assert send(request, b"AUDIO", {}) is HTTPStatus.BAD_REQUEST
        with pytest.raises(ObjectGone):
            store.head(bucket, "song")

    @pytest.mark.parametrize(
        "changed", [{"Content-Type": "text/html"}, {"If-None-Match": '"0"'}, {"x-amz-checksum-sha256": "AAAA"}]
    )
    def test_a_changed_header_is_refused(self, door: UploadDoor, send: Send, changed: dict[str, str]) -> None:
        request = self.put_of(door, b"audio", hashlib.sha256(b"audio").hexdigest())
        assert send(request, b"audio", changed) is HTTPStatus.FORBIDDEN

    def test_12_a_url_works_once(self, door: UploadDoor, store: ObjectStore, bucket: str, send: Send) -> None:
        request = self.put_of(door, b"audio")
        assert send(request, b"audio", {}) is HTTPStatus.OK
        first = store.head(bucket, "song")
        assert send(request, b"AUDIO", {}) is HTTPStatus.PRECONDITION_FAILED
        assert store.head(bucket, "song") == first

    def test_12_nor_does_a_second_url_for_the_same_key(
        self, door: UploadDoor, store: ObjectStore, bucket: str, send: Send
    ) -> None:
        send(self.put_of(door, b"audio"), b"audio", {})
        first = store.head(bucket, "song")
        assert send(self.put_of(door, b"again"), b"again", {}) is HTTPStatus.PRECONDITION_FAILED
        assert store.head(bucket, "song") == first

    def test_12_a_completed_upload_takes_no_further_part(self, door: UploadDoor, send: Send) -> None:
        multipart_id = door.start_multipart("song", content_type="audio/wav")
        request = door.sign_part("song", multipart_id, 1, size_bytes=Bytes(5), expires_s=60)
        assert send(request, b"audio", {}) is HTTPStatus.OK
        (part,) = door.list_parts("song", multipart_id)
        door.complete_multipart("song", multipart_id, [(1, part.etag)])
        assert send(request, b"AUDIO", {}) is HTTPStatus.NOT_FOUND

    def test_a_part_of_another_size_is_refused(self, door: UploadDoor, send: Send) -> None:
        multipart_id = door.start_multipart("song", content_type="audio/wav")
        request = door.sign_part("song", multipart_id, 1, size_bytes=Bytes(5), expires_s=60)
        assert send(request, b"audio!", {}) is HTTPStatus.FORBIDDEN
        assert door.list_parts("song", multipart_id) == []
