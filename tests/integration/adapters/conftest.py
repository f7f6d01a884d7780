"""AWS as MiniStack: what moto does not do (signatures, conditions, real requests) is seen here."""

from collections.abc import Iterator

import httpx
import pytest

from tests.cloud import BareCloud, loopback_client
from tests.contract.aws import Aws, Mail, environment


@pytest.fixture(scope="session")
def http() -> Iterator[httpx.Client]:
    with loopback_client() as client:
        yield client


@pytest.fixture(scope="module")
def aws(engine: BareCloud, http: httpx.Client) -> Iterator[Aws]:
    def mails() -> list[Mail]:
        answer = http.get(f"{engine.endpoint_url}/_ministack/ses/messages").raise_for_status().json()
        sent = [mail for account in answer["messages"].values() for mail in account]
        return [Mail(to=mail["To"][0], subject=mail["Subject"], html=mail["BodyHtml"]) for mail in sent]

    with environment(AWS_ENDPOINT_URL=engine.endpoint_url):
        yield Aws(mails=mails)
