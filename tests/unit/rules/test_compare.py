"""Episodes out of transitions, and two histories side by side, in tables: moments are minutes, `.` still stands."""

from __future__ import annotations

from datetime import time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.compare import compare, compare_events
from rules.episodes import Episode, Event, annunciates, episodes
from rules.rota import Duty, loads, shifts

MINUTE = 60_000
SHANGHAI = ZoneInfo("Asia/Shanghai")
MIDNIGHT = 1_774_454_400_000  # 2026-03-26 00:00 in Shanghai

_BECAUSE = {
    "R": ("raised", "unacked"), "C": ("cleared", "rtn_unacked"), "A": ("acknowledged", "acked"),
    "S": ("shelved", "shelved"), "r": ("hidden_raised", "shelved"), "c": ("hidden_cleared", "shelved"),
    "E": ("shelf_ended", "unacked"), "e": ("shelf_ended", "normal"), "W": ("window_ended", "unacked"),
    "L": ("realarmed", "unacked"),
}  # fmt: skip


def events(text: str, alarm: str = "b1.high") -> list[Event]:
    """`R3 C5`: raised at minute 3, cleared at minute 5, in the order in which it was found."""
    words = [(_BECAUSE[word[0]], int(word[1:]) * MINUTE) for word in text.split()]
    return [Event(alarm, "", new, at_ms, because) for (because, new), at_ms in words]


def spans(text: str, alarm: str = "b1.high") -> list[Episode]:
    """`3-5 9-.`: two episodes, the second still stands."""
    found = []
    for word in text.split():
        start, end = word.split("-")
        found.append(Episode(alarm, int(start) * MINUTE, None if end == "." else int(end) * MINUTE))
    return found


def shown(found: list[Episode] | tuple[Episode, ...]) -> str:
    return " ".join(
        f"{each.raised_ms // MINUTE}-{'.' if each.cleared_ms is None else each.cleared_ms // MINUTE}" for each in found
    )


@pytest.mark.parametrize(
    ("log", "expected"),
    [
        ("", ""),
        ("R3 C5", "3-5"),
        ("R3", "3-."),
        ("R3 A4 C5", "3-5"),
        ("C2 R3 C5", "3-5"),  # what was raised before the period is not of it
        ("R3 C5 R5 C6", "3-5 5-6"),  # cleared and raised again in one moment
        ("R9 C12 R3 C5", "3-5 9-12"),  # found late: the moments count, not the order
        ("R3 R8 C9", "3-9"),  # raised in a gap by the book that caught up, and after it by the one that went on
        ("R3 C6 C9", "3-6"),  # cleared by both
        ("S1 r3 c5 e9", ""),  # raised and over behind a shelf: nobody was called
        ("S1 r3 E5 C9", "5-9"),  # shown while it still stood
        ("S1 r3 W5 C9", "5-9"),
        ("R1 S3 c5 r6 E9 C12", "1-5 9-12"),  # an episode ends where its condition does, seen or not
        ("R1 S3 E5 C9", "1-9"),  # hidden for a while
        ("R1 A2 L5 C9", "1-9"),  # called again
    ],
)
def test_an_episode_goes_from_raised_to_cleared(log: str, expected: str) -> None:
    assert shown(episodes(events(log))) == expected


def test_alarms_do_not_mix() -> None:
    found = episodes(events("R3 C5", "b1.high") + events("R4", "b2.high"))

    assert [(each.alarm, each.cleared_ms) for each in found] == [("b1.high", 5 * MINUTE), ("b2.high", None)]


