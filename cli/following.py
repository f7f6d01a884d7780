"""A track from its last byte to its end state, as the API tells it."""

from collections.abc import Callable

from cli.api import VezaApi
from cli.errors import Unreachable
from cli.patience import Stop, gentle_intervals
from cli.wire import Track

SILENCES_MAX = 5
"""Polls in a row (each one patient by itself) that may go unanswered before following ends."""


def follow(api: VezaApi, track_id: str, *, seen: Callable[[Track], None], stop: Stop) -> Track:
    """The track once it is ready, rejected or failed; `seen` gets every look at it. Unreachable, Refused, Stopped."""
    intervals, last_state, silences = gentle_intervals(), "", 0
    while True:
        try:
            track = api.track(track_id)
        except Unreachable:
            silences += 1
            if silences == SILENCES_MAX:
                raise
        else:
            silences = 0
            seen(track)
            if track.ended:
                return track
            if track.state != last_state:
                intervals, last_state = gentle_intervals(), track.state
        stop.sleep(next(intervals))
