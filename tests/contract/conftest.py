"""AWS in process: moto. No socket is opened."""

from collections.abc import Iterator

import pytest
from moto import mock_aws
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.ses.models import ses_backends

from tests.contract.aws import REGION, Aws, Mail, environment


@pytest.fixture(scope="module")
def aws() -> Iterator[Aws]:
    """Clients are slow to build, so a module shares them."""
    with environment(), mock_aws():
        yield Aws(mails=_mails)


def _mails() -> list[Mail]:
    sent = ses_backends[DEFAULT_ACCOUNT_ID][REGION].sent_messages
    return [Mail(to=mail.destinations["ToAddresses"][0], subject=mail.subject, html=mail.body) for mail in sent]
