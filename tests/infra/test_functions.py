"""Each function gets what it needs and no more: settings, rights, layers, time."""

import json
from dataclasses import fields
from importlib import import_module
from pathlib import Path

import pytest

from core import settings
from infra.constructs.python_function import STEADY_HEAP
from tests.infra.synthesis import Synthesis

SETTINGS = {
    "accounts-api": settings.AccountsApi,
    "catalogue-api": settings.CatalogueApi,
    "chat-api": settings.ChatApi,
    "platform-api": settings.PlatformApi,
    "chat-socket": settings.ChatSocket,
    "deliveries": settings.Deliveries,
    "chat-silence": settings.ChatSocket,
    "stream-socket": settings.StreamSocket,
    "stream-silence": settings.StreamSocket,
    "scan": settings.Scan,
    "transcode": settings.Transcode,
    "parts": settings.Transcode,
    "relay": settings.Relay,
    "mail": settings.Mail,
    "privacy": settings.Privacy,
    "closings": settings.Closings,
    "sweep": settings.Sweep,
    "definitions": settings.Definitions,
    "keys": settings.Keys,
    "page": settings.Page,
}
GRANTED = Path(__file__).with_name("granted_actions.json")


def test_every_function_is_known(aws: Synthesis, local: Synthesis) -> None:
    assert set(aws.functions) == set(local.functions) == set(SETTINGS)


@pytest.mark.parametrize("name", SETTINGS)
def test_environment_is_exactly_the_settings(name: str, aws: Synthesis, local: Synthesis) -> None:
    expected = {settings.variable(field.name) for field in fields(SETTINGS[name])}
    for stage in (aws, local):
        assert set(stage.functions[name]["Environment"]["Variables"]) == {*expected, *STEADY_HEAP}


@pytest.mark.parametrize("name", SETTINGS)
def test_handler_exists(name: str, aws: Synthesis) -> None:
    module, attribute = aws.functions[name]["Handler"].rsplit(".", 1)
    assert callable(getattr(import_module(module), attribute))


@pytest.mark.parametrize("name", SETTINGS)
def test_granted_actions_are_the_agreed_ones(name: str, aws: Synthesis) -> None:
    """Look at the difference before you copy it into the file: it is what the function may now do."""
    agreed = json.loads(GRANTED.read_text())
    assert sorted(aws.role_actions(name)) == agreed[name]


def test_no_action_is_a_wildcard() -> None:
    assert [action for actions in json.loads(GRANTED.read_text()).values() for action in actions if "*" in action] == []


def test_engines_come_as_layers_on_aws_and_from_the_machine_locally(aws: Synthesis, local: Synthesis) -> None:
    for name in SETTINGS:
        engines = 1 if name in {"scan", "transcode", "parts", "definitions"} else 0
        assert len(aws.functions[name]["Layers"]) == 1 + engines
        assert len(local.functions[name]["Layers"]) == 1
    assert aws.functions["transcode"]["Environment"]["Variables"]["VEZA_FFMPEG"] == "/opt/bin/ffmpeg"
    assert local.functions["transcode"]["Environment"]["Variables"]["VEZA_FFMPEG"] == "/usr/bin/ffmpeg"


def test_aws_runs_arm_and_python_3_13_with_traces(aws: Synthesis) -> None:
    for properties in aws.functions.values():
        assert properties["Architectures"] == ["arm64"]
        assert properties["Runtime"] == "python3.13"
        assert properties["TracingConfig"] == {"Mode": "Active"}


def test_workers_have_the_room_their_engines_need(aws: Synthesis) -> None:
    scan, transcode = aws.functions["scan"], aws.functions["transcode"]
    assert (scan["MemorySize"], scan["EphemeralStorage"]["Size"], scan["Timeout"]) == (3008, 4096, 600)
    refresh = aws.functions["definitions"]
    assert (refresh["MemorySize"], refresh["EphemeralStorage"]["Size"], refresh["Timeout"]) == (3008, 4096, 900)
    assert refresh["ReservedConcurrentExecutions"] == 1
    for encoder in (transcode, aws.functions["parts"]):
        assert (encoder["MemorySize"], encoder["EphemeralStorage"]["Size"], encoder["Timeout"]) == (3538, 512, 900)


def test_every_log_is_kept_for_a_time_and_no_longer(aws: Synthesis) -> None:
    groups = aws.properties("AWS::Logs::LogGroup")
    assert len(groups) == len(SETTINGS) + 1, "one for each function, one for the API"
    assert {group["RetentionInDays"] for group in groups} == {90}
