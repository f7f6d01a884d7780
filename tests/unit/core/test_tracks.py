"""The state machine of a track: no sequence of moves goes backwards within an attempt."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from core.domain.errors import Conflict, InvalidInput
from core.domain.ids import EpochSeconds
from core.domain.limits import DELETED_KEEP_S, STAGE_DEADLINE_S, TITLE_MAX
from core.domain.reasons import MESSAGES, ReasonCode
from core.domain.tracks import (
    IN_WORK,
    STREAMABLE,
    TRANSITIONS,
    Track,
    TrackState,
    Visibility,
    check_title,
)
from tests.builders import (
    NOW,
    a_failed_track,
    a_ready_track,
    a_scanned_track,
    a_track,
    an_account,
    an_object,
    an_uploaded_track,
)

S = TrackState
ORDER = [S.DRAFT, S.UPLOADED, S.SCANNING, S.TRANSCODING, S.PLAYABLE, S.READY]
ENDS = frozenset({S.READY, S.REJECTED, S.FAILED})
LATER = EpochSeconds(NOW + 1000)
states = st.sampled_from(S)
reasons = st.sampled_from(ReasonCode)


def rank(state: TrackState) -> int:
    """How far a track is; rejected and failed are as far as ready."""
    return ORDER.index(state) if state in ORDER else len(ORDER) - 1


class AnyLife(RuleBasedStateMachine):
    """Everything that workers, the sweep and people can do to a track, in any order and at any time."""

    def __init__(self) -> None:
        super().__init__()
        self.track = a_track()
        self.now = NOW
        self.before = self.track

    def become(self, track: Track) -> None:
        self.before, self.track = self.track, track

    @rule(seconds=st.integers(0, 10_000))
    def time_passes(self, seconds: int) -> None:
        self.now = EpochSeconds(self.now + seconds)

    @rule(to=st.sampled_from(ORDER))
    def a_worker_moves_it(self, to: TrackState) -> None:
        allowed = to in TRANSITIONS[self.track.state] and self.track.deleted_at is None
        if self.track.state is S.FAILED:
            return
        if allowed:
            self.become(self.track.moved(to, self.now))
        else:
            with pytest.raises(Conflict):
                self.track.moved(to, self.now)

    @rule(to=st.sampled_from([S.SCANNING, S.TRANSCODING]), lease_s=st.integers(1, 900))
    def a_worker_claims_it(self, to: TrackState, lease_s: int) -> None:
        if self.track.state is S.FAILED:
            return
        held = self.track.state is to and self.track.lease_until is not None and self.track.lease_until > self.now
        try:
            claimed = self.track.claimed(to, self.now, lease_s)
        except Conflict:
            return
        assert (claimed is None) == held
        if claimed is not None:
            self.become(claimed)

    @rule(to=st.sampled_from([S.REJECTED, S.FAILED]), reason=reasons)
    def a_worker_gives_up(self, to: TrackState, reason: ReasonCode) -> None:
        try:
            self.become(self.track.ended(to, reason, self.now))
        except Conflict:
            assert self.track.state in ENDS or self.track.deleted_at is not None

    @rule()
    def the_sweep_redrives_it(self) -> None:
        self.become(self.track.redriven(self.now))

    @rule()
    def it_is_retried(self) -> None:
        try:
            self.become(self.track.retried(self.now))
        except Conflict:
            assert self.track.state is not S.FAILED or self.track.deleted_at is not None
        else:
            assert self.before.state is S.FAILED

    @precondition(lambda self: self.track.state is S.SCANNING)
    @rule()
    def the_original_is_promoted(self) -> None:
        self.become(replace(self.track, original=an_object(bucket="originals")))

    @rule(often=st.integers(0, 9))
    def it_is_deleted(self, often: int) -> None:
        if often == 0:
            self.become(self.track.deleted(self.now))

    @invariant()
    def it_never_goes_backwards_within_an_attempt(self) -> None:
        if self.track.attempt == self.before.attempt:
            assert rank(self.track.state) >= rank(self.before.state)
            withdrawn = (self.before.state, self.track.state) == (S.READY, S.REJECTED)
            assert self.before.state not in ENDS or self.track.state is self.before.state or withdrawn
        else:
            assert self.track.attempt == self.before.attempt + 1
            assert self.before.state is S.FAILED

    @invariant()
    def a_reason_goes_with_rejected_and_failed_and_with_nothing_else(self) -> None:
        assert (self.track.reason is not None) == (self.track.state in (S.REJECTED, S.FAILED))

    @invariant()
    def whatever_is_in_work_has_a_deadline(self) -> None:
        if self.track.state in IN_WORK:
            assert self.track.deadline is not None

    @invariant()
    def what_is_deleted_stays_deleted(self) -> None:
        assert self.before.deleted_at is None or self.track.deleted_at is not None


TestAnyLife = AnyLife.TestCase
TestAnyLife.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)


@given(st.lists(states, max_size=12))
def test_a_life_without_retry_climbs(moves: list[TrackState]) -> None:
    track, seen = a_track(), [S.DRAFT]
    for to in moves:
        if to in TRANSITIONS[track.state] and track.state is not S.FAILED:
            track = track.moved(to, LATER)
            seen.append(to)
    assert [rank(state) for state in seen] == sorted(rank(state) for state in seen)
    final = seen[:-2] if seen[-2:] == [S.READY, S.REJECTED] else seen[:-1]
    assert all(state not in ENDS for state in final)


def test_the_table_knows_every_state() -> None:
    assert set(TRANSITIONS) == set(S)
    assert {state for state, nexts in TRANSITIONS.items() if not nexts - {state}} == {S.REJECTED}
    assert TRANSITIONS[S.READY] == {S.REJECTED}, "newer virus definitions may find what older ones did not"
    assert set(S) - ENDS == IN_WORK


def test_every_state_in_work_can_end_badly() -> None:
    for state in IN_WORK:
        assert {S.REJECTED, S.FAILED} <= TRANSITIONS[state]


@pytest.mark.parametrize("state", sorted(IN_WORK))
def test_each_stage_has_its_deadline(state: TrackState) -> None:
    wait = STAGE_DEADLINE_S["transcoding" if state is S.PLAYABLE else state.value]
    assert replace(a_track(), state=state).awaited(LATER).deadline == LATER + wait


class TestClaim:
    def test_one_worker_at_a_time(self) -> None:
        held = an_uploaded_track().claimed(S.SCANNING, NOW, lease_s=60)
        assert held is not None
        assert held.claimed(S.SCANNING, EpochSeconds(NOW + 59), lease_s=60) is None

    def test_11_a_dead_workers_lease_is_taken_over(self) -> None:
        held = an_uploaded_track().claimed(S.SCANNING, NOW, lease_s=60)
        assert held is not None
        taken = held.claimed(S.SCANNING, EpochSeconds(NOW + 60), lease_s=60)
        assert taken is not None
        assert taken.lease_until == NOW + 120

    def test_the_sweep_comes_after_the_lease(self) -> None:
        held = an_uploaded_track().claimed(S.SCANNING, NOW, lease_s=60)
        assert held is not None
        assert held.lease_until is not None
        assert held.deadline is not None
        assert held.deadline > held.lease_until

    def test_a_claim_starts_its_progress_at_zero(self) -> None:
        held = a_scanned_track().claimed(S.TRANSCODING, NOW, lease_s=60)
        assert held is not None
        assert held.progress is not None
        assert (held.progress.stage, held.progress.percent) == ("transcoding", 0)

    def test_finished_work_is_not_claimed_again(self) -> None:
        with pytest.raises(Conflict) as caught:
            a_ready_track().claimed(S.SCANNING, NOW, lease_s=60)
        assert caught.value.code == "illegal_transition"

    def test_a_redrive_frees_the_track(self) -> None:
        held = an_uploaded_track().claimed(S.SCANNING, NOW, lease_s=600)
        assert held is not None
        assert held.redriven(NOW).claimed(S.SCANNING, NOW, lease_s=60) is not None


class TestEnd:
    @pytest.mark.parametrize("to", [S.REJECTED, S.FAILED])
    def test_a_bad_end_needs_a_reason(self, to: TrackState) -> None:
        with pytest.raises(ValueError, match="reason"):
            an_uploaded_track().ended(to, None, NOW)

    def test_a_good_end_has_none(self) -> None:
        playable = a_scanned_track().moved(S.PLAYABLE, NOW)
        with pytest.raises(ValueError, match="reason"):
            playable.ended(S.READY, ReasonCode.CORRUPT, NOW)

    def test_an_end_is_left_alone_by_the_sweep(self) -> None:
        ended = replace(an_uploaded_track(), redrives=3).ended(S.REJECTED, ReasonCode.CORRUPT, NOW)
        assert (ended.deadline, ended.lease_until, ended.progress, ended.redrives) == (None, None, None, 0)

    def test_every_reason_has_a_sentence_for_people(self) -> None:
        assert set(MESSAGES) == set(ReasonCode)
        for sentence in MESSAGES.values():
            assert sentence.endswith(".")
            assert len(sentence) > 20


class TestRetry:
    def test_from_the_clean_original_if_there_is_one(self) -> None:
        failed = a_scanned_track().ended(S.FAILED, ReasonCode.TRANSCODE_FAILED, NOW)
        again = failed.retried(LATER)
        assert (again.state, again.attempt, again.reason) == (S.TRANSCODING, 2, None)

    def test_else_from_the_scan(self) -> None:
        again = a_failed_track(ReasonCode.SCAN_FAILED).retried(LATER)
        assert (again.state, again.attempt) == (S.UPLOADED, 2)

    @pytest.mark.parametrize("track", [a_track(), a_ready_track(), a_scanned_track()])
    def test_only_of_what_failed(self, track: Track) -> None:
        with pytest.raises(Conflict) as caught:
            track.retried(NOW)
        assert caught.value.code == "not_retryable"

    def test_never_of_what_was_deleted(self) -> None:
        with pytest.raises(Conflict) as caught:
            a_failed_track().deleted(NOW).retried(NOW)
        assert caught.value.code == "track_deleted"


class TestDeletion:
    def test_24_nothing_comes_back(self) -> None:
        gone = a_scanned_track().deleted(NOW)
        for to in S:
            with pytest.raises(Conflict) as caught:
                gone.moved(to, NOW)
            assert caught.value.code == "track_deleted"

    def test_the_sweep_purges_it_after_its_time(self) -> None:
        assert a_ready_track().deleted(NOW).deadline == NOW + DELETED_KEEP_S


class TestReaders:
    @pytest.mark.parametrize("visibility", Visibility)
    @pytest.mark.parametrize("state", S)
    def test_owners_see_their_tracks_in_every_state(self, state: TrackState, visibility: Visibility) -> None:
        track = replace(a_track(), state=state, visibility=visibility)
        assert track.readable_by(track.owner_id)

    @pytest.mark.parametrize("visibility", Visibility)
    @pytest.mark.parametrize("state", S)
    def test_others_hear_what_plays_and_is_not_private(self, state: TrackState, visibility: Visibility) -> None:
        track = replace(a_track(), state=state, visibility=visibility)
        readable = state in {S.PLAYABLE, S.READY} and visibility is not Visibility.PRIVATE
        assert track.readable_by(None) is readable
        assert track.readable_by(an_account().id) is readable

    def test_nobody_sees_what_was_deleted(self) -> None:
        gone = a_ready_track().deleted(NOW)
        assert not gone.readable_by(gone.owner_id)
        assert not gone.readable_by(None)

    def test_what_streams_was_scanned(self) -> None:
        assert all(rank(state) > rank(S.SCANNING) for state in STREAMABLE)


class TestTitle:
    def test_it_is_trimmed_and_composed(self) -> None:
        assert check_title("  Pre\u0301lude ") == "Prélude"

    @pytest.mark.parametrize("title", ["", "   ", "a\nb", "a\0b", "x" * (TITLE_MAX + 1), "\ud800"])
    def test_nonsense_is_refused(self, title: str) -> None:
        with pytest.raises(InvalidInput) as caught:
            check_title(title)
        assert (caught.value.code, caught.value.field) == ("title_invalid", "title")
