"""What may be announced, how it is cut, where it goes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.errors import InvalidInput
from core.domain.ids import Bytes, TrackId, UploadId, is_id, new_id
from core.domain.limits import (
    FILENAME_MAX,
    MIB,
    UPLOAD_MAX_BYTES,
    UPLOAD_PART_BYTES,
    UPLOAD_SINGLE_PUT_MAX_BYTES,
)
from core.domain.media import CONTENT_TYPES, EXTENSIONS, Container
from core.domain.uploads import (
    Strategy,
    check_filename,
    check_size,
    choose_strategy,
    content_type_of,
    incoming_key,
    parse_incoming_key,
    plan_parts,
)
from tests.builders import an_upload

sizes = st.integers(1, UPLOAD_MAX_BYTES).map(Bytes)
GIB = 1024 * MIB


class TestParts:
    @given(sizes)
    def test_they_add_up_and_are_numbered_from_one(self, size: Bytes) -> None:
        plan = plan_parts(size)
        assert sum(part.size_bytes for part in plan) == size
        assert [part.part_number for part in plan] == list(range(1, len(plan) + 1))

    @given(sizes)
    def test_storage_takes_them(self, size: Bytes) -> None:
        """S3: at most 10,000 parts, each but the last of at least 5 MiB."""
        plan = plan_parts(size)
        assert len(plan) <= 10_000
        assert all(part.size_bytes == UPLOAD_PART_BYTES >= 5 * MIB for part in plan[:-1])
        assert 0 < plan[-1].size_bytes <= UPLOAD_PART_BYTES

    @pytest.mark.parametrize(
        ("size", "count", "last"), [(16 * MIB, 1, 16 * MIB), (16 * MIB + 1, 2, 1), (2 * GIB, 128, 16 * MIB)]
    )
    def test_at_the_borders(self, size: int, count: int, last: int) -> None:
        plan = plan_parts(Bytes(size))
        assert (len(plan), plan[-1].size_bytes) == (count, last)


@pytest.mark.parametrize(
    ("size", "strategy"),
    [
        (1, Strategy.PUT),
        (UPLOAD_SINGLE_PUT_MAX_BYTES, Strategy.PUT),
        (UPLOAD_SINGLE_PUT_MAX_BYTES + 1, Strategy.MULTIPART),
        (UPLOAD_MAX_BYTES, Strategy.MULTIPART),
    ],
)
def test_large_files_go_by_parts(size: int, strategy: Strategy) -> None:
    assert choose_strategy(Bytes(size)) is strategy


class TestSize:
    @given(sizes)
    def test_up_to_two_gib(self, size: Bytes) -> None:
        assert check_size(size) == size

    @pytest.mark.parametrize(
        ("size", "code"),
        [(0, "size_zero"), (-1, "size_zero"), (2 * GIB + 1, "size_too_large"), (10**15, "size_too_large")],
    )
    def test_others_are_refused(self, size: int, code: str) -> None:
        with pytest.raises(InvalidInput) as caught:
            check_size(size)
        assert (caught.value.code, caught.value.field) == (code, "size_bytes")


class TestFilename:
    @pytest.mark.parametrize(
        "name", ["song.wav", "SONG.FLAC", "my.best.song.mp3", "Prélude № 1 – 音楽.m4a", ".hidden.ogg", "a b+c%d.opus"]
    )
    def test_names_of_songs(self, name: str) -> None:
        assert check_filename(name) == name

    def test_the_same_name_typed_on_another_system(self) -> None:
        assert check_filename(" Pre\u0301lude.wav ") == "Prélude.wav"

    @pytest.mark.parametrize(
        "name",
        ["", "   ", "song", ".wav", " .wav", "...wav", "a/b.wav", "..\\b.wav", "a\0.wav", "a\n.wav", "a\u202e.wav",
         "x" * FILENAME_MAX + ".wav"],
    )  # fmt: skip
    def test_nonsense_is_refused(self, name: str) -> None:
        with pytest.raises(InvalidInput) as caught:
            check_filename(name)
        assert (caught.value.code, caught.value.field) == ("filename_invalid", "filename")

    @pytest.mark.parametrize("name", ["cover.jpg", "album.zip", "list.m3u8", "song.wav.exe", "clip.mkv", "song."])
    def test_other_files_are_refused(self, name: str) -> None:
        with pytest.raises(InvalidInput) as caught:
            check_filename(name)
        assert caught.value.code == "extension_unsupported"
        assert "flac" in caught.value.detail

    @given(st.text(max_size=300))
    def test_whatever_passes_is_a_name_and_no_path(self, text: str) -> None:
        try:
            name = check_filename(text)
        except InvalidInput:
            return
        assert 0 < len(name) <= FILENAME_MAX
        assert not set(name) & set("/\\\0\n")
        assert check_filename(name) == name


class TestContentType:
    @pytest.mark.parametrize("extension", EXTENSIONS)
    def test_every_extension_has_one_of_its_containers(self, extension: str) -> None:
        chosen = content_type_of(f"song.{extension.upper()}")
        assert chosen in {CONTENT_TYPES[container] for container in EXTENSIONS[extension]}

    def test_every_container_has_one(self) -> None:
        assert set(CONTENT_TYPES) == set(Container)
        assert content_type_of("song.aac") == "audio/aac"


class TestKeys:
    def test_a_key_tells_whose_bytes_these_are(self) -> None:
        track, upload = TrackId(new_id()), UploadId(new_id())
        assert parse_incoming_key(incoming_key(track, upload)) == (track, upload)

    def test_an_upload_knows_its_key(self) -> None:
        upload = an_upload()
        assert parse_incoming_key(upload.key) == (upload.track_id, upload.id)

    @given(st.text(max_size=120))
    def test_other_keys_tell_nothing(self, key: str) -> None:
        assert parse_incoming_key(key) is None

    @pytest.mark.parametrize("change", ["x{}", "{}x", "{}/", "/{}", "{}\n"])
    def test_nor_do_keys_that_only_look_like_one(self, change: str) -> None:
        assert parse_incoming_key(change.format(incoming_key(TrackId(new_id()), UploadId(new_id())))) is None


class TestIds:
    def test_they_sort_by_birth(self) -> None:
        born = [new_id() for _ in range(100)]
        assert born == sorted(set(born))
        assert all(is_id(one) for one in born)

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "x",
            "01927a3c-5b80-7c11-9f3a-2f6d1c0b4e10\n",
            "01927A3C-5B80-7C11-9F3A-2F6D1C0B4E10",
            "01927a3c-5b80-4c11-9f3a-2f6d1c0b4e10",
        ],
    )
    def test_upper_case_and_other_versions_are_none(self, text: str) -> None:
        assert not is_id(text)
