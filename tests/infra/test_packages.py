"""The packaged zips: a clean interpreter that has nothing but the code and the layer imports every module."""

import platform
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from infra.packages import Runtime, code_package, layer_package, page_package, unzipped_bytes
from infra.stages import stage_named
from tests.infra.synthesis import CONTEXT

LAMBDA_LIMIT = 250 * 1024 * 1024
HERE = Runtime(
    platform=f"linux-{platform.machine().replace('arm64', 'aarch64')}",
    python=f"{sys.version_info.major}.{sys.version_info.minor}",
)
# -I leaves out the environment, the user's packages and the folder we are in; -S leaves out site-packages.
IMPORT_ALL = """
import importlib, pathlib, sys
code, layer = sys.argv[1:]
sys.path[:0] = [layer, code]
for file in sorted(pathlib.Path(code).rglob("*.py")):
    module = ".".join(file.relative_to(code).with_suffix("").parts).removesuffix(".__init__")
    importlib.import_module(module)
    print(module)
"""


@pytest.fixture(scope="module")
def unzipped(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The folders /var/task and /opt as Lambda would show them."""
    folders = {name: tmp_path_factory.mktemp(name) for name in ("task", "opt")}
    for folder, package in (
        (folders["task"], code_package(HERE)),
        (folders["opt"], layer_package("python-deps", HERE)),
    ):
        with zipfile.ZipFile(package) as archive:
            archive.extractall(folder)
    return folders


@pytest.fixture(scope="module")
def imported(unzipped: dict[str, Path]) -> set[str]:
    arguments = [sys.executable, "-I", "-S", "-c", IMPORT_ALL, str(unzipped["task"]), str(unzipped["opt"] / "python")]
    finished = subprocess.run(arguments, check=False, capture_output=True, text=True)
    assert finished.returncode == 0, finished.stderr
    return set(finished.stdout.split())


@pytest.mark.parametrize(
    "module",
    [
        "api.handlers.accounts",
        "api.handlers.catalogue",
        "api.handlers.platform",
        "scan.handler",
        "transcode.handler",
        "consumers.relay.handler",
        "consumers.mail.handler",
        "schedules.sweep.handler",
        "schedules.keys.handler",
        "schedules.page.handler",
    ],
)
def test_handler_needs_nothing_but_code_and_layer(module: str, imported: set[str]) -> None:
    assert module in imported


def test_packages_bring_their_bytecode(unzipped: dict[str, Path]) -> None:
    tag = sys.implementation.cache_tag
    assert (unzipped["task"] / "core" / "__pycache__" / f"settings.{tag}.pyc").is_file()
    compiled = unzipped["opt"] / "python" / "fastapi" / "__pycache__" / f"applications.{tag}.pyc"
    assert compiled.read_bytes()[4:8] == b"\x01\x00\x00\x00", "hash-based and unchecked (PEP 552)"


def test_code_package_holds_our_code_alone() -> None:
    with zipfile.ZipFile(code_package(HERE)) as archive:
        rooms = {name.split("/")[0] for name in archive.namelist()}
    assert rooms == {"api", "consumers", "core", "scan", "schedules", "transcode", "ws"}


def test_page_package_holds_the_player() -> None:
    with zipfile.ZipFile(page_package()) as archive:
        names = set(archive.namelist())
    assert {"index.html", "hls.light.min.mjs"} <= names
    assert "package.json" not in names


@pytest.mark.parametrize("engine", ["ffmpeg", "clamav"])
def test_code_and_layers_fit_into_lambda(engine: str) -> None:
    runtime = stage_named("aws", environ={}, context=CONTEXT).runtime
    packages = [code_package(runtime), layer_package("python-deps", runtime), layer_package(engine, runtime)]
    sizes = {package.name: unzipped_bytes(package) for package in packages}
    assert sum(sizes.values()) < LAMBDA_LIMIT, sizes


def test_engine_keeps_its_executable_bit() -> None:
    runtime = stage_named("aws", environ={}, context=CONTEXT).runtime
    with zipfile.ZipFile(layer_package("ffmpeg", runtime)) as archive:
        assert (archive.getinfo("bin/ffmpeg").external_attr >> 16) & 0o111
