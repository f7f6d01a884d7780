"""What becomes of people's data when they ask: hidden, shown again, erased, handed out."""

import io
import json
import zipfile
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext

from consumers.privacy import handler as privacy_handler
from consumers.privacy import wiring
from consumers.privacy.curtain import Curtain
from consumers.privacy.erasure import Eraser
from consumers.privacy.export import Exporter, Holdings
from consumers.privacy.service import Outcome, PrivacyDesk
from core.chat.members import first_member
from core.chat.privacy_wiring import privacy_of
from core.domain.accounts import Account
from core.domain.api_keys import ApiKey, Scope
from core.domain.chat_messages import ChatMessage, Draft
from core.domain.consents import Consent, Document
from core.domain.conversations import Conversation, ConversationId, Kind, Seq
from core.domain.errors import Conflict, NotFound, StorageUnavailable
from core.domain.exports import Export
from core.domain.ids import AccountId, Bytes, EpochSeconds, new_id
from core.domain.limits import CLOSING_GRACE_S, USERNAME_REST_S
from core.domain.passkeys import Passkey
from core.domain.presence import Chosen, Status
from core.domain.providers import Connection
from core.domain.tracks import Track
from core.domain.updates import Update, UpdateKind
from core.messages.accounts import (
    AccountClosing,
    AccountErasureDue,
    AccountKept,
    AccountRegistered,
    ExportAsked,
    ExportReady,
)
from core.messages.message import Message
from core.store.accounts import AccountRepository
from core.store.api_keys import ApiKeyRepository
from core.store.attachments import AttachmentRepository
from core.store.audit_log import AuditLog
from core.store.chat_log import Change
from core.store.closings import ClosingRepository
from core.store.connections import ConnectionRepository
from core.store.consents import ConsentLedger
from core.store.exports import ExportRepository
from core.store.login_history import LoginHistory
from core.store.outbox import envelope_of
from core.store.passkeys import PasskeyRepository
from core.store.sessions import SessionRepository
from core.store.tracks import TrackRepository
from core.telemetry import get_logger
from schedules.closings import handler as closings_handler
from schedules.closings import wiring as closings_wiring
from tests.builders import (
    NOW,
    a_ready_track,
    a_session,
    a_track,
    an_account,
    an_attachment,
    an_envelope,
    an_origin,
    an_upload,
)
from tests.corpus.attached import PNG
from tests.fakes.clock import FakeClock
from tests.fakes.objects import FakeObjectStore

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

CONTEXT = cast("LambdaContext", SimpleNamespace(get_remaining_time_in_millis=lambda: 60_000))
AUDIO = b"RIFF" + bytes(20_000)


@dataclass
class Office:
    """The desk with what it works on."""

    desk: PrivacyDesk
    held: Holdings
    closings: ClosingRepository
    exports: ExportRepository
    objects: FakeObjectStore
    clock: FakeClock
    dynamodb: "DynamoDBClient"
    tables: dict[str, str]

    def account(self, **changes: Any) -> Account:
        account = an_account(**changes)
        self.held.accounts.create(account)
        return account

    def closing(self, account: Account) -> Account:
        return self.held.accounts.save(account.closing(self.clock.now()), now=self.clock.now())

    def track_of(self, account: Account, track: Track | None = None) -> Track:
        """With an original."""
        track = replace(track or a_ready_track(), owner_id=account.id)
        original = self.objects.add("originals", f"{track.id}/original", AUDIO)
        track = replace(track, original=original, size_bytes=Bytes(len(AUDIO)))
        self.held.tracks.create(track, an_upload(track))
        return track

    def now(self, track: Track) -> Track:
        return self.held.tracks.get(track.id)

    def tell(self, message: Message) -> Outcome:
        return self.desk.serve(an_envelope(message))

    def rows_about(self, account: Account, area: str = "accounts") -> list[str]:
        items = self.dynamodb.scan(TableName=self.tables[area])["Items"]
        return sorted(str(item["sk"]["S"]) for item in items if account.id in str(item))

    def news(self) -> list[Message]:
        items = self.dynamodb.scan(TableName=self.tables["outbox"])["Items"]
        return [envelope_of(item).message() for item in items]


