"""Logger, metrics and the names of log events, in one place.

Log an event name and fields, never a whole event, a token, a password or an address (style.md, habit 13).
"""

from enum import StrEnum

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

SERVICE = "veza"


class LogEvent(StrEnum):
    """Stable names: dashboards and alarms are built on them."""

    REQUEST_SERVED = "request_served"
    REQUEST_FAILED = "request_failed"
    AUDIT_LOST = "audit_lost"
    MESSAGE_DISCARDED = "message_discarded"
    RECORD_FAILED = "record_failed"
    SCAN_FINISHED = "scan_finished"
    SCANNER_STARTED = "scanner_started"
    TRANSCODE_FINISHED = "transcode_finished"
    RELAYED = "relayed"
    SOCKET_OPENED = "socket_opened"
    SOCKET_REFUSED = "socket_refused"
    FRAME_FAILED = "frame_failed"
    FRAMES_DELIVERED = "frames_delivered"
    MAIL_SENT = "mail_sent"
    SWEPT = "swept"
    PRIVACY_SERVED = "privacy_served"
    ERASURES_ASKED = "erasures_asked"
    SIGNING_KEY_CREATED = "signing_key_created"
    SIGNING_KEY_ROTATED = "signing_key_rotated"
    SIGNING_KEY_KEPT = "signing_key_kept"
    PAGE_PUBLISHED = "page_published"
    DEFINITIONS_REFRESHED = "definitions_refreshed"
    DEFINITIONS_KEPT = "definitions_kept"


class Metric(StrEnum):
    AUDIT_LOST = "AuditLost"
    """A change was made that the audit does not know of."""
    FAILED_SIGN_IN = "FailedSignIn"
    """A wrong password or code; many at once, from many addresses, are leaked passwords being tried."""
    ACCOUNT_LOCKED = "AccountLocked"
    ADDRESS_BLOCKED = "AddressBlocked"
    FRAME_DROPPED = "FrameDropped"
    """A socket was not told, after several tries; its client finds out when it asks what it missed (fault 19)."""
    EVENT_LOST = "EventLost"
    """The sweep started work whose S3 event never came (fault 3)."""
    TRACK_REDRIVEN = "TrackRedriven"
    TRACK_FAILED = "TrackFailed"
    TRACK_REJECTED = "TrackRejected"
    ATTACHMENT_REFUSED = "AttachmentRefused"
    OBJECT_GONE = "ObjectGone"
    OUTBOX_ROW_BROKEN = "OutboxRowBroken"
    """An outbox row held no envelope and was passed over; it stays in the table to be looked at."""
    DEFINITIONS_AGE_H = "DefinitionsAgeHours"
    """A gauge: hours since the published virus definitions were known to be current (fault 14)."""
    DEFINITIONS_REFRESH_FAILED = "DefinitionsRefreshFailed"
    """The mirror refused or sent something bad; the previous definitions stay (fault 14)."""


def get_logger(function: str) -> Logger:
    """A JSON logger named after the function; call it in wiring, not at import."""
    return Logger(service=f"{SERVICE}-{function}")


def get_metrics(function: str) -> Metrics:
    """CloudWatch EMF metrics in the namespace `veza`."""
    return Metrics(namespace=SERVICE, service=function)


def count(metrics: Metrics, metric: Metric, times: int = 1) -> None:
    """Emits a count at once, so that it is not lost with the sandbox."""
    metrics.add_metric(name=metric, unit=MetricUnit.Count, value=times)
    metrics.flush_metrics()
