"""What Lambda would have billed: the REPORT lines that MiniStack writes after every call, as AWS does."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

_REPORT: Final = re.compile(r"^REPORT RequestId: (\S+).*?Billed Duration: ([0-9.]+) ms\tMemory Size: (\d+) MB")


@dataclass(frozen=True, slots=True, kw_only=True)
class Invocation:
    """`function` without its prefix and stage. `tmp_mb` is all of /tmp that the function was given."""

    function: str
    ms: float
    memory_mb: int
    tmp_mb: int

    @property
    def gb_s(self) -> float:
        return self.memory_mb / 1024 * self.ms / 1000

    @property
    def tmp_gb_s(self) -> float:
        """Of /tmp above the 512 MB that cost nothing."""
        return max(0, self.tmp_mb - 512) / 1024 * self.ms / 1000


def invocation(function: str, line: str, tmp_mb: int) -> Invocation | None:
    """None for any other line of the log."""
    found = _REPORT.match(line)
    if found is None:
        return None
    return Invocation(function=function, ms=float(found[2]), memory_mb=int(found[3]), tmp_mb=tmp_mb)


def since(logs: Any, lambda_: Any, start_ms: int, *, prefix: str = "veza-local-") -> list[Invocation]:
    """Every call that ended at or after `start_ms`, of all functions of a stage; clients as boto3 makes them."""
    found: list[Invocation] = []
    for page in lambda_.get_paginator("list_functions").paginate():
        for function in page["Functions"]:
            name = str(function["FunctionName"])
            if name.startswith(prefix):
                tmp_mb = int(function.get("EphemeralStorage", {}).get("Size", 512))
                lines = _lines(logs, f"/aws/lambda/{name}", start_ms)
                calls = (invocation(name.removeprefix(prefix), line, tmp_mb) for line in lines)
                found += [call for call in calls if call is not None]
    return found


def by_function(calls: Iterable[Invocation]) -> dict[str, list[Invocation]]:
    """Each function's calls, the functions in the order of their names."""
    found: dict[str, list[Invocation]] = defaultdict(list)
    for call in calls:
        found[call.function].append(call)
    return dict(sorted(found.items()))


def _lines(logs: Any, group: str, start_ms: int) -> Iterable[str]:
    for page in logs.get_paginator("filter_log_events").paginate(logGroupName=group, startTime=start_ms):
        for event in page["events"]:
            yield str(event["message"])
