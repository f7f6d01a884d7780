"""DynamoDB is not faked, but the line to it can be cut: calls fail as AWS makes them fail."""

from typing import Any

from botocore.exceptions import ClientError


class Line:
    """Stands between PynamoDB and botocore and fails the next calls as told: before they are made, or after."""

    def __init__(self, real: Any) -> None:
        self.real = real
        self.failures: list[Exception] = []
        self.lost: list[Exception] = []
        """Of these calls only the answer is lost."""
        self.calls: list[str] = []

    def __call__(self, operation: str, arguments: dict[str, Any]) -> Any:
        self.calls.append(operation)
        if self.failures:
            raise self.failures.pop(0)
        answer = self.real(operation, arguments)
        if self.lost:
            raise self.lost.pop(0)
        return answer

    def mend(self) -> None:
        self.failures, self.lost = [], []


def failure(code: str, *reasons: str) -> ClientError:
    response: Any = {
        "Error": {"Code": code, "Message": "words nobody may rely on"},
        "CancellationReasons": [{"Code": reason} for reason in reasons],
    }
    return ClientError(response, "Any")


def cancelled(*reasons: str) -> ClientError:
    return failure("TransactionCanceledException", *reasons)
