"""`make localstack`: the same stacks on a running LocalStack, after saying what its plan lacks."""

import json
import os
import urllib.request
from dataclasses import dataclass
from typing import Any

from dev import definitions, stack
from dev.endpoint import Endpoint
from dev.paths import HOME
from dev.problem import Problem
from dev.steps import console, step

STAGE = "localstack"
DEFAULT_URL = "http://localhost:4566"
NEEDED = {
    "s3": "objects",
    "sqs": "queues",
    "dynamodb": "tables",
    "dynamodbstreams": "the outbox",
    "lambda": "functions",
    "events": "the bus",
    "secretsmanager": "keys",
    "kms": "second factors and identities elsewhere",
    "cloudformation": "any deploy",
    "cloudwatch": "alarms",
    "logs": "logs",
    "iam": "roles",
    "ssm": "the CDK's bootstrap",
    "ses": "mail",
    "apigateway": "the API",
    "cloudfront": "playback",
}
"""Services of the stack, and what would be missing without them."""
PAID = {"HTTP APIs (API Gateway v2)": "the API has no address", "CloudFront": "page and media have no address"}
"""In LocalStack's paid plans only, since March 2026 (docs/architecture.md)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a LocalStack says about itself."""

    edition: str
    version: str
    licensed: bool
    services: dict[str, str]


def read_plan(url: str) -> Plan:
    """A Problem if nothing answers, or something that is no LocalStack."""
    health = _get(f"{url}/_localstack/health")
    if health is None:
        raise Problem(
            f"No LocalStack answers at {url}.",
            hint="Start it with its auth token: LOCALSTACK_AUTH_TOKEN=… localstack start -d (or set LOCALSTACK_URL).",
        )
    if "iot_mtls" in health:
        raise Problem(f"It is MiniStack that answers at {url}.", hint="`make down` first, then start LocalStack.")
    info = _get(f"{url}/_localstack/info") or {}
    return Plan(
        edition=str(health.get("edition", "unknown")),
        version=str(health.get("version", "unknown")),
        licensed=bool(info.get("is_license_activated")),
        services={str(name): str(state) for name, state in health.get("services", {}).items()},
    )


def lacks(plan: Plan) -> list[str]:
    """Sentences about what this plan can't do; empty if the stack fits."""
    missing = [
        f"{name} is not there: {purpose} would be missing"
        for name, purpose in NEEDED.items()
        if plan.services.get(name) not in {"available", "running"}
    ]
    if plan.edition == "community" or not plan.licensed:
        missing += [f"{feature} needs a paid plan: {effect}" for feature, effect in PAID.items()]
    return missing


def deploy_to_localstack() -> None:
    """Bootstrap, deploy, definitions. Says what the plan lacks before anything is deployed."""
    url = os.environ.get("LOCALSTACK_URL", DEFAULT_URL)
    with step("Plan") as note:
        plan = read_plan(url)
        note(f"LocalStack {plan.version}, {plan.edition}")
        missing = lacks(plan)
        if missing:
            raise Problem(
                "This LocalStack can't run Veza; nothing was deployed.",
                hint="A plan with HTTP APIs and CloudFront can; MiniStack (`make up`) can without any account.",
                detail="\n".join(f"  • {line}" for line in missing),
            )
    endpoint, work = Endpoint(url), HOME / STAGE
    with step("CDK bootstrap") as note:
        if not stack.bootstrapped(endpoint):
            stack.bootstrap(endpoint, work)
        note("done")
    with step("Deploy") as note:
        outputs = stack.deploy(endpoint, work, stage=STAGE, note=note)
    with step("Virus definitions") as note:
        bucket = stack.flat(outputs)["DefinitionsBucket"]
        note(definitions.ensure_builtin(endpoint.aws("s3"), bucket).manifest.version)
    console.print_json(json.dumps(outputs))


def _get(url: str) -> dict[str, Any] | None:
    try:
        with urllib.request.urlopen(url, timeout=5) as response:
            answer = json.load(response)
    except (OSError, ValueError):
        return None
    return answer if isinstance(answer, dict) else None
