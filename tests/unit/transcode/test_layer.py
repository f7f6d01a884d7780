"""The recipe of the ffmpeg layer; that it builds is shown by the packaging tests."""

from pathlib import Path

import pytest

from layers.ffmpeg.build import LOCK, locked

ENTRY = "imageio-ffmpeg==0.8.1 \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb"


def test_the_recipe_takes_version_and_hashes_from_the_lock() -> None:
    assert locked(f"idna==3.10 \\\n    --hash=sha256:cc\n{ENTRY}\n    # via veza\nimport-linter==2.16\n") == ENTRY


def test_our_lock_has_what_the_recipe_needs() -> None:
    entry = locked(Path(LOCK).read_text(encoding="utf-8"))

    assert entry.count("--hash=sha256:") > 1
    assert not entry.endswith("\\")


def test_a_lock_without_the_package_stops_the_build() -> None:
    with pytest.raises(SystemExit):
        locked("idna==3.10\n")
