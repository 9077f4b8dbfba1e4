"""Time goes on, whatever is done to the machine's clock."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from runtime import steady
from runtime.steady import SLEW, Steady

DAY = 1_774_000_000.0


class Machine:
    """A machine whose clock anybody may set."""

    def __init__(self) -> None:
        self.wall, self.passing = DAY, 100.0
        self.clock = Steady(lambda: self.wall, lambda: self.passing)

    def live(self, seconds: float) -> float:
        self.wall += seconds
        self.passing += seconds
        return self.clock.now_s() - DAY


@pytest.mark.parametrize("hours", [8, -8])
def test_a_clock_that_jumps_by_hours_and_comes_back_was_never_away(hours: float) -> None:
    machine = Machine()
    assert machine.live(10) == pytest.approx(10)
    machine.wall += hours * 3600
    assert machine.live(5) == pytest.approx(15)
    assert machine.live(5) == pytest.approx(20)
    assert machine.clock.stepped_s() == pytest.approx(5)
    machine.wall -= hours * 3600
    assert machine.live(1) == pytest.approx(21)
    assert machine.clock.stepped_s() == 0


def test_a_clock_that_stays_where_it_was_set_says_for_how_long() -> None:
    machine = Machine()
    machine.wall += 28_800
    machine.live(1)
    machine.live(70)
    assert machine.clock.stepped_s() == pytest.approx(70)


@pytest.mark.parametrize("off", [1.0, -1.0])
def test_a_second_is_worked_off_and_time_never_goes_back(off: float) -> None:
    machine = Machine()
    machine.live(1)
    machine.wall += off
    shown = [machine.live(0.5) for _ in range(40)]
    steps = [after - before for before, after in pairwise(shown)]
    assert all(0.5 * (1 - SLEW) - 1e-6 <= step <= 0.5 * (1 + SLEW) + 1e-6 for step in steps)
    assert shown[-1] == pytest.approx(1 + 20 + off)


def test_a_shift_is_read_from_its_file_and_a_file_that_is_not_there_shifts_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "clock"
    monkeypatch.setenv(steady.SHIFT, str(file))
    wall = steady.wall_clock()
    before = wall()
    steady.shift(file, 28_800)
    assert 28_799 < wall() - before < 28_900
    steady.shift(file, 0)
    assert wall() - before < 100
