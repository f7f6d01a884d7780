import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transcode.encode import attachment


def test_a_download_is_named_after_the_track() -> None:
    assert attachment("Les Témoins - Aurore.mp3") == (
        "attachment; filename=\"Les T_moins - Aurore.mp3\"; filename*=UTF-8''Les%20T%C3%A9moins%20-%20Aurore.mp3"
    )


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"])))
def test_no_name_can_leave_its_header_or_its_folder(name: str) -> None:
    header = attachment(name)

    assert re.fullmatch(r"attachment; filename=\"[^\"\\/:*?<>|%;]+\"; filename\*=UTF-8''[\w.%~-]+", header)
    assert header.isascii()


@pytest.mark.parametrize("name", ["", "...", " . "])
def test_a_name_without_substance_gets_one(name: str) -> None:
    assert 'filename="track.mp3"' in attachment(name)