@pytest.fixture
def office(dynamodb: "DynamoDBClient", tables: dict[str, str]) -> Office:
    people, outbox, clock, objects = tables["accounts"], tables["outbox"], FakeClock(NOW), FakeObjectStore()
    chat = privacy_of(tables["chat"], tables["realtime"], clock)
    held = Holdings(
        accounts=AccountRepository(people, outbox),
        sessions=SessionRepository(people, outbox),
        logins=LoginHistory(people),
        passkeys=PasskeyRepository(people),
        connections=ConnectionRepository(people),
        api_keys=ApiKeyRepository(people),
        consents=ConsentLedger(people),
        audit=AuditLog(tables["audit"]),
        tracks=TrackRepository(tables["catalogue"], outbox),
        chat=chat.holdings,
    )
    closings, exports = ClosingRepository(people, outbox), ExportRepository(people, outbox)
    desk = PrivacyDesk(
        curtain=Curtain(accounts=held.accounts, tracks=held.tracks, clock=clock),
        eraser=Eraser(
            accounts=held.accounts,
            closings=closings,
            connections=held.connections,
            tracks=held.tracks,
            chat=chat.erasure,
            objects=objects,
            clock=clock,
            exports_bucket="exports",
        ),
        exporter=Exporter(
            holdings=held,
            exports=exports,
            objects=objects,
            clock=clock,
            exports_bucket="exports",
            attachments_bucket="attachments",
        ),
    )
    return Office(desk, held, closings, exports, objects, clock, dynamodb, tables)


class TestClosing:
    def test_all_tracks_are_hidden_and_come_back(self, office: Office) -> None:
        account = office.account()
        tracks = [office.track_of(account, a_ready_track()) for _ in range(3)]
        closing = office.closing(account)

        assert office.tell(AccountClosing(account_id=account.id)) is Outcome.TRACKS_SETTLED
        assert [office.now(track).readable_by(None) for track in tracks] == [False] * 3

        office.held.accounts.save(replace(closing, closing_at=None), now=NOW)
        assert office.tell(AccountKept(account_id=account.id)) is Outcome.TRACKS_SETTLED
        assert [office.now(track).readable_by(None) for track in tracks] == [True] * 3

    def test_news_in_the_wrong_order_does_no_harm(self, office: Office) -> None:
        account = office.account()
        track = office.track_of(account)
        office.tell(AccountKept(account_id=account.id))
        office.tell(AccountClosing(account_id=account.id))
        assert office.now(track).readable_by(None)

    def test_said_twice_saves_once(self, office: Office) -> None:
        account = office.account()
        track = office.track_of(account)
        office.closing(account)
        office.tell(AccountClosing(account_id=account.id))
        hidden = office.now(track)
        office.tell(AccountClosing(account_id=account.id))
        assert office.now(track) == hidden

    def test_a_deleted_track_stays_so(self, office: Office) -> None:
        account = office.account()
        track = office.track_of(account)
        office.held.tracks.save(track.deleted(NOW), now=NOW)
        office.closing(account)
        office.tell(AccountClosing(account_id=account.id))
        assert office.now(track).hidden_at is None


class TestErasure:
    def test_nothing_is_left(self, office: Office) -> None:
        account = office.account()
        track = office.track_of(account)
        _fill(office, account)
        office.closing(account)
        office.clock.advance(CLOSING_GRACE_S)
        assert len(office.rows_about(account)) >= 8

        assert office.tell(AccountErasureDue(account_id=account.id)) is Outcome.ERASED

        assert office.rows_about(account) == ["name"], "the username rests"
        with pytest.raises(NotFound):
            office.held.accounts.get(account.id)
        assert office.held.accounts.find_by_email(account.email) is None
        assert office.held.connections.owner_of("github", "42") is None
        assert office.now(track).deleted_at is not None
        assert (office.now(track).title, office.now(track).filename) == ("", "")
        assert list(office.objects.list_keys("exports", account.id)) == []
        assert {"track.deleted", "account.erased"} <= {type(message).type for message in office.news()}

    def test_is_not_for_who_stays(self, office: Office) -> None:
        account = office.account()
        office.track_of(account)
        assert office.tell(AccountErasureDue(account_id=account.id)) is Outcome.NOTHING_TO_DO
        assert office.held.accounts.get(account.id) == account

    def test_does_not_come_early(self, office: Office) -> None:
        account = office.account()
        office.closing(account)
        office.clock.advance(CLOSING_GRACE_S - 1)
        assert office.tell(AccountErasureDue(account_id=account.id)) is Outcome.NOTHING_TO_DO
        assert office.held.accounts.get(account.id).email == account.email

    def test_said_twice_is_done_once(self, office: Office) -> None:
        account = office.account()
        office.closing(account)
        office.clock.advance(CLOSING_GRACE_S)
        office.tell(AccountErasureDue(account_id=account.id))
        assert office.tell(AccountErasureDue(account_id=account.id)) is Outcome.NOTHING_TO_DO
        assert [type(message).type for message in office.news()].count("account.erased") == 1

    def test_what_is_cut_short_is_found_and_finished(self, office: Office) -> None:
        account = office.account()
        office.track_of(account)
        office.closing(account)
        office.clock.advance(CLOSING_GRACE_S)
        office.objects.fault = StorageUnavailable("Storage does not answer.")
        with pytest.raises(StorageUnavailable):
            office.tell(AccountErasureDue(account_id=account.id))
        assert office.held.accounts.find_by_email(account.email) is None, "it is nobody's already"
        assert office.closings.due(office.clock.now(), limit=10) == [account.id]

        office.objects.fault = None
        assert office.tell(AccountErasureDue(account_id=account.id)) is Outcome.ERASED
        assert office.closings.due(office.clock.now(), limit=10) == []

    def test_the_address_is_free_and_the_username_rests(self, office: Office) -> None:
        account = office.account()
        office.closing(account)
        office.clock.advance(CLOSING_GRACE_S)
        office.tell(AccountErasureDue(account_id=account.id))

        with pytest.raises(Conflict, match="username"):
            office.account()
        office.account(username="another")
        (name,) = [
            item
            for item in office.dynamodb.scan(TableName=office.tables["accounts"])["Items"]
            if item["pk"]["S"].startswith("username#ada")
        ]
        assert int(name["ttl"]["N"]) == office.clock.now() + USERNAME_REST_S

    def test_who_keeps_the_account_in_the_last_moment_wins_or_is_told(self, office: Office) -> None:
        account = office.account()
        read = office.closing(account)
        office.held.accounts.save(replace(read, closing_at=None), now=NOW)
        with pytest.raises(Conflict):
            office.closings.erase(read, NOW)
        assert office.held.accounts.get(account.id).email == account.email


