"""What is read from /proc."""

import os
import subprocess
import sys

import pytest

from bench.process_tree import (
    PAGE_BYTES,
    TICK_S,
    Peaks,
    Process,
    Usage,
    Watch,
    busy_s,
    descendants,
    function_of,
    parsed,
    usage,
    written_bytes,
)

STAT = "4242 (ffmpeg (old) x) S 17 4242 17 0 -1 4194304 900 800 0 0 250 50 300 100 20 0 7 0 9999 123456 1000 18446744"
MB = 1_000_000


def process(pid: int, parent: int, name: str = "python", resident_bytes: int = MB, *, cpu_s: float = 0) -> Process:
    return Process(pid=pid, parent=parent, name=name, cpu_s=cpu_s, reaped_s=0, resident_bytes=resident_bytes)


def test_a_stat_line_is_read_whatever_the_program_is_called() -> None:
    found = parsed(STAT)
    assert (found.pid, found.parent, found.name) == (4242, 17, "ffmpeg (old) x")
    assert found.cpu_s == pytest.approx(300 * TICK_S)
    assert found.reaped_s == pytest.approx(400 * TICK_S)
    assert found.resident_bytes == 1000 * PAGE_BYTES


def test_only_what_went_to_disk_counts_as_written() -> None:
    assert written_bytes("rchar: 9\nwchar: 900\nread_bytes: 0\nwrite_bytes: 4096\ncancelled_write_bytes: 7\n") == 4096


def test_a_machine_is_busy_with_all_but_idling_and_waiting() -> None:
    assert busy_s("cpu  100 20 30 9000 800 1 2 7 0 0\ncpu0 1 1 1 1 1 1 1 1 0 0\n") == pytest.approx(160 * TICK_S)


def test_a_tree_is_a_process_with_its_children_and_theirs_in_any_order() -> None:
    everybody = [process(4, 3), process(3, 2), process(2, 1), process(9, 1), process(1, 0)]
    assert {each.pid for each in descendants(2, everybody)} == {2, 3, 4}
    assert descendants(77, everybody) == []


def test_usage_is_the_difference_also_for_a_process_that_came_later() -> None:
    before = Usage(cpu_s=10, reaped_s={1: 2.0}, disk_bytes=100)
    after = Usage(cpu_s=15, reaped_s={1: 2.5, 2: 4.0}, disk_bytes=150)
    used = after.since(before)
    assert (used.cpu_s, used.disk_bytes, used.reaped_s) == (5, 50, {1: 0.5, 2: 4.0})


def test_memory_counts_a_worker_with_its_children_and_not_the_cloud_above_it() -> None:
    cloud = [process(1, 0, resident_bytes=900 * MB), process(2, 1, resident_bytes=50 * MB)]
    encoding = [*cloud, process(3, 2, "ffmpeg-linux-x8", 100 * MB)]
    peaks = Peaks()
    for sample in (cloud, encoding, cloud):
        peaks.add(1, sample, {2: "transcode"})
    assert peaks.by_function == {"transcode": 150 * MB}
    assert peaks.of_encoders == 150 * MB
    assert peaks.encoders == {2}
    assert peaks.whole == 1050 * MB


def test_the_longest_encoder_is_told_from_those_that_ran_after_it() -> None:
    worker, peaks = process(2, 1), Peaks()
    for cpu_s in (1.0, 30.5, 0.2, 12.0):
        peaks.add(1, [process(1, 0), worker, process(3, 2, "ffmpeg", cpu_s=cpu_s)], {2: "parts"})
    assert peaks.longest_encoder_s == 30.5


def test_the_cpu_of_children_that_ended_is_not_lost() -> None:
    busy = "import time\nwhile time.process_time() < 0.3: pass"
    with Watch(os.getpid()) as watch:
        subprocess.run([sys.executable, "-c", busy], check=True)
    assert watch.used.cpu_s >= 0.2
    assert watch.used.reaped_s[os.getpid()] >= 0.2  # in ticks of the clock
    assert watch.peaks.whole > 0


def test_a_worker_tells_its_function_by_its_environment() -> None:
    environment = {**os.environ, "AWS_LAMBDA_FUNCTION_NAME": "veza-local-scan"}
    waiting = [sys.executable, "-c", "import sys; print(flush=True); sys.stdin.read()"]
    with subprocess.Popen(waiting, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as worker:
        assert worker.stdout is not None
        worker.stdout.readline()  # it has its own environment by now
        assert function_of(worker.pid) == "veza-local-scan"
        assert usage(worker.pid).cpu_s >= 0
        assert worker.stdin is not None
        worker.stdin.close()
    assert function_of(worker.pid) is None
