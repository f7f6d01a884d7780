"""What the longest upload needs."""

from bench.invocations import Invocation
from bench.longest import least_memory_mb, workers


def call(function: str, seconds: float) -> Invocation:
    return Invocation(function=function, ms=seconds * 1000, memory_mb=3538, tmp_mb=512)


def test_the_least_memory_gives_the_processor_that_the_longest_run_needs() -> None:
    assert least_memory_mb(900 / 1.15) == 1769
    assert least_memory_mb(300) == 679


def test_the_workers_calls_are_counted_and_their_longest_told() -> None:
    calls = [call("parts", 90), call("parts", 120), call("scan", 8), call("catalogue-api", 0.1)]
    assert workers(calls) == [
        {"function": "parts", "calls": 2, "longest_s": 120.0, "memory_mb": 3538},
        {"function": "scan", "calls": 1, "longest_s": 8.0, "memory_mb": 3538},
    ]
