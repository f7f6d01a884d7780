"""`make definitions`: the official virus definitions instead of the builtin set."""

import tempfile
from pathlib import Path

from dev.definitions import fetch_official, publish
from dev.endpoint import Endpoint
from dev.outputs import read_outputs
from dev.steps import step


def refresh_definitions() -> None:
    """Fetch, self-test, publish, point to them. The old ones stay if any of it fails."""
    outputs = read_outputs()
    with tempfile.TemporaryDirectory(prefix="veza-definitions-") as name:
        with step("Fetching with freshclam"):
            folder = fetch_official(Path(name, "official"))
        with step("Self-test and publish") as note:
            s3 = Endpoint(outputs["endpoint_url"]).aws("s3")
            manifest = publish(s3, outputs["DefinitionsBucket"], folder, "official")
            note(f"{manifest.version}, {manifest.signatures} signatures")
