"""A User-Agent in words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.devices import NAME_MAX, device_of

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
SAFARI = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.5 Mobile/15E148 Safari/604.1"
)


@pytest.mark.parametrize(
    ("user_agent", "device"),
    [
        (FIREFOX, "Firefox on Linux"),
        (SAFARI, "Mobile Safari on iOS"),
        ("veza-cli/0.1.0", "veza-cli"),
        ("", ""),
        ("\x00\x1b[31m", ""),
    ],
)
def test_people_recognise_their_device(user_agent: str, device: str) -> None:
    assert device_of(user_agent) == device


@given(st.text(max_size=2000))
def test_whatever_is_sent_makes_a_short_line(user_agent: str) -> None:
    device = device_of(user_agent)
    assert len(device) <= NAME_MAX
    assert device.isprintable()
