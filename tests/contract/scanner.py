"""What every Scanner promises. tests/integration/scan runs it on the real clamd."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

import pytest

from core.domain.errors import ScannerUnavailable
from core.domain.verdicts import Verdict
from core.ports.scanner import Scanner
from tests.fakes.scanner import EICAR


@contextmanager
def a_file(content: bytes) -> Iterator[BinaryIO]:
    """Without a name, and read to its end, as the scan leaves it."""
    with tempfile.TemporaryFile() as file:
        file.write(content)
        file.flush()
        yield file


class ScannerContract:
    """Subclasses bring `scanner`, warm and with definitions that know EICAR, and `broken`, which can't answer."""

    @pytest.mark.parametrize("content", [b"audio", b"", bytes(1024 * 1024)])
    def test_harmless_bytes_are_clean(self, scanner: Scanner, content: bytes) -> None:
        with a_file(content) as file:
            answer = scanner.scan(file)
        assert (answer.verdict, answer.signature) == (Verdict.CLEAN, None)

    def test_13_eicar_is_found_and_named(self, scanner: Scanner) -> None:
        with a_file(EICAR) as file:
            answer = scanner.scan(file)
        assert answer.verdict is Verdict.INFECTED
        assert answer.signature is not None
        assert "eicar" in answer.signature.lower()

    def test_the_descriptor_stays_open(self, scanner: Scanner) -> None:
        with a_file(EICAR) as file:
            assert scanner.scan(file).verdict is Verdict.INFECTED
            assert scanner.scan(file).verdict is Verdict.INFECTED
            assert os.fstat(file.fileno()).st_size == len(EICAR)

    def test_an_answer_says_by_which_definitions(self, scanner: Scanner) -> None:
        with a_file(b"audio") as file:
            answer = scanner.scan(file)
        assert answer.definitions == scanner.definitions()
        assert answer.definitions.signatures > 0
        assert answer.definitions.version

    def test_14_a_scanner_that_can_not_answer_lets_nothing_pass(self, broken: Scanner) -> None:
        with a_file(b"audio") as file, pytest.raises(ScannerUnavailable) as caught:
            broken.scan(file)
        assert caught.value.retryable
