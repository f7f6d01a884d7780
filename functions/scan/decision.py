"""What becomes of an object, from everything that was found out about it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from core.domain.errors import MediaRejected, ScannerUnavailable
from core.domain.ids import Bytes, EpochSeconds
from core.domain.reasons import ReasonCode
from core.domain.verdicts import ScanVerdict, Verdict
from core.ports.scanner import EngineAnswer, Scanner
from core.ports.storage import ObjectInfo
from scan.spool import Spooled

FactsT = TypeVar("FactsT")


class Announced(Protocol):
    """What a client said it would send."""

    @property
    def filename(self) -> str: ...

    @property
    def size_bytes(self) -> Bytes: ...

    @property
    def sha256(self) -> str | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Promotion(Generic[FactsT]):
    """Clean, and something that we take."""

    verdict: ScanVerdict
    facts: FactsT


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    verdict: ScanVerdict
    reason: ReasonCode


def asked(scanner: Scanner, spool: Spooled) -> EngineAnswer:
    """An answer to decide on. Raises ScannerUnavailable for a stale one and an error: nothing may be decided now."""
    answer = scanner.scan(spool.file)
    if answer.verdict is Verdict.STALE:
        raise ScannerUnavailable("The virus definitions are too old, so uploads wait.")
    if answer.verdict is Verdict.ERROR:
        raise ScannerUnavailable(f"The virus scanner gave up: {answer.signature}.")
    return answer


def decide(
    spool: Spooled,
    answer: EngineAnswer,
    sha256: str,
    sniffed: Callable[[], FactsT],
    *,
    info: ObjectInfo,
    announced: Announced,
    now: EpochSeconds,
) -> Promotion[FactsT] | Refusal:
    """`answer` is clean, infected or unscannable; the others are no ground for a decision.

    `sniffed` gives what the container says or raises MediaRejected; it is asked only if it matters. Infected wins.
    Then bytes that are not the announced ones, then what the container is, because that tells the artist most; last
    what clamd could not look into.
    """
    verdict = verdict_of(info, answer, sha256, now)
    if answer.verdict is Verdict.INFECTED:
        return Refusal(verdict=verdict, reason=ReasonCode.INFECTED)
    if not _as_announced(spool.size_bytes, sha256, announced):
        return Refusal(verdict=verdict, reason=ReasonCode.CORRUPT)
    try:
        facts = sniffed()
    except MediaRejected as rejected:
        return Refusal(verdict=verdict, reason=rejected.reason)
    if answer.verdict is not Verdict.CLEAN:
        return Refusal(verdict=verdict, reason=ReasonCode.UNSCANNABLE)
    return Promotion(verdict=verdict, facts=facts)


def _as_announced(size_bytes: int, sha256: str, announced: Announced) -> bool:
    return size_bytes == announced.size_bytes and announced.sha256 in {None, sha256}


def verdict_of(info: ObjectInfo, answer: EngineAnswer, sha256: str, now: EpochSeconds) -> ScanVerdict:
    return ScanVerdict(
        object=info.object,
        etag=info.etag,
        sha256=sha256,
        verdict=answer.verdict,
        signature=answer.signature,
        definitions_version=answer.definitions.version,
        scanned_at=now,
    )
