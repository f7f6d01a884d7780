"""The embedded cloud itself: it starts, says who is in the way, and forgets nothing."""

import io
import json
import os
import shutil
import signal
import tempfile
import time
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dev.endpoint import Endpoint
from dev.engine import Engine, free_port
from dev.problem import Problem

HANDLER = """
import os, time
import of_a_layer

def handler(event, context):
    time.sleep(1)
    return {"worker": os.getpid(), "files": [os.path.realpath(__file__), os.path.realpath(of_a_layer.__file__)]}
"""
AT_ONCE = 3


@pytest.fixture
def engine() -> Iterator[Engine]:
    home = Path(tempfile.mkdtemp(prefix="veza-engine-"))
    engine = Engine(home=home, port=free_port(), persistent=True)
    try:
        engine.start()
        yield engine
    finally:
        engine.erase()


def write(engine: Engine, text: str) -> None:
    endpoint = Endpoint(engine.endpoint_url)
    endpoint.aws("s3").create_bucket(Bucket="songs")
    endpoint.aws("s3").put_object(Bucket="songs", Key="one", Body=text.encode())
    endpoint.aws("secretsmanager").create_secret(Name="key", SecretString=text)


def read(engine: Engine) -> tuple[str, str]:
    endpoint = Endpoint(engine.endpoint_url)
    body = endpoint.aws("s3").get_object(Bucket="songs", Key="one")["Body"].read().decode()
    return body, endpoint.aws("secretsmanager").get_secret_value(SecretId="key")["SecretString"]


def test_starting_it_twice_starts_it_once(engine: Engine) -> None:
    pid = engine.pid()
    assert engine.start() is False
    assert engine.pid() == pid


def test_a_stop_and_a_start_lose_nothing(engine: Engine) -> None:
    write(engine, "kept")
    assert engine.stop()
    assert engine.health() is None
    assert engine.start()
    assert read(engine) == ("kept", "kept")


def test_a_kill_after_a_checkpoint_loses_nothing(engine: Engine) -> None:
    write(engine, "kept")
    engine.checkpoint()
    pid = engine.pid()
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    while engine.pid() is not None:
        time.sleep(0.01)
    assert engine.start()
    assert read(engine) == ("kept", "kept")


def test_a_port_in_use_is_said_before_anything_starts(engine: Engine, tmp_path: Path) -> None:
    other = replace(engine, home=tmp_path / "other")
    with pytest.raises(Problem, match=f"Port {engine.port} is taken by another MiniStack") as caught:
        other.start()
    assert "VEZA_PORT" in caught.value.hint
    assert not other.home.exists()


def test_reset_leaves_nothing(engine: Engine) -> None:
    write(engine, "gone")
    engine.erase()
    assert not engine.home.exists()
    assert not engine.temp.exists()


def test_an_engine_in_memory_writes_no_state(engine: Engine) -> None:
    home = Path(tempfile.mkdtemp(prefix="veza-engine-"))
    fleeting = Engine(home=home, port=free_port(), persistent=False)
    try:
        fleeting.start()
        write(fleeting, "fleeting")
        fleeting.stop()
        assert not list(fleeting.state.iterdir())
    finally:
        shutil.rmtree(home)


def package(files: dict[str, str]) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return written.getvalue()


def deploy(engine: Engine, *, layer: bytes) -> None:
    aws = Endpoint(engine.endpoint_url).aws("lambda")
    version = aws.publish_layer_version(LayerName="layer", Content={"ZipFile": layer})["LayerVersionArn"]
    aws.create_function(
        FunctionName="busy",
        Runtime="python3.13",
        Role="arn:aws:iam::000000000000:role/busy",
        Handler="busy.handler",
        Code={"ZipFile": package({"busy.py": HANDLER})},
        Layers=[version],
    )


def invoke(engine: Engine) -> dict[str, Any]:
    answer = Endpoint(engine.endpoint_url).aws("lambda").invoke(FunctionName="busy")["Payload"].read()
    return dict(json.loads(answer))


def test_workers_of_a_function_share_its_files(engine: Engine) -> None:
    deploy(engine, layer=package({"python/of_a_layer.py": ""}))
    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(lambda _: invoke(engine), range(AT_ONCE)))
    assert len({answer["worker"] for answer in answers}) == AT_ONCE
    assert len({tuple(answer["files"]) for answer in answers}) == 1


def test_a_layer_that_leads_out_of_its_folder_is_refused(engine: Engine) -> None:
    deploy(engine, layer=package({"python/of_a_layer.py": "", "../../out.py": ""}))
    for _ in range(2):
        assert "Failed to resolve layer" in invoke(engine)["errorMessage"]
