import pytest

from core.domain.errors import ScannerUnavailable
from tests.contract.scanner import ScannerContract
from tests.fakes.scanner import FakeScanner


class TestFake(ScannerContract):
    """The real clamd runs the same contract in tests/integration/scan."""

    @pytest.fixture
    def scanner(self) -> FakeScanner:
        return FakeScanner()

    @pytest.fixture
    def broken(self, scanner: FakeScanner) -> FakeScanner:
        scanner.fault = ScannerUnavailable("clamd does not answer.")
        return scanner
