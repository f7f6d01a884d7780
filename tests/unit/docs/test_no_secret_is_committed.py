"""No secret lies in the repository: a gitleaks of our own, of the shapes that could get here, without a network."""

import subprocess
from pathlib import Path

import pytest

from tests.secret_shapes import SHAPES, secrets_in

ROOT = Path(__file__).parents[3]
TEXT_MAX = 2_000_000
SAMPLES = {
    "a JSON web token": "eyJhbGciOiJS" + "UzI1NiJ9.eyJzdWIiOiIxIn0." + "a" * 43,
    "a private key": "-----BEGIN " + "PRIVATE KEY-----\n" + "MIIEvQIBADANBgkq",
    "a refresh token of ours": ("0" * 8 + "-" + "1" * 27 + ".") * 2 + "x" * 43,
    "a secret of an authenticator app": "otpauth://totp/veza:ada?" + "secret=" + "A" * 32,
    "an API key of ours": "veza." + "0" * 36 + "." + "1" * 36 + "." + "x" * 43,
    "an AWS access key": "AKIA" + "ABCDEFGHIJKLMNOP",
    "a signed URL": "https://b.s3/k?X-Amz-Signature=" + "0a" * 32,
    "a GitHub token": "ghp_" + "a" * 36,
    "a Google client secret": "GOCSPX-" + "a" * 28,
    "a Slack token": "xoxb-" + "1" * 12,
    "a password hash": "$argon2id$v=19$m=65536,t=3,p=4$" + "c2FsdHNhbHRzYWx0" + "$aGFzaA",
}


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    return [ROOT / name for name in listed.stdout.decode().split("\0") if name]


def test_no_file_holds_one() -> None:
    found = []
    for path in tracked():
        if path.is_file() and path.stat().st_size < TEXT_MAX:
            text = path.read_bytes().decode("utf-8", errors="ignore")
            found += [f"{path.relative_to(ROOT)}: {secret}" for secret in secrets_in(text)]
    assert found == []


@pytest.mark.parametrize("name", SHAPES)
def test_each_shape_is_known_when_it_is_seen(name: str) -> None:
    assert [found for found in secrets_in(f"x = '{SAMPLES[name]}'") if found.startswith(name)]
