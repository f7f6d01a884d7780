"""Mail tells people once what happened to them, however often the queue brings the event."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest

from consumers.mail import handler as mail_handler
from consumers.mail import wiring
from consumers.mail.account_mail import ACCOUNT_NEWS, AccountMail
from consumers.mail.service import LEASE_S, MailService, Outcome
from core.domain.accounts import Account, hash_token
from core.domain.claims import Claim
from core.domain.errors import MailUnavailable
from core.domain.ids import EpochSeconds, new_id
from core.domain.reasons import MESSAGES, ReasonCode
from core.domain.tickets import LIFE_S, Purpose
from core.domain.tracks import Track
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
from core.messages.envelope import MESSAGES as MESSAGE_TYPES
from core.messages.envelope import Envelope
from core.messages.message import Message
from core.messages.tracks import TrackFailed, TrackRejected, TrackScanned, TranscodingCompleted
from core.store.accounts import AccountRepository
from core.store.email_changes import EmailChangeRepository
from core.store.mail_log import MailLog
from core.store.tickets import TicketRepository
from core.store.tracks import TrackRepository
from tests.builders import NOW, a_ready_track, a_track, an_account, an_envelope, an_upload
from tests.fakes.clock import FakeClock
from tests.fakes.mail import FakeMailer

AWAY = MailUnavailable("The mail provider does not answer.")


@dataclass
class Desk:
    """The service with what it works on."""

    service: MailService
    mailer: FakeMailer
    clock: FakeClock
    accounts: AccountRepository
    tickets: TicketRepository
    tracks: TrackRepository
    log: MailLog

    def account(self, **changes: Any) -> Account:
        account = an_account(**changes)
        self.accounts.create(account)
        return account

    def track_of(self, account: Account, track: Track | None = None) -> Track:
        track = replace(track or a_ready_track(), owner_id=account.id)
        self.tracks.create(track, an_upload(track))
        return track


@pytest.fixture
def desk(
    accounts: AccountRepository,
    tickets: TicketRepository,
    email_changes: EmailChangeRepository,
    tracks: TrackRepository,
    mail_log: MailLog,
) -> Desk:
    mailer, clock, app = FakeMailer(), FakeClock(NOW), "https://veza.example"
    service = MailService(
        accounts=accounts,
        account_mail=AccountMail(tickets=tickets, changes=email_changes, clock=clock, app_url=app),
        tracks=tracks,
        mail_log=mail_log,
        mailer=mailer,
        clock=clock,
        app_url=app,
    )
    return Desk(service, mailer, clock, accounts, tickets, tracks, mail_log)


def ready(track: Track) -> TranscodingCompleted:
    return TranscodingCompleted(track_id=track.id, owner_id=track.owner_id, attempt=track.attempt)


class TestWelcome:
    def test_the_mailed_token_verifies_its_account_until_it_expires(self, desk: Desk) -> None:
        account = desk.account(email_verified=False)
        assert desk.service.tell(an_envelope(AccountRegistered(account_id=account.id))) is Outcome.SENT
        (mail,) = desk.mailer.sent
        assert mail.to == account.email
        found = re.search(r"verify\?token=(\S+)", mail.text)
        assert found
        token = found[1]
        assert len(token) >= 43
        ticket = desk.tickets.find(hash_token(token), Purpose.VERIFY_EMAIL, NOW)
        assert ticket is not None
        assert ticket.account_id == account.id
        late = EpochSeconds(NOW + LIFE_S[Purpose.VERIFY_EMAIL])
        assert desk.tickets.find(hash_token(token), Purpose.VERIFY_EMAIL, late) is None
        assert desk.tickets.find(token, Purpose.VERIFY_EMAIL, NOW) is None

    def test_who_is_verified_needs_no_letter(self, desk: Desk) -> None:
        account = desk.account(email_verified=True)
        assert desk.service.tell(an_envelope(AccountRegistered(account_id=account.id))) is Outcome.NOBODY_TO_TELL

    def test_an_account_that_is_gone_gets_none(self, desk: Desk) -> None:
        assert desk.service.tell(an_envelope(AccountRegistered(account_id=new_id()))) is Outcome.NOBODY_TO_TELL
        assert desk.mailer.sent == []


class TestAccounts:
    @pytest.mark.parametrize(
        "news",
        [
            VerificationAsked,
            PasswordResetAsked,
            PasswordChanged,
            partial(SecondFactorChanged, enabled=True),
            partial(SecondFactorChanged, enabled=False),
            partial(PasskeyChanged, name="My phone", added=True),
            partial(ConnectionChanged, provider="github", added=True),
            partial(ApiKeyMade, name="My script"),
            RecoveryCodesRenewed,
            partial(SignInLinkAsked, bound_to="hash"),
            AccountLocked,
            AccountKept,
            partial(ExportReady, export_id=new_id()),
        ],
    )
    def test_the_owner_hears_of_it_once(self, desk: Desk, news: Callable[..., Message]) -> None:
        account = desk.account(email_verified=False)
        envelope = an_envelope(news(account_id=account.id))
        assert desk.service.tell(envelope) is Outcome.SENT
        assert desk.service.tell(envelope) is Outcome.SENT_BEFORE
        assert [mail.to for mail in desk.mailer.sent] == [account.email]

    def test_who_leaves_is_told_until_when_they_can_come_back(self, desk: Desk) -> None:
        account = desk.account(closing_at=NOW)
        assert desk.service.tell(an_envelope(AccountClosing(account_id=account.id))) is Outcome.SENT
        (mail,) = desk.mailer.sent
        assert mail.subject == "Your account will be erased on 15 January 2027"

    def test_news_of_a_decision_that_was_changed_is_not_told(self, desk: Desk) -> None:
        stays, leaves = desk.account(), desk.account(email="b@example.com", username="bob", closing_at=NOW)
        assert desk.service.tell(an_envelope(AccountClosing(account_id=stays.id))) is Outcome.NOBODY_TO_TELL
        assert desk.service.tell(an_envelope(AccountKept(account_id=leaves.id))) is Outcome.NOBODY_TO_TELL

    def test_nobody_is_written_to_who_was_erased(self, desk: Desk) -> None:
        account = desk.account(email="", username="", erased_at=NOW)
        track = desk.track_of(account)
        for news in (PasswordChanged(account_id=account.id), ready(track)):
            assert desk.service.tell(an_envelope(news)) is Outcome.NOBODY_TO_TELL

    def test_nobody_hears_of_an_account_that_is_not_there(self, desk: Desk) -> None:
        """As when somebody asks for a new password for an address that is not registered."""
        assert desk.service.tell(an_envelope(PasswordResetAsked(account_id=new_id()))) is Outcome.NOBODY_TO_TELL
        assert desk.mailer.sent == []

    def test_a_change_that_was_given_up_is_told_to_nobody(self, desk: Desk) -> None:
        account = desk.account()
        assert desk.service.tell(an_envelope(EmailChangeAsked(account_id=account.id))) is Outcome.NOBODY_TO_TELL

    def test_every_message_about_an_account_is_mailed(self) -> None:
        about_accounts = {kind for kind in MESSAGE_TYPES.values() if "track_id" not in kind.model_fields}
        for_the_privacy_desk = {AccountErasureDue, AccountErased, ExportAsked}
        assert about_accounts - for_the_privacy_desk == set(ACCOUNT_NEWS)


class TestReusedSession:
    def test_the_owner_hears_which_device_was_signed_out(self, desk: Desk) -> None:
        account = desk.account()
        news = SessionReused(account_id=account.id, session_id=new_id(), device="Firefox on Linux")
        assert desk.service.tell(an_envelope(news)) is Outcome.SENT
        (mail,) = desk.mailer.sent
        assert mail.to == account.email
        assert "Your sign-in on Firefox on Linux was used from two places" in mail.text


class TestTracks:
    def test_the_owner_hears_that_it_is_ready(self, desk: Desk) -> None:
        account = desk.account()
        track = desk.track_of(account)
        assert desk.service.tell(an_envelope(ready(track))) is Outcome.SENT
        (mail,) = desk.mailer.sent
        assert (mail.to, mail.subject) == (account.email, "“First Light” is ready")

    @pytest.mark.parametrize("kind", [TrackRejected, TrackFailed])
    def test_the_owner_hears_why_it_is_not(self, desk: Desk, kind: type[TrackRejected] | type[TrackFailed]) -> None:
        track = desk.track_of(desk.account())
        news = kind(track_id=track.id, owner_id=track.owner_id, attempt=1, reason="infected")
        assert desk.service.tell(an_envelope(news)) is Outcome.SENT
        assert MESSAGES[ReasonCode.INFECTED] in desk.mailer.sent[0].text

    @pytest.mark.parametrize(
        "track", [a_ready_track(attempt=2), a_ready_track(deleted_at=NOW)], ids=["another attempt", "deleted"]
    )
    def test_what_is_out_of_date_is_not_told(self, desk: Desk, track: Track) -> None:
        kept = desk.track_of(desk.account(), track)
        news = TranscodingCompleted(track_id=kept.id, owner_id=kept.owner_id, attempt=1)
        assert desk.service.tell(an_envelope(news)) is Outcome.NOBODY_TO_TELL

    def test_a_track_that_is_gone_is_not_told(self, desk: Desk) -> None:
        assert desk.service.tell(an_envelope(ready(a_track()))) is Outcome.NOBODY_TO_TELL

    def test_other_news_is_not_for_mail(self, desk: Desk) -> None:
        scanned = an_envelope(TrackScanned(track_id=new_id(), owner_id=new_id(), attempt=1))
        unknown = an_envelope(ready(a_track()), type="moon.landed")
        assert [desk.service.tell(envelope) for envelope in (scanned, unknown)] == [Outcome.NOT_FOR_MAIL] * 2


class TestOnce:
    def test_1_an_event_that_comes_five_times_makes_one_mail(self, desk: Desk) -> None:
        envelope = an_envelope(ready(desk.track_of(desk.account())))
        outcomes = [desk.service.tell(envelope) for _ in range(5)]
        assert outcomes == [Outcome.SENT] + [Outcome.SENT_BEFORE] * 4
        assert len(desk.mailer.sent) == 1

    def test_another_worker_that_holds_the_letter_is_waited_for(self, desk: Desk) -> None:
        envelope = an_envelope(ready(desk.track_of(desk.account())))
        assert desk.log.claim(envelope.id, NOW, LEASE_S) is Claim.WON
        with pytest.raises(MailUnavailable):
            desk.service.tell(envelope)
        assert desk.mailer.sent == []

    def test_11_the_letter_of_a_dead_worker_is_taken_over(self, desk: Desk) -> None:
        envelope = an_envelope(ready(desk.track_of(desk.account())))
        desk.log.claim(envelope.id, NOW, LEASE_S)
        desk.clock.advance(LEASE_S)
        assert desk.service.tell(envelope) is Outcome.SENT

    def test_21_a_letter_that_could_not_be_sent_is_sent_later_and_once(self, desk: Desk) -> None:
        envelope = an_envelope(ready(desk.track_of(desk.account())))
        desk.mailer.fault = AWAY
        with pytest.raises(MailUnavailable):
            desk.service.tell(envelope)
        desk.mailer.fault = None
        assert desk.service.tell(envelope) is Outcome.SENT
        assert desk.service.tell(envelope) is Outcome.SENT_BEFORE
        assert len(desk.mailer.sent) == 1


class TestHandler:
    @pytest.fixture
    def run(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Any:
        monkeypatch.setattr(wiring, "service", lambda: desk.service)
        context = SimpleNamespace(function_name="mail")

        def run(*bodies: str) -> list[str]:
            records = [{"messageId": str(n), "body": body, "eventSource": "aws:sqs"} for n, body in enumerate(bodies)]
            answer = mail_handler.handler({"Records": records}, context)  # type: ignore[arg-type]
            return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]

        return run

    @staticmethod
    def body(envelope: Envelope) -> str:
        detail_type = envelope.detail_type
        return json.dumps({"source": "veza", "detail-type": detail_type, "detail": envelope.model_dump()})

    def test_7_a_poison_message_fails_alone(self, desk: Desk, run: Any) -> None:
        good = self.body(an_envelope(ready(desk.track_of(desk.account()))))
        broken = self.body(an_envelope(ready(a_track()), data={"track_id": "no id"}))
        assert run("{not json", good, json.dumps({"detail": {}}), broken) == ["0", "2", "3"]
        assert len(desk.mailer.sent) == 1

    def test_8_a_batch_of_which_all_fail_is_reported_one_by_one(self, desk: Desk, run: Any) -> None:
        desk.mailer.fault = AWAY
        account = desk.account()
        bodies = [self.body(an_envelope(ready(desk.track_of(account)))) for _ in range(3)]
        assert run(*bodies) == ["0", "1", "2"]

    def test_no_address_and_no_token_is_logged(self, desk: Desk, run: Any, caplog: pytest.LogCaptureFixture) -> None:
        account = desk.account(email_verified=False)
        assert run(self.body(an_envelope(AccountRegistered(account_id=account.id)))) == []
        token = desk.mailer.sent[0].text.split("token=")[1].split()[0]
        logged = str([vars(record) for record in caplog.records])
        assert "mail_sent" in logged
        assert account.email not in logged
        assert token not in logged
