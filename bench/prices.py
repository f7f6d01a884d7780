"""What things cost: US East (N. Virginia), on demand, no free tier, in dollars. The one table of prices.

Each price names the page that sets it, through whom we know it where we could not open the page ourselves, and when
it was read there. `assumed` tells what is left open. To bring the comparison up to date, read the pages again and
change both the number and the date.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """Dollars per `unit`."""

    dollars: float
    unit: str
    page: str
    via: str
    """Who had read the page."""
    read: str
    """ISO date, a month where no day is given."""
    assumed: str = ""


LAMBDA: Final = "AWS Lambda pricing"
S3: Final = "Amazon S3 pricing"
DYNAMODB: Final = "Amazon DynamoDB on-demand pricing"
GUARDDUTY: Final = "Amazon GuardDuty pricing, Malware Protection for S3"
NOBODY: Final = "not read"
_API_EVANGELIST: Final = "API Evangelist's harvest"
_NOTES: Final = "public notes that quote it"

LAMBDA_ARM64: Final = Price(
    dollars=0.0000133334,
    unit="GB-second, arm64",
    page=LAMBDA,
    via="the price table of artillery 2.0.28",
    read="2026-10",
)
LAMBDA_REQUEST: Final = Price(dollars=0.20 / 1e6, unit="request", page=LAMBDA, via=_API_EVANGELIST, read="2026-09-20")
LAMBDA_TMP: Final = Price(
    dollars=0.0000000309, unit="GB-second of /tmp above 512 MB", page=LAMBDA, via=_NOTES, read="2026-08-21"
)
S3_PUT: Final = Price(dollars=0.005 / 1000, unit="PUT, COPY, POST or LIST", page=S3, via=_NOTES, read="2026-10-04")
S3_GET: Final = Price(dollars=0.0004 / 1000, unit="GET or HEAD", page=S3, via=_NOTES, read="2026-10-04")
SQS: Final = Price(dollars=0.40 / 1e6, unit="request", page="Amazon SQS pricing", via="cloudburn.io", read="2026-03")
DYNAMODB_WRITE: Final = Price(
    dollars=0.625 / 1e6, unit="write request unit", page=DYNAMODB, via=_NOTES, read="2026-10-04"
)
DYNAMODB_READ: Final = Price(
    dollars=0.125 / 1e6, unit="read request unit", page=DYNAMODB, via=_NOTES, read="2026-10-04"
)
EVENTBRIDGE: Final = Price(
    dollars=1.00 / 1e6,
    unit="custom event",
    page="Amazon EventBridge pricing",
    via=NOBODY,
    read="2026-10",
    assumed="the long-standing rate",
)
HTTP_API: Final = Price(
    dollars=1.00 / 1e6,
    unit="request",
    page="Amazon API Gateway pricing, HTTP API",
    via=_NOTES,
    read="2026-10",
)
WEBSOCKET_MESSAGE: Final = Price(
    dollars=1.00 / 1e6,
    unit="message, in units of 32 KB",
    page="Amazon API Gateway pricing, WebSocket API",
    via=NOBODY,
    read="2026-10",
    assumed="the long-standing rate of the first billion",
)
WEBSOCKET_MINUTE: Final = Price(
    dollars=0.25 / 1e6,
    unit="minute of a connection",
    page="Amazon API Gateway pricing, WebSocket API",
    via=NOBODY,
    read="2026-10",
    assumed="the long-standing rate",
)
APPSYNC_EVENT: Final = Price(
    dollars=1.00 / 1e6,
    unit="operation, in units of 5 KB",
    page="AWS AppSync pricing, Events",
    via=NOBODY,
    read="2026-10",
    assumed="the rate of its launch; AWS IoT Core bills messages at about the same",
)
APPSYNC_MINUTE: Final = Price(
    dollars=0.08 / 1e6,
    unit="minute of a connection",
    page="AWS AppSync pricing, Events",
    via=NOBODY,
    read="2026-10",
    assumed="the rate of its launch; AWS IoT Core's is the same",
)
SES: Final = Price(
    dollars=0.10 / 1000,
    unit="mail",
    page="Amazon SES pricing",
    via=NOBODY,
    read="2026-10",
    assumed="the long-standing rate",
)
GUARDDUTY_GB: Final = Price(dollars=0.09, unit="GB scanned", page=GUARDDUTY, via=_API_EVANGELIST, read="2026-10-07")
GUARDDUTY_OBJECT: Final = Price(
    dollars=0.215 / 1000, unit="object scanned", page=GUARDDUTY, via=_API_EVANGELIST, read="2026-10-07"
)
MEDIACONVERT_MINUTE: Final = Price(
    dollars=0.0075 * 0.39,
    unit="minute of an audio-only output",
    page="AWS Elemental MediaConvert pricing",
    via=_NOTES,
    read="2026-09-11",
    assumed="$0.0075 a normalized minute (Basic tier, first step; read 2026-08-09) times 0.39, the multiplier of "
    "audio-only outputs; a solution guide by AWS of December 2021 counts $18 for 100 h, about the same. If AAC and "
    "FLAC belong to the Professional tier ($0.0120), it is 1.6 times as much",
)
MEDIACONVERT_LEAST_S: Final = 10
"""A shorter output is billed as that (same page)."""


def table() -> list[Price]:
    """All of them, in the order above."""
    return [value for value in globals().values() if isinstance(value, Price)]
