"""Where definitions come from: the setting `definitions_mirror` in words freshclam understands."""

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import urlsplit

from schedules.definitions.artifact import PLAIN, SIGNED

NONE: Final = "none"
OFFICIAL: Final = "official"
OFFICIAL_HOST: Final = "database.clamav.net"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mirror:
    """`private` is the URL of a whole copy of the official databases, `files` are URLs of single ones."""

    official: bool = False
    private: str | None = None
    files: tuple[str, ...] = ()

    @property
    def plain_files(self) -> list[str]:
        """Files that nobody signed: each needs a checksum beside it."""
        return [url for url in self.files if suffix_of(url) not in SIGNED]

    def lines(self) -> list[str]:
        """Of freshclam.conf."""
        base = f"PrivateMirror {self.private}" if self.private else f"DatabaseMirror {OFFICIAL_HOST}"
        return [base, *(f"DatabaseCustomURL {url}" for url in self.files)]

    def options(self) -> list[str]:
        """Of the command: with single files only, nothing else is asked for."""
        return [] if self.official or self.private else ["--no-dns", "--update-db=custom"]


def mirror_of(setting: str) -> Mirror | None:
    """None for `none`. Else words with blanks between them: `official`, one URL of a private mirror, URLs of files.

    ValueError for a setting that means nothing.
    """
    words = setting.split()
    if words == [NONE]:
        return None
    files = tuple(word for word in words if suffix_of(word) in SIGNED | PLAIN)
    official, rest = OFFICIAL in words, [word for word in words if word not in files and word != OFFICIAL]
    if not words or len(rest) > 1 or (official and rest):
        raise ValueError("definitions_mirror is `none`, or `official` or one mirror's URL, and URLs of files")
    if any(urlsplit(url).scheme not in {"http", "https"} for url in (*rest, *files)):
        raise ValueError("definitions_mirror: only http and https")
    return Mirror(official=official, private=rest[0].rstrip("/") if rest else None, files=files)


def suffix_of(url: str) -> str:
    return PurePosixPath(urlsplit(url).path).suffix if "://" in url else ""
