"""Whether the time of an answer tells who has an account.

Each door is knocked on for people who have one and for addresses that nobody has, in random order, and the two heaps of
times are compared: how often, of one each, is the answer for the account the slower one? Half of the time, if it tells
nothing. A control that must tell shows that the bench could see it.
"""

import random
import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any, Final

import httpx
from rich.console import Console

from bench.throughput import percentile
from dev.problem import Problem
from tests.cloud import Cloud, deployed, new_person, running_engine

NAME: Final = "enumeration"
WRONG: Final = "a-wrong-kettle-of-larks"
TRIES_EACH: Final = 4
"""Wrong passwords for one address; the fifth would close it."""
SEED: Final = 4
SURE: Final = 1.96
"""Standard errors to either side of a half, for 95 %."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    people: int
    """With an account, and as many without."""


FULL: Final = Plan(people=100)
QUICK: Final = Plan(people=3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """What anybody may ask about any address; `status` is the answer to both."""

    name: str
    path: str
    status: int
    password: str | None = None

    def knock(self, cloud: Cloud, email: str) -> float:
        """Milliseconds until its answer."""
        body = {"email": email} | ({"password": self.password} if self.password else {})
        return _timed(cloud, self.path, body, self.status)


DOORS: Final = (
    Door(name="a wrong password", path="/auth/login", status=401, password=WRONG),
    Door(name="a forgotten password", path="/auth/password/forgot", status=202),
    Door(name="a sign-in link", path="/auth/magic-link", status=202),
)
CONTROL: Final = "control: a closed account, where no password is looked at"


def run(plan: Plan, console: Console) -> dict[str, Any]:
    """Everything measured, as it goes into the results file."""
    with running_engine() as engine, deployed(engine) as cloud:
        console.print(f"{plan.people} people register")
        known = [_registered(cloud) for _ in range(plan.people)]
        unknown = [new_person().email for _ in known]
        for door in DOORS:
            door.knock(cloud, new_person().email)  # a cold start is nobody's time
        doors = [_compared(door.name, *_knocked(door, cloud, known, unknown)) for door in DOORS]
        doors.append(_compared(CONTROL, *_control(cloud, known[0], plan.people)))
    return {"tries": plan.people * TRIES_EACH, "doors": doors}


def _registered(cloud: Cloud) -> str:
    person = new_person()
    cloud.accounts.register(person)
    return person.email


def _knocked(door: Door, cloud: Cloud, known: Sequence[str], unknown: Sequence[str]) -> tuple[list[float], list[float]]:
    """Milliseconds for addresses with an account, and for those without."""
    times: tuple[list[float], list[float]] = ([], [])
    for which, email in _shuffled(known, unknown):
        times[which].append(door.knock(cloud, email))
    return times


def _shuffled(known: Sequence[str], unknown: Sequence[str]) -> Iterator[tuple[int, str]]:
    """(0, known address) and (1, unknown address), TRIES_EACH times each."""
    both = [(0, email) for email in known] + [(1, email) for email in unknown]
    knocks = both * TRIES_EACH
    random.Random(SEED).shuffle(knocks)  # noqa: S311 - an order, not a secret
    return iter(knocks)


def _control(cloud: Cloud, email: str, people: int) -> tuple[list[float], list[float]]:
    """A closed account beside addresses that nobody has."""
    body = {"email": email, "password": WRONG}
    _timed(cloud, "/auth/login", body, 401)  # the fifth
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(people):
        times[0].append(_timed(cloud, "/auth/login", body, 429))
        times[1].append(DOORS[0].knock(cloud, new_person().email))
    return times


def _timed(cloud: Cloud, path: str, body: dict[str, str], status: int) -> float:
    began = time.perf_counter()
    answer: httpx.Response = cloud.http.post(f"{cloud.api_url}{path}", json=body)
    took_ms = (time.perf_counter() - began) * 1000
    if answer.status_code != status:
        raise Problem(f"{path} answered {answer.status_code}, not {status}.", detail=answer.text[:500])
    return took_ms


def _compared(name: str, known: list[float], unknown: list[float]) -> dict[str, Any]:
    margin = SURE * sqrt((len(known) + len(unknown) + 1) / (12 * len(known) * len(unknown)))
    share = slower_share(known, unknown)
    return {
        "name": name,
        "known": _described(known),
        "unknown": _described(unknown),
        "median_ratio": statistics.median(known) / statistics.median(unknown),
        "slower_share": share,
        "margin": margin,
        "tells": abs(share - 0.5) > margin,
    }


def slower_share(known: Sequence[float], unknown: Sequence[float]) -> float:
    """How often, of one each, the first takes longer (the Mann-Whitney statistic over all pairs)."""
    wins = sum((ours > theirs) + (ours == theirs) / 2 for ours in known for theirs in unknown)
    return wins / (len(known) * len(unknown))


def _described(times_ms: list[float]) -> dict[str, float]:
    return {
        "answers": len(times_ms),
        "p50_ms": percentile(times_ms, 50),
        "p95_ms": percentile(times_ms, 95),
        "p99_ms": percentile(times_ms, 99),
    }
