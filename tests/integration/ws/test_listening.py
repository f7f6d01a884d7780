"""The session of whoever listens: where it is, on which device, and when a listen is a play."""

import base64
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import pytest

from core.domain.ids import TrackId
from core.domain.limits import PLAY_URL_S
from core.domain.tracks import Track, TrackState, Visibility
from core.store.outbox import OutboxRow
from core.store.rows import bound
from tests import builders
from tests.integration.ws.conftest import Line, Talker


def published(talker: Talker, **media: Any) -> Track:
    """A track of somebody else, of a minute and a half unless told otherwise."""
    facts = {"duration_ms": 90_000, **media}
    return talker.world.somebody_elses(builders.a_ready_track(media=builders.a_media_result(**facts)))


def session_of(answer: dict[str, Any]) -> dict[str, Any]:
    return dict(answer["session"])


@pytest.fixture
def track(ada: Talker) -> Track:
    return published(ada)


def plays(talker: Talker, track: Track) -> int:
    answer = talker.api.get(f"/tracks/{track.id}/plays")
    assert answer.status_code == 200
    return int(answer.json()["plays"])


def told_of_plays(talker: Talker) -> int:
    rows = bound(OutboxRow, talker.world.tables["outbox"])
    return sum(row.type == "track.played" for row in rows.scan())


def listen(line: Line, track: Track, seconds: int, *, step: int = 30) -> dict[str, Any]:
    """Plays from the beginning, and reports on the way; the last report's answer."""
    line.ask("session.load", track_id=track.id)
    line.ask("session.play", position_ms=0)
    answer: dict[str, Any] = {}
    for at in range(step, seconds + 1, step):
        line.world.clock.advance(step)
        answer = line.ask("session.report", position_ms=at * 1000, buffer_ms=20_000, bps=136_000)
    return answer


def test_the_address_loads_a_track(ada: Talker, track: Track) -> None:
    line = ada.listens(track_id=track.id, position="12000")
    hello = line.ask("hello")
    assert session_of(hello) == {
        "seq": 1,
        "state": "paused",
        "position_ms": 12_000,
        "at": ada.world.clock.now_ms(),
        "duration_ms": 90_000,
        "track_id": track.id,
        "device_id": hello["device_id"],
    }
    assert urlsplit(hello["media"]["hls_url"]).path.endswith(f"/{track.id}/0123456789abcdef/master.m3u8")
    assert hello["media"]["rungs"] == [{"name": "aac-128", "bps": 136_000}]
    line.ask("session.play", position_ms=12_000)
    assert session_of(line.ask("hello"))["state"] == "playing", "loaded once"


def test_an_address_without_a_track_loads_nothing(ada: Talker) -> None:
    hello = ada.listens().ask("hello")
    assert session_of(hello)["state"] == "idle"
    assert "media" not in hello


@pytest.mark.parametrize("query", [{"track_id": "x"}, {"position": "soon"}, {"position": "-1"}])
def test_an_address_that_makes_no_sense_is_refused_at_hello(query: dict[str, str], ada: Talker, track: Track) -> None:
    assert ada.listens(**{"track_id": track.id, **query}).refused("hello") == "address_invalid"


def test_a_track_that_is_not_there_is_refused(ada: Talker) -> None:
    hidden = ada.world.somebody_elses(builders.a_ready_track(visibility=Visibility.PRIVATE))
    unmade = ada.world.somebody_elses(builders.a_scanned_track())
    line = ada.listens(track_id=hidden.id)
    assert line.refused("hello") == "track_not_found"
    assert line.refused("session.load", track_id=hidden.id) == "track_not_found"
    assert line.refused("session.load", track_id=builders.a_track().id) == "track_not_found"
    assert line.refused("session.load", track_id=unmade.id) in {"track_not_found", "not_playable_yet"}


def test_a_session_goes_through_its_states(ada: Talker, track: Track) -> None:
    line, clock = ada.listens(), ada.world.clock
    line.ask("session.load", track_id=track.id, position_ms=1000)
    assert session_of(line.ask("session.play", position_ms=1000))["state"] == "playing"
    clock.advance(5)
    paused = session_of(line.ask("session.pause", position_ms=5900))
    assert (paused["state"], paused["position_ms"], paused["at"]) == ("paused", 5900, clock.now_ms())
    sought = session_of(line.ask("session.seek", position_ms=60_000))
    assert (sought["state"], sought["position_ms"]) == ("paused", 60_000)
    stopped = session_of(line.ask("session.stop"))
    assert (stopped["state"], stopped.get("track_id")) == ("idle", None)


