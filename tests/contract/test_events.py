"""events/ is what producers really write and consumers really read."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from botocore.stub import ANY, Stubber

from api.accounts.schemas import Registration
from api.platform.contract import openapi
from api.sign_in.schemas import Credentials
from api.uploads.schemas import UploadRequest
from core.adapters import clients
from core.adapters.bus import EventBridgeBus
from core.domain.attachments import AttachmentId, parse_attachment_key
from core.domain.ids import AccountId, TrackId, UploadId
from core.domain.sockets import Door
from core.domain.uploads import incoming_key, parse_incoming_key
from core.frames.envelope import Data
from core.messages.accounts import (
    AccountClosing,
    AccountErased,
    AccountErasureDue,
    AccountKept,
    AccountLocked,
    AccountRegistered,
    ApiKeyMade,
    ConnectionChanged,
    EmailChangeAsked,
    ExportAsked,
    ExportReady,
    PasskeyChanged,
    PasswordChanged,
    PasswordResetAsked,
    RecoveryCodesRenewed,
    SecondFactorChanged,
    SessionReused,
    SignInLinkAsked,
    VerificationAsked,
)
from core.messages.envelope import MESSAGES, Envelope
from core.messages.message import Message
from core.messages.tracks import (
    TrackDeleted,
    TrackFailed,
    TrackPlayable,
    TrackPlayed,
    TrackRejected,
    TrackScanned,
    TranscodingCompleted,
)
from core.messages.work import AttachmentRecheckRequest, Delivery, PartRequest, RecheckRequest, SilenceCheck
from core.store.outbox import envelope_of, puts_of
from scan.arrivals import Arrival, arrivals, recheck_of
from schedules.cloudformation import is_request
from tests.builders import NOW
from tests.contract.aws import environment
from ws.answering import read
from ws.chat import service as chat
from ws.gateway import CONNECT, DISCONNECT, SocketEvent
from ws.stream import service as stream

EVENTS = Path(__file__).parents[2] / "events"
BUCKET = "${UploadsBucket}"
"""`make invoke` fills in the stack's output of that name."""

EVENT = "01927a41-77e0-7a63-8d4e-8cb0f59f4e43"
ACCOUNT = AccountId("01927a3c-5b80-7c11-9f3a-2f6d1c0b4e10")
TRACK = TrackId("01927a3e-0a44-7d52-8b1c-6a9e3f7d2c21")
EXPORT = "01927a42-9b11-7d33-8c4e-1f2a3b4c5d6e"
UPLOAD = UploadId("01927a3e-0a44-7d53-9c2d-7bafe48e3d32")
ATTACHMENT = AttachmentId("01927a3e-0a44-7d55-9c2d-7bafe48e3d32")

GOLDEN: dict[str, Message] = {
    "account.registered.v1": AccountRegistered(account_id=ACCOUNT),
    "account.verification-asked.v1": VerificationAsked(account_id=ACCOUNT),
    "password.reset-asked.v1": PasswordResetAsked(account_id=ACCOUNT),
    "password.changed.v1": PasswordChanged(account_id=ACCOUNT),
    "passkey.changed.v1": PasskeyChanged(account_id=ACCOUNT, name="My phone", added=True),
    "connection.changed.v1": ConnectionChanged(account_id=ACCOUNT, provider="github", added=True),
    "api-key.made.v1": ApiKeyMade(account_id=ACCOUNT, name="My script"),
    "recovery-codes.renewed.v1": RecoveryCodesRenewed(account_id=ACCOUNT),
    "second-factor.changed.v1": SecondFactorChanged(account_id=ACCOUNT, enabled=True),
    "sign-in.link-asked.v1": SignInLinkAsked(account_id=ACCOUNT, bound_to="a" * 64),
    "email.change-asked.v1": EmailChangeAsked(account_id=ACCOUNT),
    "account.locked.v1": AccountLocked(account_id=ACCOUNT),
    "session.reused.v1": SessionReused(
        account_id=ACCOUNT, session_id="01927a3f-1c55-7e01-a2b3-9cd1e7f60a54", device="Firefox on Linux"
    ),
    "account.closing.v1": AccountClosing(account_id=ACCOUNT),
    "account.kept.v1": AccountKept(account_id=ACCOUNT),
    "account.erasure-due.v1": AccountErasureDue(account_id=ACCOUNT),
    "account.erased.v1": AccountErased(account_id=ACCOUNT),
    "export.asked.v1": ExportAsked(account_id=ACCOUNT, export_id=EXPORT),
    "export.ready.v1": ExportReady(account_id=ACCOUNT, export_id=EXPORT),
    "track.scanned.v1": TrackScanned(track_id=TRACK, owner_id=ACCOUNT, attempt=1),
    "track.playable.v1": TrackPlayable(track_id=TRACK, owner_id=ACCOUNT, attempt=1),
    "transcoding.completed.v1": TranscodingCompleted(track_id=TRACK, owner_id=ACCOUNT, attempt=1),
    "track.rejected.v1": TrackRejected(track_id=TRACK, owner_id=ACCOUNT, attempt=1, reason="truncated"),
    "track.failed.v1": TrackFailed(track_id=TRACK, owner_id=ACCOUNT, attempt=2, reason="transcode_failed"),
    "track.deleted.v1": TrackDeleted(track_id=TRACK, owner_id=ACCOUNT),
    "track.played.v1": TrackPlayed(track_id=TRACK, account_id=ACCOUNT),
}


