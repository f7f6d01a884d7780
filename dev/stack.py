"""The deployed stacks: bootstrap and `cdk deploy`, whether they are up to date, and what they put out."""

import json
import os
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from dev.endpoint import ACCOUNT, REGION, Endpoint
from dev.paths import CDK, ROOT
from dev.problem import Problem
from dev.steps import Note

INPUTS = ("functions", "infra", "layers", "edge", "web", "requirements", "cdk.json", "package-lock.json")
"""All that a deploy is made of; tests/unit/dev holds this against the tree."""
CODE = "functions"
_IGNORED = frozenset({"__pycache__", "node_modules", "cdk.out", ".mypy_cache", ".ruff_cache", ".pytest_cache"})
_COMPLETE = frozenset({"CREATE_COMPLETE", "UPDATE_COMPLETE"})

Outputs = dict[str, dict[str, str]]
"""Outputs by stack name, as `cdk deploy --outputs-file` writes them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """What was deployed last, kept beside the engine's state so that both are forgotten together."""

    code: str
    rest: str
    outputs: Outputs

    @staticmethod
    def load(path: Path) -> "Deployment | None":
        """None if there is none, or none that can be read: then everything is deployed anew."""
        try:
            return Deployment(**json.loads(path.read_text()))
        except (FileNotFoundError, ValueError, TypeError):
            return None

    def save(self, path: Path) -> None:
        draft = path.with_suffix(".new")
        draft.write_text(json.dumps({"code": self.code, "rest": self.rest, "outputs": self.outputs}, indent=2))
        draft.replace(path)


def fingerprint(names: Iterable[str], extra: Sequence[str] = (), root: Path = ROOT) -> str:
    """A hash of the names and contents of everything below `names`, and of the words in `extra`."""
    digest = sha256("\0".join(extra).encode())
    for name in sorted(names):
        top = root / name
        for path in [top] if top.is_file() else sorted(_files(top)):
            digest.update(f"\0{path.relative_to(root)}\0".encode())
            digest.update(sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _files(folder: Path) -> list[Path]:
    found: list[Path] = []
    for base, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name not in _IGNORED]
        found += [Path(base, name) for name in names if not name.endswith(".pyc")]
    return found


def current(endpoint: Endpoint) -> tuple[str, str]:
    """Fingerprints of the code and of all the rest that a deploy to `endpoint` would be made of now."""
    environment = endpoint.environment()
    placed = [environment[name] for name in ("VEZA_FFMPEG", "VEZA_CLAMD", "VEZA_PORT")]
    return fingerprint([CODE]), fingerprint((name for name in INPUTS if name != CODE), placed)


