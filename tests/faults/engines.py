"""An encoder and a scanner that take no time, for tests that are about everything around them."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import BinaryIO, Final

from core.domain.errors import MediaRejected, Unavailable
from core.domain.parts import PartResult
from core.domain.reasons import ReasonCode
from core.domain.verdicts import Verdict
from core.ports.scanner import EngineAnswer
from core.ports.storage import ObjectStore
from tests.fakes.scanner import FakeScanner
from tests.unit.transcode.memory import PRIMING, a_rendition, result_of
from transcode.encode import Original, Playable
from transcode.folder import MediaFolder
from transcode.plan import Part

UNDECODABLE: Final = b"no decoder likes this"
SLEEPER: Final = b"found by tomorrow's definitions"


@dataclass
class FakeEncoder:
    """Writes two segments of the part's first rung, made of nothing but the original's bytes."""

    store: ObjectStore
    fault: Unavailable | None = None

    def encode(
        self,
        original: Original,
        part: Part,
        folder: MediaFolder,
        progress: Callable[[float], None],
        on_playable: Playable | None,
    ) -> PartResult:
        where = original.object
        size = self.store.head(where.bucket, where.key, where.version_id).size_bytes
        body = self.store.read_range(where, 0, size)
        if self.fault is not None:
            raise self.fault
        if UNDECODABLE in body:
            raise MediaRejected(ReasonCode.CORRUPT)
        for number in range(2):
            folder.put(f"{part.rungs[0].name}/{number}.m4s", segment(body, number))
            progress((number + 1) / 2)
        if on_playable is not None:
            on_playable((a_rendition(),), PRIMING)
        return result_of(part, original.source)


def segment(original: bytes, number: int) -> bytes:
    """What the fake encoder makes of an original."""
    return hashlib.sha256(original + bytes([number])).digest()


class LearningScanner(FakeScanner):
    """Finds sleepers once it has the newer definitions."""

    learned = False

    def scan(self, file: BinaryIO) -> EngineAnswer:
        answer = super().scan(file)
        found = self.learned and SLEEPER in self.scanned[-1]
        return replace(answer, verdict=Verdict.INFECTED, signature="Sleeper") if found else answer
