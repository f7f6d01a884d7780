"""The bus: who hears what."""

from consumers.mail.service import NEWS
from core.messages.envelope import BUS_SOURCE, MESSAGES
from core.messages.tracks import TrackScanned
from core.telemetry import SERVICE, Metric
from infra.stacks import ops, pipeline
from tests.infra.synthesis import Synthesis


def test_source_and_messages_are_those_of_the_contract() -> None:
    assert pipeline.BUS_SOURCE == BUS_SOURCE
    assert set(pipeline.TRANSCODE_MESSAGES) == {TrackScanned.detail_type()}
    assert set(pipeline.MAIL_MESSAGES) == {message.detail_type() for message in NEWS}
    assert set(pipeline.MAIL_MESSAGES) <= set(MESSAGES)


def test_every_consumer_has_a_queue_of_its_own(aws: Synthesis) -> None:
    rules = [r for r in aws.properties("AWS::Events::Rule") if "EventPattern" in r]
    targets = [target for rule in rules for target in rule["Targets"]]
    assert len({str(target["Arn"]) for target in targets}) == len(rules) == 3
    assert all(target["DeadLetterConfig"]["Arn"] for target in targets)
    assert all(rule["EventPattern"]["source"] == [BUS_SOURCE] for rule in rules)


def test_schedules_run_as_often_as_they_must(aws: Synthesis) -> None:
    rules = [r for r in aws.properties("AWS::Events::Rule") if "ScheduleExpression" in r]
    assert sorted(r["ScheduleExpression"] for r in rules) == [
        "rate(1 hour)",  # erasures
        "rate(3 hours)",  # virus definitions
        "rate(30 days)",  # signing keys
        "rate(5 minutes)",  # the sweep
    ]


def test_old_definitions_or_silence_about_them_wake_somebody(aws: Synthesis) -> None:
    (alarm,) = [a for a in aws.properties("AWS::CloudWatch::Alarm") if a["AlarmName"] == "veza-aws-DefinitionsOld"]
    assert alarm["MetricName"] == Metric.DEFINITIONS_AGE_H.value == ops.DEFINITIONS_AGE
    assert alarm["Dimensions"] == [{"Name": "service", "Value": "definitions"}]
    assert (alarm["Threshold"], alarm["TreatMissingData"], alarm["Period"]) == (24, "breaching", 6 * 3600)


def test_only_aws_asks_the_official_mirror(aws: Synthesis, local: Synthesis) -> None:
    mirrors = [s.functions["definitions"]["Environment"]["Variables"]["VEZA_DEFINITIONS_MIRROR"] for s in (aws, local)]
    assert mirrors == ["official", "none"]


def test_a_lost_event_wakes_somebody(aws: Synthesis) -> None:
    (alarm,) = [a for a in aws.properties("AWS::CloudWatch::Alarm") if a["AlarmName"] == "veza-aws-EventLost"]
    assert (
        (alarm["Namespace"], alarm["MetricName"]) == (SERVICE, Metric.EVENT_LOST.value) == (ops.METRICS, ops.EVENT_LOST)
    )
    assert alarm["Dimensions"] == [{"Name": "service", "Value": "sweep"}]


def test_leaked_passwords_being_tried_wake_somebody(aws: Synthesis) -> None:
    (alarm,) = [a for a in aws.properties("AWS::CloudWatch::Alarm") if a["AlarmName"] == "veza-aws-FailedSignIns"]
    assert (alarm["Namespace"], alarm["MetricName"]) == (SERVICE, Metric.FAILED_SIGN_IN.value)
    assert alarm["Dimensions"] == [{"Name": "service", "Value": "accounts-api"}]


def test_every_function_has_an_alarm_on_its_errors(aws: Synthesis) -> None:
    alarms = [a["AlarmName"] for a in aws.properties("AWS::CloudWatch::Alarm") if a["AlarmName"].endswith("-errors")]
    assert len(alarms) == len(aws.functions)
