"""`make redrive`: dead letters go back to work, and none is lost on the way."""

import json
from pathlib import Path
from typing import Any

import pytest

from dev import outputs, redrive
from dev.problem import Problem


class Queues:
    """Two queues as SQS has them: what was received stays until it is deleted, but is not given out again."""

    def __init__(self, *bodies: str) -> None:
        self.dead = list(bodies)
        self.hidden: dict[str, str] = {}
        self.sent: list[str] = []

    def receive_message(self, **asked: Any) -> dict[str, Any]:
        most = asked["MaxNumberOfMessages"]
        given, self.dead = self.dead[:most], self.dead[most:]
        self.hidden |= {f"handle of {body}": body for body in given}
        return {"Messages": [{"Body": body, "ReceiptHandle": f"handle of {body}"} for body in given]} if given else {}

    def send_message(self, **message: Any) -> None:
        if message["MessageBody"] == "refused":
            raise ConnectionError
        self.sent.append(message["MessageBody"])

    def delete_message(self, **message: Any) -> None:
        del self.hidden[message["ReceiptHandle"]]


def test_all_dead_letters_are_moved() -> None:
    queues = Queues(*(str(number) for number in range(25)))

    assert redrive.move(queues, "dead", "work") == 25
    assert len(queues.sent) == 25
    assert queues.dead == []
    assert queues.hidden == {}


def test_what_could_not_be_sent_stays_a_dead_letter() -> None:
    queues = Queues("first", "refused", "third")

    with pytest.raises(ConnectionError):
        redrive.move(queues, "dead", "work")

    assert queues.sent == ["first"]
    assert list(queues.hidden.values()) == ["refused", "third"]


@pytest.mark.parametrize("queue", ["", "nonsense", "relay"])
def test_an_unknown_queue_is_answered_with_those_there_are(
    queue: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The relay reads a stream: its dead letters are places in that stream, and no queue takes them."""
    path = tmp_path / "outputs.json"
    path.write_text(json.dumps({"ScanQueueUrl": "s", "ScanDeadLettersUrl": "sd", "RelayDeadLettersUrl": "rd"}))
    monkeypatch.setattr(redrive, "read_outputs", lambda: outputs.read_outputs(path))

    with pytest.raises(Problem) as problem:
        redrive.redrive(queue)

    assert problem.value.detail == "There are scan."
