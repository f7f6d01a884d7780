import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.errors import EncoderFailed
from tests.unit.transcode.fragmented import box, chunk, init
from transcode.fmp4 import Chunk, Init, read_fragments

frames = st.lists(st.integers(1, 5000), min_size=1, max_size=50)
tracks = st.lists(st.tuples(frames, st.binary(max_size=200)), max_size=8)


def written(track: list[tuple[list[int], bytes]]) -> list[bytes]:
    start, chunks = 0, []
    for durations, payload in track:
        chunks.append(chunk(start, durations, payload, wide=start % 2 == 1))
        start += sum(durations)
    return chunks


@given(tracks)
def test_a_stream_is_cut_into_its_init_section_and_chunks_without_losing_a_byte(
    track: list[tuple[list[int], bytes]],
) -> None:
    head, chunks = init(), written(track)

    first, *rest = read_fragments(io.BytesIO(head + b"".join(chunks)))

    assert isinstance(first, Init)
    assert first.data == head
    assert [part.data for part in rest] == chunks


@given(tracks)
def test_a_chunk_knows_its_exact_time_and_length(track: list[tuple[list[int], bytes]]) -> None:
    _, *chunks = read_fragments(io.BytesIO(init() + b"".join(written(track))))

    clock = 0
    for (durations, _), part in zip(track, chunks, strict=True):
        assert isinstance(part, Chunk)
        assert (part.start, part.duration, part.frames) == (clock, sum(durations), len(durations))
        clock += sum(durations)


@given(tracks.filter(bool), st.data())
def test_a_stream_that_breaks_off_is_never_taken_for_a_whole_one(
    track: list[tuple[list[int], bytes]], data: st.DataObject
) -> None:
    chunks = written(track)
    whole = init() + b"".join(chunks)
    cut = data.draw(st.integers(len(whole) - len(chunks[-1]) + 1, len(whole) - 1))

    with pytest.raises(EncoderFailed):
        list(read_fragments(io.BytesIO(whole[:cut])))


@pytest.mark.parametrize("version", [0, 1])
@pytest.mark.parametrize(("kind", "codec"), [("mp4a", "mp4a.40.2"), ("fLaC", "fLaC")])
def test_the_init_section_tells_codec_rate_and_priming(version: int, kind: str, codec: str) -> None:
    (found,) = read_fragments(io.BytesIO(init(kind=kind, timescale=48_000, priming=1024, version=version)))

    assert isinstance(found, Init)
    assert (found.codec, found.timescale, found.priming) == (codec, 48_000, 1024)


def test_an_empty_edit_carries_no_priming() -> None:
    (found,) = read_fragments(io.BytesIO(init(priming=-1)))

    assert isinstance(found, Init)
    assert found.priming == 0


@pytest.mark.parametrize(
    "stream",
    [
        b"\x00\x00\x00\x07mdat",
        b"\xff\xff\xff\xffmdat",
        box("ftyp") + box("moov"),
        init() + box("moof", box("traf", box("tfhd", bytes(8)))) + box("mdat"),
        init(kind="ac-3"),
    ],
    ids=["size below a header", "size of 4 GiB", "no track", "no decode time", "another codec"],
)
def test_what_is_not_our_encoders_output_is_refused(stream: bytes) -> None:
    with pytest.raises(EncoderFailed):
        list(read_fragments(io.BytesIO(stream)))