def test_nothing_is_played_before_it_is_loaded(ada: Talker) -> None:
    line = ada.listens()
    assert line.refused("session.play", position_ms=0) == "playing_elsewhere"
    assert line.refused("session.take") == "nothing_loaded"
    assert line.refused("media.renew") == "playing_elsewhere"


@pytest.mark.parametrize("kind", ["session.play", "session.pause", "session.seek"])
def test_a_position_behind_the_end_is_refused(kind: str, ada: Talker, track: Track) -> None:
    line = ada.listens(track_id=track.id)
    line.ask("hello")
    assert line.refused(kind, position_ms=91_001) == "position_invalid"
    assert session_of(line.ask(kind, position_ms=90_500))["position_ms"] == 90_000
    assert line.refused(kind, position_ms=-1) == "validation_failed"


# -- devices


def test_another_device_takes_over_where_the_first_one_is(ada: Talker, track: Track) -> None:
    phone, laptop = ada.listens(track_id=track.id), ada.listens()
    phone.ask("hello")
    phone.ask("session.play", position_ms=0)
    ada.world.clock.advance(10)
    laptop.hears(), phone.hears()
    taken = laptop.ask("session.take")
    assert session_of(taken)["position_ms"] == 10_000
    assert session_of(taken)["state"] == "playing"
    assert taken["media"]["hls_url"]
    (told,) = phone.hears("session.changed")
    assert told["data"]["session"]["device_id"] == laptop.ask("hello")["device_id"]
    assert phone.refused("session.pause", position_ms=11_000) == "playing_elsewhere"
    assert laptop.ask("session.pause", position_ms=11_000)


def test_a_device_that_goes_leaves_the_session_where_it_was(ada: Talker, track: Track) -> None:
    phone, laptop = ada.listens(track_id=track.id), ada.listens()
    phone.ask("hello")
    phone.ask("session.play", position_ms=0)
    ada.world.clock.advance(10)
    phone.close()
    told = laptop.hears("session.changed")[-1]["data"]["session"]
    assert (told["state"], told["position_ms"], told.get("device_id")) == ("paused", 10_000, None)
    assert session_of(laptop.ask("session.take"))["position_ms"] == 10_000


def test_a_device_that_falls_silent_did_not_play_on_for_ever(ada: Talker, track: Track) -> None:
    phone = ada.listens(track_id=track.id)
    phone.ask("hello")
    phone.ask("session.play", position_ms=0)
    ada.world.clock.advance(89)
    ada.world.clock.advance(1)
    ada.world.desk(phone.door).look_after(phone.connection_id)
    assert ada.world.parts.stream.sessions.get(ada.id).position_ms == 45_000


def test_a_device_that_comes_again_goes_on(ada: Talker, track: Track) -> None:
    """The planned reconnect: the new socket is open before the old one is closed."""
    old = ada.listens(track_id=track.id)
    old.ask("hello")
    old.ask("session.play", position_ms=0)
    ada.world.clock.advance(7)
    new = ada.listens()
    new.ask("session.take")
    old.close()
    assert session_of(new.ask("hello")) | {"at": 0} == {
        "seq": 3,
        "state": "playing",
        "position_ms": 7000,
        "at": 0,
        "duration_ms": 90_000,
        "track_id": track.id,
        "device_id": new.ask("hello")["device_id"],
    }


def test_nobody_hears_of_somebody_else_s_session(ada: Talker, bob: Talker, track: Track) -> None:
    his, hers = bob.listens(), ada.listens(track_id=track.id)
    hers.ask("hello")
    hers.ask("session.play", position_ms=0)
    assert his.hears() == []
    assert session_of(his.ask("hello"))["state"] == "idle"


# -- plays


def test_half_a_minute_is_a_play_and_it_is_counted_once(ada: Talker, track: Track) -> None:
    line = ada.listens()
    assert listen(line, track, 29, step=29)["counted"] is False
    assert plays(ada, track) == 0
    ada.world.clock.advance(1)
    assert line.ask("session.report", position_ms=30_000, buffer_ms=0, bps=0)["counted"] is True
    for at in (60, 90):
        ada.world.clock.advance(30)
        line.ask("session.report", position_ms=at * 1000, buffer_ms=0, bps=0)
    line.ask("session.stop")
    assert (plays(ada, track), told_of_plays(ada)) == (1, 1)
    listen(line, track, 30)
    assert (plays(ada, track), told_of_plays(ada)) == (2, 2), "another listen is another play"


def test_half_of_a_short_track_is_a_play(ada: Talker) -> None:
    short = published(ada, duration_ms=10_000)
    line = ada.listens()
    assert listen(line, short, 4, step=4)["counted"] is False
    ada.world.clock.advance(1)
    line.ask("session.pause", position_ms=5000)
    assert plays(ada, short) == 1