def outbound(name: str) -> dict[str, Any]:
    event: dict[str, Any] = json.loads((EVENTS / "outbound" / f"{name}.json").read_text())
    return event


def inbound(name: str) -> dict[str, Any]:
    event: dict[str, Any] = json.loads((EVENTS / "inbound" / f"{name}.json").read_text())
    return event


def bodies(name: str) -> list[str]:
    """What the SQS messages of an event hold."""
    return [record["body"] for record in inbound(name)["Records"]]


@pytest.fixture
def bus() -> Iterator[tuple[EventBridgeBus, Stubber]]:
    with environment(), Stubber(clients.events()) as stubber:
        yield EventBridgeBus(clients.events(), "veza-local"), stubber


class TestOutbound:
    def test_every_message_has_its_golden_file_and_no_file_is_left_over(self) -> None:
        files = {path.name.removesuffix(".json") for path in (EVENTS / "outbound").iterdir()}
        assert files == set(MESSAGES) == set(GOLDEN)

    @pytest.mark.parametrize("name", GOLDEN)
    def test_producers_write_exactly_the_golden_message(self, bus: tuple[EventBridgeBus, Stubber], name: str) -> None:
        """All the way: outbox row → stream record → envelope → entry on the bus."""
        (put,) = puts_of([GOLDEN[name]], "outbox", NOW)
        image = {**put.row.serialize(), "pk": {"S": EVENT}}
        sent: list[dict[str, Any]] = []
        eventbridge, stubber = bus
        entry = {"EventBusName": "veza-local", "Source": "veza"}
        stubber.add_response(
            "put_events",
            {"FailedEntryCount": 0, "Entries": [{"EventId": "1"}]},
            {"Entries": [{**entry, "DetailType": name, "Detail": ANY, "Time": ANY}]},
        )
        clients.events().meta.events.register(
            "provide-client-params.events.PutEvents", lambda params, **_: sent.extend(params["Entries"])
        )
        assert eventbridge.publish([envelope_of(image)]) == []
        assert [json.loads(entry["Detail"]) for entry in sent] == [outbound(name)]

    @pytest.mark.parametrize("name", GOLDEN)
    def test_consumers_read_the_golden_message(self, name: str) -> None:
        envelope = Envelope.model_validate(outbound(name))
        assert envelope.message() == GOLDEN[name]
        assert envelope.detail_type == name

    @pytest.mark.parametrize("name", GOLDEN)
    def test_23_consumers_read_what_tomorrows_producer_adds(self, name: str) -> None:
        golden = outbound(name)
        tomorrow = {**golden, "trace_id": "x", "data": {**golden["data"], "genre": "jazz"}}
        assert Envelope.model_validate(tomorrow).message() == GOLDEN[name]

    def test_a_message_nobody_knows_is_told(self) -> None:
        golden = outbound("track.deleted.v1")
        with pytest.raises(KeyError):
            Envelope.model_validate({**golden, "version": 2}).message()


