"""The embedded cloud: one MiniStack process with a home folder for its state, log and pid."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from dev.paths import CLOUD_PYTHON, ENGINE_HOME, ROOT
from dev.problem import Problem
from dev.tools import search_path

DEFAULT_PORT = 4566
START_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 30.0
PORT_GRACE_S = 5.0
_HOST_SCRIPT = ROOT / "dev" / "engine_host.py"


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """`persistent` engines keep everything below `home`; others keep nothing and serve S3 from memory.

    One that `enforces_roles` lets functions do what their roles allow, and nothing else. Nothing can be deployed to it.
    """

    home: Path
    port: int
    persistent: bool
    enforces_roles: bool = False

    @property
    def endpoint_url(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def log(self) -> Path:
        return self.home / "engine.log"

    @property
    def state(self) -> Path:
        return self.home / "state"

    @property
    def temp(self) -> Path:
        """Short, because unix sockets made below it may have 107 characters in all."""
        return Path(tempfile.gettempdir()) / f"veza-{sha256(str(self.home).encode()).hexdigest()[:10]}"

    def pid(self) -> int | None:
        """The process id while this engine's own process lives, None otherwise."""
        try:
            pid = int((self.home / "engine.pid").read_text())
        except (FileNotFoundError, ValueError):
            return None
        return pid if _is_engine(pid) else None

    def started_on(self) -> int | None:
        """The port it was last started on, None if it never was."""
        try:
            return int((self.home / "port").read_text())
        except (FileNotFoundError, ValueError):
            return None

    def health(self, timeout_s: float = 2.0) -> dict[str, Any] | None:
        """MiniStack's own health answer, None if nothing (or something else) answers on the port."""
        try:
            with urllib.request.urlopen(
                f"http://127.0.0.1:{self.port}/_ministack/health", timeout=timeout_s
            ) as response:
                answer = json.load(response)
        except (OSError, ValueError):
            return None
        return answer if isinstance(answer, dict) and "services" in answer else None

    def start(self) -> bool:
        """Makes sure this engine runs; True if it had to be started. A Problem if the port is somebody else's."""
        if self.pid() is not None:
            if (running := self.started_on()) != self.port:
                raise Problem(
                    f"Our MiniStack is running on port {running}, not on {self.port}.",
                    hint=f"`make down` stops it; then: VEZA_PORT={self.port} make up",
                )
            self._wait_until_healthy()
            return False
        if not self._port_comes_free():
            raise self._foreign()
        if not CLOUD_PYTHON.exists():
            raise Problem("MiniStack is not installed yet.", hint="Run `make bootstrap`.")
        self._forget_orphans()
        for folder in (self.home, self.state, self.temp):
            folder.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                # -P: the folder dev/ must not come first on sys.path, its modules have everyday names.
                [str(CLOUD_PYTHON), "-P", str(_HOST_SCRIPT)],
                cwd=self.home,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        (self.home / "port").write_text(str(self.port))
        (self.home / "engine.pid").write_text(str(process.pid))
        self._wait_until_healthy(process)
        # The engine outlives us on purpose; without this the interpreter warns that a child is still running.
        process.returncode = 0
        return True

    def checkpoint(self, timeout_s: float = 60.0) -> None:
        """Has a persistent engine write all of its state now, and waits until it lies on disk."""
        pid = self.pid()
        if pid is None or not self.persistent:
            return
        marker, asked_at = self.state / "checkpoint", time.time()
        os.kill(pid, signal.SIGUSR1)
        while not (marker.exists() and marker.stat().st_mtime >= asked_at):
            if time.time() - asked_at > timeout_s:
                raise Problem("The engine did not save its state.", detail=tail(self.log))
            time.sleep(0.1)

    def stop(self) -> bool:
        """Stops the engine, saving its state; True if it ran. Functions and their engines go with it."""
        pid = self.pid()
        if pid is not None:
            # Not by SIGTERM: MiniStack would wait for what its sockets' functions still do, half a minute and more.
            with contextlib.suppress(Problem, ProcessLookupError):
                self.checkpoint(STOP_TIMEOUT_S)
            # Its session is ours (start_new_session): warm functions and their clamd are in the same group.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(pid, signal.SIGKILL)
            while _is_engine(pid):
                _reap(pid)
                time.sleep(0.05)
            # Workers that inherited the port hold it until the last of them is gone.
            _comes_free(self.started_on() or self.port, within_s=PORT_GRACE_S)
        (self.home / "engine.pid").unlink(missing_ok=True)
        shutil.rmtree(self.temp, ignore_errors=True)
        return pid is not None

    def erase(self) -> None:
        """Stops the engine and deletes all it knows."""
        self.stop()
        shutil.rmtree(self.home, ignore_errors=True)

    def _environment(self) -> dict[str, str]:
        # Functions inherit all of this, so nothing of this shell that changes imports or AWS may get in.
        ours = ("AWS_", "VEZA_", "PYTHON", "VIRTUAL_ENV", "UV_", "MINISTACK_", "LOCALSTACK_")
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        settings = {
            "PATH": search_path(),
            "TMPDIR": str(self.temp),
            "GATEWAY_PORT": str(self.port),
            "BIND_HOST": "127.0.0.1",
            "LAMBDA_EXECUTOR": "local",
            "LAMBDA_WARM_TTL_SECONDS": "3600",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": "us-east-1",
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
        }
        if self.enforces_roles:
            settings["AUTH"] = "true"
        if self.persistent:
            settings |= {
                "PERSIST_STATE": "1",
                "STATE_DIR": str(self.state),
                "S3_PERSIST": "1",
                "S3_DATA_DIR": str(self.state / "s3"),
            }
        return inherited | settings

    def _forget_orphans(self) -> None:
        """Objects without the rest of the state (killed before the first save) belong to nothing: start empty."""
        if self.state.exists() and not (self.state / "checkpoint").exists():
            shutil.rmtree(self.state)

    def _wait_until_healthy(self, process: subprocess.Popen[bytes] | None = None) -> None:
        deadline = time.monotonic() + START_TIMEOUT_S
        while self.health() is None:
            if process is not None and process.poll() is not None:
                raise Problem("MiniStack ended while it was starting.", detail=tail(self.log))
            if time.monotonic() > deadline:
                raise Problem(f"MiniStack does not answer on port {self.port}.", detail=tail(self.log))
            time.sleep(0.1)

    def _port_comes_free(self) -> bool:
        """A process of ours that was just killed may hold the port for another moment; strangers get no grace."""
        return _comes_free(self.port, within_s=PORT_GRACE_S if (self.home / "engine.pid").exists() else 0.0)

    def _foreign(self) -> Problem:
        what = "another MiniStack" if self.health() else "another program"
        who = owner_of_port(self.port)
        return Problem(
            f"Port {self.port} is taken by {what}{f' ({who})' if who else ''}.",
            hint=f"Stop it, or choose another port: VEZA_PORT={self.port + 1} make up",
        )


