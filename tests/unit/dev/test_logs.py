"""A log line a person can read at a glance."""

import json

from rich.text import Text

from dev.logs import readable


def plain(message: str) -> str | None:
    """Without markup and without the clock, which depends on this machine's time zone."""
    line = readable(message, 1_700_000_000_123, "scan")
    return None if line is None else Text.from_markup(line).plain.split(" ", 1)[1]


def test_an_event_shows_its_name_then_its_fields() -> None:
    entry = {"level": "INFO", "message": "scan_finished", "track_id": "t1", "size": 3, "service": "veza-scan"}
    assert plain(json.dumps(entry)) == "scan          scan_finished track_id=t1 size=3"


def test_what_every_line_of_lambda_carries_is_left_out() -> None:
    entry = {
        "message": "relayed",
        "cold_start": True,
        "function_arn": "arn:…",
        "xray_trace_id": "1-2",
        "location": "x:1",
    }
    assert plain(json.dumps(entry)) == "scan          relayed"


def test_a_trace_comes_whole_on_lines_of_its_own() -> None:
    entry = {"level": "ERROR", "message": "record_failed", "exception": "Traceback …\nValueError: [no]"}
    assert plain(json.dumps(entry)) == "scan          record_failed\nTraceback …\nValueError: [no]"


def test_lines_that_are_no_json_stay_as_they_are() -> None:
    assert plain("Task timed out [after] 3 s") == "scan          Task timed out [after] 3 s"
    assert plain('"just a string"') == 'scan          "just a string"'


def test_the_runtime_and_the_metrics_are_not_worth_a_line() -> None:
    assert plain("START RequestId: 1 Version: $LATEST") is None
    assert plain("REPORT RequestId: 1 Duration: 2 ms") is None
    assert plain(json.dumps({"_aws": {"Timestamp": 1}, "EventLost": 1})) is None
    assert plain("   ") is None
