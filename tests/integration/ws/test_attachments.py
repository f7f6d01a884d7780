"""Files in messages: announced, sent, scanned, said, handed out, and gone with what they were said in."""

import hashlib
from collections.abc import Callable
from typing import Any

import pytest

from core.domain.attachments import ATTACHMENT_MAX_BYTES, ATTACHMENTS_MAX, UNSAID_KEEP_S, AttachmentId, AttachmentState
from core.domain.chat_messages import Draft
from core.domain.conversations import Seq
from core.domain.errors import ScannerUnavailable, StorageUnavailable, StoreUnavailable
from core.domain.ids import EpochSeconds, new_id
from core.domain.limits import DELETED_KEEP_S, ERASED_TRACK_S, STAGE_DEADLINE_S, UPLOAD_SINGLE_PUT_MAX_BYTES
from core.domain.reasons import ReasonCode
from core.domain.verdicts import Verdict
from core.messages.work import RescanRequest
from core.ports.storage import SignedRequest
from core.store.writes import write_all
from scan.attachments import AttachmentOutcome
from scan.recheck import Recheck
from schedules.sweep.service import Outcome
from tests.corpus.attached import ATTACHED, PNG
from tests.fakes.scanner import EICAR
from tests.integration.api.chat_parts import ChatParts
from tests.integration.ws.conftest import Line, Talker
from tests.integration.ws.test_privacy import everything, privacy


@pytest.fixture
def direct(ada: Talker, bob: Talker) -> str:
    return ada.writes_to(bob)


@pytest.fixture
def chat(ada: Talker) -> ChatParts:
    return ada.world.parts.chat


def announces(talker: Talker, conversation: str, name: str = "cover.png", content: bytes = PNG, **more: Any) -> Any:
    """What the API answers."""
    order = {"filename": name, "size_bytes": len(content), **more}
    answer = talker.api.post(f"/conversations/{conversation}/attachments", order)
    assert answer.status_code == 201, answer.text
    return answer.json()


def sends(talker: Talker, conversation: str, name: str = "cover.png", content: bytes = PNG) -> str:
    """Announced and in storage; its id."""
    announced = announces(talker, conversation, name, content)
    request = SignedRequest(url=announced["put"]["url"], headers=announced["put"]["headers"])
    assert talker.world.parts.chat.door.send(request, content) == 200
    return str(announced["attachment"]["id"])


def scans(talker: Talker, attachment_id: str) -> AttachmentOutcome:
    chat = talker.world.parts.chat
    key = chat.attachments.get(AttachmentId(attachment_id)).incoming_key
    return chat.attachment_scan.scan_object(chat.door.bucket, key, None)


def ready(talker: Talker, conversation: str, name: str = "cover.png", content: bytes = PNG) -> str:
    attachment_id = sends(talker, conversation, name, content)
    assert scans(talker, attachment_id) is AttachmentOutcome.ACCEPTED
    return attachment_id


def says(line: Line, conversation: str, *files: str, client_id: str = "f1", text: str = "") -> dict[str, Any]:
    said = {"conversation_id": conversation, "client_id": client_id, "text": text, "attachments": list(files)}
    return line.ask("message.send", **said)


def refused(line: Line, conversation: str, *files: str) -> str:
    said = {"conversation_id": conversation, "client_id": new_id(), "attachments": list(files)}
    return line.refused("message.send", **said)


def look(talker: Talker, conversation: str, attachment_id: str) -> Any:
    return talker.api.get(f"/conversations/{conversation}/attachments/{attachment_id}")


def code(answer: Any) -> str:
    return str(answer.json()["error"]["code"]) if "error" in answer.json() else str(answer.json()["code"])


# -- said