def local_engine() -> Engine:
    """The engine of `make up`. The port is VEZA_PORT, else the one it was last started on, else 4566."""
    remembered = Engine(home=ENGINE_HOME, port=DEFAULT_PORT, persistent=True).started_on() or DEFAULT_PORT
    chosen = os.environ.get("VEZA_PORT") or str(remembered)
    if not (chosen.isdecimal() and 0 < int(chosen) < 65536):
        raise Problem(f"VEZA_PORT is {chosen!r}, not a port number.")
    return Engine(home=ENGINE_HOME, port=int(chosen), persistent=True)


def free_port() -> int:
    """A port nobody listens on at this moment, never 4566."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port if port != DEFAULT_PORT else free_port()


def port_taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def owner_of_port(port: int) -> str:
    """`pid 123, name` of the listener where Linux lets us see it, else an empty string."""
    inodes = {
        fields[9]
        for table in ("/proc/net/tcp", "/proc/net/tcp6")
        if Path(table).exists()
        for fields in (line.split() for line in Path(table).read_text().splitlines()[1:])
        if fields[3] == "0A" and int(fields[1].rsplit(":", 1)[1], 16) == port  # 0A = LISTEN
    }
    for descriptor in Path("/proc").glob("[0-9]*/fd/*") if inodes else ():
        with contextlib.suppress(OSError):
            if descriptor.readlink().name.removeprefix("socket:[").removesuffix("]") in inodes:
                pid = descriptor.parts[2]
                return f"pid {pid}, {Path('/proc', pid, 'comm').read_text().strip()}"
    return ""


def tail(log: Path, lines: int = 15) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:]) if log.exists() else ""


def _is_engine(pid: int) -> bool:
    """Whether the process lives and is an engine of ours: pids are used again after a reboot."""
    command = Path("/proc", str(pid), "cmdline")
    if Path("/proc/self").exists():
        try:
            return _HOST_SCRIPT.name.encode() in command.read_bytes()
        except OSError:
            return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def _comes_free(port: int, *, within_s: float) -> bool:
    deadline = time.monotonic() + within_s
    while port_taken(port):
        if time.monotonic() >= deadline:
            return False
        time.sleep(0.05)
    return True


def _reap(pid: int) -> None:
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)
