"""SES, API version 2."""

from typing import TYPE_CHECKING

from core.adapters.faults import translated
from core.domain.errors import MailUnavailable

if TYPE_CHECKING:
    from mypy_boto3_sesv2 import SESV2Client
    from mypy_boto3_sesv2.type_defs import ContentTypeDef


class SesMailer:
    """Mailer."""

    def __init__(self, client: "SESV2Client", sender: str) -> None:
        self._client = client
        self._sender = sender

    def send(self, *, to: str, subject: str, text: str, html: str) -> None:
        with translated({}, or_else=MailUnavailable("The mail could not be sent.")):
            self._client.send_email(
                FromEmailAddress=self._sender,
                Destination={"ToAddresses": [to]},
                Content={
                    "Simple": {
                        "Subject": _utf8(subject),
                        "Body": {"Text": _utf8(text), "Html": _utf8(html)},
                    }
                },
            )


def _utf8(text: str) -> "ContentTypeDef":
    return {"Data": text, "Charset": "UTF-8"}
