"""Debian's ffmpeg as the independent listener: it plays what the CDN serves and counts what it hears."""

import shutil
import subprocess
from urllib.parse import urlsplit, urlunsplit


def dialable(url: str) -> tuple[str, str]:
    """(URL on loopback, Host header): libc can't resolve *.localhost, RFC 6761 §6.3 says it is loopback."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=f"127.0.0.1:{parts.port}")), parts.netloc


def decode(url: str, *, rate: int) -> int:
    """Plays a playlist or file over HTTP to the end; returns the samples heard. Fails on any error it prints."""
    address, host = dialable(url)
    program = shutil.which("ffmpeg")
    assert program, "Debian's ffmpeg is missing"
    command = [program, "-nostdin", "-v", "error", "-xerror", "-headers", f"Host: {host}\r\n", "-i", address]
    played = subprocess.run(
        [*command, "-map", "0:a:0", "-ac", "1", "-ar", str(rate), "-f", "s16le", "-"],
        capture_output=True,
        timeout=120,
        check=False,
    )
    complaints = played.stderr.decode(errors="replace").strip()
    assert played.returncode == 0, complaints
    assert not complaints, complaints
    return len(played.stdout) // 2
