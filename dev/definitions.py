"""Virus definitions for a stage: the small builtin set or the official one, self-tested, published, then pointed to."""

import json
import shutil
import subprocess
import tempfile
import time
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import md5, sha256
from pathlib import Path
from typing import Any, Literal

from botocore.exceptions import ClientError

from core.messages import DEFINITIONS_POINTER, DefinitionsFile, DefinitionsManifest
from dev import tools
from dev.problem import Problem

EICAR_HEX = (
    "58354f2150254041505b345c505a58353428505e2937434329377d2445494341522d5354414e444152442d414e54"
    "4956495255532d544553542d46494c452124482b482a"
)
"""The EICAR anti-malware test file (eicar.org), in hex so that no scanner takes this source for it."""
REFRESH_AFTER_S = 6 * 3600
"""A builtin set older than this is published again: it has no news, but its age must not make verdicts stale."""
Source = Literal["official", "builtin"]


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
    config = folder.parent / "freshclam.conf"
    config.write_text("DatabaseMirror database.clamav.net\nConnectTimeout 20\nReceiveTimeout 120\nMaxAttempts 2\n")
    command = [str(tools.require("freshclam")), f"--config-file={config}", f"--datadir={folder}", "--foreground"]
    command += ["--stdout", f"--user={folder.owner()}"]
    result = subprocess.run(command, capture_output=True, text=True, timeout=1800, check=False)
    if result.returncode != 0 or not list(folder.glob("*.c[vl]d")):
        raise Problem(
            "freshclam could not fetch the official definitions.",
            hint="The builtin set stays in place: it knows EICAR and ClamAV's test files, nothing else.",
            detail=(result.stdout + result.stderr)[-2000:],
        )
    return folder


def self_test(folder: Path) -> None:
    """Proves the database with the real engine: it finds EICAR and passes clean audio. A Problem if not."""
    with tempfile.TemporaryDirectory(prefix="veza-selftest-") as name:
        infected, clean = Path(name, "infected.com"), Path(name, "clean.wav")
        infected.write_bytes(bytes.fromhex(EICAR_HEX))
        write_silence(clean)
        command = [str(tools.require("clamscan")), f"--database={folder}", "--no-summary", str(infected), str(clean)]
        result = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    found = [line.split(": ", 1)[0] for line in result.stdout.splitlines() if line.endswith(" FOUND")]
    if result.returncode not in (0, 1) or found != [str(infected)]:
        raise Problem(
            "The virus definitions failed their self-test and were not published.",
            hint="They must find EICAR and must not find anything in a silent WAV.",
            detail=(result.stdout + result.stderr)[-2000:],
        )


def write_silence(path: Path) -> None:
    """Half a second of it, 8 kHz, mono, 16 bits."""
    with wave.open(str(path), "wb") as audio:
        audio.setnchannels(1)
        audio.setsampwidth(2)
        audio.setframerate(8000)
        audio.writeframes(bytes(8000))


def manifest_of(folder: Path, source: Source, built_at: int) -> DefinitionsManifest:
    """The version is made of the contents, so the same set published twice has the same one."""
    hashes = {path.name: sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}
    version = f"{source}-{sha256(json.dumps(hashes).encode()).hexdigest()[:12]}"
    return DefinitionsManifest(
        version=version,
        built_at=built_at,
        signatures=sum(_count(folder / name) for name in hashes),
        source=source,
        files=tuple(
            DefinitionsFile(name=name, key=f"definitions/{version}/{name}", sha256=digest)
            for name, digest in hashes.items()
        ),
    )


def _count(path: Path) -> int:
    """Signatures in a database file; a .cvd or .cld says it in its header (ClamAV-VDB:time:version:count:…)."""
    with path.open("rb") as file:
        head = file.read(512)
    if head.startswith(b"ClamAV-VDB:"):
        return int(head.split(b":")[3])
    return len(path.read_bytes().splitlines())


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
    for file in manifest.files:
        s3.upload_file(str(folder / file.name), bucket, file.key)
    s3.put_object(
        Bucket=bucket,
        Key=DEFINITIONS_POINTER,
        Body=manifest.model_dump_json().encode(),
        ContentType="application/json",
        CacheControl="no-store",
    )
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
