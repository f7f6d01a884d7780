"""`make deploy` and `make synth`: the code alone goes straight into the functions, all else through the CDK."""

import os
import platform
import shlex
import sys
from pathlib import Path

from dev import stack
from dev.endpoint import Endpoint, cdk_environment, engine_environment
from dev.engine import Engine
from dev.exclusive import alone
from dev.paths import HOME
from dev.problem import Problem
from dev.stack import Deployment
from dev.steps import console, step
from dev.up import STAGE, up
from infra.packages import Runtime, code_package

VALIDATED = {"CDK_VALIDATION": "true"}
"""The CDK's own check of the templates: slow, so only where somebody will trust them with an account."""


def deploy_local(engine: Engine) -> None:
    """Brings the running local stack up to date, the fastest way that the change allows."""
    record = engine.home / "deployed.json"
    last = Deployment.load(record)
    if engine.pid() is None or last is None:
        console.print("Nothing runs here yet, so this is a `make up`.")
        up(engine)
        return
    endpoint = Endpoint(engine.endpoint_url)
    code, rest = stack.current(endpoint)
    if (code, rest) == (last.code, last.rest):
        console.print("Nothing has changed since the last deploy.")
        return
    if rest != last.rest:
        up(engine)
        return
    with alone(lambda text: console.print(f"  [yellow]…[/] {text}")), step("Code") as note:
        count = swap_code(endpoint, code_package(host_runtime()), STAGE)
        Deployment(code=code, rest=rest, outputs=last.outputs).save(record)
        engine.checkpoint()
        note(f"in {count} functions; nothing else had changed")


def host_runtime() -> Runtime:
    """What functions of a local stage run on: this machine, this Python."""
    machine = platform.machine()
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    return Runtime(platform=f"linux-{'aarch64' if machine == 'arm64' else machine}", python=version)


def swap_code(endpoint: Endpoint, package: Path, stage: str) -> int:
    """Gives every function of the stage the code of `package`; returns how many. The stack learns it next time."""
    client = endpoint.aws("lambda")
    pages = client.get_paginator("list_functions").paginate()
    ours = [f for page in pages for f in page["Functions"] if f["FunctionName"].startswith(f"veza-{stage}-")]
    archive = package.read_bytes()
    for function in ours:
        client.update_function_code(FunctionName=function["FunctionName"], ZipFile=archive)
    return len(ours)


def deploy_aws(stage: str, cdk: str = "") -> None:
    """`cdk deploy` to the account and region of this shell, with the CDK's own question before permissions grow."""
    environment = {**os.environ, **cdk_environment(), **VALIDATED}
    if "AWS_ENDPOINT_URL" in environment:
        raise Problem("AWS_ENDPOINT_URL is set, so this would not go to AWS.", hint="unset AWS_ENDPOINT_URL")
    work = HOME / stage
    work.mkdir(parents=True, exist_ok=True)
    arguments = ["deploy", "--all", "--context", f"stage={stage}", "--outputs-file", str(work / "cdk-outputs.json")]
    stack.run_cdk_here([*arguments, *shlex.split(cdk)], environment, work=work)


def synth(stage: str) -> None:
    """Writes the templates of a stage to .veza/{stage}/cdk.out; needs no credentials."""
    work = HOME / stage
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    environment: dict[str, str] = inherited | cdk_environment() | engine_environment() | VALIDATED
    with step(f"Synth {stage}") as note:
        stack.run_cdk(["synth", "--quiet", "--context", f"stage={stage}"], environment, work=work, note=note)
        templates = sorted((work / "cdk.out").glob("*.template.json"))
        note(", ".join(path.name.removesuffix(".template.json") for path in templates))
    console.print(f"\nTemplates are in {(work / 'cdk.out').relative_to(HOME.parent)}/")
