"""Two browsers that listen together through the page, one of them with a clock that is wrong."""

import math
import statistics
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.visitor import Visit, Visitor
from tests.cloud import Cloud, new_person
from tests.faults.sounds import brief
from tests.people import Artist, artist  # noqa: F401 - a fixture

MINUTES_OFF_MS = 3 * 60_000
WATCHED_S = 60
SETTLED_S = 15
"""So long the first jump and the hurrying after it may take."""
TOGETHER_MS = 100

# The machine's own clock, which both browsers share, beside where the player is: it does not depend on what the page
# believes of clocks.
WRONG_CLOCK = f"""
const right = performance.now.bind(performance);
const date = Date.now.bind(Date);
globalThis.rightNow = () => performance.timeOrigin + right();
performance.now = () => right() + globalThis.wrong;
Date.now = () => date() + globalThis.wrong;
globalThis.wrong = {MINUTES_OFF_MS};
"""
RIGHT_CLOCK = "globalThis.rightNow = () => performance.timeOrigin + performance.now();"
LOOK = """async () => {
  const player = await import("/player.js");
  return { at: rightNow(), position: player.position() * 1000, playing: player.isPlaying() };
}"""


@pytest.fixture(scope="module")
def track_id(artist: Artist) -> str:  # noqa: F811
    """Two and a half minutes."""
    tone = bytes(128 + round(60 * math.sin(n / 3)) for n in range(8000)) * 150
    found = artist.upload("tone.wav", brief(tone))
    artist.wait_for(found, "ready")
    publish = artist.call("PATCH", f"/tracks/{found}", visibility="public")
    assert publish.status_code == 200, publish.text
    return found


@pytest.fixture
def guest(visit: Visit, cloud: Cloud) -> Visitor:
    """Whose clock is three minutes fast."""
    person = cloud.accounts.ensure(new_person())[0].person
    visitor = visit()
    visitor.page.add_init_script(WRONG_CLOCK)
    visitor.sign_in(person)
    return visitor


def starts_to_play(host: Visitor, track_id: str) -> None:
    host.open(f"#/tracks/{track_id}")
    host.page.locator("main").get_by_role("button", name="Play").click()
    expect(host.page.locator("#player.playing")).to_be_visible()


def invites(host: Visitor) -> str:
    host.page.get_by_role("button", name="Listen together").click()
    link = host.field("Link for others")
    expect(link).to_be_visible()
    return link.input_value().partition("/#/")[2]


def look(page: Page) -> dict[str, Any]:
    found: dict[str, Any] = page.evaluate(LOOK)
    return found


def apart_ms(host: Visitor, guest: Visitor) -> float | None:
    """How far the guest is ahead of the host at one moment; None unless both play."""
    one, other = look(host.page), look(guest.page)
    if not (one["playing"] and other["playing"]):
        return None
    return float(other["position"] - one["position"] - (other["at"] - one["at"]))


def test_two_browsers_hear_the_same_for_a_minute(
    browser: Visitor, guest: Visitor, track_id: str, record_testsuite_property: Callable[[str, object], None]
) -> None:
    browser.page.add_init_script(RIGHT_CLOCK)
    starts_to_play(browser, track_id)
    party = invites(browser)
    guest.open(f"#/{party}")
    guest.press("Join and listen")
    expect(guest.page.get_by_text("You follow the host.")).to_be_visible()
    expect(guest.page.locator("#player.playing")).to_be_visible()
    guest.page.wait_for_timeout(SETTLED_S * 1000)

    found: list[float] = []
    for _ in range(WATCHED_S):
        apart = apart_ms(browser, guest)
        assert apart is not None, "both play on"
        found.append(abs(apart))
        guest.page.wait_for_timeout(1000)
    measured = f"{statistics.median(found):.0f} ms in the middle, {max(found):.0f} ms at most"
    record_testsuite_property("apart", measured)
    assert max(found) < TOGETHER_MS, measured

    browser.press("Pause", browser.page.get_by_role("region", name="Player"))
    expect(guest.page.locator("#player.playing")).to_have_count(0)
