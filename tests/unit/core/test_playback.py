"""The signature in the path of media URLs; edge/media-token.js checks the same."""

import base64
import hashlib
import hmac
from itertools import combinations

from core.domain.ids import EpochSeconds, TrackId
from core.domain.playback import MASTER, TokenKind, media_path

KEY = b"media secret"
TRACK = TrackId("01927a3e-0a44-7d52-8b1c-6a9e3f7d2c21")
CONTENT = "0123456789abcdef"
EXPIRES = EpochSeconds(1_800_000_900)


def path(
    *,
    key: bytes = KEY,
    kind: TokenKind = TokenKind.HLS,
    track: str = TRACK,
    content: str = CONTENT,
    file: str = MASTER,
    expires: int = EXPIRES,
) -> str:
    return media_path(
        key, kind=kind, track_id=TrackId(track), content_id=content, file=file, expires_at=EpochSeconds(expires)
    )


def token(signed: str) -> str:
    return signed.split("/")[2]


def test_the_path_reads_as_documented() -> None:
    digest = hmac.new(KEY, f"h.{EXPIRES}/{TRACK}/{CONTENT}".encode(), hashlib.sha256).digest()
    signature = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    assert path() == f"/media/h.{EXPIRES}.{signature}/{TRACK}/{CONTENT}/master.m3u8"


def test_a_token_covers_everything_below_its_content() -> None:
    assert token(path(file="master.m3u8")) == token(path(file="aac-128/00001.m4s"))


def test_key_kind_expiry_track_and_content_are_signed() -> None:
    signed = [
        path(),
        path(key=b"another"),
        path(kind=TokenKind.DOWNLOAD),
        path(kind=TokenKind.ASSET),
        path(expires=EXPIRES + 1),
        path(track="01927a3e-0a44-7d52-8b1c-6a9e3f7d2c22"),
        path(content="fedcba9876543210"),
    ]
    signatures = [token(one).rpartition(".")[2] for one in signed]
    assert all(one != other for one, other in combinations(signatures, 2))


def test_a_token_needs_no_escaping() -> None:
    for second in range(50):
        assert token(path(expires=EXPIRES + second)).replace("-", "").replace("_", "").replace(".", "").isalnum()
