"""Messages between functions."""

import pytest
from pydantic import ValidationError

from core.domain.ids import new_id
from core.messages.envelope import MESSAGES
from core.messages.message import Message
from core.messages.tracks import TrackRejected
from core.messages.work import RescanRequest
from tests.builders import an_envelope


def test_names_carry_their_version() -> None:
    assert all(name == f"{kind.type}.v{kind.version}" for name, kind in MESSAGES.items())


def test_every_message_is_in_the_table() -> None:
    assert set(MESSAGES.values()) == set(Message.__subclasses__())


def test_an_envelope_gives_back_its_message() -> None:
    message = TrackRejected(track_id=new_id(), owner_id=new_id(), attempt=3, reason="corrupt")
    assert an_envelope(message).message() == message


@pytest.mark.parametrize("track_id", ["", "1", "../x", new_id().upper()])
def test_ids_are_checked(track_id: str) -> None:
    with pytest.raises(ValidationError):
        TrackRejected(track_id=track_id, owner_id=new_id(), attempt=1, reason="corrupt")


def test_a_rescan_request_is_no_s3_event() -> None:
    body = RescanRequest(bucket="uploads", key="incoming/a/b").model_dump()
    assert body == {"kind": "rescan", "bucket": "uploads", "key": "incoming/a/b"}
    with pytest.raises(ValidationError):
        RescanRequest.model_validate({"Records": []})