class TestScanQueue:
    arrived = Arrival(BUCKET, incoming_key(TRACK, UPLOAD), "096fKKXTRTtl3on89fVO.nfljtsv6qko")

    def test_a_put(self) -> None:
        assert [arrivals(body) for body in bodies("scan.s3-put")] == [[self.arrived]]
        assert parse_incoming_key(self.arrived.key) == (TRACK, UPLOAD)

    def test_6_the_end_of_a_multipart_upload(self) -> None:
        ((arrival,),) = (arrivals(body) for body in bodies("scan.s3-complete-multipart"))
        assert parse_incoming_key(arrival.key) is not None

    def test_6_s3_asks_whether_somebody_listens(self) -> None:
        assert [arrivals(body) for body in bodies("scan.s3-test-event")] == [[]]

    def test_1_6_several_records_in_several_messages(self) -> None:
        first, second = (arrivals(body) for body in bodies("scan.s3-several-records"))
        assert (len(first), second) == (2, [self.arrived])
        assert first[0] == self.arrived

    def test_5_keys_are_decoded_once(self) -> None:
        ((arrival,),) = (arrivals(body) for body in bodies("scan.s3-odd-key"))
        assert arrival.key == "odd/100% lärm + 音楽.wav"
        assert parse_incoming_key(arrival.key) is None

    def test_an_attachment_is_told_by_its_key(self) -> None:
        ((arrival,),) = (arrivals(body) for body in bodies("scan.s3-attachment"))
        assert parse_attachment_key(arrival.key) == ATTACHMENT
        assert parse_incoming_key(arrival.key) is None
        assert parse_attachment_key(self.arrived.key) is None

    def test_the_sweep_asks_again(self) -> None:
        assert [arrivals(body) for body in bodies("scan.rescan")] == [[Arrival(BUCKET, self.arrived.key, None)]]

    def test_newer_definitions_have_it_looked_at_again(self) -> None:
        asked = [recheck_of(body) for name in ("scan.recheck", "scan.recheck-attachment") for body in bodies(name)]
        assert asked == [RecheckRequest(track_id=TRACK), AttachmentRecheckRequest(attachment_id=ATTACHMENT)]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("transcode.track-scanned", "track.scanned.v1"),
        ("mail.account-registered", "account.registered.v1"),
        ("mail.account-verification-asked", "account.verification-asked.v1"),
        ("mail.password-reset-asked", "password.reset-asked.v1"),
        ("mail.password-changed", "password.changed.v1"),
        ("mail.passkey-changed", "passkey.changed.v1"),
        ("mail.connection-changed", "connection.changed.v1"),
        ("mail.api-key-made", "api-key.made.v1"),
        ("mail.recovery-codes-renewed", "recovery-codes.renewed.v1"),
        ("mail.second-factor-changed", "second-factor.changed.v1"),
        ("mail.sign-in-link-asked", "sign-in.link-asked.v1"),
        ("mail.email-change-asked", "email.change-asked.v1"),
        ("mail.account-locked", "account.locked.v1"),
        ("mail.session-reused", "session.reused.v1"),
        ("mail.account-closing", "account.closing.v1"),
        ("mail.account-kept", "account.kept.v1"),
        ("mail.export-ready", "export.ready.v1"),
        ("privacy.account-closing", "account.closing.v1"),
        ("privacy.account-kept", "account.kept.v1"),
        ("privacy.account-erasure-due", "account.erasure-due.v1"),
        ("privacy.export-asked", "export.asked.v1"),
        ("mail.transcoding-completed", "transcoding.completed.v1"),
        ("mail.track-rejected", "track.rejected.v1"),
        ("mail.track-failed", "track.failed.v1"),
    ],
)
def test_queues_behind_the_bus_carry_the_golden_messages(name: str, expected: str) -> None:
    (text,) = bodies(name)
    body = json.loads(text)
    assert (body["source"], body["detail-type"]) == ("veza", expected)
    assert body["detail"] == outbound(expected)


