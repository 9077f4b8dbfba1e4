"""Marks: every frame is taken once, in whatever order it comes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from wire.marks import Mark, Marks
from wire.verdict import Source

SOURCE = Source("tiny", "e1", 7)
OTHER = Source("tiny", "e1", 8)
SEQS = st.lists(st.integers(min_value=1, max_value=40), max_size=120)


def test_frames_in_order_leave_no_gap() -> None:
    marks = Marks()

    assert [marks.take(SOURCE, seq) for seq in (1, 2, 3)] == [True, True, True]
    assert marks.all() == [Mark(SOURCE, 3)]


def test_a_frame_behind_newer_ones_is_taken_once() -> None:
    marks = Marks()
    marks.take(SOURCE, 5)

    assert marks.all() == [Mark(SOURCE, 5, ((1, 4),))]
    assert marks.take(SOURCE, 3)
    assert not marks.take(SOURCE, 3)
    assert marks.all() == [Mark(SOURCE, 5, ((1, 2), (4, 4)))]
    assert marks.missing() == 3


def test_a_new_epoch_counts_for_itself() -> None:
    marks = Marks()
    marks.take(SOURCE, 1)

    assert marks.take(OTHER, 1)


@given(SEQS)
def test_any_order_takes_every_frame_exactly_once(seqs: list[int]) -> None:
    marks = Marks()
    taken: set[int] = set()

    for seq in seqs:
        assert marks.take(SOURCE, seq) == (seq not in taken)
        taken.add(seq)

    for mark in marks.all():
        gaps = {seq for first, last in mark.gaps for seq in range(first, last + 1)}
        assert set(range(1, mark.high + 1)) - gaps == taken


@given(SEQS, st.integers(min_value=0, max_value=120))
def test_a_restart_in_between_changes_nothing(seqs: list[int], at: int) -> None:
    whole, first = Marks(), Marks()
    expected = [whole.take(SOURCE, seq) for seq in seqs]

    before = [first.take(SOURCE, seq) for seq in seqs[:at]]
    stored = [Mark.from_row(*mark.source, mark.high, mark.gaps_text) for mark in first.changed()]
    second = Marks(stored)

    assert before + [second.take(SOURCE, seq) for seq in seqs[at:]] == expected
    assert second.all() == whole.all()


def test_only_what_changed_is_to_be_stored() -> None:
    marks = Marks()
    marks.take(SOURCE, 1)
    marks.changed()

    marks.take(SOURCE, 1)
    assert marks.changed() == []
    marks.take(OTHER, 1)
    assert marks.changed() == [Mark(OTHER, 1)]


def test_gaps_are_bounded_and_what_is_given_up_is_counted() -> None:
    marks = Marks(most_gaps=2)
    for seq in (2, 4, 6):
        marks.take(SOURCE, seq)

    assert marks.given_up == 1
    assert not marks.take(SOURCE, 1)
    assert marks.take(SOURCE, 3)
