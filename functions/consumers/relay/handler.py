"""DynamoDB stream of the outbox table → RelayService."""

from typing import Any

from consumers.relay import wiring
from core.domain.errors import InvalidInput
from core.messages.envelope import Envelope
from core.store.outbox import envelope_of
from core.telemetry import LogEvent, Metric, count


def handler(event: dict[str, Any], _context: object) -> dict[str, list[dict[str, str]]]:
    """Reports refused records by sequence number (`ReportBatchItemFailures`).

    If the bus takes nothing at all the error is let through, which makes every engine repeat the whole batch.
    """
    news = _news(event)
    refused = wiring.service().relay(list(news.values()))
    wiring.logger().info(LogEvent.RELAYED, extra={"published": len(news) - len(refused), "refused": len(refused)})
    return {
        "batchItemFailures": [
            {"itemIdentifier": sequence} for sequence, envelope in news.items() if envelope.id in refused
        ]
    }


def _news(event: dict[str, Any]) -> dict[str, Envelope]:
    """Envelopes by sequence number. Expired rows are no news; a broken one stays behind, lest it blocks all others."""
    news = {}
    for record in event["Records"]:
        change = record["dynamodb"]
        if record["eventName"] == "INSERT":
            try:
                news[change["SequenceNumber"]] = envelope_of(change["NewImage"])
            except InvalidInput as broken:
                wiring.logger().exception(LogEvent.RECORD_FAILED, extra={"code": broken.code, "key": change["Keys"]})
                count(wiring.metrics(), Metric.OUTBOX_ROW_BROKEN)
    return news
