"""The clamav layer: a clamd that brings its own loader and libraries, and scans."""

import importlib.util
import subprocess
from pathlib import Path
from types import ModuleType

import pytest

from dev import definitions, tools
from scan.clamd import Clamd
from tests import corpus

RECIPE = Path(__file__).parents[3] / "layers" / "clamav" / "build.py"


@pytest.fixture(scope="module")
def recipe() -> ModuleType:
    spec = importlib.util.spec_from_file_location("clamav_recipe", RECIPE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def layer(recipe: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The layer made of this machine's own packages, so that no archive is needed."""
    out = tmp_path_factory.mktemp("layer")
    program = tools.clamd().resolve()
    recipe.collect(program, [program.parents[2], Path("/")], out)
    return out


def test_it_uses_its_own_libraries_alone(layer: Path) -> None:
    listing = subprocess.run(
        [layer / "clamav/lib/ld.so", "--library-path", layer / "clamav/lib", "--list", layer / "clamav/clamd"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout

    libraries = [line.split(" => ")[1].split()[0] for line in listing.splitlines() if " => " in line]
    assert any("libclamav" in library for library in libraries)
    assert [library for library in libraries if not library.startswith(str(layer))] == []


def test_it_scans(layer: Path, tmp_path: Path) -> None:
    daemon = Clamd(
        str(layer / "bin" / "clamd"),
        database=definitions.build_builtin(tmp_path / "db"),
        folder=tmp_path / "clamd",
        signatures=1,
    )
    try:
        daemon.wait_ready(60)
        with corpus.bad_sample("eicar").path.open("rb") as infected, corpus.sample("wav-16").path.open("rb") as clean:
            assert daemon.scan_descriptor(infected.fileno(), 30).endswith(" FOUND")
            assert daemon.scan_descriptor(clean.fileno(), 30) == "OK"
    finally:
        daemon.stop()


def test_a_library_that_the_packages_lack_is_named(recipe: ModuleType, tmp_path: Path) -> None:
    with pytest.raises(recipe.Missing, match="ld-linux"):
        recipe.collect(tools.clamd().resolve(), [tmp_path], tmp_path / "out")
