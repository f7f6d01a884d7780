"""The pipeline most people write, as a process of its own: every step waits for the one before.

Download from S3 to disk, clamscan, one ffmpeg run per rendition with the HLS muxer, upload everything, and last the
master playlist: then the track plays. `bench.pipeline` starts it, lets it get ready, says `go` and reads a line of
JSON per step; it ends when its standard input does, so that its counters can still be read.
"""

import argparse
import json
import resource
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import hls_muxer
from dev import tools
from dev.endpoint import Endpoint
from transcode import ladder

UPLOADS_AT_ONCE = 8
"""More than most pipelines dare."""
TIMEOUT_S = 4 * 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    s3: Any
    bucket: str
    key: str
    database: Path
    """ClamAV's definitions, the same as ours."""
    work: Path

    def run(self) -> None:
        original, output = self.work / Path(self.key).name, self.work / "output"
        output.mkdir()
        tell("began")
        self.s3.download_file(self.bucket, self.key, str(original))
        tell("downloaded")
        self._scan(original)
        tell("scanned")
        source = hls_muxer.facts(original)
        rungs = ladder.rungs(source)
        for rung in rungs:
            _run(hls_muxer.opened(tools.ffmpeg(), original) + hls_muxer.rendition(rung, source, output))
        _run(hls_muxer.opened(tools.ffmpeg(), original) + hls_muxer.download(source, output))
        tell("transcoded")
        with ThreadPoolExecutor(UPLOADS_AT_ONCE) as pool:
            list(pool.map(self._upload, output.iterdir()))
        self.s3.put_object(Bucket=self.bucket, Key=self._beside(hls_muxer.MASTER), Body=hls_muxer.master(rungs))
        tell("published")

    def _scan(self, original: Path) -> None:
        command = [str(tools.require("clamscan")), f"--database={self.database}", "--no-summary"]
        _run([*command, "--max-filesize=2048M", "--max-scansize=4095M", str(original)])

    def _upload(self, file: Path) -> None:
        self.s3.upload_file(str(file), self.bucket, self._beside(file.name))

    def _beside(self, name: str) -> str:
        return f"{self.key}.media/{name}"


def _run(command: list[str]) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, timeout=TIMEOUT_S)


def tell(step: str) -> None:
    """The step that is over, when (this clock is the same in all processes), and the CPU of what was run so far."""
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    line = {"step": step, "at": time.monotonic(), "children_cpu_s": spent.ru_utime + spent.ru_stime}
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def main() -> None:
    parser = argparse.ArgumentParser()
    for name in ("endpoint", "bucket", "key"):
        parser.add_argument(f"--{name}", required=True)
    for name in ("database", "work"):
        parser.add_argument(f"--{name}", required=True, type=Path)
    given = parser.parse_args()
    baseline = Baseline(
        s3=Endpoint(given.endpoint).aws("s3"),
        bucket=given.bucket,
        key=given.key,
        database=given.database,
        work=given.work,
    )
    tell("waiting")
    sys.stdin.readline()
    baseline.run()
    sys.stdin.read()


if __name__ == "__main__":
    main()
