"""How boto3 is set up, for AWS and for a cloud of our own."""

from collections.abc import Iterator

import pytest

from core.adapters import clients
from core.adapters.s3 import in_blocks
from core.adapters.upload_door import S3UploadDoor
from core.domain.ids import Bytes
from tests.contract.aws import environment


@pytest.fixture
def on_aws() -> Iterator[None]:
    with environment():
        yield


@pytest.fixture
def on_localhost() -> Iterator[None]:
    with environment(AWS_ENDPOINT_URL="http://localhost:4566"):
        yield


def a_url() -> str:
    door = S3UploadDoor(clients.s3, "veza-uploads")
    return door.sign_put("song", size_bytes=Bytes(5), content_type="audio/wav", sha256=None, expires_s=60).url


@pytest.mark.usefixtures("on_aws")
def test_on_aws_the_bucket_is_in_the_host() -> None:
    assert a_url().startswith("https://veza-uploads.s3.eu-central-1.amazonaws.com/song?")


@pytest.mark.usefixtures("on_localhost")
def test_elsewhere_it_is_in_the_path() -> None:
    """`veza-uploads.localhost` would resolve nowhere but in browsers."""
    assert a_url().startswith("http://localhost:4566/veza-uploads/song?")


@pytest.mark.usefixtures("on_aws")
def test_no_checksum_of_nothing_is_signed() -> None:
    assert "crc32" not in a_url().lower()


@pytest.mark.usefixtures("on_aws")
def test_clients_are_built_once() -> None:
    assert clients.s3() is clients.s3()
    assert clients.sqs() is clients.sqs()


@pytest.mark.usefixtures("on_aws")
@pytest.mark.parametrize("name", ["s3", "sqs", "events", "sesv2", "secretsmanager"])
def test_every_client_gives_up_in_time(name: str) -> None:
    config = getattr(clients, name)().meta.config
    assert config.connect_timeout == 2
    assert config.read_timeout <= 60
    assert config.retries["total_max_attempts"] == 4


@pytest.mark.parametrize("sizes", [[], [0], [1], [4], [5], [3, 3, 3], [12], [1] * 9, [0, 9, 0]])
def test_blocks_are_full_but_for_the_last(sizes: list[int]) -> None:
    chunks = [bytes([number]) * size for number, size in enumerate(sizes)]
    blocks = list(in_blocks(chunks, 4))
    assert b"".join(blocks) == b"".join(chunks)
    assert all(len(block) == 4 for block in blocks[:-1])
    assert all(0 < len(block) <= 4 for block in blocks[-1:])
