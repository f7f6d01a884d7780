"""Listening together: everybody follows the host's timeline, whenever they come, whatever they missed."""

import pytest

from core.domain.ids import new_id
from core.domain.parties import LEAD_MS
from core.domain.rates import LISTENING_BY_ACCOUNT
from core.domain.tracks import Track, Visibility
from tests import builders
from tests.integration.ws.conftest import Line, Talker


@pytest.fixture
def track(ada: Talker) -> Track:
    return ada.world.somebody_elses(builders.a_ready_track())


def start(line: Line) -> str:
    return str(line.ask("party.start")["party"]["party_id"])


def test_guests_are_told_what_the_host_leads(ada: Talker, bob: Talker, track: Track) -> None:
    hers, his = ada.listens(), bob.listens()
    party_id = start(hers)
    joined = his.ask("party.join", party_id=party_id)["party"]
    assert (joined["host_id"], joined["playing"], joined["seq"]) == (ada.id, False, 1)
    led = hers.ask("party.lead", party_id=party_id, track_id=track.id, playing=True, position_ms=3000)["party"]
    assert led == {
        "party_id": party_id,
        "seq": 2,
        "host_id": ada.id,
        "playing": True,
        "position_ms": 3000,
        "at": ada.world.clock.now_ms() + LEAD_MS,
        "track_id": track.id,
    }
    for line in (hers, his):
        (frame,) = line.hears("party.changed")
        assert (frame["seq"], frame["data"]["party"]) == (2, led)


def test_who_comes_late_learns_where_it_is(ada: Talker, bob: Talker, track: Track) -> None:
    hers = ada.listens()
    party_id = start(hers)
    led = hers.ask("party.lead", party_id=party_id, track_id=track.id, playing=True, position_ms=0)["party"]
    ada.world.clock.advance(42)
    assert bob.listens().ask("party.join", party_id=party_id)["party"] == led


def test_a_heartbeat_tells_what_was_missed(ada: Talker, bob: Talker, track: Track) -> None:
    hers, his = ada.listens(), bob.listens()
    party_id = start(hers)
    known = his.ask("party.join", party_id=party_id)["party"]
    head = {"party_id": party_id, "seq": known["seq"]}
    assert "party" not in his.ask("ping", party=head)
    ada.world.parts.chat.gateway.busy.add(his.connection_id)
    led = hers.ask("party.lead", party_id=party_id, track_id=track.id, playing=True, position_ms=0)["party"]
    assert his.hears("party.changed") == []
    assert his.ask("ping", party=head)["party"] == led


def test_only_the_host_leads(ada: Talker, bob: Talker, track: Track) -> None:
    hers, his = ada.listens(), bob.listens()
    party_id = start(hers)
    his.ask("party.join", party_id=party_id)
    asked = {"party_id": party_id, "track_id": track.id, "playing": True, "position_ms": 0}
    assert his.refused("party.lead", **asked) == "host_needed"
    assert his.refused("party.pass", party_id=party_id, account_id=bob.id) == "host_needed"
    assert hers.hears("party.changed") == []


def test_the_host_passes_it_on(ada: Talker, bob: Talker, eve: Talker, track: Track) -> None:
    hers, his = ada.listens(), bob.listens()
    party_id = start(hers)
    his.ask("party.join", party_id=party_id)
    assert hers.refused("party.pass", party_id=party_id, account_id=eve.id) == "listener_not_found"
    hers.ask("party.pass", party_id=party_id, account_id=bob.id)
    (frame,) = his.hears("party.changed")
    assert frame["data"]["party"]["host_id"] == bob.id
    asked = {"party_id": party_id, "track_id": track.id, "playing": True, "position_ms": 0}
    his.ask("party.lead", **asked)
    assert hers.refused("party.lead", **asked) == "host_needed"


def test_a_party_whose_host_is_gone_is_anybody_s(ada: Talker, bob: Talker, eve: Talker, track: Track) -> None:
    hers, his = ada.listens(), bob.listens()
    party_id = start(hers)
    his.ask("party.join", party_id=party_id)
    hers.close()
    assert his.refused("party.pass", party_id=party_id, account_id=eve.id) == "host_needed"
    his.ask("party.pass", party_id=party_id, account_id=bob.id)
    his.ask("party.lead", party_id=party_id, track_id=track.id, playing=False, position_ms=0)


def test_a_host_who_comes_again_is_the_host(ada: Talker, bob: Talker, track: Track) -> None:
    old, his = ada.listens(), bob.listens()
    party_id = start(old)
    his.ask("party.join", party_id=party_id)
    new = ada.listens()
    new.ask("party.join", party_id=party_id)
    old.close()
    assert his.refused("party.pass", party_id=party_id, account_id=bob.id) == "host_needed"
    new.ask("party.lead", party_id=party_id, track_id=track.id, playing=True, position_ms=0)


def test_who_left_hears_no_more(ada: Talker, bob: Talker, track: Track) -> None:
    hers, his = ada.listens(), bob.listens()
    party_id = start(hers)
    his.ask("party.join", party_id=party_id)
    his.ask("party.leave", party_id=party_id)
    hers.ask("party.lead", party_id=party_id, track_id=track.id, playing=True, position_ms=0)
    assert his.hears("party.changed") == []


def test_parties_and_tracks_that_are_not_there(ada: Talker) -> None:
    hers = ada.listens()
    hidden = ada.world.somebody_elses(builders.a_ready_track(visibility=Visibility.PRIVATE))
    party_id = start(hers)
    asked = {"playing": True, "position_ms": 0}
    assert hers.refused("party.join", party_id=new_id()) == "party_not_found"
    assert hers.refused("party.lead", party_id=party_id, track_id=hidden.id, **asked) == "track_not_found"
    assert hers.refused("party.lead", party_id=new_id(), track_id=hidden.id, **asked) in {
        "party_not_found",
        "track_not_found",
    }
    assert "party" not in hers.ask("ping", party={"party_id": new_id(), "seq": 0})


def test_a_socket_takes_part_in_so_many_parties(ada: Talker) -> None:
    line = ada.listens()
    for _ in range(20):
        start(line)
    assert line.refused("party.start") == "rooms_too_many"


def test_heartbeats_of_a_party_have_a_rate(ada: Talker) -> None:
    line = ada.listens()
    news = {"party": {"party_id": start(line), "seq": 0}}
    ada.world.parts.limit_factor = 1
    for _ in range(LISTENING_BY_ACCOUNT.times - 1):  # to start it was the first
        line.ask("ping", **news)
    assert line.refused("ping", **news) == "rate_limited"
    assert line.refused("party.leave", party_id=news["party"]["party_id"]) == "rate_limited"
    line.ask("ping")


def test_a_heartbeat_tells_how_many_listen(ada: Talker, bob: Talker) -> None:
    hers, his = ada.listens(), bob.listens()
    party_id = start(hers)
    his.ask("party.join", party_id=party_id)
    head = {"party_id": party_id, "seq": 1}
    assert hers.ask("ping", party=head) == {"listeners": 2}
    his.close()
    assert hers.ask("ping", party=head) == {"listeners": 1}
