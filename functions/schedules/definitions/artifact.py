"""A folder of ClamAV databases as the artifact that is published: its manifest, its version, its numbers."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from core.messages.definitions import DefinitionsFile, DefinitionsManifest

FOLDER: Final = "definitions/"
"""Where everything lies in the definitions bucket."""
SIGNED: Final = frozenset({".cvd", ".cld"})
"""Databases that carry a header and, as .cvd, ClamAV's signature; a .cld is one that was patched by signed diffs."""
_PLAIN_KINDS: Final = "ndb ndu hdb hsb mdb ldb ldu fp sfp ign2 cdb yar"
PLAIN: Final = frozenset(f".{kind}" for kind in _PLAIN_KINDS.split())
_HEADER: Final = b"ClamAV-VDB:"
_HEADER_BYTES: Final = 512
_PIECE: Final = 1024 * 1024
Source = Literal["official", "builtin"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What a signed database says of itself (`ClamAV-VDB:time:version:count:level:md5:signature:builder:seconds`)."""

    version: int
    signatures: int
    built_at: int | None
    """Unix seconds; absent in very old files."""


def files_of(folder: Path) -> list[Path]:
    """The databases in `folder`, by name, without what freshclam keeps for itself beside them."""
    return sorted(path for path in folder.iterdir() if path.suffix in SIGNED | PLAIN and path.is_file())


def header_of(path: Path) -> Header | None:
    """None for a database without one."""
    with path.open("rb") as file:
        head = file.read(_HEADER_BYTES)
    if not head.startswith(_HEADER):
        return None
    fields = head.decode("ascii", errors="replace").split(":")
    built_at = fields[8].strip() if len(fields) > 8 else ""
    return Header(
        version=int(fields[2]), signatures=int(fields[3]), built_at=int(built_at) if built_at.isdigit() else None
    )


def headers_of(folder: Path) -> dict[str, Header]:
    """Headers by the database's name without suffix: `daily.cvd` becomes `daily.cld` after a diff."""
    headers = ((path.stem, header_of(path)) for path in files_of(folder) if path.suffix in SIGNED)
    return {name: header for name, header in headers if header is not None}


def manifest_of(folder: Path, source: Source, built_at: int) -> DefinitionsManifest:
    """The version is made of the contents, so the same set published twice has the same one.

    `built_at` is when the set was last known to be current.
    """
    hashes = {path.name: sha256_of(path) for path in files_of(folder)}
    version = f"{source}-{hashlib.sha256(json.dumps(hashes).encode()).hexdigest()[:12]}"
    return DefinitionsManifest(
        version=version,
        built_at=built_at,
        signatures=sum(_count(folder / name) for name in hashes),
        source=source,
        files=tuple(
            DefinitionsFile(name=name, key=f"{FOLDER}{version}/{name}", sha256=digest)
            for name, digest in hashes.items()
        ),
    )


def sha256_of(path: Path) -> str:
    """Hexadecimal; the official set does not fit into memory beside the engine."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def pieces_of(path: Path) -> Iterator[bytes]:
    """The file's bytes, one MiB at a time."""
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            yield piece


def _count(path: Path) -> int:
    header = header_of(path)
    if header is not None:
        return header.signatures
    return sum(piece.count(b"\n") for piece in pieces_of(path))