class TestExport:
    def make(self, office: Office, account: Account) -> Export:
        export = Export(id=new_id(), account_id=account.id, asked_at=office.clock.now())
        office.exports.add(export, events=[], now=office.clock.now())
        return export

    def opened(self, office: Office, export: Export) -> zipfile.ZipFile:
        return zipfile.ZipFile(io.BytesIO(office.objects.newest("exports", export.key).body))

    def test_holds_everything_and_no_secret(self, office: Office) -> None:
        account = office.account()
        track = office.track_of(account, a_ready_track(filename="../my song.wav"))
        _fill(office, account)
        export = self.make(office, account)

        assert office.tell(ExportAsked(account_id=account.id, export_id=export.id)) is Outcome.EXPORTED

        with self.opened(office, export) as archive:
            names = set(archive.namelist())
            assert archive.read(f"audio/{track.id} my song.wav") == AUDIO
            (picture,) = (name for name in names if name.startswith("attachments/"))
            assert picture.endswith(" cover.png")
            assert archive.read(picture) == PNG
            documents = {name: json.loads(archive.read(name)) for name in names if name.endswith(".json")}
        assert len(documents) == 15
        assert documents["account.json"]["email"] == account.email
        assert all(documents[name] for name in documents if name not in {"sign-ins.json", "actions.json"})
        told = json.dumps(documents)
        assert "sealed tokens" not in told
        assert "secret hash" not in told
        assert account.password_hash not in told

    def test_its_owner_is_told_and_it_can_be_seen(self, office: Office) -> None:
        account = office.account()
        export = self.make(office, account)
        office.tell(ExportAsked(account_id=account.id, export_id=export.id))
        found = office.exports.find(account.id, export.id)
        assert found is not None
        assert found.ready_at == office.clock.now()
        assert found.size_bytes == len(office.objects.newest("exports", export.key).body)
        assert ExportReady(account_id=account.id, export_id=export.id) in office.news()

    def test_said_twice_is_made_once(self, office: Office) -> None:
        account = office.account()
        export = self.make(office, account)
        office.tell(ExportAsked(account_id=account.id, export_id=export.id))
        assert office.tell(ExportAsked(account_id=account.id, export_id=export.id)) is Outcome.NOTHING_TO_DO

    def test_what_does_not_fit_is_named(self, office: Office) -> None:
        account = office.account()
        first, second = office.track_of(account), office.track_of(account, a_ready_track(filename="b.wav"))
        small = replace(office.desk.exporter, files_max_bytes=len(AUDIO))
        export = self.make(office, account)
        assert small.make(account.id, export.id)
        with self.opened(office, export) as archive:
            assert f"audio/{second.id} b.wav" in archive.namelist()
            assert f"audio/{first.id} {first.filename}\n" in archive.read("README.txt").decode()

    def test_a_track_whose_file_is_gone_is_told_without_it(self, office: Office) -> None:
        account = office.account()
        track = office.track_of(account)
        office.objects.delete_prefix("originals", track.id)
        export = self.make(office, account)
        assert office.tell(ExportAsked(account_id=account.id, export_id=export.id)) is Outcome.EXPORTED
        with self.opened(office, export) as archive:
            assert [name for name in archive.namelist() if name.startswith("audio/")] == []

    def test_nothing_is_made_for_who_is_gone(self, office: Office) -> None:
        account = office.account()
        export = self.make(office, account)
        office.closings.clear(account.id)
        assert office.tell(ExportAsked(account_id=account.id, export_id=export.id)) is Outcome.NOTHING_TO_DO
        assert office.rows_about(account) == ["account", "name", "name"]


