"""The definitions bucket: the pointer, the versions beside it, and what this function remembers."""

import hashlib
from pathlib import Path
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from core.domain.errors import ObjectGone, StorageUnavailable
from core.domain.limits import MIB
from core.messages.definitions import DEFINITIONS_POINTER, DefinitionsFile, DefinitionsManifest
from core.ports.storage import ObjectStore
from schedules.definitions.artifact import FOLDER, pieces_of

MEMORY: Final = f"{FOLDER}refresh.json"
PIECE_BYTES: Final = 8 * MIB
_JSON: Final[Literal["application/json"]] = "application/json"


class Memory(BaseModel):
    """What one run tells the next. Times are Unix seconds."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    tried_at: int = 0
    not_before: int = 0
    """The mirror asked us to stay away until then."""
    databases: dict[str, int] = {}
    """ClamAV's version numbers of what was last published, such as daily: 27500."""


class DefinitionsShelf:
    """Raises StorageUnavailable."""

    def __init__(self, store: ObjectStore, bucket: str) -> None:
        self._store = store
        self._bucket = bucket

    def current(self) -> DefinitionsManifest | None:
        """What the pointer names. None if there is none, or none that can be read: then anything proved is better."""
        text = self._read(DEFINITIONS_POINTER)
        try:
            return None if text is None else DefinitionsManifest.model_validate_json(text)
        except ValidationError:
            return None

    def memory(self) -> Memory:
        text = self._read(MEMORY)
        try:
            return Memory() if text is None else Memory.model_validate_json(text)
        except ValidationError as broken:
            # Forgetting a cool-down would bother a mirror that asked for rest: a person has to look.
            raise StorageUnavailable("The memory of the definitions' refresh is broken.") from broken

    def remember(self, memory: Memory) -> None:
        self._store.put(self._bucket, MEMORY, memory.model_dump_json().encode(), content_type=_JSON)

    def fetch(self, file: DefinitionsFile, folder: Path) -> bool:
        """Puts a published file into `folder`; False, and no file, if it is gone or not what the manifest says."""
        target, digest = folder / Path(file.name).name, hashlib.sha256()
        try:
            info = self._store.head(self._bucket, file.key)
            with target.open("wb") as out:
                for start in range(0, info.size_bytes, PIECE_BYTES):
                    piece = self._store.read_range(info.object, start, min(start + PIECE_BYTES, info.size_bytes))
                    digest.update(piece)
                    out.write(piece)
        except ObjectGone:
            target.unlink(missing_ok=True)
            return False
        if digest.hexdigest() != file.sha256.lower():
            target.unlink()
            return False
        return True

    def put(self, manifest: DefinitionsManifest, folder: Path) -> None:
        """The files; nobody sees them before `point`."""
        for file in manifest.files:
            self._store.put_stream(
                self._bucket, file.key, pieces_of(folder / file.name), content_type="application/octet-stream"
            )

    def point(self, manifest: DefinitionsManifest) -> None:
        """One PUT, so a reader sees the old set or the new one."""
        body = manifest.model_dump_json().encode()
        self._store.put(self._bucket, DEFINITIONS_POINTER, body, content_type=_JSON, cache_control="no-store")

    def prune(self, keep: set[str]) -> int:
        """Removes every version not in `keep`; returns how many."""
        paths = (key.removeprefix(FOLDER).split("/") for key in self._store.list_keys(self._bucket, FOLDER))
        old = {path[0] for path in paths if len(path) > 1} - keep
        for version in sorted(old):
            self._store.delete_prefix(self._bucket, f"{FOLDER}{version}/")
        return len(old)

    def _read(self, key: str) -> bytes | None:
        try:
            info = self._store.head(self._bucket, key)
            return self._store.read_range(info.object, 0, min(info.size_bytes, MIB))
        except ObjectGone:
            return None
