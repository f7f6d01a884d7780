"""The demo piece."""

from dev.music import BAR_S, CHORDS, filter_graph, score


def test_it_lasts_between_twenty_and_thirty_seconds() -> None:
    end = max(note.at_s + note.hold_s for note in score(8))
    assert 20 <= end <= 30


def test_every_note_sounds_in_time_and_in_hearing_range() -> None:
    for note in score(8):
        assert 0 <= note.at_s <= 8 * BAR_S
        assert 60 < note.hertz < 2000
        assert 0 <= note.pan <= 1


def test_every_note_is_a_voice_of_the_mix() -> None:
    notes = list(score(len(CHORDS)))
    assert f"amix=inputs={len(notes)}" in filter_graph(notes)
    assert filter_graph(notes).count("aevalsrc") == len(notes)
