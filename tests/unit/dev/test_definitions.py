"""The builtin virus definitions and their manifest."""

import hashlib
from pathlib import Path

import pytest

from dev import definitions, tools


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    sample = tmp_path / "clam sample.exe"
    sample.write_bytes(b"MZ harmless")
    monkeypatch.setattr(tools, "clamav_testfiles", lambda: [sample])
    return definitions.build_builtin(tmp_path / "builtin")


def test_it_finds_eicar_wherever_it_lies(database: Path) -> None:
    name, target, offset, signature = (database / "eicar.ndb").read_text().strip().split(":")
    assert (name, target, offset) == ("Eicar-Test-Signature", "0", "*")
    assert bytes.fromhex(signature).endswith(b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*")


def test_a_sample_is_known_by_its_hash_and_size(database: Path) -> None:
    digest, size, name = (database / "testfiles.hdb").read_text().strip().split(":")
    assert digest == hashlib.md5(b"MZ harmless", usedforsecurity=False).hexdigest()
    assert (size, name) == ("11", "ClamAV-Test-File.clam-sample.exe")


def test_without_the_samples_there_is_no_empty_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # clamd refuses to load an empty .hdb, and with it everything else.
    monkeypatch.setattr(tools, "clamav_testfiles", list)
    folder = definitions.build_builtin(tmp_path / "builtin")
    assert [path.name for path in folder.iterdir()] == ["eicar.ndb"]


def test_the_version_is_made_of_the_contents(database: Path) -> None:
    first = definitions.manifest_of(database, "builtin", built_at=1)
    again = definitions.manifest_of(database, "builtin", built_at=2)
    assert first.version == again.version
    (database / "eicar.ndb").write_text("Other:0:*:00\n")
    assert definitions.manifest_of(database, "builtin", built_at=1).version != first.version


def test_files_lie_below_their_version(database: Path) -> None:
    manifest = definitions.manifest_of(database, "builtin", built_at=1)
    assert [file.name for file in manifest.files] == ["eicar.ndb", "testfiles.hdb"]
    assert all(file.key == f"definitions/{manifest.version}/{file.name}" for file in manifest.files)
    assert manifest.signatures == 2


def test_an_official_database_says_itself_how_many_signatures_it_has(tmp_path: Path) -> None:
    (tmp_path / "daily.cvd").write_bytes(b"ClamAV-VDB:07 Nov 2026:27500:2066549:90:abc:sig:builder:1".ljust(512))
    assert definitions.manifest_of(tmp_path, "official", built_at=1).signatures == 2_066_549