def stacks_complete(endpoint: Endpoint, names: Iterable[str]) -> bool:
    """Whether the cloud itself says that each of these stacks stands."""
    formation = endpoint.aws("cloudformation")
    try:
        return all(formation.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"] in _COMPLETE for name in names)
    except ClientError:
        return False


def bootstrapped(endpoint: Endpoint) -> bool:
    return stacks_complete(endpoint, ["CDKToolkit"])


def bootstrap(endpoint: Endpoint, work: Path, keep: tuple[int, ...] = ()) -> None:
    """Prepares the account for `cdk deploy` (its bucket and roles)."""
    # Away from cdk.json: with an app in sight the CDK synthesizes it, and bootstrapping does not need it.
    run_cdk(["bootstrap", f"aws://{ACCOUNT}/{REGION}"], endpoint.environment(), work=work, folder=work, keep=keep)


def deploy(endpoint: Endpoint, work: Path, *, stage: str, note: Note, keep: tuple[int, ...] = ()) -> Outputs:
    """`cdk deploy` of every stack of a stage; returns their outputs."""
    outputs = work / "cdk-outputs.json"
    outputs.unlink(missing_ok=True)
    arguments = ["deploy", "--all", "--context", f"stage={stage}", "--require-approval", "never"]
    # An emulator needs no change set to be looked at first, and no stack waits for another without a reason.
    arguments += ["--method", "direct", "--concurrency", "4"]
    arguments += ["--outputs-file", str(outputs), "--progress", "events"]
    run_cdk(arguments, endpoint.environment(), work=work, note=note, keep=keep)
    found: Any = json.loads(outputs.read_text()) if outputs.exists() else {}
    # A stack without outputs is not in that file, but belongs to what was deployed.
    return {name: dict(found.get(name, {})) for name in stacks_of(work / "cdk.out")}


def stacks_of(assembly: Path) -> list[str]:
    """Names of the stacks in a cloud assembly."""
    artifacts: dict[str, Any] = json.loads((assembly / "manifest.json").read_text())["artifacts"]
    return [
        str(each.get("properties", {}).get("stackName", name))
        for name, each in artifacts.items()
        if each["type"] == "aws:cloudformation:stack"
    ]


def run_cdk(
    arguments: Sequence[str],
    environment: dict[str, str],
    *,
    work: Path,
    note: Note | None = None,
    folder: Path = ROOT,
    keep: tuple[int, ...] = (),
) -> None:
    """Runs the CDK with its assembly and its log below `work`. `keep`: descriptors the child holds while it lives."""
    if not CDK.exists():
        raise Problem("The CDK command line is not installed.", hint="Run `make bootstrap`.")
    work.mkdir(parents=True, exist_ok=True)
    command = [str(CDK), *arguments, "--output", str(work / "cdk.out"), "--ci", "--no-notices", "--no-color"]
    log = work / "cdk.log"
    with (
        log.open("w") as file,
        subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            pass_fds=keep,
        ) as process,
    ):
        for line in process.stdout or ():
            file.write(line)
            if note is not None and (said := _progress(line)):
                note(said)
    if process.returncode != 0:
        detail = _what_failed(log.read_text(errors="replace"))
        raise Problem(f"`cdk {arguments[0]}` failed.", hint=f"Its whole log: {log}", detail=detail)


def run_cdk_here(arguments: Sequence[str], environment: dict[str, str], *, work: Path) -> None:
    """Runs the CDK in this terminal, so that it can ask its questions."""
    command = [str(CDK), *arguments, "--output", str(work / "cdk.out"), "--no-notices"]
    if subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode != 0:
        raise Problem(f"`cdk {arguments[0]}` failed.")


def _what_failed(log: str) -> str:
    """The CDK's own summary if it got that far, else the end of its log."""
    _, found, summary = log.partition("Failed resources:")
    lines = (summary if found else log).strip().splitlines()
    return "\n".join(lines[:15] if found else lines[-20:])


def _progress(line: str) -> str | None:
    """What is worth showing of a line of the CDK: which stack it is at, which resource."""
    line = line.strip()
    if line.startswith("Veza") and ": " in line:
        return line.split(" [")[0]
    fields = [field.strip() for field in line.split("|")]
    return f"{fields[0]}: {fields[-1]}" if len(fields) >= 5 and fields[0].startswith("Veza") else None


def flat(outputs: Outputs) -> dict[str, str]:
    """All outputs in one dictionary; the CDK's own exports between stacks are left out."""
    return {
        name: value
        for values in outputs.values()
        for name, value in values.items()
        if not name.startswith("ExportsOutput")
    }


def addresses(outputs: Outputs, endpoint_url: str) -> dict[str, str]:
    """`app_url`, `api_url`, `media_url`, `endpoint_url` of a stack on an emulator.

    Names as in docs/architecture.md: the CDN answers at `{label}.cloudfront.localhost`, the API by path, because
    programs can't resolve *.localhost.
    """
    known = flat(outputs)
    try:
        label = known["DistributionDomain"].split(".")[0]
        api_id = known["ApiId"]
    except KeyError as missing:
        raise Problem(
            f"The deployed stacks have no output {missing}.", hint="Run `make reset` and `make up`."
        ) from None
    port = endpoint_url.rsplit(":", 1)[-1]
    cdn = f"http://{label}.cloudfront.localhost:{port}"
    return {
        "app_url": cdn,
        "api_url": f"{endpoint_url}/_aws/execute-api/{api_id}/$default/api/v1",
        "media_url": cdn,
        "endpoint_url": endpoint_url,
    }
