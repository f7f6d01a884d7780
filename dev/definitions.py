"""Virus definitions for a stage: the small builtin set or the official one, self-tested, published, then pointed to."""

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import md5
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from core.adapters.s3 import S3ObjectStore
from core.domain.errors import RefreshFailed
from core.messages.definitions import DEFINITIONS_POINTER, DefinitionsManifest
from dev import tools
from dev.problem import Problem
from schedules.definitions.artifact import Source, manifest_of
from schedules.definitions.clamscan import Clamscan
from schedules.definitions.freshclam import Freshclam
from schedules.definitions.mirror import OFFICIAL, mirror_of
from schedules.definitions.samples import EICAR_HEX
from schedules.definitions.shelf import DefinitionsShelf

__all__ = ["EICAR_HEX", "Published", "build_builtin", "ensure_builtin", "fetch_official", "manifest_of", "publish"]

REFRESH_AFTER_S = 6 * 3600
"""A builtin set older than this is published again: it has no news, but its age must not make verdicts stale."""
FETCH_S = 1800
"""A slow line must not be given up: nobody pays for this time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    manifest: DefinitionsManifest
    new: bool


def build_builtin(folder: Path) -> Path:
    """Fills `folder` with a database that finds EICAR anywhere and Debian's clamav-testfiles, and returns it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "eicar.ndb").write_text(f"Eicar-Test-Signature:0:*:{EICAR_HEX}\n")
    hashes = {_hash_line(path) for path in tools.clamav_testfiles()}
    if hashes:
        (folder / "testfiles.hdb").write_text("".join(sorted(hashes)))
    return folder


def _hash_line(path: Path) -> str:
    """A line of an .hdb: `md5:size:name` (ClamAV documentation, file hash signatures)."""
    content = path.read_bytes()
    name = "".join(letter if letter.isalnum() or letter in ".-" else "-" for letter in path.name)
    return f"{md5(content, usedforsecurity=False).hexdigest()}:{len(content)}:ClamAV-Test-File.{name}\n"


def fetch_official(folder: Path) -> Path:
    """Downloads the official set with freshclam; a Problem where the network does not allow it."""
    folder.mkdir(parents=True, exist_ok=True)
    mirror = mirror_of(OFFICIAL)
    assert mirror is not None
    try:
        Freshclam(program=str(tools.require("freshclam")), mirror=mirror, timeout_s=FETCH_S).refresh(folder)
    except RefreshFailed as failed:
        raise Problem(
            "freshclam could not fetch the official definitions.",
            hint="The builtin set stays in place: it knows EICAR and ClamAV's test files, nothing else.",
            detail=f"{failed.code}: {failed.detail}",
        ) from failed
    return folder


def self_test(folder: Path) -> None:
    """Proves the database with the real engine: it finds EICAR and passes clean audio. A Problem if not."""
    try:
        Clamscan(program=str(tools.require("clamscan")), testfiles=tools.clamav_testfiles()).prove(folder)
    except RefreshFailed as failed:
        raise Problem(
            "The virus definitions failed their self-test and were not published.",
            hint="They must find EICAR and a ClamAV test file, and must not find anything in silence and plain text.",
            detail=failed.detail,
        ) from failed


def published(s3: Any, bucket: str) -> DefinitionsManifest | None:
    """What the pointer says; None if there is none yet."""
    try:
        body = s3.get_object(Bucket=bucket, Key=DEFINITIONS_POINTER)["Body"].read()
    except ClientError as error:
        if error.response["Error"]["Code"] in {"NoSuchKey", "NoSuchBucket", "404"}:
            return None
        raise
    return DefinitionsManifest.model_validate_json(body)


def publish(s3: Any, bucket: str, folder: Path, source: Source) -> DefinitionsManifest:
    """Self-test, then the files, then the pointer: nobody ever sees half a set or an unproved one."""
    self_test(folder)
    manifest = manifest_of(folder, source, built_at=int(time.time()))
    shelf = DefinitionsShelf(S3ObjectStore(s3), bucket)
    shelf.put(manifest, folder)
    shelf.point(manifest)
    return manifest


def ensure_builtin(s3: Any, bucket: str) -> Published:
    """Publishes the builtin set unless something good is there: itself and fresh, or an official one."""
    there = published(s3, bucket)
    with builtin() as folder:
        ours = manifest_of(folder, "builtin", built_at=int(time.time()))
        if there is not None and (there.source == "official" or there.version == ours.version):
            fresh = time.time() - there.built_at < REFRESH_AFTER_S
            if fresh or there.source == "official":
                return Published(manifest=there, new=False)
        return Published(manifest=publish(s3, bucket, folder, "builtin"), new=True)


@contextmanager
def builtin() -> Iterator[Path]:
    """The builtin set in a folder that lives as long as the block."""
    work = Path(tempfile.mkdtemp(prefix="veza-definitions-"))
    try:
        yield build_builtin(work / "builtin")
    finally:
        shutil.rmtree(work, ignore_errors=True)