def test_a_picture_is_said_and_seen(ada: Talker, bob: Talker, direct: str) -> None:
    hers, his = ada.connect(), bob.connect()
    picture = ready(ada, direct)
    seen = look(ada, direct, picture).json()
    assert (seen["state"], seen["content_type"], seen["message_seq"]) == ("clean", "image/png", None)

    seq = says(hers, direct, picture)["seq"]

    told = his.hears("message.sent")[0]["data"]["message"]
    assert told["text"] == ""
    file = {"id": picture, "filename": "cover.png", "size_bytes": len(PNG), "content_type": "image/png"}
    assert told["attachments"] == [file]
    found = look(bob, direct, picture).json()
    assert found["url"].startswith(f"https://attachments.invalid/{direct}/{picture}?cover.png&image/png&")
    assert found["url"].endswith("&inline")
    assert (found["message_seq"], found["expires_at"]) == (seq, None)
    assert ada.world.parts.chat.storage.newest("attachments", f"{direct}/{picture}").body == PNG
    history = bob.api.get(f"/conversations/{direct}/messages").json()["items"]
    assert history[0]["attachments"] == [file]


@pytest.mark.parametrize("name", ATTACHED)
def test_every_kind(name: str, ada: Talker, direct: str) -> None:
    attachment_id = ready(ada, direct, name, ATTACHED[name])
    url = look(ada, direct, attachment_id).json()["url"]
    shown = name.endswith((".png", ".jpg", ".jpeg", ".gif", ".webp", ".mid", ".MIDI"))
    assert url.endswith("&inline") == shown, "what a browser would run or render is saved"


def test_several_in_their_order(ada: Talker, direct: str) -> None:
    files = [ready(ada, direct, f"{n}.png") for n in range(ATTACHMENTS_MAX)]
    files.reverse()
    says(ada.connect(), direct, *files, text="All of them")
    message = ada.api.get(f"/conversations/{direct}/messages").json()["items"][0]
    assert [it["id"] for it in message["attachments"]] == files


def test_one_too_many(ada: Talker, direct: str) -> None:
    assert refused(ada.connect(), direct, *(new_id() for _ in range(ATTACHMENTS_MAX + 1))) == "validation_failed"


def test_a_message_needs_a_text_or_a_file(ada: Talker, direct: str) -> None:
    line = ada.connect()
    assert line.refused("message.send", conversation_id=direct, client_id="x") == "text_invalid"
    seq = says(line, direct, ready(ada, direct), text="Look")["seq"]
    line.ask("message.edit", conversation_id=direct, seq=seq, text="")
    plain = line.ask("message.send", conversation_id=direct, client_id="y", text="Words")["seq"]
    assert line.refused("message.edit", conversation_id=direct, seq=plain, text=" ") == "text_invalid"
    message = ada.api.get(f"/conversations/{direct}/messages").json()["items"][1]
    assert (message["text"], len(message["attachments"])) == ("", 1)


def test_fault_19_said_again_is_the_same_message(ada: Talker, direct: str) -> None:
    line, picture = ada.connect(), ready(ada, direct)
    first = says(line, direct, picture)
    assert says(line, direct, picture) == {**first, "again": True}
    assert refused(line, direct, picture) == "attachment_taken", "another message can't have it"


