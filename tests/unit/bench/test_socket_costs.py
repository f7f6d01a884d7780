"""What sockets cost, and where somebody else's would be cheaper."""

import pytest

from bench import report, socket_costs
from bench.socket_costs import HEARTBEAT, REPORT, Measured
from bench.sockets import _costs, _measured

MEASURED = Measured(send_ms=30, heartbeat_ms=10, post_ms=0.5)


def test_a_delivery_gets_cheaper_with_the_room_and_never_below_its_frame() -> None:
    each = [socket_costs.message(size, MEASURED) / size for size in socket_costs.ROOMS]
    assert each == sorted(each, reverse=True)
    assert each[-1] > 1e-6


def test_a_playback_session_costs_more_than_a_heartbeat() -> None:
    idle, listening = (socket_costs.connected_hour(MEASURED, units) for units in (HEARTBEAT, REPORT))
    assert idle < listening < 2 * idle


@pytest.mark.parametrize("size", socket_costs.ROOMS)
def test_who_is_only_connected_is_cheaper_elsewhere(size: int) -> None:
    assert socket_costs.room_hour(size, 0, MEASURED) > socket_costs.room_hour_elsewhere(size, 0, MEASURED)


def test_a_room_costs_what_its_people_and_its_messages_do() -> None:
    idle, talking = (socket_costs.room_hour(100, a_minute, MEASURED) for a_minute in (0, 2))
    assert idle == pytest.approx(100 * socket_costs.connected_hour(MEASURED))
    assert talking - idle == pytest.approx(120 * socket_costs.message(100, MEASURED))


def test_it_is_told_in_tables() -> None:
    room = {
        "listeners": 10,
        "messages": 3,
        "opening_ms": 200.0,
        "p50_ms": 40.0,
        "p99_ms": 60.0,
        "first_ms": 4000.0,
        "answered_p50_ms": 30.0,
        "deliveries_a_s": 100.0,
        "not_told": 0,
        "lost_after_resume": 0,
        "busy_ms": {"chat-socket": 30.0, "deliveries": 0.0},
    }
    measured = _measured([room, {**room, "listeners": 1000}], 10.0)
    assert (measured.send_ms, measured.heartbeat_ms, measured.post_ms) == (30.0, 10.0, 0.03)
    rooms, delivered, hours, compared = report.sockets_sheets({"rooms": [room], "costs": _costs(measured)})
    assert rooms.rows[0][:6] == ("10", "40 ms", "60 ms", "4000 ms", "100", "0")
    assert [len(row) for row in delivered.rows] == [len(delivered.columns)] * 3 == [len(socket_costs.ROOMS) + 1] * 3
    assert hours.rows[0][2:] == ("480", "120"), "a heartbeat every half minute"
    assert len(compared.rows) == len(socket_costs.ROOMS) * len(socket_costs.MINUTES)
