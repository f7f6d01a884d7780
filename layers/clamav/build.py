#!/usr/bin/env python3
"""clamd, clamscan and freshclam from Debian's packages with their own libraries and loader, for Amazon Linux too.

    build.py --platform {linux-x86_64|linux-aarch64} --python 3.13 --out DIR

DIR gets `bin/clamd` and the like, scripts for /opt/bin, and `clamav/` with the programs, every library they need (found
by reading the ELF files, so nothing more) and the loader of the glibc they were built for. Packages come from the
Debian or Ubuntu archive this machine is set up for, checked by apt's signatures; apt's state is private, so neither
root nor a foreign architecture on this system is needed. Signatures are no part of the layer: the bucket has them.
"""

import argparse
import re
import shutil
import struct
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

DEBIAN_ARCHITECTURES = {"linux-x86_64": "amd64", "linux-aarch64": "arm64"}
PROGRAMS = ("usr/sbin/clamd", "usr/bin/clamscan", "usr/bin/freshclam")
"""The scan keeps clamd warm; the refresh of the definitions fetches with freshclam and proves with clamscan."""
PROGRAM_PACKAGES = frozenset({"clamav", "clamav-daemon", "clamav-freshclam"})
LIBRARY_PACKAGE = re.compile(r"^(lib|zlib1g)")
# Libraries of clamdtop, which lies in the same package.
UNUSED = frozenset({"libncurses6", "libtinfo6"})
PT_LOAD, PT_DYNAMIC, PT_INTERP = 1, 2, 3
DT_NEEDED, DT_STRTAB = 1, 5
START = """\
#!/bin/sh
here=$(dirname "$(readlink -f "$0")")/../clamav
exec "$here/lib/ld.so" --library-path "$here/lib" "$here/{program}" "$@"
"""


class Missing(Exception):
    """What a person has to add before the layer can be built."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--platform", choices=sorted(DEBIAN_ARCHITECTURES), required=True)
    parser.add_argument("--python", help="taken because every recipe gets it; ClamAV needs none")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    try:
        with tempfile.TemporaryDirectory() as scratch:
            root = unpacked(Path(scratch), DEBIAN_ARCHITECTURES[options.platform])
            for program in PROGRAMS:
                collect(root / program, [root], options.out)
    except Missing as missing:
        sys.exit(str(missing))
    except subprocess.CalledProcessError as failed:
        sys.exit(f"{failed.cmd[0]} failed: {(failed.stderr or b'').decode(errors='replace').strip()}")


def unpacked(scratch: Path, architecture: str) -> Path:
    """A folder with the files of the programs' packages and of all library packages below them."""
    for tool in ("apt-get", "apt-cache", "dpkg-deb"):
        if shutil.which(tool) is None:
            raise Missing(f"the clamav layer is made of Debian packages: it needs {tool} (Debian or Ubuntu)")
    apt = private_apt(scratch, architecture)
    run("apt-get", *apt, "update", "--quiet")
    packages = closure(apt)
    debs, root = scratch / "debs", scratch / "root"
    debs.mkdir()
    run("apt-get", *apt, "download", "--quiet", *(f"{name}:{architecture}" for name in packages), cwd=debs)
    for deb in sorted(debs.glob("*.deb")):
        run("dpkg-deb", "--extract", str(deb), str(root))
    return root


def private_apt(scratch: Path, architecture: str) -> list[str]:
    """Options that make apt use this machine's sources and keys, and nothing else of it."""
    for folder in ("state/lists/partial", "cache/archives/partial"):
        (scratch / folder).mkdir(parents=True)
    (scratch / "status").touch()
    settings = {
        "Dir::State": scratch / "state",
        "Dir::State::status": scratch / "status",
        "Dir::Cache": scratch / "cache",
        "APT::Architecture": architecture,
        "APT::Architectures": architecture,
        "APT::Sandbox::User": "",
        "Acquire::Languages": "none",
    }
    return [part for key, value in settings.items() for part in ("-o", f"{key}={value}")]


def closure(apt: list[str]) -> list[str]:
    """The programs' packages and the library packages they depend on, over any number of steps."""
    found, todo = set(PROGRAM_PACKAGES), sorted(PROGRAM_PACKAGES)
    while todo:
        listing = run("apt-cache", *apt, "depends", "--important", todo.pop())
        for name in re.findall(r"^ {1,2}\|?(?:Pre)?Depends: ([a-z0-9.+-]+)", listing, re.MULTILINE):
            if LIBRARY_PACKAGE.match(name) and name not in UNUSED | found:
                found.add(name)
                todo.append(name)
    return sorted(found)


def collect(program: Path, roots: list[Path], out: Path) -> None:
    """Copies the program with everything it loads, looked for below `roots`, and the script that starts it.

    Programs collected into the same folder share their libraries.
    """
    libraries = out / "clamav" / "lib"
    libraries.mkdir(parents=True, exist_ok=True)
    interpreter, _ = elf_facts(program)
    shutil.copy(located(roots, interpreter.rpartition("/")[2]), libraries / "ld.so")
    own = out / "clamav" / program.name
    shutil.copy(program, own)
    todo, done = [program], {"ld.so"}
    while todo:
        for name in elf_facts(todo.pop())[1]:
            if name not in done:
                done.add(name)
                todo.append(located(roots, name))
                shutil.copy(todo[-1], libraries / name)
    start = out / "bin" / program.name
    start.parent.mkdir(exist_ok=True)
    start.write_text(START.replace("{program}", program.name))
    for executable in (start, libraries / "ld.so", own):
        executable.chmod(0o755)


def located(roots: list[Path], name: str) -> Path:
    """The file of a library below one of the `roots`, links followed."""
    for folder in (root / place for root in roots for place in ("lib", "usr/lib", "lib64", "usr/lib64")):
        for path in (*folder.glob(name), *folder.glob(f"*-linux-gnu*/{name}")):
            return path.resolve()
    raise Missing(f"the packages lack {name}")


def elf_facts(path: Path) -> tuple[str, list[str]]:
    """(loader, needed libraries) of a 64-bit little-endian ELF file."""
    data = path.read_bytes()
    if data[:6] != b"\x7fELF\x02\x01":
        raise Missing(f"{path.name} is no 64-bit program")
    segments = list(program_headers(data))
    interpreter = next((data[at : at + size - 1].decode() for kind, at, _, size in segments if kind == PT_INTERP), "")
    entries = [
        pair
        for kind, at, _, size in segments
        if kind == PT_DYNAMIC
        for pair in struct.iter_unpack("<QQ", data[at : at + size])
    ]
    table = next((value for tag, value in entries if tag == DT_STRTAB), 0)
    offset = next((at + table - start for kind, at, start, size in segments
                   if kind == PT_LOAD and start <= table < start + size), 0)  # fmt: skip
    names = [data[offset + value : data.index(b"\0", offset + value)] for tag, value in entries if tag == DT_NEEDED]
    return interpreter, [name.decode() for name in names]


def program_headers(data: bytes) -> Iterator[tuple[int, int, int, int]]:
    """(type, file offset, address, size in the file) of each segment."""
    (table,) = struct.unpack_from("<Q", data, 32)
    width, count = struct.unpack_from("<HH", data, 54)
    for number in range(count):
        kind, _flags, offset, address, _physical, size = struct.unpack_from("<IIQQQQ", data, table + number * width)
        yield kind, offset, address, size


def run(*command: str, cwd: Path | None = None) -> str:
    return subprocess.run(command, check=True, capture_output=True, cwd=cwd).stdout.decode()


if __name__ == "__main__":
    main()
