"""What the setting `definitions_mirror` means, what databases say of themselves, and what refusals mean."""

from pathlib import Path

import pytest

from schedules.definitions import freshclam
from schedules.definitions.artifact import Header, files_of, header_of, manifest_of
from schedules.definitions.mirror import OFFICIAL_HOST, mirror_of


def test_no_mirror_is_none() -> None:
    assert mirror_of("none") is None


@pytest.mark.parametrize(
    ("setting", "lines", "options", "plain"),
    [
        pytest.param("official", [f"DatabaseMirror {OFFICIAL_HOST}"], [], [], id="official"),
        pytest.param("https://m.example/av/", ["PrivateMirror https://m.example/av"], [], [], id="private"),
        pytest.param(
            "https://m.example/a.ndb",
            [f"DatabaseMirror {OFFICIAL_HOST}", "DatabaseCustomURL https://m.example/a.ndb"],
            ["--no-dns", "--update-db=custom"],
            ["https://m.example/a.ndb"],
            id="files",
        ),
        pytest.param(
            "official https://m.example/a.ldb https://m.example/b.cvd",
            [
                f"DatabaseMirror {OFFICIAL_HOST}",
                "DatabaseCustomURL https://m.example/a.ldb",
                "DatabaseCustomURL https://m.example/b.cvd",
            ],
            [],
            ["https://m.example/a.ldb"],
            id="both",
        ),
    ],
)
def test_a_setting_in_the_words_of_freshclam(
    setting: str, lines: list[str], options: list[str], plain: list[str]
) -> None:
    mirror = mirror_of(setting)
    assert mirror is not None
    assert (mirror.lines(), mirror.options(), mirror.plain_files) == (lines, options, plain)


@pytest.mark.parametrize(
    "setting",
    ["", "none official", "official https://m.example", "https://a.example https://b.example", "ftp://m.example/a.ndb",
     "file:///etc/a.ndb", "something"],
)  # fmt: skip
def test_a_setting_that_means_nothing_is_refused(setting: str) -> None:
    with pytest.raises(ValueError, match="definitions_mirror"):
        mirror_of(setting)


def test_a_signed_database_tells_its_version(tmp_path: Path) -> None:
    signed, old, plain = tmp_path / "daily.cvd", tmp_path / "old.cvd", tmp_path / "a.ndb"
    signed.write_bytes(b"ClamAV-VDB:01 Jan 2027 10-00 +0000:27500:2000000:90:md5:dsig:raynman:1798797600".ljust(512))
    old.write_bytes(b"ClamAV-VDB:01 Jan 2007 10-00 +0000:3:4:5:md5:dsig:builder".ljust(512))
    plain.write_text("A:0:*:00112233\nB:0:*:44556677\n")

    assert header_of(signed) == Header(version=27500, signatures=2_000_000, built_at=1_798_797_600)
    assert header_of(old) == Header(version=3, signatures=4, built_at=None)
    assert header_of(plain) is None
    assert manifest_of(tmp_path, "official", built_at=5).signatures == 2_000_006


def test_the_version_is_made_of_names_and_contents(tmp_path: Path) -> None:
    (tmp_path / "a.ndb").write_text("A:0:*:00112233\n")
    (tmp_path / "freshclam.dat").write_text("its own business")
    version = manifest_of(tmp_path, "official", built_at=5).version
    assert [path.name for path in files_of(tmp_path)] == ["a.ndb"]
    assert manifest_of(tmp_path, "official", built_at=6).version == version

    (tmp_path / "a.ndb").rename(tmp_path / "b.ndb")
    assert manifest_of(tmp_path, "official", built_at=5).version != version


@pytest.mark.parametrize(
    ("retry_after", "date", "seconds"),
    [
        ("120", None, 120),
        ("Fri, 01 Jan 2027 12:00:00 GMT", "Fri, 01 Jan 2027 11:00:00 GMT", 3600),
        ("Fri, 01 Jan 2027 12:00:00 GMT", "Fri, 01 Jan 2027 13:00:00 GMT", 0),
        ("Fri, 01 Jan 2027 12:00:00 GMT", None, None),
        ("later", "Fri, 01 Jan 2027 13:00:00 GMT", None),
    ],
)
def test_a_mirror_says_for_how_long_in_seconds_or_by_a_date(
    retry_after: str, date: str | None, seconds: int | None
) -> None:
    assert freshclam._seconds(retry_after, date) == seconds