def test_fault_19_an_earlier_try_that_comes_through_meanwhile(
    ada: Talker, direct: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    line, picture = ada.connect(), ready(ada, direct)
    speaking = ada.world.parts.chat.chat(ada.world.parts.limiter).speaking
    attachments, get_all = speaking.attachments, speaking.attachments.get_all

    def late(ids: Any) -> Any:
        monkeypatch.undo()
        says(line, direct, picture)
        return get_all(ids)

    monkeypatch.setattr(attachments, "get_all", late)
    draft = Draft(client_id="f1", text="", attachments=(AttachmentId(picture),))
    assert speaking.send(ada.id, direct, draft).again  # type: ignore[arg-type]


# -- not said


def test_what_the_engine_can_not_look_into(ada: Talker, direct: str, chat: ChatParts) -> None:
    chat.scanner.verdict = Verdict.UNSCANNABLE
    attachment_id = sends(ada, direct)
    assert scans(ada, attachment_id) is AttachmentOutcome.REFUSED
    seen = look(ada, direct, attachment_id).json()
    assert (seen["state"], seen["reason"]["code"], seen["url"]) == ("refused", "unscannable", None)


def test_fault_13_malware_is_locked_away(ada: Talker, direct: str, chat: ChatParts) -> None:
    attachment_id = sends(ada, direct, "notes.txt", EICAR)
    assert scans(ada, attachment_id) is AttachmentOutcome.REFUSED
    assert look(ada, direct, attachment_id).json()["reason"]["code"] == ReasonCode.INFECTED
    assert refused(ada.connect(), direct, attachment_id) == "attachment_refused"
    where = {(obj.bucket, obj.key) for obj in chat.storage.versions}
    assert where == {("quarantine", f"attachments/{direct}/{attachment_id}")}


def test_what_is_not_what_its_name_says(ada: Talker, direct: str) -> None:
    attachment_id = sends(ada, direct, "cover.png", b"<html></html>")
    assert scans(ada, attachment_id) is AttachmentOutcome.REFUSED
    assert look(ada, direct, attachment_id).json()["reason"]["code"] == ReasonCode.EXTENSION_MISMATCH


def test_other_bytes_than_were_announced(ada: Talker, direct: str, chat: ChatParts) -> None:
    announced = announces(ada, direct, sha256=hashlib.sha256(b"other").hexdigest())
    attachment = chat.attachments.get(announced["attachment"]["id"])
    chat.storage.add("uploads", attachment.incoming_key, PNG)
    assert scans(ada, attachment.id) is AttachmentOutcome.REFUSED
    assert look(ada, direct, attachment.id).json()["reason"]["code"] == ReasonCode.CORRUPT


def test_nothing_is_said_before_the_scan(ada: Talker, direct: str) -> None:
    assert refused(ada.connect(), direct, sends(ada, direct)) == "attachment_not_ready"


def test_only_ones_own_and_only_here(ada: Talker, bob: Talker, eve: Talker, direct: str) -> None:
    hers, elsewhere = ready(ada, direct), ready(ada, ada.writes_to(eve))
    assert refused(bob.connect(), direct, hers) == "attachment_not_found"
    assert refused(ada.connect(), direct, elsewhere) == "attachment_not_found"
    assert refused(ada.connect(), direct, new_id()) == "attachment_not_found"
    assert code(look(bob, direct, hers)) == "attachment_not_found", "nobody sees what was not said"
    assert code(look(eve, direct, hers)) == "conversation_not_found"
    assert code(look(ada, direct, elsewhere)) == "attachment_not_found"


@pytest.mark.parametrize(
    ("order", "problem"),
    [
        ({"filename": "virus.exe", "size_bytes": 1}, "extension_unsupported"),
        ({"filename": "page.svg", "size_bytes": 1}, "extension_unsupported"),
        ({"filename": "../cover.png", "size_bytes": 1}, "filename_invalid"),
        ({"filename": "cover.png", "size_bytes": 0}, "size_zero"),
        ({"filename": "cover.png", "size_bytes": ATTACHMENT_MAX_BYTES + 1}, "size_too_large"),
        ({"filename": "cover.png"}, "validation_failed"),
    ],
)
def test_what_can_not_be_announced(order: dict[str, Any], problem: str, ada: Talker, direct: str) -> None:
    assert code(ada.api.post(f"/conversations/{direct}/attachments", order)) == problem


def test_who_can_not_announce(ada: Talker, bob: Talker, eve: Talker) -> None:
    room = ada.begins("room", title="Listening room")
    bob.joins(room)
    ada.api.call("PATCH", f"/conversations/{room}/members/{bob.id}", {"muted_for_s": 60})
    order = {"filename": "cover.png", "size_bytes": 1}
    assert code(bob.api.post(f"/conversations/{room}/attachments", order)) == "muted"
    assert code(eve.api.post(f"/conversations/{room}/attachments", order)) == "not_joined"


# -- gone


def test_a_deleted_message_takes_its_files_along(ada: Talker, bob: Talker, direct: str, chat: ChatParts) -> None:
    line, picture = ada.connect(), ready(ada, direct)
    seq = says(line, direct, picture)["seq"]
    line.ask("message.delete", conversation_id=direct, seq=seq)
    assert code(look(bob, direct, picture)) == "attachment_not_found"
    assert code(look(ada, direct, picture)) == "attachment_not_found"
    assert swept(ada) == []
    ada.world.clock.advance(ERASED_TRACK_S)
    assert swept(ada) == [Outcome.PURGED]
    assert chat.storage.versions == {}
    assert picture not in everything(ada)


def test_an_erased_account_takes_its_files_along(ada: Talker, direct: str, chat: ChatParts) -> None:
    says(ada.connect(), direct, ready(ada, direct, "secret.png"))
    ready(ada, direct, "secret too.png")
    privacy(ada).erasure.erase(ada.id)
    ada.world.clock.advance(UNSAID_KEEP_S)
    assert sorted(swept(ada)) == [Outcome.PURGED, Outcome.UPLOAD_EXPIRED]
    ada.world.clock.advance(ERASED_TRACK_S)
    swept(ada)
    assert chat.storage.versions == {}
    assert "secret" not in everything(ada)


def test_what_is_not_said_within_a_day(ada: Talker, direct: str, chat: ChatParts) -> None:
    clean, infected = ready(ada, direct), sends(ada, direct, "notes.txt", EICAR)
    scans(ada, infected)
    ada.world.clock.advance(UNSAID_KEEP_S)
    assert swept(ada) == [Outcome.UPLOAD_EXPIRED]
    assert chat.attachments.get(AttachmentId(clean)).state is AttachmentState.DROPPED
    ada.world.clock.advance(ERASED_TRACK_S)
    assert swept(ada) == [Outcome.PURGED]
    assert [obj.bucket for obj in chat.storage.versions] == ["quarantine"], "evidence is kept for a while"
    ada.world.clock.advance(DELETED_KEEP_S)
    swept(ada)
    ada.world.clock.advance(ERASED_TRACK_S)
    swept(ada)
    assert chat.storage.versions == {}


def test_dropped_by_whom_it_is_of(ada: Talker, bob: Talker, direct: str) -> None:
    unsaid, said = ready(ada, direct), ready(ada, direct)
    says(ada.connect(), direct, said)
    assert code(ada.api.delete(f"/conversations/{direct}/attachments/{said}")) == "attachment_taken"
    assert code(bob.api.delete(f"/conversations/{direct}/attachments/{unsaid}")) == "attachment_not_found"
    assert ada.api.delete(f"/conversations/{direct}/attachments/{unsaid}").status_code == 204
    assert refused(ada.connect(), direct, unsaid) == "attachment_not_found"


def test_said_in_the_moment_in_which_it_is_swept(ada: Talker, direct: str, chat: ChatParts) -> None:
    picture = ready(ada, direct)
    ada.world.clock.advance(UNSAID_KEEP_S)
    overdue = chat.attachment_sweep.overdue(limit=10)
    as_it_was = chat.attachments.get(AttachmentId(picture))

    write_all([chat.attachments.saying(as_it_was, Seq(7))])
    assert [chat.attachment_sweep.settle(it) for it in overdue] == [Outcome.MOVED_ON]
    assert chat.attachments.get(AttachmentId(picture)).state is AttachmentState.CLEAN


# -- faults


def swept(talker: Talker) -> list[Outcome]:
    sweep = talker.world.parts.chat.attachment_sweep
    return [sweep.settle(it) for it in sweep.overdue(limit=10)]


def test_fault_03_a_lost_event_is_found(ada: Talker, direct: str, chat: ChatParts) -> None:
    waiting, lost = announces(ada, direct)["attachment"]["id"], sends(ada, direct)
    ada.world.clock.advance(STAGE_DEADLINE_S["uploaded"])
    assert sorted(swept(ada)) == [Outcome.REDRIVEN, Outcome.WAITING]
    key = chat.attachments.get(AttachmentId(lost)).incoming_key
    assert [RescanRequest.model_validate_json(it).key for it in chat.scan_queue.sent] == [key]
    assert swept(ada) == []
    assert scans(ada, lost) is AttachmentOutcome.ACCEPTED
    assert chat.attachments.get(waiting).state is AttachmentState.ANNOUNCED


def test_fault_01_the_same_event_twice(ada: Talker, direct: str, chat: ChatParts) -> None:
    attachment_id = ready(ada, direct)
    assert scans(ada, attachment_id) is AttachmentOutcome.DUPLICATE
    assert len(chat.scanner.scanned) == 1


def test_what_nobody_announced(ada: Talker, direct: str, chat: ChatParts) -> None:
    scan = chat.attachment_scan.scan_object
    assert scan("uploads", f"incoming/attachments/{direct}/{new_id()}", None) is AttachmentOutcome.DISCARDED
    ours = chat.attachments.get(AttachmentId(sends(ada, direct)))
    assert scan("uploads", f"incoming/attachments/{new_id()}/{ours.id}", None) is AttachmentOutcome.DISCARDED
    assert scan("elsewhere", ours.incoming_key, None) is AttachmentOutcome.DISCARDED
    assert scan("uploads", ours.incoming_key, "another version") is AttachmentOutcome.SUPERSEDED


def test_fault_04_bytes_that_are_gone(ada: Talker, direct: str) -> None:
    assert scans(ada, announces(ada, direct)["attachment"]["id"]) is AttachmentOutcome.GONE


def test_fault_14_while_the_scanner_is_away_nothing_passes(ada: Talker, direct: str, chat: ChatParts) -> None:
    attachment_id = sends(ada, direct)
    chat.scanner.fault = ScannerUnavailable("clamd does not answer.")
    with pytest.raises(ScannerUnavailable):
        scans(ada, attachment_id)
    chat.scanner.fault = None
    assert look(ada, direct, attachment_id).json()["state"] == "announced"
    assert scans(ada, attachment_id) is AttachmentOutcome.ACCEPTED


@pytest.mark.parametrize(
    ("step", "content"),
    [("copy", PNG), ("save", PNG), ("delete", PNG), ("save", b"<html>"), ("delete", b"<html>")],
)
def test_fault_09_a_worker_that_dies_at_any_step(
    step: str, content: bytes, ada: Talker, direct: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    attachment_id, chat = sends(ada, direct, content=content), ada.world.parts.chat

    def dies(*_: object, **__: object) -> None:
        raise StoreUnavailable("The power went.") if step == "save" else StorageUnavailable("The power went.")

    kind: Any = type(chat.attachments) if step == "save" else type(chat.storage)
    with monkeypatch.context() as broken:
        broken.setattr(kind, step, dies)
        with pytest.raises((StoreUnavailable, StorageUnavailable)):
            scans(ada, attachment_id)
    scans(ada, attachment_id)
    state = look(ada, direct, attachment_id).json()["state"]
    assert state == ("clean" if content == PNG else "refused")
    assert [obj for obj in chat.storage.versions if obj.bucket == "uploads"] == []


def test_fault_24_dropped_while_it_is_scanned(
    ada: Talker, direct: str, chat: ChatParts, monkeypatch: pytest.MonkeyPatch
) -> None:
    attachment_id = sends(ada, direct)
    scan = chat.scanner.scan

    def meanwhile(file: Any) -> Any:
        assert ada.api.delete(f"/conversations/{direct}/attachments/{attachment_id}").status_code == 204
        return scan(file)

    monkeypatch.setattr(chat.scanner, "scan", meanwhile)
    assert scans(ada, attachment_id) is AttachmentOutcome.DUPLICATE
    assert code(look(ada, direct, attachment_id)) == "attachment_not_found"
    ada.world.clock.advance(ERASED_TRACK_S)
    assert swept(ada) == [Outcome.PURGED]
    assert chat.storage.versions == {}


def test_a_purge_that_is_cut_short_is_finished(
    ada: Talker, direct: str, chat: ChatParts, monkeypatch: pytest.MonkeyPatch
) -> None:
    attachment_id = ready(ada, direct)
    ada.api.delete(f"/conversations/{direct}/attachments/{attachment_id}")
    ada.world.clock.advance(ERASED_TRACK_S)
    delete_prefix: Callable[..., int] = chat.storage.delete_prefix

    def dies(bucket: str, prefix: str) -> int:
        if bucket == "quarantine":
            raise StorageUnavailable("The power went.")
        return delete_prefix(bucket, prefix)

    with monkeypatch.context() as broken:
        broken.setattr(chat.storage, "delete_prefix", dies)
        with pytest.raises(StorageUnavailable):
            swept(ada)
    assert swept(ada) == [Outcome.PURGED]
    assert swept(ada) == []


def test_one_put_brings_all_of_it() -> None:
    assert ATTACHMENT_MAX_BYTES <= UPLOAD_SINGLE_PUT_MAX_BYTES


# -- scanned again


def withdrawn(talker: Talker, conversation: str) -> str:
    """Said while the definitions did not know it, and found by newer ones."""
    attachment_id, chat = ready(talker, conversation), talker.world.parts.chat
    says(talker.connect(), conversation, attachment_id)
    chat.scanner.verdict = Verdict.INFECTED
    assert chat.attachment_recheck.recheck(AttachmentId(attachment_id)) is Recheck.WITHDRAWN
    return attachment_id


def test_newer_definitions_take_a_file_out_of_its_message(
    ada: Talker, bob: Talker, direct: str, chat: ChatParts
) -> None:
    attachment_id = withdrawn(ada, direct)
    seen = look(bob, direct, attachment_id).json()
    assert (seen["state"], seen["reason"]["code"], seen["url"]) == ("refused", "infected", None)
    assert [obj.bucket for obj in chat.storage.versions] == ["quarantine"]
    history = bob.api.get(f"/conversations/{direct}/messages").json()["items"]
    assert [it["id"] for it in history[0]["attachments"]] == [attachment_id], "the message tells that there was one"
    assert chat.attachment_recheck.recheck(AttachmentId(attachment_id)) is Recheck.FINISHED


def test_no_copy_of_what_is_withdrawn_is_left(ada: Talker, direct: str, chat: ChatParts) -> None:
    attachment_id = ready(ada, direct)
    key = chat.attachments.get(AttachmentId(attachment_id)).key
    chat.storage.add("attachments", key, PNG)  # of a worker that came second
    chat.scanner.verdict = Verdict.INFECTED
    assert chat.attachment_recheck.recheck(AttachmentId(attachment_id)) is Recheck.WITHDRAWN
    assert [obj.bucket for obj in chat.storage.versions] == ["quarantine"]


def test_what_is_sent_after_the_scan_is_thrown_away(ada: Talker, direct: str, chat: ChatParts) -> None:
    announced = announces(ada, direct)
    request = SignedRequest(url=announced["put"]["url"], headers=announced["put"]["headers"])
    attachment_id = announced["attachment"]["id"]
    for outcome in (AttachmentOutcome.ACCEPTED, AttachmentOutcome.DUPLICATE):
        assert chat.door.send(request, PNG) == 200
        assert scans(ada, attachment_id) is outcome
    assert [obj.bucket for obj in chat.storage.versions] == ["attachments"]
    key = chat.attachments.get(AttachmentId(attachment_id)).incoming_key
    chat.attachments.purge(AttachmentId(attachment_id))
    assert chat.door.send(request, PNG) == 200
    assert chat.attachment_scan.scan_object(chat.door.bucket, key, None) is AttachmentOutcome.DISCARDED
    assert [obj.bucket for obj in chat.storage.versions] == ["attachments"]


def test_what_no_scan_decides_on_is_asked_for_ever_less_often(ada: Talker, direct: str) -> None:
    sends(ada, direct)
    outcomes = []
    for _ in range(UNSAID_KEEP_S // 600):
        ada.world.clock.advance(600)
        outcomes += swept(ada)
    assert (outcomes.count(Outcome.REDRIVEN), outcomes[-1]) == (8, Outcome.UPLOAD_EXPIRED)


def test_a_message_outlives_its_file_and_may_still_be_deleted(ada: Talker, direct: str) -> None:
    withdrawn(ada, direct)
    for passed in (DELETED_KEEP_S, ERASED_TRACK_S):
        ada.world.clock.advance(passed)
        swept(ada)
    line = ada.comes_again()
    assert look(ada, direct, new_id()).status_code == 404
    (message,) = ada.api.get(f"/conversations/{direct}/messages").json()["items"]
    assert line.ask("message.delete", conversation_id=direct, seq=message["seq"])["seq"]


def test_an_account_is_erased_though_a_file_of_its_messages_is_gone(ada: Talker, direct: str, chat: ChatParts) -> None:
    chat.attachments.purge(AttachmentId(withdrawn(ada, direct)))
    privacy(ada).erasure.erase(ada.id)
    assert "cover.png" not in everything(ada)


@pytest.mark.parametrize(
    ("verdict", "outcome"), [(Verdict.CLEAN, Recheck.CLEAN), (Verdict.UNSCANNABLE, Recheck.UNDECIDED)]
)
def test_what_is_not_found_stays(verdict: Verdict, outcome: Recheck, ada: Talker, direct: str, chat: ChatParts) -> None:
    attachment_id = ready(ada, direct)
    chat.scanner.verdict = verdict
    assert chat.attachment_recheck.recheck(AttachmentId(attachment_id)) is outcome
    assert look(ada, direct, attachment_id).json()["state"] == "clean"


def test_there_is_nothing_to_recheck_in_what_is_gone(ada: Talker, direct: str, chat: ChatParts) -> None:
    recheck = chat.attachment_recheck.recheck
    assert recheck(AttachmentId(new_id())) is Recheck.VOID
    assert recheck(announces(ada, direct)["attachment"]["id"]) is Recheck.VOID
    dropped = ready(ada, direct)
    ada.api.delete(f"/conversations/{direct}/attachments/{dropped}")
    assert recheck(AttachmentId(dropped)) is Recheck.VOID
    purged = ready(ada, direct)
    chat.storage.delete_prefix("attachments", f"{direct}/{purged}")
    assert recheck(AttachmentId(purged)) is Recheck.VOID


@pytest.mark.parametrize("step", ["copy", "save", "delete_prefix"])
def test_fault_09_a_recheck_that_dies_at_any_step(
    step: str, ada: Talker, direct: str, chat: ChatParts, monkeypatch: pytest.MonkeyPatch
) -> None:
    attachment_id = AttachmentId(ready(ada, direct))
    chat.scanner.verdict = Verdict.INFECTED

    def dies(*_: object, **__: object) -> None:
        raise StorageUnavailable("The power went.")

    kind: Any = type(chat.attachments) if step == "save" else type(chat.storage)
    with monkeypatch.context() as broken:
        broken.setattr(kind, step, dies)
        with pytest.raises(StorageUnavailable):
            chat.attachment_recheck.recheck(attachment_id)
    chat.attachment_recheck.recheck(attachment_id)
    assert look(ada, direct, attachment_id).json()["state"] == "refused"
    assert {obj.bucket for obj in chat.storage.versions} == {"quarantine"}


def test_asked_for_by_the_day_of_its_scan(ada: Talker, direct: str, chat: ChatParts) -> None:
    first, second, dropped = ready(ada, direct), ready(ada, direct), ready(ada, direct)
    sends(ada, direct)
    ada.api.delete(f"/conversations/{direct}/attachments/{dropped}")
    line = ada.connect()
    seq = says(line, direct, ready(ada, direct))["seq"]
    line.ask("message.delete", conversation_id=direct, seq=seq)
    today, scanned_on = ada.world.clock.now(), chat.attachments.scanned_on
    assert scanned_on(today, after=None, limit=10) == [first, second]
    assert scanned_on(today, after=first, limit=10) == [second]
    assert scanned_on(EpochSeconds(today - 24 * 3600), after=None, limit=10) == []
