"""The stacks of a stage, synthesized once, and questions to ask of them. Templates need no real layers."""

import json
import os
import zipfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App
from aws_cdk.cx_api import CloudAssembly

from infra.app import add_stacks
from infra.constructs import page_files, python_function
from infra.packages import REPOSITORY
from infra.stages import Stage, stage_named

Resource = dict[str, Any]
ENGINES = {
    "VEZA_FFMPEG": "/usr/bin/ffmpeg",
    "VEZA_CLAMD": "/usr/sbin/clamd",
    "AWS_ENDPOINT_URL": "http://localhost:4510",
}
CONTEXT = {"mail_from": "no-reply@veza.example"}


def stage(name: str) -> Stage:
    return stage_named(name, environ=ENGINES if name == "local" else {}, context=CONTEXT)


def app_of(name: str, work: Path) -> App:
    """Every stack of the stage, with an empty zip in place of each package."""
    package = work / "package.zip"
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr("empty", "")
    context = json.loads((REPOSITORY / "cdk.json").read_text())["context"]
    app = App(outdir=str(work / "assembly"), context=context, builtin_cloud_formation_validation=False)
    with pytest.MonkeyPatch.context() as patch:
        for module, maker in (
            (python_function, "code_package"),
            (python_function, "layer_package"),
            (page_files, "page_package"),
        ):
            patch.setattr(module, maker, lambda *_: package)
        add_stacks(app, stage(name))
    return app


@dataclass(frozen=True)
class Synthesis:
    """All resources of a stage by logical id; ids differ from stack to stack because paths do."""

    assembly: CloudAssembly

    @cached_property
    def templates(self) -> dict[str, dict[str, Any]]:
        """By stack, without the stage: `Data`, `Media`, `Pipeline`, `Api`, `Ops`."""
        return {s.stack_name.removeprefix("Veza").split("-")[0]: s.template for s in self.assembly.stacks}

    def of_type(self, kind: str) -> dict[str, Resource]:
        """Resources of one CloudFormation type by logical id."""
        return {
            logical_id: resource
            for template in self.templates.values()
            for logical_id, resource in template["Resources"].items()
            if resource["Type"] == kind
        }

    def properties(self, kind: str) -> list[dict[str, Any]]:
        return [resource.get("Properties", {}) for resource in self.of_type(kind).values()]

    @cached_property
    def functions(self) -> dict[str, dict[str, Any]]:
        """Properties of our functions by their name without `veza-{stage}-`."""
        found = self.properties("AWS::Lambda::Function")
        return {p["FunctionName"].split("-", 2)[2]: p for p in found}

    def role_actions(self, function: str) -> set[str]:
        """Every action the function's role grants, wherever the policy lies."""
        role = self.functions[function]["Role"]["Fn::GetAtt"][0]
        policies = [p for p in self.properties("AWS::IAM::Policy") if {"Ref": role} in p["Roles"]]
        statements = [s for p in policies for s in p["PolicyDocument"]["Statement"]]
        assert all(s["Effect"] == "Allow" for s in statements)
        return {action for s in statements for action in as_list(s["Action"])}


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def text_of(value: Any) -> str:
    """A template's value as one line, for looking into joins."""
    return json.dumps(value)


def clean_environment(patch: pytest.MonkeyPatch) -> None:
    """No credentials, no region, no endpoint: what a fresh machine has."""
    for name in [name for name in os.environ if name.startswith(("AWS_", "CDK_DEFAULT_"))]:
        patch.delenv(name)
