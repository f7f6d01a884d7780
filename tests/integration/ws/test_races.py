"""What others do between a look and the write that comes of it, and what is cut short there."""

from collections.abc import Callable
from typing import Any

import pytest

from core.domain.attachments import Attachment, AttachmentId
from core.domain.errors import Conflict, StoreUnavailable
from core.domain.sockets import CONNECTIONS_MAX, SILENCE_S, Door
from core.domain.verdicts import Verdict
from core.store.attachments import AttachmentRepository
from core.store.conversations import ConversationRepository
from core.store.playback_sessions import PlaybackSessionRepository
from core.store.rows import bound
from core.store.sockets import ListenersRow, SocketRepository
from core.store.writes import Stale
from scan.attachments import AttachmentOutcome
from scan.recheck import Recheck
from tests import builders
from tests.integration.ws.conftest import Line, Talker
from tests.integration.ws.test_attachments import look, ready, says, scans, sends
from tests.integration.ws.test_conversations import code, group_of


class Meanwhile:
    """Has `deed` done once, right before a repository's method."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self._patch = patch

    def before(self, repository: type, method: str, deed: Callable[[], object]) -> None:
        original, left = getattr(repository, method), [deed]

        def wrapped(*args: Any, **kwargs: Any) -> Any:
            while left:
                left.pop()()
            return original(*args, **kwargs)

        self._patch.setattr(repository, method, wrapped)


def raises(error: Exception) -> Callable[[], object]:
    def deed() -> object:
        raise error

    return deed


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Meanwhile:
    return Meanwhile(monkeypatch)


# -- conversations


def test_a_file_that_is_purged_while_its_message_is_deleted(ada: Talker, bob: Talker, meanwhile: Meanwhile) -> None:
    direct, line = ada.writes_to(bob), ada.connect()
    attachment_id = ready(ada, direct)
    seq = says(line, direct, attachment_id)["seq"]
    purge = ada.world.parts.chat.attachments.purge
    meanwhile.before(AttachmentRepository, "_dropping", lambda: purge(attachment_id))  # type: ignore[arg-type]
    assert line.ask("message.delete", conversation_id=direct, seq=seq)["seq"]
    (message,) = bob.api.get(f"/conversations/{direct}/messages").json()["items"]
    assert message["attachments"] == []


def test_a_file_that_is_said_while_it_is_found_infected(ada: Talker, bob: Talker, meanwhile: Meanwhile) -> None:
    direct, line, chat = ada.writes_to(bob), ada.connect(), ada.world.parts.chat
    attachment_id = ready(ada, direct)
    chat.scanner.verdict = Verdict.INFECTED
    meanwhile.before(AttachmentRepository, "save", lambda: says(line, direct, attachment_id))
    assert chat.attachment_recheck.recheck(AttachmentId(attachment_id)) is Recheck.WITHDRAWN
    seen = look(bob, direct, attachment_id).json()
    assert (seen["state"], seen["url"]) == ("refused", None)


def test_two_workers_with_the_same_file_leave_one_copy(ada: Talker, bob: Talker, meanwhile: Meanwhile) -> None:
    direct, chat = ada.writes_to(bob), ada.world.parts.chat
    attachment_id = sends(ada, direct)
    meanwhile.before(AttachmentRepository, "save", lambda: scans(ada, attachment_id))
    assert scans(ada, attachment_id) is AttachmentOutcome.DUPLICATE
    assert list(chat.storage.versions) == [chat.attachments.get(AttachmentId(attachment_id)).stored]


def test_fault_16_a_worker_that_does_not_hear_of_its_own_success(
    ada: Talker, bob: Talker, monkeypatch: pytest.MonkeyPatch
) -> None:
    direct, chat = ada.writes_to(bob), ada.world.parts.chat
    attachment_id = sends(ada, direct)
    save = AttachmentRepository.save

    def loses_its_answer(repository: AttachmentRepository, attachment: Attachment) -> None:
        save(repository, attachment)
        raise Conflict("It was tried again, and met itself.", code="stale_attachment")

    monkeypatch.setattr(AttachmentRepository, "save", loses_its_answer)
    assert scans(ada, attachment_id) is AttachmentOutcome.DUPLICATE
    assert list(chat.storage.versions) == [chat.attachments.get(AttachmentId(attachment_id)).stored]


def roles(talker: Talker, group: str) -> dict[str, str]:
    members = talker.api.get(f"/conversations/{group}/members").json()["items"]
    return {it["account_id"]: it["role"] for it in members}


def test_a_conversation_never_has_two_owners(ada: Talker, bob: Talker, meanwhile: Meanwhile) -> None:
    group = group_of(ada, bob)
    phone = ada.connect()
    path = f"/conversations/{group}/members/{bob.id}"
    read = {"conversation_id": group, "read": 1}
    meanwhile.before(ConversationRepository, "member_writes", lambda: phone.ask("receipt.set", **read))
    assert code(ada.api.patch(path, {"role": "owner"})) == (409, "stale_member")
    assert roles(ada, group) == {ada.id: "owner", bob.id: "member"}
    assert ada.api.patch(path, {"role": "owner"}).status_code == 200
    assert roles(ada, group) == {ada.id: "moderator", bob.id: "owner"}


def test_a_ban_that_meets_who_comes_in_shuts_them_out(ada: Talker, bob: Talker, meanwhile: Meanwhile) -> None:
    room = ada.begins("room", title="Room")
    bob.joins(room)
    hers, his = ada.connect(), bob.connect()
    ban = f"/conversations/{room}/bans/{bob.id}"
    meanwhile.before(SocketRepository, "follow", lambda: ada.api.call("PUT", ban))
    assert his.refused("room.open", conversation_id=room) == "banned"
    his.hears()
    hers.ask("message.send", conversation_id=room, client_id="a1", text="Now that he is gone")
    assert his.hears() == []


def test_a_block_that_meets_who_begins_to_watch(ada: Talker, bob: Talker, meanwhile: Meanwhile) -> None:
    ada.writes_to(bob)
    his = bob.connect()
    meanwhile.before(SocketRepository, "follow", lambda: ada.api.call("PUT", f"/blocks/{bob.id}"))
    assert his.refused("presence.watch", account_ids=[ada.id]) == "presence_private"
    ada.connect()
    assert his.hears("presence.changed") == []


# -- sockets that end


def state(talker: Talker) -> str:
    return talker.world.parts.stream.sessions.get(talker.id).state.value


def playing(ada: Talker) -> Line:
    track = ada.world.somebody_elses(builders.a_ready_track(media=builders.a_media_result(duration_ms=90_000)))
    phone = ada.listens(track_id=track.id)
    phone.ask("hello")
    phone.ask("session.play", position_ms=0)
    return phone


@pytest.mark.parametrize(
    ("error", "tries"), [(StoreUnavailable("Busy."), 1), (Stale("Somebody was faster."), 5)], ids=["away", "stale"]
)
def test_fault_16_an_end_that_is_cut_short_is_made_up_for(
    error: Exception, tries: int, ada: Talker, meanwhile: Meanwhile
) -> None:
    phone = playing(ada)
    for _ in range(tries):
        meanwhile.before(PlaybackSessionRepository, "save", raises(error))
    phone.close()
    assert state(ada) == "playing"
    ada.world.clock.advance(SILENCE_S)
    ada.world.desk(Door.STREAM).look_after(phone.connection_id)
    assert state(ada) == "paused"
    assert ada.world.parts.chat.sockets.get(phone.connection_id) is None


def test_a_newcomer_is_let_in_though_another_s_end_is_cut_short(ada: Talker, meanwhile: Meanwhile) -> None:
    phone = playing(ada)
    for _ in range(CONNECTIONS_MAX - 1):
        ada.listens()
    meanwhile.before(PlaybackSessionRepository, "save", raises(StoreUnavailable("Busy.")))
    ada.listens().ask("hello")
    assert not phone.is_open()
    assert len(ada.world.parts.chat.sockets.of_account(ada.id, Door.STREAM)) == CONNECTIONS_MAX


def test_a_socket_that_ttl_took_is_on_nobody_s_list(ada: Talker) -> None:
    lines = [ada.connect() for _ in range(CONNECTIONS_MAX)]
    ada.world.parts.chat.sockets.remove(lines[2].connection_id)
    lines.append(ada.connect())
    there = [it.connection_id for it in lines if it is not lines[2]]
    assert ada.world.parts.chat.sockets.of_account(ada.id, Door.CHAT) == there


def test_what_counts_listeners_outlives_them_and_no_more(ada: Talker) -> None:
    line, room = ada.connect(), ada.begins("room", title="Room")
    line.ask("room.open", conversation_id=room)
    socket = ada.world.parts.chat.sockets.get(line.connection_id)
    rows = bound(ListenersRow, ada.world.parts.chat.tables["realtime"])
    (count,) = rows.scan(rows.listeners.exists())
    assert socket is not None
    assert socket.ttl <= count.ttl <= socket.ttl + 2 * 3600


# -- listening


def test_who_takes_over_gets_the_media_of_what_is_loaded_by_then(ada: Talker, meanwhile: Meanwhile) -> None:
    phone, laptop = playing(ada), ada.listens()
    other = ada.world.somebody_elses(builders.a_ready_track(media=builders.a_media_result(duration_ms=60_000)))
    loads = {"track_id": other.id, "position_ms": 0}
    meanwhile.before(PlaybackSessionRepository, "save", lambda: phone.ask("session.load", **loads))
    taken = laptop.ask("session.take")
    assert taken["session"]["track_id"] == other.id
    assert f"/{other.id}/" in taken["media"]["hls_url"]
    assert taken["media"]["duration_ms"] == 60_000


def test_a_session_that_is_told_late_is_known_by_its_number(ada: Talker) -> None:
    phone, laptop = playing(ada), ada.listens()
    laptop.hears()
    phone.ask("session.pause", position_ms=0)
    taken = laptop.ask("session.take")["session"]
    earlier, later = (frame["data"]["session"] for frame in laptop.hears("session.changed"))
    assert earlier["seq"] < later["seq"] == taken["seq"]
