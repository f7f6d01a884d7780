"""Definitions are proved by the real engine before anybody is pointed to them."""

from pathlib import Path
from uuid import uuid4

import pytest

from dev import definitions
from dev.problem import Problem
from tests.cloud import BareCloud


@pytest.fixture
def bucket(engine: BareCloud) -> str:
    name = f"definitions-{uuid4().hex[:8]}"
    engine.aws("s3").create_bucket(Bucket=name)
    return name


def test_the_builtin_set_passes_and_is_pointed_to(engine: BareCloud, bucket: str) -> None:
    result = definitions.ensure_builtin(engine.aws("s3"), bucket)
    assert result.new
    assert definitions.published(engine.aws("s3"), bucket) == result.manifest
    for file in result.manifest.files:
        assert engine.aws("s3").get_object(Bucket=bucket, Key=file.key)["Body"].read()


def test_a_second_time_nothing_is_published(engine: BareCloud, bucket: str) -> None:
    first = definitions.ensure_builtin(engine.aws("s3"), bucket)
    again = definitions.ensure_builtin(engine.aws("s3"), bucket)
    assert not again.new
    assert again.manifest == first.manifest


@pytest.mark.parametrize(
    "content", ["Other:0:*:0011223344556677\n", f"Eicar:0:*:{definitions.EICAR_HEX}\nRiff:0:0:52494646\n", "broken\n"]
)
def test_a_set_that_misses_eicar_or_finds_too_much_or_does_not_load_moves_no_pointer(
    engine: BareCloud, bucket: str, tmp_path: Path, content: str
) -> None:
    good = definitions.ensure_builtin(engine.aws("s3"), bucket)
    (tmp_path / "bad.ndb").write_text(content)
    with pytest.raises(Problem, match="self-test"):
        definitions.publish(engine.aws("s3"), bucket, tmp_path, "official")
    assert definitions.published(engine.aws("s3"), bucket) == good.manifest


def test_an_official_set_is_not_replaced_by_the_builtin_one(engine: BareCloud, bucket: str, tmp_path: Path) -> None:
    folder = definitions.build_builtin(tmp_path / "official")
    official = definitions.publish(engine.aws("s3"), bucket, folder, "official")
    result = definitions.ensure_builtin(engine.aws("s3"), bucket)
    assert not result.new
    assert result.manifest == official
