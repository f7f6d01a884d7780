"""The engine's bookkeeping; that it really starts and keeps its state is tested in tests/integration/dev."""

import os
from pathlib import Path

import pytest

from dev import engine as module
from dev.engine import Engine, local_engine
from dev.problem import Problem


def engine(home: Path, *, persistent: bool = True) -> Engine:
    return Engine(home=home, port=4999, persistent=persistent)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(module, "ENGINE_HOME", tmp_path)
    monkeypatch.delenv("VEZA_PORT", raising=False)
    return tmp_path


def test_the_port_is_4566_until_somebody_says_otherwise(home: Path) -> None:
    assert local_engine().port == 4566


def test_the_port_it_was_started_on_is_remembered(home: Path) -> None:
    (home / "port").write_text("4700")
    assert local_engine().port == 4700


def test_the_variable_wins(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "port").write_text("4700")
    monkeypatch.setenv("VEZA_PORT", "4800")
    assert local_engine().port == 4800


def test_a_port_that_is_none_is_refused_in_words(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VEZA_PORT", "http")
    with pytest.raises(Problem, match="not a port number"):
        local_engine()


@pytest.mark.parametrize("content", ["", "x", str(os.getpid()), "99999999"])
def test_a_pid_that_is_nobodys_or_somebody_elses_is_not_our_engine(tmp_path: Path, content: str) -> None:
    (tmp_path / "engine.pid").write_text(content)
    assert engine(tmp_path).pid() is None


def test_functions_inherit_nothing_that_changes_imports_or_the_cloud(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("PYTHONPATH", "AWS_PROFILE", "VEZA_STAGE", "VIRTUAL_ENV", "AWS_ENDPOINT_URL"):
        monkeypatch.setenv(name, "leaked")
    environment = engine(tmp_path)._environment()
    assert "leaked" not in environment.values()
    assert environment["BIND_HOST"] == "127.0.0.1"


def test_only_a_persistent_engine_writes_its_state(tmp_path: Path) -> None:
    assert engine(tmp_path)._environment()["STATE_DIR"] == str(tmp_path / "state")
    in_memory = engine(tmp_path, persistent=False)._environment()
    assert not {"STATE_DIR", "PERSIST_STATE", "S3_PERSIST"} & set(in_memory)


def test_objects_of_a_run_that_was_killed_before_its_first_save_are_forgotten(tmp_path: Path) -> None:
    orphan = tmp_path / "state" / "s3" / "object"
    orphan.parent.mkdir(parents=True)
    orphan.touch()
    engine(tmp_path)._forget_orphans()
    assert not orphan.exists()


def test_saved_state_is_kept(tmp_path: Path) -> None:
    saved = tmp_path / "state" / "s3" / "object"
    saved.parent.mkdir(parents=True)
    saved.touch()
    (tmp_path / "state" / "checkpoint").touch()
    engine(tmp_path)._forget_orphans()
    assert saved.exists()


def test_sockets_below_its_temporary_folder_have_short_enough_names(tmp_path: Path) -> None:
    deep = tmp_path / ("x" * 200)
    assert len(str(engine(deep).temp)) < 60


def test_a_second_port_for_a_running_engine_is_refused_and_not_taken_for_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Somebody else's MiniStack may answer on that port: deploying there would overwrite their stack.
    (tmp_path / "port").write_text("4700")
    monkeypatch.setattr(module, "_is_engine", lambda _pid: True)
    (tmp_path / "engine.pid").write_text("1")
    with pytest.raises(Problem, match="port 4700, not on 4999"):
        engine(tmp_path).start()
