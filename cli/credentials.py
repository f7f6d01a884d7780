"""The signed-in accounts of this user on this machine: one file, mode 0600, replaced as a whole, never half written."""

import contextlib
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from cli.errors import Misused

if sys.platform == "win32":
    import msvcrt

    def _hold(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_LOCK, 1)

else:
    import fcntl

    def _hold(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX)


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """One sign-in. `access_expires_at` is in seconds since the epoch, by this machine's clock."""

    api_url: str
    account_id: str
    email: str
    username: str
    access_token: str
    access_expires_at: float
    refresh_token: str


class CredentialStore:
    """`{folder}/credentials.json`: one account per API base, and the base used last."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "credentials.json"
        self._lock_path = folder / "credentials.lock"

    def last_api_url(self) -> str | None:
        last = self._read()["last_api_url"]
        return str(last) if last else None

    def load(self, api_url: str) -> Credentials | None:
        found = self._read()["accounts"].get(api_url)
        return Credentials(**found) if found else None

    def save(self, credentials: Credentials) -> None:
        document = self._read()
        document["accounts"][credentials.api_url] = asdict(credentials)
        document["last_api_url"] = credentials.api_url
        self._write(document)

    def forget(self, api_url: str) -> None:
        document = self._read()
        document["accounts"].pop(api_url, None)
        self._write(document)

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Held by one thread of one process: a refresh token works once, two that present it lose the session."""
        self._make_folder()
        descriptor = os.open(self._lock_path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            _hold(descriptor)
            yield
        finally:
            os.close(descriptor)

    def _read(self) -> dict[str, Any]:
        try:
            document = json.loads(self._path.read_text(encoding="utf-8"))
            return {"accounts": dict(document["accounts"]), "last_api_url": document.get("last_api_url")}
        except FileNotFoundError:
            return {"accounts": {}, "last_api_url": None}
        except (ValueError, KeyError, TypeError) as error:
            raise Misused(f"{self._path} is damaged. Delete it and sign in again.") from error

    def _write(self, document: dict[str, Any]) -> None:
        self._make_folder()
        # mkstemp creates the file with mode 0600; the rename makes the change atomic for every reader.
        descriptor, name = tempfile.mkstemp(dir=self._path.parent, prefix=".credentials-")
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump({"version": 1, **document}, file, indent=2)
        Path(name).replace(self._path)

    def _make_folder(self) -> None:
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
