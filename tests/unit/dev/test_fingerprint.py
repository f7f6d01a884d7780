"""A deploy is skipped only if nothing it is made of has changed."""

from pathlib import Path

import pytest

from dev import stack
from dev.paths import ROOT
from dev.stack import Deployment, fingerprint


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "functions" / "core").mkdir(parents=True)
    (tmp_path / "functions" / "core" / "a.py").write_text("a = 1\n")
    (tmp_path / "cdk.json").write_text("{}")
    return tmp_path


def of(tree: Path, *words: str) -> str:
    return fingerprint(["functions", "cdk.json"], words, root=tree)


def test_the_same_tree_has_the_same_fingerprint(tree: Path) -> None:
    assert of(tree) == of(tree)


def test_a_changed_line_changes_it(tree: Path) -> None:
    before = of(tree)
    (tree / "functions" / "core" / "a.py").write_text("a = 2\n")
    assert of(tree) != before


def test_a_new_a_moved_and_a_deleted_file_change_it(tree: Path) -> None:
    seen = {of(tree)}
    (tree / "functions" / "b.py").write_text("")
    seen.add(of(tree))
    (tree / "functions" / "b.py").rename(tree / "functions" / "c.py")
    seen.add(of(tree))
    (tree / "functions" / "core" / "a.py").unlink()
    seen.add(of(tree))
    assert len(seen) == 4


def test_what_python_leaves_behind_does_not(tree: Path) -> None:
    before = of(tree)
    cache = tree / "functions" / "core" / "__pycache__"
    cache.mkdir()
    (cache / "a.cpython-311.pyc").write_bytes(b"\0")
    assert of(tree) == before


def test_where_the_programs_are_belongs_to_it(tree: Path) -> None:
    assert of(tree, "/usr/sbin/clamd") != of(tree, "/opt/clamd")


def test_every_folder_that_a_deploy_reads_is_watched() -> None:
    watched = set(stack.INPUTS)
    read = {name for name in ("functions", "infra", "layers", "edge", "web", "requirements") if (ROOT / name).is_dir()}
    assert read | {"cdk.json", "package-lock.json"} <= watched


def test_a_record_survives_a_round_trip(tmp_path: Path) -> None:
    record = tmp_path / "deployed.json"
    deployment = Deployment(code="c", rest="r", outputs={"VezaData-local": {"UploadsBucket": "b"}})
    deployment.save(record)
    assert Deployment.load(record) == deployment


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"code": "c"}', '{"code": "c", "rest": "r", "outputs": {}, "x": 1}']
)
def test_a_record_that_was_cut_off_or_is_older_means_deploying_again(tmp_path: Path, content: str) -> None:
    record = tmp_path / "deployed.json"
    record.write_text(content)
    assert Deployment.load(record) is None


def test_no_record_means_deploying(tmp_path: Path) -> None:
    assert Deployment.load(tmp_path / "deployed.json") is None
