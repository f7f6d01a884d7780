"""ClamAV's updater, run once over a folder; what it says becomes one of our errors."""

import os
import re
import subprocess
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from pathlib import Path
from typing import Final
from urllib.error import HTTPError
from urllib.parse import urlsplit

from core.domain.errors import RefreshFailed
from schedules.definitions.artifact import headers_of, sha256_of
from schedules.definitions.mirror import Mirror

FORBIDDEN: Final = "definitions_forbidden"
RATE_LIMITED: Final = "definitions_rate_limited"
UNREACHABLE: Final = "definitions_unreachable"
CORRUPT: Final = "definitions_corrupt"
OUTDATED: Final = "definitions_outdated"
TIMEOUT_S: Final = 420
CONNECT_S: Final = 20
RECEIVE_S: Final = 120
CHECKSUM_BYTES: Final = 1024
_BAD_DATABASE: Final = frozenset({7, 8})
"""FC_EBADCVD, FC_ETESTFAIL of libfreshclam.h."""
_STATUS: Final = re.compile(r"^< HTTP/[0-9.]+ (403|429)\b", re.MULTILINE)
_SAID: Final = re.compile(r"received error code (403|429)\b")
_PARTIAL: Final = "partial file"
_RETRY_AFTER: Final = re.compile(r"^< retry-after: *([^\r\n]+)", re.MULTILINE | re.IGNORECASE)
_REMOTE: Final = re.compile(r"^(\w+) database version obtained using [^:]+: (\d+)", re.MULTILINE)
_DATE: Final = re.compile(r"^< date: *([^\r\n]+)", re.MULTILINE | re.IGNORECASE)


class Refused(RefreshFailed):
    """The mirror wants us to stay away; `retry_after_s` if it said for how long."""

    def __init__(self, detail: str, *, code: str, retry_after_s: int | None) -> None:
        super().__init__(detail, code=code)
        self.retry_after_s = retry_after_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Freshclam:
    program: str
    mirror: Mirror
    ca_bundle: str | None = None
    """Certificates for its curl, which looks for them where Debian has them."""
    timeout_s: float = TIMEOUT_S
    receive_s: int = RECEIVE_S

    def refresh(self, folder: Path) -> None:
        """Brings the databases in `folder` up to date, by differences where they are there. RefreshFailed if not.

        429 ends freshclam with 0, and a private mirror's 403 looks like a bad header, so the status lines of its
        verbose output are read first.
        """
        result = self._run(folder)
        said = result.stdout + result.stderr
        status = _STATUS.search(said) or _SAID.search(said)
        if status is not None:
            raise _refused(status[1], said)
        if result.returncode in _BAD_DATABASE or _PARTIAL in said:
            raise RefreshFailed("The mirror sent broken virus definitions.", code=CORRUPT)
        if result.returncode != 0:
            raise RefreshFailed(f"freshclam ended with {result.returncode}.", code=UNREACHABLE)
        _check_remote(folder, said)
        for url in self.mirror.plain_files:
            self._check_sum(url, folder)

    def _run(self, folder: Path) -> subprocess.CompletedProcess[str]:
        config = folder.with_name(f"{folder.name}.conf")
        lines = [*self.mirror.lines(), f"ConnectTimeout {CONNECT_S}", f"ReceiveTimeout {self.receive_s}"]
        # One attempt: a mirror that refuses must not be asked twice. Its test is left to ours, which proves more.
        lines += ["MaxAttempts 1", "TestDatabases no", "ScriptedUpdates yes", "CompressLocalDatabase no"]
        config.write_text("\n".join(lines) + "\n")
        command = [self.program, f"--config-file={config}", f"--datadir={folder}", "--foreground", "--stdout"]
        command += ["--verbose", *self.mirror.options()]
        if os.geteuid() == 0:
            command.append("--user=root")  # by default root's freshclam becomes a user that can't write here
        try:
            return subprocess.run(
                command,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=self.timeout_s,
                check=False,
                env=self._environment(),
            )
        except subprocess.TimeoutExpired as late:
            raise RefreshFailed("freshclam did not finish in time.", code=UNREACHABLE) from late
        except OSError as missing:
            raise RefreshFailed("freshclam could not be started.", code=UNREACHABLE) from missing

    def _environment(self) -> Mapping[str, str]:
        return {**os.environ, **({"CURL_CA_BUNDLE": self.ca_bundle} if self.ca_bundle else {})}

    def _check_sum(self, url: str, folder: Path) -> None:
        """A file without a signature counts only if `{url}.sha256` agrees (`sha256sum`'s format)."""
        try:
            # The scheme is http or https: mirror_of refuses others.
            with urllib.request.urlopen(f"{url}.sha256", timeout=CONNECT_S) as answer:  # noqa: S310
                expected = answer.read(CHECKSUM_BYTES).decode("ascii", errors="replace").split()[:1]
        except (OSError, HTTPException) as error:
            if isinstance(error, HTTPError):
                error.close()  # it is an open answer at the same time
            raise RefreshFailed("The mirror has no checksum for a file of its own.", code=UNREACHABLE) from error
        path = folder / Path(urlsplit(url).path).name
        if not path.is_file() or expected != [sha256_of(path)]:
            raise RefreshFailed(f"{path.name} is not what its checksum says.", code=CORRUPT)


def _refused(status: str, said: str) -> Refused:
    asked = _RETRY_AFTER.search(said)
    date = _DATE.search(said)
    retry_after_s = _seconds(asked[1].strip(), date[1].strip() if date else None) if asked else None
    code = FORBIDDEN if status == "403" else RATE_LIMITED
    return Refused(f"The mirror of the virus definitions answered {status}.", code=code, retry_after_s=retry_after_s)


def _seconds(retry_after: str, date: str | None) -> int | None:
    """Seconds, or a date that is compared with the server's own (RFC 9110 section 10.2.3)."""
    if retry_after.isdigit():
        return int(retry_after)
    try:
        then, now = parsedate_to_datetime(retry_after), parsedate_to_datetime(date or "")
        return max(0, int((then - now).total_seconds()))
    except (TypeError, ValueError):
        return None


def _check_remote(folder: Path, said: str) -> None:
    """A mirror that has an older database than we do knows nothing about what is current."""
    ours = headers_of(folder)
    for name, version in _REMOTE.findall(said):
        if name in ours and int(version) < ours[name].version:
            raise RefreshFailed(f"The mirror's {name} is older than the published one.", code=OUTDATED)