def test_the_outbox_stream_carries_golden_messages_and_expired_rows() -> None:
    scanned, registered, expired = inbound("relay.outbox-stream")["Records"]
    news = [envelope_of(record["dynamodb"]["NewImage"]) for record in (scanned, registered)]
    assert [envelope.message() for envelope in news] == [GOLDEN["track.scanned.v1"], GOLDEN["account.registered.v1"]]
    assert news[0] == Envelope.model_validate(outbound("track.scanned.v1"))
    assert (expired["eventName"], expired["userIdentity"]["principalId"]) == ("REMOVE", "dynamodb.amazonaws.com")


class TestSockets:
    @pytest.mark.parametrize(("door", "address"), [("chat", {}), ("stream", {"track_id": TRACK, "position": "12000"})])
    def test_a_handshake_has_a_ticket_an_origin_and_an_address(self, door: str, address: dict[str, str]) -> None:
        told = SocketEvent.of(inbound(f"{door}-socket.connect"))
        assert (told.kind, told.ticket, told.origin) == (CONNECT, "not-a-ticket", "https://veza.example")
        assert told.address == address

    @pytest.mark.parametrize(("door", "kinds"), [("chat", chat.KINDS), ("stream", stream.KINDS)])
    def test_frames_are_what_the_door_reads(self, door: str, kinds: Mapping[str, type[Data]]) -> None:
        told = SocketEvent.of(inbound(f"{door}-socket.frame"))
        assert read(told.body, kinds, binary=told.binary).id == "1"
        assert told.came_at == NOW * 1000

    @pytest.mark.parametrize("door", ["chat", "stream"])
    def test_the_end_of_a_socket(self, door: str) -> None:
        told = SocketEvent.of(inbound(f"{door}-socket.disconnect"))
        assert (told.kind, told.connection_id) == (DISCONNECT, "L0SM9cOFvHcCIhw=")

    @pytest.mark.parametrize("door", ["chat", "stream"])
    def test_checks_of_silence(self, door: str) -> None:
        (body,) = bodies(f"{door}-silence.check")
        assert SilenceCheck(connection_id="L0SM9cOFvHcCIhw=").model_dump_json() == body

    def test_deliveries(self) -> None:
        (body,) = bodies("deliveries.frame")
        delivery = Delivery.model_validate_json(body)
        assert (delivery.door, len(delivery.connections)) == (Door.CHAT, 2)
        assert delivery.model_dump_json() == body


class TestHttpApi:
    names = tuple(path.name.removesuffix(".json") for path in sorted((EVENTS / "inbound").glob("*-api.*.json")))

    @pytest.mark.parametrize("name", names)
    def test_requests_are_for_routes_of_the_contract(self, name: str) -> None:
        request = inbound(name)["requestContext"]["http"]
        assert request["method"].lower() in openapi()["paths"][request["path"]]

    def test_their_bodies_are_what_the_api_takes(self) -> None:
        Registration.model_validate_json(inbound("accounts-api.register")["body"])
        Credentials.model_validate_json(inbound("accounts-api.login")["body"])
        UploadRequest.model_validate_json(inbound("catalogue-api.announce-upload")["body"])


@pytest.mark.parametrize("kind", ["create", "update", "delete"])
def test_cloudformation_is_known_as_such(kind: str) -> None:
    assert is_request(inbound(f"keys.cloudformation-{kind}"))
    assert is_request(inbound("page.cloudformation-create"))
    assert not is_request(inbound("sweep.schedule"))


def test_the_parts_queue_carries_requests() -> None:
    (text,) = bodies("parts.part-request")
    assert PartRequest.model_validate_json(text).number == 2


def test_every_function_has_an_event() -> None:
    functions = {path.name.partition(".")[0] for path in (EVENTS / "inbound").iterdir()}
    assert functions == {
        "accounts-api", "catalogue-api", "platform-api", "scan", "transcode", "parts", "relay", "mail",
        "privacy", "closings", "sweep", "keys", "page", "chat-api", "chat-socket", "chat-silence", "stream-socket",
        "stream-silence", "deliveries",
    }  # fmt: skip
