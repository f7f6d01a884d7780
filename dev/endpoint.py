"""How programs reach the local cloud: environment for the CDK, boto3 clients for us. Never the real AWS."""

import functools
import os
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.config import Config

from dev import tools
from dev.paths import HOME, ROOT

ACCOUNT = "000000000000"
REGION = "us-east-1"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One emulator, by its address."""

    url: str

    def aws(self, service: str) -> Any:
        """A boto3 client; the same one each time, they are thread-safe."""
        return _client(self.url, service)

    def environment(self) -> dict[str, str]:
        """The environment of a program that shall deploy to this endpoint and nowhere else."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        return (
            inherited
            | cdk_environment()
            | engine_environment()
            | {
                "AWS_ENDPOINT_URL": self.url,
                "AWS_ENDPOINT_URL_S3": self.url,
                "AWS_ACCESS_KEY_ID": "test",
                "AWS_SECRET_ACCESS_KEY": "test",
                "AWS_REGION": REGION,
                "AWS_DEFAULT_REGION": REGION,
                "CDK_DEFAULT_ACCOUNT": ACCOUNT,
                "CDK_DEFAULT_REGION": REGION,
                "VEZA_PORT": self.url.rsplit(":", 1)[-1],
            }
        )


def cdk_environment() -> dict[str, str]:
    """What every run of the CDK needs, wherever it deploys to."""
    return {
        "PATH": os.pathsep.join([str(ROOT / ".venv" / "bin"), str(HOME / "uv" / "bin"), tools.search_path()]),
        # The app's own imports; functions/ is an asset to it, not a library.
        "PYTHONPATH": str(ROOT),
        "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "1",
        "JSII_SILENCE_WARNING_DEPRECATED_NODE_VERSION": "1",
        "CDK_DISABLE_CLI_TELEMETRY": "true",
    }


def engine_environment() -> dict[str, str]:
    """Where functions of a local stage find this machine's programs."""
    return {"VEZA_FFMPEG": str(tools.ffmpeg()), "VEZA_CLAMD": str(tools.clamd())}


@functools.cache
def _client(url: str, service: str) -> Any:
    settings = Config(
        region_name=REGION,
        s3={"addressing_style": "path"},
        retries={"total_max_attempts": 2, "mode": "standard"},
        connect_timeout=5,
        read_timeout=120,
        max_pool_connections=32,
    )
    session = boto3.session.Session(
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106 - any will do for an emulator
        region_name=REGION,
    )
    return session.client(service, endpoint_url=url, config=settings)  # type: ignore[call-overload]