def test_what_was_heard_counts_also_when_the_next_track_comes(ada: Talker, track: Track) -> None:
    line = ada.listens(track_id=track.id)
    line.ask("hello")
    line.ask("session.play", position_ms=0)
    ada.world.clock.advance(31)
    line.ask("session.load", track_id=published(ada).id)
    assert plays(ada, track) == 1


def test_nobody_hears_faster_than_time_goes(ada: Talker, track: Track) -> None:
    line = ada.listens(track_id=track.id)
    line.ask("hello")
    line.ask("session.play", position_ms=0)
    for at in (30_000, 60_000, 89_000):
        line.ask("session.seek", position_ms=at)
        line.ask("session.report", position_ms=at, buffer_ms=0, bps=0)
    line.ask("session.stop")
    assert plays(ada, track) == 0


def test_a_player_that_waits_hears_nothing(ada: Talker, track: Track) -> None:
    line = ada.listens(track_id=track.id)
    line.ask("hello")
    line.ask("session.play", position_ms=0)
    for _ in range(5):
        ada.world.clock.advance(20)
        assert line.ask("session.report", position_ms=1000, buffer_ms=0, bps=0)["counted"] is False


def test_whoever_says_nothing_was_not_heard_to_listen(ada: Talker) -> None:
    long = published(ada, duration_ms=3_600_000)
    line = ada.listens(track_id=long.id)
    line.ask("hello")
    line.ask("session.pause", position_ms=0)
    ada.world.clock.advance(60)
    line.ask("session.stop")
    assert plays(ada, long) == 0, "paused all the while"


def test_an_artist_s_own_listens_are_no_plays(ada: Talker) -> None:
    ada.world.account_id = ada.id
    own = ada.world.has(builders.a_ready_track(media=builders.a_media_result(duration_ms=90_000)))
    listen(ada.listens(), own, 60)
    assert plays(ada, own) == 0
    assert told_of_plays(ada) == 0


def test_plays_of_many_are_all_counted(ada: Talker, bob: Talker, eve: Talker, track: Track) -> None:
    for listener in (ada, bob, eve):
        listen(listener.listens(), track, 30)
    assert plays(ada, track) == 3


def test_plays_of_a_track_that_is_not_there(ada: Talker) -> None:
    hidden = ada.world.somebody_elses(builders.a_ready_track(visibility=Visibility.PRIVATE))
    for track_id in (hidden.id, builders.a_track().id):
        assert ada.api.get(f"/tracks/{track_id}/plays").json()["code"] == "track_not_found"


# -- media


def test_another_address_comes_before_the_first_one_ends(ada: Talker) -> None:
    line, clock = ada.listens(), ada.world.clock
    long = published(ada, duration_ms=3_600_000)
    first = line.ask("session.load", track_id=long.id)["media"]
    assert first["expires_at"] - first["renew_at"] == PLAY_URL_S * 1000 // 3
    line.ask("session.play", position_ms=0)
    renewed = []
    for at in range(30, 1801, 30):
        clock.advance(30)
        answer = line.ask("session.report", position_ms=at * 1000, buffer_ms=0, bps=0)
        if "media" in answer:
            renewed.append((at, answer["media"]))
    assert [at for at, _ in renewed] == [600, 1200, 1800]
    assert renewed[0][1]["expires_at"] == first["expires_at"] + 600_000
    assert renewed[0][1]["hls_url"] != first["hls_url"]


def test_another_address_on_request(ada: Talker, track: Track) -> None:
    line = ada.listens(track_id=track.id)
    line.ask("hello")
    ada.world.clock.advance(60)
    assert line.ask("media.renew")["media"]["expires_at"] == (ada.world.clock.now() + PLAY_URL_S) * 1000


def test_what_is_private_by_now_gets_no_other_address(ada: Talker, track: Track) -> None:
    line = ada.listens(track_id=track.id)
    line.ask("hello")
    ada.world.tracks.save(
        replace(ada.world.tracks.get(track.id), visibility=Visibility.PRIVATE), now=ada.world.clock.now()
    )
    assert line.refused("media.renew") == "track_not_found"
    assert line.refused("session.report", position_ms=0, buffer_ms=0, bps=0) == "track_not_found"
    assert line.refused("chunks.send", rung="aac-128", segment=0) == "track_not_found"


# -- clock


