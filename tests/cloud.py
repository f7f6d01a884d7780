"""A cloud of the tests' own: MiniStack on a free port, the whole stack deployed once per run, gone afterwards.

Nothing here touches the engine or the state of `make up`. Everything is in memory, S3 too.
"""

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from cli.loopback import LoopbackTransport
from dev import definitions, stack
from dev.account import AccountDoor, Person, SignedIn
from dev.endpoint import Endpoint
from dev.engine import Engine, free_port

STAGE = "local"


@dataclass(frozen=True, slots=True, kw_only=True)
class BareCloud:
    """A running MiniStack with nothing in it."""

    port: int
    endpoint_url: str

    def aws(self, service: str) -> Any:
        """A boto3 client for this cloud."""
        return Endpoint(self.endpoint_url).aws(service)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cloud(BareCloud):
    """A MiniStack with everything deployed, definitions published."""

    api_url: str
    app_url: str
    media_url: str
    outputs: dict[str, str]
    http: httpx.Client
    """Dials *.localhost on loopback. No redirects, no cookies of other tests: make your own client if you need them."""
    work: Path
    """Assembly and log of the deploy."""

    @property
    def accounts(self) -> AccountDoor:
        return AccountDoor(self.http, self.api_url, self.endpoint_url)

    def register_verified_user(self) -> SignedIn:
        """A new account with a confirmed address, signed in."""
        person = new_person()
        return self.accounts.ensure(person)[0]

    def role_of(self, function: str) -> str:
        """The name of the role that a function runs under."""
        arn: str = self.aws("lambda").get_function_configuration(FunctionName=function)["Role"]
        return arn.rpartition("/")[2]

    def mails_to(self, email: str) -> list[dict[str, Any]]:
        """Mails sent to that address, oldest first."""
        return self.accounts.mails_to(email)


def new_person() -> Person:
    """Somebody nobody has met: e-mail, username and password that pass every rule."""
    name = f"u{uuid4().hex[:16]}"
    return Person(email=f"{name}@example.com", username=name, password="a-kettle-full-of-larks")


def loopback_client() -> httpx.Client:
    """Environment proxies are for the outside; tests speak to loopback alone."""
    return httpx.Client(transport=LoopbackTransport(httpx.HTTPTransport()), timeout=60.0, trust_env=False)


@contextmanager
def running_engine() -> Iterator[Engine]:
    """A MiniStack in memory on a free port; stopped and wiped at the end."""
    home = Path(tempfile.mkdtemp(prefix="veza-test-"))
    engine = Engine(home=home, port=free_port(), persistent=False)
    try:
        engine.start()
        yield engine
    finally:
        engine.stop()
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="session")
def engine() -> Iterator[BareCloud]:
    """For adapters and repositories: a real implementation of the AWS APIs, without our stack."""
    with running_engine() as running:
        yield BareCloud(port=running.port, endpoint_url=running.endpoint_url)


@contextmanager
def deployed(running: Engine) -> Iterator[Cloud]:
    """The whole stack on a running MiniStack, with the builtin definitions."""
    with closing(loopback_client()) as http:
        endpoint = Endpoint(running.endpoint_url)
        work = running.home / "cdk"
        stack.bootstrap(endpoint, work)
        outputs = stack.deploy(endpoint, work, stage=STAGE, note=lambda _: None)
        known = stack.flat(outputs)
        definitions.ensure_builtin(endpoint.aws("s3"), known["DefinitionsBucket"])
        urls = stack.addresses(outputs, running.endpoint_url)
        yield Cloud(port=running.port, outputs=known, http=http, work=work, **urls)


@contextmanager
def enforced() -> Iterator[Cloud]:
    """The whole stack on a MiniStack that was started again since, and holds functions to their own roles."""
    home = Path(tempfile.mkdtemp(prefix="veza-test-"))
    lenient = Engine(home=home, port=free_port(), persistent=True)
    strict = replace(lenient, enforces_roles=True)
    try:
        lenient.start()
        with deployed(lenient) as it:
            _let_mail_go(it)
            lenient.checkpoint()
            lenient.stop()
            strict.start()
            yield it
    finally:
        strict.erase()


def _let_mail_go(cloud: Cloud) -> None:
    """MiniStack checks SES against `*` alone, never against the sender, which is all that our own grant names."""
    statement = {"Effect": "Allow", "Action": "ses:SendEmail", "Resource": "*"}
    cloud.aws("iam").put_role_policy(
        RoleName=cloud.role_of("veza-local-mail"),
        PolicyName="ministack-mail",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
    )


@pytest.fixture(scope="session")
def cloud(pytestconfig: pytest.Config) -> Iterator[Cloud]:
    """The deployed system. The first test that asks for it waits for the deploy."""
    if pytestconfig.getoption("--enforce-roles"):
        with enforced() as it:
            yield it
    else:
        with running_engine() as running, deployed(running) as it:
            yield it
