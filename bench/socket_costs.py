"""What sockets cost on AWS, from the units that each frame takes, and where somebody else's fan-out is cheaper.

Units are counted, not measured: what each frame asks of DynamoDB was written down call by call, for rows below 1 KB
(write) and 4 KB (read); tests/integration/ws/test_units.py counts again. Left out: logs, traces, data transfer.
"""

from dataclasses import dataclass
from math import ceil
from typing import Final

from bench import prices
from core.domain.sockets import HEARTBEAT_S
from core.realtime.publisher import INLINE_MAX, SHARD

MEMORY_GB: Final = 1.0
"""Of the sockets' functions, as infra/ sets it."""
FOLLOWER_BYTES: Final = 300
READ_UNIT_BYTES: Final = 4096
SQS_REQUESTS: Final = 3
"""Send, receive, delete."""
EVENTS_KB: Final = 5
"""What AppSync Events and IoT Core bill a message by."""
FRAME_KB: Final = 1
BEATS_AN_HOUR: Final = 3600 // HEARTBEAT_S
MINUTES: Final = (1, 60)
"""Messages a minute in the comparison."""
ROOMS: Final = (2, 10, 100, 1_000, 10_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Units:
    """Of DynamoDB, for one frame."""

    reads: float
    writes: float

    @property
    def dollars(self) -> float:
        return self.reads * prices.DYNAMODB_READ.dollars + self.writes * prices.DYNAMODB_WRITE.dollars


SEND: Final = Units(reads=5, writes=9)
"""`message.send` in a room: conversation, member, client id and socket; the last place; a rate; four rows in one
transaction, which count twice. The followers come on top."""
HEARTBEAT: Final = Units(reads=4, writes=1)
"""Socket and session looked up, the time noted."""
REPORT: Final = Units(reads=6, writes=3)
"""A playback session's, which is its heartbeat too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """ms that a function was busy with one event, taken for what Lambda would bill."""

    send_ms: float
    heartbeat_ms: float
    post_ms: float
    """For each socket that is told, many at a time."""


def compute(busy_ms: float) -> float:
    return busy_ms / 1000 * MEMORY_GB * prices.LAMBDA_ARM64.dollars + prices.LAMBDA_REQUEST.dollars


def message_units(listeners: int) -> Units:
    """For one message, its followers included."""
    followers = ceil(listeners * FOLLOWER_BYTES / READ_UNIT_BYTES) / 2
    return Units(reads=SEND.reads + followers, writes=SEND.writes)


def message(listeners: int, measured: Measured) -> float:
    """Dollars for one message that so many sockets are told of."""
    shards = 0 if listeners <= INLINE_MAX else ceil(listeners / SHARD)
    work = compute(measured.send_ms) + message_units(listeners).dollars
    queue = shards * (SQS_REQUESTS * prices.SQS.dollars + prices.LAMBDA_REQUEST.dollars)
    posts = listeners * measured.post_ms / 1000 * MEMORY_GB * prices.LAMBDA_ARM64.dollars
    frames = (1 + 1 + listeners) * prices.WEBSOCKET_MESSAGE.dollars  # asked, answered, told
    return work + queue + posts + frames


def connected_hour(measured: Measured, units: Units = HEARTBEAT) -> float:
    """Dollars for one socket that says nothing but heartbeats."""
    beat = compute(measured.heartbeat_ms) + units.dollars + 2 * prices.WEBSOCKET_MESSAGE.dollars
    return 60 * prices.WEBSOCKET_MINUTE.dollars + BEATS_AN_HOUR * beat


def room_hour(listeners: int, a_minute: float, measured: Measured) -> float:
    """Dollars for an hour of a room, with us."""
    return listeners * connected_hour(measured) + 60 * a_minute * message(listeners, measured)


def room_hour_elsewhere(listeners: int, a_minute: float, measured: Measured) -> float:
    """The same with AppSync Events (or IoT Core, at about the same prices) bringing the frames: one publication, one
    delivery to each, and no heartbeat of ours, as the service keeps its connections itself. Writing stays with us."""
    units = ceil(FRAME_KB / EVENTS_KB)
    frames = (1 + listeners) * units * prices.APPSYNC_EVENT.dollars
    written = compute(measured.send_ms) + SEND.dollars + 2 * prices.WEBSOCKET_MESSAGE.dollars
    return listeners * 60 * prices.APPSYNC_MINUTE.dollars + 60 * a_minute * (frames + written)
