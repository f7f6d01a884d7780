"""What may be attached is what its name says."""

import pytest

from core.domain.attachments import TYPES
from core.domain.errors import MediaRejected
from core.domain.reasons import ReasonCode
from scan.sniff.attachment import sniff_attachment
from tests.corpus.attached import ATTACHED, PNG
from tests.fakes.scanner import EICAR

HTML = b"<html><script>alert(1)</script></html>"
PROGRAM = b"MZ\x90\x00\x03\x00\x00\x00"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.mark.parametrize("filename", ATTACHED)
def test_what_it_says_to_be(filename: str) -> None:
    sniff_attachment(ATTACHED[filename], filename)


def test_every_kind_but_audio_is_looked_at_above() -> None:
    seen = {TYPES[name.rpartition(".")[2].lower()] for name in ATTACHED}
    assert seen >= {it for it in TYPES.values() if not it.startswith("audio/")} | {"audio/midi"}


@pytest.mark.parametrize("filename", ATTACHED)
@pytest.mark.parametrize("content", [PROGRAM, b"", b"\x00", b"RIFF", "Ü".encode("latin-1"), b"\x1b[2J"])
def test_what_it_does_not_say(filename: str, content: bytes) -> None:
    if filename == "lyrics.txt" and content in {b"", b"RIFF"}:
        return  # a text of no or four letters
    with pytest.raises(MediaRejected) as refused:
        sniff_attachment(content, filename)
    assert refused.value.reason is ReasonCode.EXTENSION_MISMATCH


@pytest.mark.parametrize("filename", [name for name in ATTACHED if name != "lyrics.txt"])
@pytest.mark.parametrize("content", [HTML, SVG, EICAR, b" " + PNG])
def test_no_page_and_no_program_comes_as_something_else(filename: str, content: bytes) -> None:
    with pytest.raises(MediaRejected):
        sniff_attachment(content, filename)


def test_one_kind_is_not_another() -> None:
    for filename in ATTACHED:
        for other, content in ATTACHED.items():
            kinds = {TYPES[name.rpartition(".")[2].lower()] for name in (filename, other)}
            if len(kinds) == 2 and filename != "lyrics.txt":
                with pytest.raises(MediaRejected):
                    sniff_attachment(content, filename)


def test_audio_is_walked_from_end_to_end() -> None:
    with pytest.raises(MediaRejected) as refused:
        sniff_attachment(b"RIFF\x24\x00\x00\x00WAVEfmt ", "loop.wav")
    assert refused.value.reason is ReasonCode.TRUNCATED
