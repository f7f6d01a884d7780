"""What our pipeline is compared with: the sequential baseline, and one hand-tuned ffmpeg command."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bench import hls_muxer
from bench.process_tree import Watch
from bench.runs import BASELINE, HAND_TUNED, Run
from dev import tools
from dev.paths import ROOT
from dev.problem import Problem
from transcode import ladder

BUCKET: Final = "bench-baseline"
SHARED_MEMORY: Final = Path("/dev/shm")  # noqa: S108 - a tmpfs is what is wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class SequentialBaseline:
    """`bench.baseline` against the same MiniStack as ours; its files lie on disk."""

    s3: Any
    endpoint_url: str
    engine_pid: int
    database: Path

    def measure(self, original: Path) -> Run:
        self.s3.create_bucket(Bucket=BUCKET)
        self.s3.upload_file(str(original), BUCKET, original.name)
        try:
            with tempfile.TemporaryDirectory(prefix="bench-") as work, self._started(original, Path(work)) as process:
                return self._measured(process)
        finally:
            self._empty_bucket()

    def _measured(self, process: "subprocess.Popen[str]") -> Run:
        assert process.stdin is not None
        with Watch(process.pid) as own, Watch(self.engine_pid) as storage:
            process.stdin.write("go\n")
            process.stdin.flush()
            lines = {line["step"]: line for line in _steps_of(process)}
        if "published" not in lines:
            raise Problem("The sequential baseline did not come to its end.")
        began = lines["began"]["at"]
        steps = {step: line["at"] - began for step, line in lines.items() if step != "began"}
        encoders = lines["transcoded"]["children_cpu_s"] - lines["scanned"]["children_cpu_s"]
        return Run(
            way=BASELINE,
            playable_s=steps["published"],
            ready_s=steps["published"],
            cpu_s=own.used.cpu_s + storage.used.cpu_s,
            encoder_cpu_s=encoders,
            disk_bytes=own.used.disk_bytes + storage.used.disk_bytes,
            peak_bytes=own.peaks.whole,
            encoder_peak_bytes=own.peaks.whole,
            elsewhere_cpu_s=own.machine_s - own.used.cpu_s - storage.used.cpu_s,
            steps=steps,
        )

    @contextmanager
    def _started(self, original: Path, work: Path) -> Iterator["subprocess.Popen[str]"]:
        """The process, ready to go: its start is not counted, as our functions are warm too."""
        command = [sys.executable, "-m", "bench.baseline", "--endpoint", self.endpoint_url, "--bucket", BUCKET]
        command += ["--key", original.name, "--database", str(self.database), "--work", str(work)]
        with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            process.stdout.readline()
            yield process

    def _empty_bucket(self) -> None:
        for page in self.s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET):
            keys = [{"Key": each["Key"]} for each in page.get("Contents", [])]
            if keys:
                self.s3.delete_objects(Bucket=BUCKET, Delete={"Objects": keys})


def hand_tuned(original: Path) -> Run:
    """Every output from one ffmpeg, file to tmpfs: transcoding only, nothing fetched, scanned or stored."""
    source = hls_muxer.facts(original)
    memory = SHARED_MEMORY if SHARED_MEMORY.is_dir() else None
    folder = Path(tempfile.mkdtemp(prefix="bench-", dir=memory))
    try:
        command = hls_muxer.opened(tools.ffmpeg(), original)
        for rung in ladder.rungs(source):
            command += hls_muxer.rendition(rung, source, folder)
        command += hls_muxer.download(source, folder)
        began = time.monotonic()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        # Sampled, as ru_maxrss of a child begins with what its parent had.
        with Watch(process.pid) as watch:
            _, status, spent = os.wait4(process.pid, 0)
            took = time.monotonic() - began
        process.returncode = os.waitstatus_to_exitcode(status)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if process.returncode != 0:
        raise Problem("The hand-tuned ffmpeg command failed.")
    cpu_s = spent.ru_utime + spent.ru_stime
    return Run(
        way=HAND_TUNED,
        playable_s=None,
        ready_s=took,
        cpu_s=cpu_s,
        encoder_cpu_s=cpu_s,
        disk_bytes=spent.ru_oublock * 512 if memory is None else 0,
        peak_bytes=watch.peaks.whole,
        encoder_peak_bytes=watch.peaks.whole,
        elsewhere_cpu_s=watch.machine_s - cpu_s,
    )


def _steps_of(process: "subprocess.Popen[str]") -> Iterator[dict[str, Any]]:
    """The lines up to `published`; after that the process waits for us."""
    assert process.stdout is not None
    for line in process.stdout:
        step: dict[str, Any] = json.loads(line)
        yield step
        if step["step"] == "published":
            return
