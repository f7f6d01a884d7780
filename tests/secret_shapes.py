"""What a secret looks like, ours and those of the services we use: for tests that look for leaked ones."""

import re
from collections.abc import Iterator
from typing import Final

_ID: Final = r"[0-9a-f]{8}-[0-9a-f-]{27}"
SHAPES: Final = {
    "a JSON web token": re.compile(r"eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{16,}"),
    "a private key": re.compile(r"-----BEGIN (?:RSA |EC |OPENSSH |)PRIVATE KEY-----\s*[\w+/\\]{16}"),
    "a refresh token of ours": re.compile(
        r"(?<!veza\.)\b[0-9a-f]{8}-[0-9a-f-]{27}\.[0-9a-f]{8}-[0-9a-f-]{27}\.[\w-]{40,}"
    ),
    "a secret of an authenticator app": re.compile(r"otpauth://totp/\S*secret=\w{16,}"),
    "an API key of ours": re.compile(r"veza\.[0-9a-f-]{36}\.[0-9a-f-]{36}\.[\w-]{40,}"),
    "an AWS access key": re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"),
    "a signed URL": re.compile(r"X-Amz-Signature=[0-9a-f]{64}"),
    "a GitHub token": re.compile(r"\bgh[oprsu]_\w{36}\b"),
    "a Google client secret": re.compile(r"\bGOCSPX-[\w-]{28}\b"),
    "a Slack token": re.compile(r"\bxox[abprs]-[\w-]{10,}"),
    "a password hash": re.compile(r"\$argon2id?\$v=\d+\$m=\d+,t=\d+,p=\d+\$[\w+/]{16,}|\$2[aby]\$\d\d\$[\w./]{53}"),
}


def secrets_in(text: str) -> Iterator[str]:
    """What each found thing is, with its beginning, so that a failing test does not tell it to the world."""
    for name, shape in SHAPES.items():
        for found in shape.finditer(text):
            yield f"{name}: {found[0][:12]}…"