def test_the_clock_s_offset_is_measured(ada: Talker) -> None:
    line, now = ada.listens(), ada.world.clock.now_ms()
    answer = line.ask("clock.sync", t0=12.5)
    assert (answer["t0"], answer["t1"], answer["t2"]) == (12.5, now, now)
    assert "measured" not in answer
    exchange = {"t0": 1000.0, "t1": 6040.0, "t2": 6050.0, "t3": 1110.0}
    assert line.ask("clock.sync", t0=13, previous=exchange)["measured"] == {"offset_ms": 4990.0, "round_trip_ms": 100.0}


@pytest.mark.parametrize(("t2", "t3"), [(6030.0, 1110.0), (6050.0, 1005.0), (6050.0, 99_000.0)])
def test_times_that_no_exchange_has_are_refused(t2: float, t3: float, ada: Talker) -> None:
    exchange = {"t0": 1000.0, "t1": 6040.0, "t2": t2, "t3": t3}
    assert ada.listens().refused("clock.sync", t0=1, previous=exchange) == "sample_invalid"


# -- chunks


def stored(talker: Talker, track: Track, segments: list[bytes]) -> None:
    """The rung's init segment, and those after it."""
    assert track.media is not None
    parts = talker.world.parts
    for number, body in enumerate(segments):
        file = f"{number:05d}.m4s" if number else "init.mp4"
        parts.storage.add(parts.stream.media_bucket, f"{track.id}/{track.media.content_id}/aac-128/{file}", body)


def test_a_rung_comes_in_chunks_that_fit_and_goes_on_anywhere(ada: Talker, track: Track) -> None:
    segments = [b"init", bytes(range(256)) * 400, b"last"]
    stored(ada, track, segments)
    line = ada.listens(track_id=track.id)
    line.ask("hello"), line.hears()
    found, place, ended = [b"", b"", b""], (0, 0), False
    while not ended:
        answer = line.ask("chunks.send", rung="aac-128", segment=place[0], offset=place[1], count=2)
        for frame in line.hears("chunk"):
            chunk = frame["data"]
            assert len(found[chunk["segment"]]) == chunk["offset"]
            assert chunk["size"] == len(segments[chunk["segment"]])
            found[chunk["segment"]] += base64.b64decode(chunk["bytes"])
        place, ended = (answer["segment"], answer["offset"]), answer["ended"]
    assert found == segments


def test_a_chunk_fits_into_a_frame(ada: Talker, track: Track) -> None:
    stored(ada, track, [b"", b"\xff" * 100_000])
    line = ada.listens(track_id=track.id)
    line.ask("hello"), line.hears()
    line.ask("chunks.send", rung="aac-128", segment=1, count=8)
    told = ada.world.parts.chat.gateway.told[line.connection_id]
    assert len(told) == 5
    assert max(len(frame.encode()) for frame in told) <= 32 * 1024


def test_a_gateway_that_is_busy_makes_the_client_ask_again(ada: Talker, track: Track) -> None:
    stored(ada, track, [b"", b"\xff" * 100_000])
    line = ada.listens(track_id=track.id)
    line.ask("hello")
    ada.world.parts.chat.gateway.busy.add(line.connection_id)
    answer = line.ask("chunks.send", rung="aac-128", segment=1, offset=24_000)
    assert (answer["segment"], answer["offset"], answer["ended"]) == (1, 24_000, False)


def test_chunks_come_no_faster_than_they_are_heard(ada: Talker) -> None:
    long = published(ada, duration_ms=3_600_000)
    stored(ada, long, [b"x"] * 30)
    line = ada.listens(track_id=long.id)
    line.ask("hello")
    line.ask("chunks.send", rung="aac-128", segment=13)
    assert line.refused("chunks.send", rung="aac-128", segment=14) == "too_far_ahead"
    line.ask("session.play", position_ms=0)
    ada.world.clock.advance(6)
    line.ask("chunks.send", rung="aac-128", segment=14)


def test_chunks_of_what_is_not_there(ada: Talker, track: Track) -> None:
    line = ada.listens(track_id=track.id)
    assert line.refused("chunks.send", rung="aac-128", segment=0) == "playing_elsewhere"
    line.ask("hello")
    assert line.refused("chunks.send", rung="flac", segment=0) == "rung_not_found"
    assert line.refused("chunks.send", rung="../..", segment=0) == "validation_failed"
    assert line.ask("chunks.send", rung="aac-128", segment=3)["ended"] is True


def test_a_segment_that_is_not_made_yet(ada: Talker) -> None:
    growing = replace(builders.a_ready_track(), state=TrackState.PLAYABLE)
    ada.world.account_id = ada.id
    growing = ada.world.has(growing)
    line = ada.listens(track_id=TrackId(growing.id))
    line.ask("hello")
    assert line.refused("chunks.send", rung="aac-128", segment=2) == "segment_not_found"