def test_other_news_is_not_for_us(office: Office) -> None:
    assert office.tell(AccountRegistered(account_id=new_id())) is Outcome.NOT_FOR_US


class TestSchedule:
    def test_asks_for_those_whose_time_is_over(self, office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
        due, waiting = office.account(), office.account(email="b@example.com", username="bob")
        office.account(email="c@example.com", username="cleo")
        office.closing(due)
        office.clock.advance(3600)
        office.closing(waiting)
        office.clock.advance(CLOSING_GRACE_S - 3600)
        monkeypatch.setattr(closings_wiring, "closings", lambda: office.closings)
        monkeypatch.setattr(closings_wiring, "clock", lambda: office.clock)
        monkeypatch.setattr(closings_wiring, "logger", lambda: get_logger("test"))

        assert closings_handler.handler({}, None) == {"asked": 1}
        assert [m for m in office.news() if isinstance(m, AccountErasureDue)] == [AccountErasureDue(account_id=due.id)]


class TestHandler:
    @pytest.fixture(autouse=True)
    def wired(self, office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(wiring, "desk", lambda: office.desk)
        monkeypatch.setattr(wiring, "logger", lambda: get_logger("test"))

    def test_7_a_poison_message_fails_alone(self, office: Office) -> None:
        account = office.account()
        good = json.dumps({"detail": an_envelope(AccountKept(account_id=account.id)).model_dump()})
        bodies = ("{not json", good, json.dumps({"detail": {}}))
        records = [{"messageId": str(n), "body": body, "eventSource": "aws:sqs"} for n, body in enumerate(bodies)]

        answer = privacy_handler.handler({"Records": records}, CONTEXT)

        assert [failure["itemIdentifier"] for failure in answer["batchItemFailures"]] == ["0", "2"]


def _fill(office: Office, account: Account) -> None:
    """One of everything that can lie with an account."""
    held, now = office.held, office.clock.now()
    held.sessions.create(a_session(account))
    held.passkeys.add(
        Passkey(id="credential", account_id=account.id, name="Phone", public_key="key", sign_count=0, backed_up=True,
                created_at=now)
    )  # fmt: skip
    held.connections.add(
        Connection(provider="github", subject="42", account_id=account.id, name="ada", sealed_tokens="sealed tokens",
                   connected_at=now)
    )  # fmt: skip
    held.api_keys.add(
        ApiKey(id=new_id(), account_id=account.id, name="Script", scopes=frozenset({Scope.READ}),
               secret_hash="secret hash", created_at=now, expires_at=EpochSeconds(now + 10**8))
    )  # fmt: skip
    held.consents.add(
        Consent(id=new_id(), account_id=account.id, document=Document.TERMS, version="1", granted=True, at=now,
                origin=an_origin())
    )  # fmt: skip
    _fill_chat(office, account)
    old = Export(id=new_id(), account_id=account.id, asked_at=now)
    office.exports.add(old, events=[], now=now)
    office.objects.add("exports", old.key, b"zip")
    held.tracks.create(*_draft(account))


def _draft(account: Account) -> tuple[Track, Any]:
    draft = a_track(owner_id=account.id)
    return draft, an_upload(draft)


def _fill_chat(office: Office, account: Account) -> None:
    """They said something in a room, with a picture, block somebody, and are busy."""
    chat, now = office.held.chat, office.clock.now()
    room = Conversation(
        id=ConversationId(new_id()), kind=Kind.ROOM, title="Listening room", created_by=account.id, created_at=now
    )
    chat.conversations.create(room, [first_member(room, account.id, now)])
    draft, at = Draft(client_id="c1", text="Hello"), office.clock.now_ms()
    picture = an_attachment(conversation_id=room.id, owner_id=account.id)
    AttachmentRepository(office.tables["chat"]).add(picture)
    office.objects.add("attachments", picture.key, PNG)

    def say(seq: Seq) -> Change:
        message = ChatMessage.of(draft, room.id, account.id, seq, at, attachments=(picture.attached,))
        update = Update(
            conversation_id=room.id, seq=seq, kind=UpdateKind.MESSAGE_SENT, at=at, by=account.id, message=seq
        )
        return update, chat.log.addition(message, now)

    chat.log.append(room.id, say)
    chat.conversations.block(account.id, AccountId(new_id()))
    chat.presences.save(Chosen(account_id=account.id, status=Status.BUSY, since=now))
