"""The arithmetic of the detection table, in tables."""

from __future__ import annotations

import pytest

from anlan.matching import RowMatch, Span, WindowMatch, match_rows, match_windows, merged, segments


@pytest.mark.parametrize(
    ("windows", "episodes", "found", "delays", "false"),
    [
        pytest.param([(10, 20)], [(12, 30)], 1, (2,), 0, id="raised inside"),
        pytest.param([(10, 20)], [(10, 11)], 1, (0,), 0, id="raised at its first moment"),
        pytest.param([(10, 20)], [(20, 25)], 1, (10,), 0, id="raised at its last moment"),
        pytest.param([(10, 20)], [(5, 30)], 0, (), 1, id="began before: chance, not detection"),
        pytest.param([(10, 20)], [(22, 30)], 0, (), 1, id="too late"),
        pytest.param([(10, 20)], [], 0, (), 0, id="nothing raised"),
        pytest.param([], [(1, 2), (3, 4)], 0, (), 2, id="nothing to be found"),
        pytest.param([(10, 20)], [(12, 14), (16, 18)], 1, (2,), 0, id="two alarms of one window"),
        pytest.param([(10, 20), (25, 26)], [(12, 40)], 2, (2, 0), 0, id="an alarm that stands until the next window"),
        pytest.param([(10, 20), (25, 26)], [(12, 25)], 1, (2,), 0, id="cleared as the next window begins"),
    ],
)
def test_an_episode_counts_where_it_was_raised(
    windows: list[Span], episodes: list[Span], found: int, delays: tuple[int, ...], false: int
) -> None:
    assert match_windows(windows, episodes) == WindowMatch(len(windows), found, delays, len(episodes), false)


def test_within_its_grace_a_window_still_owns_an_alarm() -> None:
    assert match_windows([(10, 20)], [(22, 30)], grace_ms=2) == WindowMatch(1, 1, (12,), 1, 0)


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        pytest.param([], [], id="none"),
        pytest.param([(1, 3), (2, 5)], [(1, 5)], id="overlapping"),
        pytest.param([(3, 5), (1, 3)], [(1, 5)], id="touching, in any order"),
        pytest.param([(1, 9), (2, 3)], [(1, 9)], id="one inside the other"),
        pytest.param([(1, 2), (4, 5)], [(1, 2), (4, 5)], id="apart"),
    ],
)
def test_alarms_at_one_time_are_one(spans: list[Span], expected: list[Span]) -> None:
    assert merged(spans) == expected


def test_a_row_has_an_alarm_from_the_raise_to_just_before_the_clearing() -> None:
    ats = [1, 2, 3, 4, 5, 6]
    truth = [False, True, True, False, True, False]

    assert match_rows(ats, truth, [(2, 3), (4, 6)]) == RowMatch(hits=2, false_alarms=1, missed=1, quiet=2)


def test_rates_are_shares_of_what_could_go_wrong() -> None:
    rows = RowMatch(hits=3, false_alarms=1, missed=1, quiet=9)

    assert (rows.false_alarm_rate, rows.missing_rate) == (0.1, 0.25)
    assert (RowMatch().false_alarm_rate, RowMatch().missing_rate) == (None, None)


def test_labelled_rows_become_windows() -> None:
    labels = [True, True, False, True, False, False, True]

    assert segments([1, 2, 3, 4, 5, 6, 7], labels) == [(1, 2), (4, 4), (7, 7)]


def test_runs_add_up() -> None:
    assert WindowMatch(1, 1, (3,), 2, 1).plus(WindowMatch(2, 1, (5,), 1, 0)) == WindowMatch(3, 2, (3, 5), 3, 1)
    assert RowMatch(1, 2, 3, 4).plus(RowMatch(1, 1, 1, 1)) == RowMatch(2, 3, 4, 5)
