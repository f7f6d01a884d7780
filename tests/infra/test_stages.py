"""Stages are arguments; a missing one is said clearly."""

import pytest
from aws_cdk import App

from infra.app import stage_of
from infra.stages import ARGUMENTS, StageArgumentMissing, stage_named
from tests.infra.synthesis import CONTEXT, ENGINES, Synthesis

CHOICES: dict[str, tuple[str, object]] = {"audit_days": ("365", 365), "token_algorithm": ("HS256", "HS256")}
"""Arguments that don't take whatever is said: an example, and what it means."""


@pytest.mark.parametrize("variable", ["VEZA_FFMPEG", "VEZA_CLAMD"])
@pytest.mark.parametrize("value", [None, "ffmpeg"])
def test_local_stage_says_which_program_it_misses(variable: str, value: str | None) -> None:
    environ = {name: path for name, path in ENGINES.items() if name != variable} | ({variable: value} if value else {})
    with pytest.raises(StageArgumentMissing, match=variable):
        stage_named("local", environ=environ, context=CONTEXT)


@pytest.mark.parametrize("argument", ARGUMENTS)
def test_every_argument_reaches_its_stage_from_the_command_line(argument: str) -> None:
    said, meant = CHOICES.get(argument, ("as it was said", "as it was said"))
    app = App(context=CONTEXT | {"stage": "aws", argument: said})
    assert getattr(stage_of(app), argument) == meant


@pytest.mark.parametrize("days", ["a year", "0", "-1", "1.5"])
def test_the_audit_is_kept_for_a_number_of_days(days: str) -> None:
    with pytest.raises(StageArgumentMissing, match="audit_days"):
        stage_named("aws", environ={}, context=CONTEXT | {"audit_days": days})


def test_tokens_are_signed_with_rsa_unless_the_stage_says_otherwise() -> None:
    assert stage_named("aws", environ={}, context=CONTEXT).token_algorithm == "RS256"
    with pytest.raises(StageArgumentMissing, match="'none', not one of RS256, HS256"):
        stage_named("aws", environ={}, context=CONTEXT | {"token_algorithm": "none"})


def test_unknown_stage_is_answered_with_the_known_ones() -> None:
    with pytest.raises(StageArgumentMissing, match="local, localstack, aws"):
        stage_named("prod", environ={}, context=CONTEXT)


def test_aws_needs_neither_account_nor_programs() -> None:
    stage = stage_named("aws", environ={}, context=CONTEXT)
    assert (stage.account, stage.region) == (None, None)
    assert stage.keep_data


def test_aws_makes_its_firewall_where_the_cdn_takes_it() -> None:
    assert stage_named("aws", environ={"CDK_DEFAULT_REGION": "us-east-1"}, context=CONTEXT).firewall == "own"
    with pytest.raises(StageArgumentMissing, match="us-east-1"):
        stage_named("aws", environ={"CDK_DEFAULT_REGION": "eu-central-1"}, context=CONTEXT)
    elsewhere = stage_named(
        "aws", environ={"CDK_DEFAULT_REGION": "eu-central-1"}, context=CONTEXT | {"firewall": "none"}
    )
    assert elsewhere.firewall == "none"


def test_limits_hold_where_people_are() -> None:
    assert stage_named("aws", environ={}, context=CONTEXT).limit_factor == 1


def test_tests_can_shorten_the_wait_for_a_retry() -> None:
    stage = stage_named("local", environ=ENGINES | {"VEZA_RETRY_AFTER_S": "5"}, context=CONTEXT)
    assert stage.retry_after_s == 5


def test_stages_differ_by_arguments_only(aws: Synthesis, local: Synthesis) -> None:
    """The same resources everywhere, but for the engines' layers, the firewall and what refuses plain HTTP."""

    def kinds(stage: Synthesis) -> dict[str, list[str]]:
        differ = {
            "AWS::Lambda::LayerVersion",
            "AWS::WAFv2::WebACL",
            "AWS::SQS::QueuePolicy",
            "AWS::S3::BucketPolicy",
            "AWS::SNS::TopicPolicy",
            "AWS::ApiGatewayV2::RouteResponse",
        }
        return {
            stack: sorted(r["Type"] for r in template["Resources"].values() if r["Type"] not in differ)
            for stack, template in stage.templates.items()
        }

    assert kinds(aws) == kinds(local)
