"""The page keeps its promises: nothing inline, nobody else asked, everything named, readable colours."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

WEB = Path(__file__).parents[3] / "web"
SCRIPTS = sorted(WEB.glob("*.js"))
FROM_NPM = {"hls.light.min.mjs"}
Attributes = dict[str, str | None]


class Elements(HTMLParser):
    """Every element with the text directly in it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, Attributes, list[str]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs), []))

    def handle_data(self, data: str) -> None:
        if self.found and data.strip():
            self.found[-1][2].append(data.strip())


@pytest.fixture(scope="module")
def elements() -> Elements:
    return Elements((WEB / "index.html").read_text(encoding="utf-8"))


def test_nothing_in_the_page_needs_unsafe_inline(elements: Elements) -> None:
    for tag, attributes, text in elements.found:
        assert not [name for name in attributes if name.startswith("on") or name == "style"], (tag, attributes)
        assert tag != "style"
        assert tag != "script" or (attributes.get("src") and not text)


def test_nobody_else_is_asked() -> None:
    for path in (WEB / "index.html", WEB / "style.css", *SCRIPTS):
        assert not re.search(r"(https?:)?//[a-z0-9-]+\.[a-z]", path.read_text(encoding="utf-8")), path.name


def test_every_file_the_page_names_is_there(elements: Elements) -> None:
    named = {
        value.removeprefix("/")
        for _, attributes, _ in elements.found
        for name in ("src", "href")
        if (value := attributes.get(name)) and value.startswith("/")
    }
    imported = {name for path in SCRIPTS for name in re.findall(r'from "\./([^"]+)"', path.read_text(encoding="utf-8"))}
    assert "app.js" in named
    assert {name for name in named | imported if not (WEB / name).is_file()} == FROM_NPM


def test_every_part_a_script_asks_for_is_in_the_page(elements: Elements) -> None:
    there = {name.removeprefix("data-") for _, attributes, _ in elements.found for name in attributes}
    asked = {
        name
        for path in SCRIPTS
        for name in re.findall(r'part\("(\w+)"\)|\[data-(\w+)\]', path.read_text(encoding="utf-8"))
        for name in name
        if name
    }
    assert asked
    assert asked <= there


def test_every_template_a_script_stamps_is_in_the_page(elements: Elements) -> None:
    there = {attributes.get("id") for tag, attributes, _ in elements.found if tag == "template"}
    stamped = {name for path in SCRIPTS for name in re.findall(r'stamp(?:All)?\("(\w+)"\)', path.read_text("utf-8"))}
    assert stamped == there


def test_password_managers_can_do_their_work(elements: Elements) -> None:
    """OWASP ASVS 5, 6.2.7: pasting, and being filled in."""
    fields = [
        attributes for tag, attributes, _ in elements.found if tag == "input" and attributes.get("type") == "password"
    ]
    assert len(fields) >= 5
    assert {field["autocomplete"] for field in fields} == {"current-password", "new-password"}
    assert [path.name for path in SCRIPTS if "paste" in path.read_text(encoding="utf-8").replace("pasted", "")] == []


def test_pictures_are_hidden_from_screen_readers_and_buttons_say_what_they_do(elements: Elements) -> None:
    for tag, attributes, text in elements.found:
        if tag in {"svg", "canvas"}:
            assert attributes.get("aria-hidden") == "true"
        if tag == "button" and not text:
            named_by_script = "data-play" in attributes  # "Play Night Drive": the script knows the title
            assert attributes.get("aria-label") or named_by_script, attributes


# -- colours --------------------------------------------------------------------------------------------------------

PALETTE = dict(re.findall(r"^  --([\w-]+): light-dark\((.*)\);$", (WEB / "style.css").read_text("utf-8"), re.MULTILINE))


def luminance(colour: str) -> float:
    """WCAG 2.2, relative luminance of `#rrggbb`."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("mode", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("text", "ground"),
    [(t, g) for t in ("ink", "soft", "accent", "bad") for g in ("paper", "card")] + [("on-accent", "accent")],
)
def test_text_is_readable_in_both_modes(text: str, ground: str, mode: int) -> None:
    assert contrast(PALETTE[text].split(", ")[mode], PALETTE[ground].split(", ")[mode]) >= 4.5
