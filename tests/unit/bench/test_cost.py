"""The arithmetic of the bill."""

import pytest

from bench import prices
from bench.cost import Basis, Taken, guardduty, lines, mediaconvert, upload_requests
from bench.invocations import Invocation, invocation
from core.domain.limits import MIB

REPORT = (
    "REPORT RequestId: 5f0c\tDuration: 1500 ms\tBilled Duration: 1500 ms\tMemory Size: 5308 MB\tMax Memory Used: 9 MB"
)


def call(function: str, ms: float = 1000, memory_mb: int = 1024, tmp_mb: int = 512) -> Invocation:
    return Invocation(function=function, ms=ms, memory_mb=memory_mb, tmp_mb=tmp_mb)


def taken(*calls: Invocation) -> Taken:
    return Taken(calls=calls, objects_put=100, size_bytes=20 * MIB, events=3, revisions=6)


def test_a_report_line_becomes_what_lambda_bills() -> None:
    found = invocation("transcode", REPORT, 512)
    assert found is not None
    assert found.gb_s == pytest.approx(5308 / 1024 * 1.5)
    assert found.tmp_gb_s == 0
    assert invocation("transcode", "START RequestId: 5f0c Version: $LATEST", 512) is None


def test_only_tmp_above_half_a_gigabyte_costs() -> None:
    assert call("scan", ms=2000, tmp_mb=512 + 1024).tmp_gb_s == pytest.approx(2.0)


def test_time_costs_by_memory() -> None:
    bill = {line.what: line for line in lines(taken(call("transcode", ms=10_000, memory_mb=2048)))}
    assert bill["Lambda, time"].dollars == pytest.approx(20 * 0.0000133334 * 1000)
    assert bill["Lambda, time"].basis is Basis.MEASURED


def test_every_object_written_costs() -> None:
    bill = {line.what: line for line in lines(taken(call("scan")))}
    assert bill["S3, writes"].dollars == pytest.approx(0.5)


def test_what_nothing_queued_woke_costs_no_messages() -> None:
    quiet = {line.what: line for line in lines(taken(call("relay"), call("catalogue-api")))}
    assert quiet["SQS"].dollars == 0
    busy = {line.what: line for line in lines(taken(call("relay"), call("scan"), call("transcode")))}
    assert busy["SQS"].dollars == pytest.approx(2 * 3 * 0.40 / 1e6 * 1000)


def test_a_small_upload_is_one_put_and_a_large_one_its_parts_and_two_more() -> None:
    assert upload_requests(16 * MIB) == 1
    assert upload_requests(16 * MIB + 1) == 4
    assert upload_requests(160 * MIB) == 12


def test_mediaconvert_bills_minutes_of_every_output_and_ten_seconds_at_least() -> None:
    assert mediaconvert(180, 6) == pytest.approx(3 * 6 * prices.MEDIACONVERT_MINUTE.dollars * 1000)
    assert mediaconvert(2, 1) == mediaconvert(10, 1)


def test_guardduty_bills_bytes_and_objects() -> None:
    assert guardduty(10**9) == pytest.approx(1000 * 0.09 + 0.215)


def test_every_price_says_where_and_when_it_was_read() -> None:
    table = prices.table()
    assert len(table) > 10
    for price in table:
        assert price.dollars > 0
        assert price.page
        assert price.via
        assert price.read.startswith("20")
        assert price.via != prices.NOBODY or price.assumed
