"""Runs the ffmpeg program: many outputs at once, each to a pipe of its own, under limits and without a shell.

The exit code proves nothing (0 on truncated files); what a run says is its stderr at error level and what came out
of the pipes. Callers judge both.
"""

import os
import resource
import subprocess
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from typing import BinaryIO, Final

from core.domain.errors import EncoderFailed

FD: Final = "{fd}"
"""In the arguments of an output: the number of the pipe's descriptor."""
Sink = Callable[[BinaryIO], object]
"""Reads an output to its end, in a thread of its own."""
STDERR_LINES: Final = 100
STDERR_LINE_BYTES: Final = 500
PIPE_BYTES: Final = 256 * 1024


@dataclass(frozen=True, slots=True)
class Output:
    """One output of ffmpeg's command line. The arguments hold FD where the pipe's number goes."""

    arguments: Sequence[str]
    sink: Sink


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one run may use. `cpu_s` counts all threads, `memory_bytes` is address space."""

    wall_s: float = 840
    cpu_s: int = 6 * 900
    memory_bytes: int = 3 * 1024**3
    descriptors: int = 64
    niceness: int = 10
    """It gives way to all else on the same machine (setpriority(2)): where one serves everybody, the API answers and
    scans go on at once. In a function of its own there is nobody to give way to."""


@dataclass(frozen=True, slots=True)
class Ffmpeg:
    """The engine. `program` is the path of ffmpeg 9."""

    program: str
    limits: Limits = Limits()

    def run(self, source: Sequence[str], outputs: Sequence[Output], *, wall_s: float | None = None) -> list[str]:
        """Runs to the end and returns the lines of stderr at error level.

        `source` are the input options up to `-i URL`. What a sink raises is raised here, after the program was
        stopped. EncoderFailed if it can't be started, hangs, or dies from a signal.
        """
        errors: list[str] = []
        with ExitStack() as stack:
            reading, writing = _pipes(len(outputs), stack)
            arguments = [
                a.replace(FD, str(fd)) for out, fd in zip(outputs, writing, strict=True) for a in out.arguments
            ]
            process = self._start([*source, *arguments], writing, stack)
            pool = stack.enter_context(ThreadPoolExecutor(max_workers=len(outputs) + 1, thread_name_prefix="pipe"))
            work = [pool.submit(out.sink, pipe) for out, pipe in zip(outputs, reading, strict=True)]
            assert process.stderr is not None
            work.append(pool.submit(_read_errors, process.stderr, errors))
            self._wait(process, work, self.limits.wall_s if wall_s is None else wall_s)
        return errors

    def _start(self, arguments: Sequence[str], writing: list[int], stack: ExitStack) -> "subprocess.Popen[bytes]":
        quiet = ("-hide_banner", "-nostdin", "-loglevel", "repeat+error", "-xerror")
        try:
            process = subprocess.Popen(
                [self.program, *quiet, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                pass_fds=writing,
                env={"MALLOC_ARENA_MAX": "2"},  # or every thread reserves 64 MiB of address space
            )
        except OSError as error:
            raise EncoderFailed(f"ffmpeg can't be started: {error.strerror}") from error
        finally:
            for fd in writing:
                os.close(fd)
        stack.enter_context(process)
        stack.callback(process.kill)
        self._limit(process.pid)
        return process

    def _limit(self, pid: int) -> None:
        """From outside, as a function run between fork and exec isn't safe beside threads."""
        limits = {
            resource.RLIMIT_AS: self.limits.memory_bytes,
            resource.RLIMIT_CPU: self.limits.cpu_s,
            resource.RLIMIT_NOFILE: self.limits.descriptors,
            resource.RLIMIT_FSIZE: 0,
            resource.RLIMIT_CORE: 0,
        }
        try:
            for kind, value in limits.items():
                resource.prlimit(pid, kind, (value, value))
            os.setpriority(os.PRIO_PROCESS, pid, self.limits.niceness)
        except ProcessLookupError:
            return  # it is over already, and its stderr says why

    def _wait(self, process: "subprocess.Popen[bytes]", work: Sequence["Future[object]"], wall_s: float) -> None:
        failed: list[Future[object]] = []

        def stop(future: "Future[object]") -> None:
            if future.exception() is not None:
                failed.append(future)
                process.kill()

        for future in work:
            future.add_done_callback(stop)
        try:
            code = process.wait(wall_s)
        except subprocess.TimeoutExpired as error:
            process.kill()
            raise EncoderFailed(f"ffmpeg was stopped after {wall_s:.0f} s") from error
        for future in [*failed, *work]:
            future.result()
        if code < 0:
            raise EncoderFailed(f"ffmpeg died from signal {-code}")


def collect(limit: int, into: bytearray) -> Sink:
    """A sink that keeps the first `limit` bytes and lets the rest pass."""

    def read(pipe: BinaryIO) -> None:
        while block := pipe.read(64 * 1024):
            into.extend(block[: max(0, limit - len(into))])

    return read


def _pipes(count: int, stack: ExitStack) -> tuple[list[BinaryIO], list[int]]:
    reading: list[BinaryIO] = []
    writing: list[int] = []
    for _ in range(count):
        out, into = os.pipe()
        reading.append(stack.enter_context(os.fdopen(out, "rb", buffering=PIPE_BYTES)))
        writing.append(into)
    return reading, writing


def _read_errors(stream: Iterable[bytes], into: list[str]) -> None:
    """Keeps the first lines, shortened; the rest is read, so that the writer never blocks, and dropped."""
    for line in stream:
        text = line[:STDERR_LINE_BYTES].decode(errors="replace").strip()
        if text and len(into) < STDERR_LINES:
            into.append(text)
