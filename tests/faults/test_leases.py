"""Fault 11: work that a dead worker left in progress is taken over when its lease ends, and not before."""

import pytest

from core.domain.claims import Claim
from core.domain.ids import EpochSeconds, new_id
from core.domain.tracks import TrackState
from core.store.mail_log import MailLog
from scan.held import LEASE_S as SCAN_LEASE_S
from scan.service import Outcome as ScanOutcome
from tests.builders import NOW
from tests.faults.belt import Belt
from tests.faults.sounds import brief
from tests.faults.steps import Killed
from transcode.work import LEASE_S as TRANSCODE_LEASE_S
from transcode.work import Outcome


def test_fault_11_a_scan_in_progress_is_taken_over_after_its_lease_and_not_before(belt: Belt) -> None:
    shop = belt.workshop
    track, obj = shop.arrived("song.wav", brief())
    shop.steps.arm_behind("tracks.save")
    with pytest.raises(Killed):
        shop.scan(obj)
    shop.steps.disarm()
    assert shop.now(track).state is TrackState.SCANNING

    shop.clock.advance(SCAN_LEASE_S - 1)
    assert shop.scan(obj) is ScanOutcome.HELD
    shop.clock.advance(1)
    assert shop.scan(obj) is ScanOutcome.PROMOTED
    assert shop.events(track) == ["track.scanned"]


def test_fault_11_a_transcode_in_progress_is_taken_over_after_its_lease_and_not_before(belt: Belt) -> None:
    shop = belt.workshop
    track = shop.scanned("song.wav", brief())
    shop.steps.arm_behind("tracks.save")
    with pytest.raises(Killed):
        shop.transcode(track)
    shop.steps.disarm()

    shop.clock.advance(TRANSCODE_LEASE_S - 1)
    assert shop.transcode(track) is Outcome.HELD
    shop.clock.advance(1)
    assert shop.transcode(track) is Outcome.READY
    assert shop.events(track) == ["track.scanned", "track.playable", "transcoding.completed"]


def test_fault_11_a_worker_thought_dead_that_comes_back_changes_nothing_any_more(belt: Belt) -> None:
    """It slept longer than its lease, in the middle of its work, and another one has finished meanwhile."""
    shop = belt.workshop
    track, obj = shop.arrived("song.wav", brief())

    def another_finishes() -> None:
        shop.clock.advance(SCAN_LEASE_S)
        assert shop.scan(obj) is ScanOutcome.PROMOTED

    shop.steps.arm_behind("scanner.scan", another_finishes)

    assert shop.scan(obj) is ScanOutcome.LOST
    assert shop.events(track) == ["track.scanned"]
    assert len(shop.keys("originals")) == 1


def test_fault_11_the_sweep_brings_work_whose_message_was_acknowledged_under_the_lease(belt: Belt) -> None:
    shop = belt.workshop
    track, obj = shop.arrived("song.wav", brief())
    belt.arrival(obj)
    shop.steps.arm_behind("tracks.save")
    belt.deliver("scan")
    belt.drain()
    assert (shop.now(track).state, belt.log.outcomes) == (TrackState.SCANNING, ["held"])

    shop.clock.advance(SCAN_LEASE_S + 60)
    assert belt.sweep() == {"redriven": 1}
    belt.drain()

    assert shop.now(track).state is TrackState.READY


def test_fault_11_a_letter_in_progress_is_taken_over_after_its_lease_and_not_before(mail_log: MailLog) -> None:
    key, lease_s = new_id(), 60
    assert mail_log.claim(key, NOW, lease_s) is Claim.WON

    assert mail_log.claim(key, EpochSeconds(NOW + lease_s - 1), lease_s) is Claim.BUSY
    assert mail_log.claim(key, EpochSeconds(NOW + lease_s), lease_s) is Claim.WON
    mail_log.done(key, EpochSeconds(NOW + lease_s))
    assert mail_log.claim(key, EpochSeconds(NOW + 10 * lease_s), lease_s) is Claim.DONE
