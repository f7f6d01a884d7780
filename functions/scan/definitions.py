"""The published virus definitions: the pointer, and a checked copy of the files it names in a folder of ours."""

import hashlib
import re
import shutil
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from core.domain.errors import ObjectGone, ScannerUnavailable
from core.domain.ids import EpochSeconds
from core.domain.verdicts import Definitions
from core.messages.definitions import DEFINITIONS_POINTER, DefinitionsFile, DefinitionsManifest
from core.ports.storage import ObjectStore

RANGE_BYTES: Final = 8 * 1024 * 1024
_SAFE_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


class PublishedDefinitions:
    """Reads the definitions bucket. StorageUnavailable passes through; all else wrong is ScannerUnavailable."""

    def __init__(self, store: ObjectStore, bucket: str) -> None:
        self._store = store
        self._bucket = bucket

    def current(self) -> DefinitionsManifest:
        """What the pointer names now."""
        try:
            info = self._store.head(self._bucket, DEFINITIONS_POINTER)
            text = self._store.read_range(info.object, 0, min(info.size_bytes, RANGE_BYTES))
            manifest = DefinitionsManifest.model_validate_json(text)
        except ObjectGone as gone:
            raise ScannerUnavailable("There are no virus definitions.") from gone
        except ValidationError as broken:
            raise ScannerUnavailable("The pointer to the virus definitions is broken.") from broken
        if not manifest.files or not all(_SAFE_NAME.fullmatch(file.name) for file in manifest.files):
            raise ScannerUnavailable("The pointer to the virus definitions names no usable files.")
        return manifest

    def download(self, manifest: DefinitionsManifest, folder: Path) -> None:
        """Puts the files into the new `folder`; it only exists afterwards if every checksum was right."""
        partial = folder.with_name(f"{folder.name}.partial")
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        try:
            for file in manifest.files:
                self._fetch(file, partial / file.name)
            partial.replace(folder)
        finally:
            shutil.rmtree(partial, ignore_errors=True)

    def _fetch(self, file: DefinitionsFile, target: Path) -> None:
        digest = hashlib.sha256()
        try:
            info = self._store.head(self._bucket, file.key)
            with target.open("wb") as out:
                for start in range(0, info.size_bytes, RANGE_BYTES):
                    piece = self._store.read_range(info.object, start, min(start + RANGE_BYTES, info.size_bytes))
                    digest.update(piece)
                    out.write(piece)
        except ObjectGone as gone:
            raise ScannerUnavailable(f"The virus definitions lack {file.name}.") from gone
        if digest.hexdigest() != file.sha256.lower():
            raise ScannerUnavailable(f"The virus definitions are corrupt: {file.name}.")


def described(manifest: DefinitionsManifest) -> Definitions:
    return Definitions(
        version=manifest.version,
        built_at=EpochSeconds(manifest.built_at),
        signatures=manifest.signatures,
        source=manifest.source,
    )
