"""The page's JavaScript, tested in the language it is written in."""

import subprocess
from pathlib import Path

import pytest


@pytest.mark.parametrize("script", sorted(Path(__file__).parent.glob("*.test.mjs")), ids=lambda path: path.stem)
def test_script(script: Path) -> None:
    done = subprocess.run(["node", "--test", script], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
