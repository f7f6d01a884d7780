"""What is put on queues, for one worker each."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from core.domain.sockets import Door
from core.messages.message import Id


class RescanRequest(BaseModel):
    """What the sweep puts on the scan queue for a track whose S3 event was lost; S3 events have `Records` instead."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    kind: Literal["rescan"] = "rescan"
    bucket: str
    key: str


class RecheckRequest(BaseModel):
    """What the sweep puts on the scan queue for a promoted track when the virus definitions changed: its original is
    scanned again, and the track is withdrawn if something is found."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    kind: Literal["recheck"] = "recheck"
    track_id: Id


class AttachmentRecheckRequest(BaseModel):
    """The same for a clean attachment of a message."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    kind: Literal["recheck-attachment"] = "recheck-attachment"
    attachment_id: Id


class PartRequest(BaseModel):
    """What is put on the parts queue for each part of a track but its head."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    kind: Literal["part"] = "part"
    track_id: Id
    owner_id: Id
    attempt: int
    number: int


class Delivery(BaseModel):
    """What is put on the deliveries queue: a frame, and the sockets of one door that it is for."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    kind: Literal["delivery"] = "delivery"
    door: Door
    connections: list[str]
    frame: str
    attempt: int = 1


class SilenceCheck(BaseModel):
    """What is put on the silence queue, to come back when a socket must have said something."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    kind: Literal["silence-check"] = "silence-check"
    connection_id: str