@pytest.mark.parametrize(
    ("before", "after", "same", "added", "lost", "shifted"),
    [
        # nothing changes
        ("", "", 0, "", "", []),
        ("3-5 9-.", "3-5 9-.", 2, "", "", []),
        # a lower limit: earlier, longer, more often
        ("", "3-5", 0, "3-5", "", []),
        ("3-5", "2-6", 0, "", "", [(-1, 1)]),
        ("3-5", "3-5 8-9", 1, "8-9", "", []),
        # a higher limit: later, shorter, more seldom
        ("3-5", "", 0, "", "3-5", []),
        ("2-8", "3-7", 0, "", "", [(1, -1)]),
        ("2-4 6-8", "6-8", 1, "", "2-4", []),
        # one becomes two, two become one
        ("2-8", "2-3 6-8", 0, "6-8", "", [(0, -5)]),
        ("2-3 6-8", "2-8", 0, "", "6-8", [(0, 5)]),
        # one that stands
        ("2-.", "2-5", 0, "", "", [(0, None)]),
        ("2-.", "3-.", 0, "", "", [(1, None)]),
        # apart by a moment is not the same event; touching is
        ("2-4", "5-6", 0, "5-6", "2-4", []),
        ("2-4", "4-6", 0, "", "", [(2, 2)]),
    ],
)
def test_the_difference_of_two_histories(
    before: str, after: str, same: int, added: str, lost: str, shifted: list[tuple[int, int | None]]
) -> None:
    found = compare(spans(before), spans(after))

    assert found.same == same
    assert shown(found.added) == added
    assert shown(found.lost) == lost
    assert [
        (pair.raised_by_ms // MINUTE, None if pair.cleared_by_ms is None else pair.cleared_by_ms // MINUTE)
        for pair in found.shifted
    ] == shifted


def test_the_same_moment_of_another_alarm_is_another_episode() -> None:
    found = compare(spans("3-5", "b1.high"), spans("3-5", "b2.high"))

    assert (found.same, len(found.added), len(found.lost)) == (0, 1, 1)


_spans = st.lists(st.integers(0, 60), unique=True, max_size=12).map(
    lambda cuts: [Episode("a.r", start, end) for start, end in zip(sorted(cuts)[::2], sorted(cuts)[1::2], strict=False)]
)


@given(_spans, _spans)
def test_every_episode_is_told_exactly_once_and_the_other_way_round_alike(
    before: list[Episode], after: list[Episode]
) -> None:
    found, back = compare(before, after), compare(after, before)

    assert found.same + len(found.lost) + len(found.shifted) == len(before)
    assert found.same + len(found.added) + len(found.shifted) == len(after)
    assert (back.same, back.added, back.lost) == (found.same, found.lost, found.added)


def test_logs_are_compared_as_bags() -> None:
    here, there = events("R3 C5 C5"), events("C5 R3 R4")

    found = compare_events(here, there)

    assert not found.equal
    assert found.same == 2
    assert [each.at_ms // MINUTE for each in found.only_before] == [5]
    assert [each.at_ms // MINUTE for each in found.only_after] == [4]
    assert compare_events(here, here[::-1]).equal


def test_shifts_and_nights_follow_the_clock_of_the_site() -> None:
    hours = [(7.99, 1), (8, 2), (23, 4), (29.9, 3), (30, 3)]  # of the 26th; 30 is 06:00 on the 27th
    raised = [(MIDNIGHT + round(hour * 3_600_000), priority) for hour, priority in hours]
    period = (MIDNIGHT, MIDNIGHT + 36 * 3_600_000)

    by_shift = loads(raised, shifts([time(0), time(8), time(16)]), SHANGHAI, *period)
    by_night = loads(raised, [Duty(time(22), time(6))], SHANGHAI, *period)

    assert [(each.start_ms - MIDNIGHT) // 3_600_000 for each in by_shift] == [0, 8, 16, 24, 32]
    assert [each.by_priority for each in by_shift] == [
        (1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 0, 1), (0, 0, 2, 0), (0, 0, 0, 0),
    ]  # fmt: skip
    assert [(each.start_ms - MIDNIGHT) // 3_600_000 for each in by_night] == [-2, 22]
    assert [each.raised for each in by_night] == [0, 2]


def test_pages_are_counted_in_the_duty_in_which_somebody_is_called() -> None:
    paged = [MIDNIGHT + round(hour * 3_600_000) for hour in (7.99, 8, 8.5, 23)]

    by_shift = loads([], shifts([time(0), time(8), time(16)]), SHANGHAI, MIDNIGHT, MIDNIGHT + 86_400_000, paged)

    assert [(each.raised, each.pages) for each in by_shift] == [(0, 1), (0, 2), (0, 1)]


@pytest.mark.parametrize(
    ("because", "new", "late", "expected"),
    [
        ("raised", "unacked", False, True),
        ("raised", "unacked", True, False),  # it must not page as if it were now
        ("hidden_raised", "shelved", False, False),
        ("shelf_ended", "unacked", False, True),
        ("unsuppressed", "normal", False, False),
        ("realarmed", "unacked", False, True),
        ("acknowledged", "acked", False, False),
    ],
)
def test_somebody_is_called_when_an_alarm_is_raised_or_comes_out_of_hiding(
    because: str, new: str, late: bool, expected: bool
) -> None:
    assert annunciates(Event("a.r", "normal", new, 0, because, late=late)) is expected
