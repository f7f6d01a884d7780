"""Every queue has its dead letters, every dead letter its alarm, every message enough time."""

from typing import Any

from core.domain.limits import QUEUE_MAX_RECEIVES
from tests.infra.synthesis import Synthesis, as_list, text_of

CONSUMERS = ("scan", "transcode", "parts", "mail", "privacy", "deliveries", "chat-silence", "stream-silence")


def work_queues(stage: Synthesis) -> dict[str, dict[str, Any]]:
    queues = stage.of_type("AWS::SQS::Queue")
    return {i: q["Properties"] for i, q in queues.items() if not q["Properties"]["QueueName"].endswith("-dead-letters")}


def dead_letter_queues(stage: Synthesis) -> dict[str, dict[str, Any]]:
    queues = stage.of_type("AWS::SQS::Queue")
    return {i: q["Properties"] for i, q in queues.items() if q["Properties"]["QueueName"].endswith("-dead-letters")}


def test_work_is_tried_as_often_as_the_workers_count_on_and_then_kept(aws: Synthesis) -> None:
    queues = work_queues(aws)
    assert {p["QueueName"] for p in queues.values()} == {f"veza-aws-{name}" for name in CONSUMERS}
    for properties in queues.values():
        assert properties["RedrivePolicy"]["maxReceiveCount"] == QUEUE_MAX_RECEIVES
        assert properties["RedrivePolicy"]["deadLetterTargetArn"]["Fn::GetAtt"][0] in dead_letter_queues(aws)
    for properties in dead_letter_queues(aws).values():
        assert properties["MessageRetentionPeriod"] == 14 * 24 * 3600


def test_every_dead_letter_queue_has_an_alarm_that_tells_somebody(aws: Synthesis, local: Synthesis) -> None:
    for stage in (aws, local):
        alarms = [a for a in stage.properties("AWS::CloudWatch::Alarm") if a["AlarmName"].endswith("-dead-letters")]
        assert all(a["AlarmActions"] and a["Threshold"] == 1 for a in alarms)
        watched = text_of([a["Dimensions"] for a in alarms])
        assert len(dead_letter_queues(stage)) == len(alarms) == len(CONSUMERS) + 1
        for logical_id in dead_letter_queues(stage):
            assert logical_id in watched


def test_a_message_is_hidden_for_six_time_outs_of_its_consumer(aws: Synthesis) -> None:
    for function in CONSUMERS:
        (queue,) = [p for p in work_queues(aws).values() if p["QueueName"] == f"veza-aws-{function}"]
        assert queue["VisibilityTimeout"] >= 6 * aws.functions[function]["Timeout"]


def test_consumers_report_single_failures(aws: Synthesis) -> None:
    mappings = aws.properties("AWS::Lambda::EventSourceMapping")
    assert len(mappings) == len(CONSUMERS) + 1
    assert all(m["FunctionResponseTypes"] == ["ReportBatchItemFailures"] for m in mappings)
    of_queues = [m for m in mappings if "ScalingConfig" in m]
    assert len(of_queues) == len(CONSUMERS)
    assert sorted(m["BatchSize"] for m in of_queues) == [1, 1, 1, 1, 1, 5, 10, 10]


def test_outbox_is_relayed_in_order_and_only_what_is_new(aws: Synthesis) -> None:
    (mapping,) = [m for m in aws.properties("AWS::Lambda::EventSourceMapping") if "StartingPosition" in m]
    assert mapping["StartingPosition"] == "TRIM_HORIZON"
    assert "INSERT" in text_of(mapping["FilterCriteria"])
    assert mapping["BisectBatchOnFunctionError"] is True
    assert mapping["DestinationConfig"]["OnFailure"]


def test_arrivals_are_announced_to_the_scan(aws: Synthesis) -> None:
    announced = [b for b in aws.properties("AWS::S3::Bucket") if "NotificationConfiguration" in b]
    assert len(announced) == 1
    (configuration,) = announced[0]["NotificationConfiguration"]["QueueConfigurations"]
    assert configuration["Event"] == "s3:ObjectCreated:*"
    assert configuration["Filter"]["S3Key"]["Rules"] == [{"Name": "prefix", "Value": "incoming/"}]


def test_only_s3_for_our_bucket_may_announce(aws: Synthesis) -> None:
    statements = [s for p in aws.properties("AWS::SQS::QueuePolicy") for s in p["PolicyDocument"]["Statement"]]
    (statement,) = [s for s in statements if s["Principal"] == {"Service": "s3.amazonaws.com"}]
    assert as_list(statement["Action"]) == ["sqs:SendMessage"]
    assert "veza-aws-uploads-" in text_of(statement["Condition"]["ArnEquals"])


def test_queues_refuse_plain_http_on_aws_alone(aws: Synthesis, local: Synthesis) -> None:
    def refusing(stage: Synthesis) -> int:
        return sum("aws:SecureTransport" in text_of(p) for p in stage.properties("AWS::SQS::QueuePolicy"))

    assert refusing(aws) == len(work_queues(aws)) + len(dead_letter_queues(aws))
    assert refusing(local) == 0
