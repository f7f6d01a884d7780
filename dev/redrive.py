"""`make redrive`: what lies with the dead letters of a queue is put back to work, once its cause is gone."""

import re
from typing import Any

from dev.endpoint import Endpoint
from dev.outputs import read_outputs
from dev.problem import Problem
from dev.steps import console

BATCH = 10
"""Messages of one ReceiveMessage call."""
HIDDEN_S = 60
"""So long nobody else sees a message that is on its way."""


def redrive(queue: str) -> None:
    """Puts every dead letter of a queue, such as `scan` or `chat-silence`, back on it, and says how many."""
    outputs = read_outputs()
    nouns = {noun: name for name in outputs if (noun := name.removesuffix("DeadLettersUrl")) != name}
    known = sorted(_kebab(noun) for noun in nouns if f"{noun}QueueUrl" in outputs)
    if queue not in known:
        raise Problem("Which queue?", hint=f"make redrive QUEUE={known[0]}", detail=f"There are {', '.join(known)}.")
    noun = "".join(word.capitalize() for word in queue.split("-"))
    sqs = Endpoint(outputs["endpoint_url"]).aws("sqs")
    moved = move(sqs, outputs[f"{noun}DeadLettersUrl"], outputs[f"{noun}QueueUrl"])
    console.print(f"{moved} dead letters are back on the {queue} queue." if moved else "There are no dead letters.")


def _kebab(noun: str) -> str:
    return re.sub(r"(?<!^)([A-Z])", r"-\1", noun).lower()


def move(sqs: Any, dead_letters: str, queue: str) -> int:
    """Moves all messages from one queue URL to the other; returns how many.

    By hand, because MiniStack has no StartMessageMoveTask. A message is deleted only after it was sent: cut short, it
    comes twice, and consumers are idempotent.
    """
    moved = 0
    while messages := sqs.receive_message(
        QueueUrl=dead_letters,
        MaxNumberOfMessages=BATCH,
        VisibilityTimeout=HIDDEN_S,
        MessageAttributeNames=["All"],
    ).get("Messages"):
        for message in messages:
            attributes = message.get("MessageAttributes", {})
            sqs.send_message(QueueUrl=queue, MessageBody=message["Body"], MessageAttributes=attributes)
            sqs.delete_message(QueueUrl=dead_letters, ReceiptHandle=message["ReceiptHandle"])
            moved += 1
    return moved
