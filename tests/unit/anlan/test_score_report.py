"""Scores in words."""

from __future__ import annotations

from anlan.score import Exposure, FalseAlarm, Run, Score, summed
from anlan.score_report import score_markdown, unfound_markdown
from anlan.suite import Promise
from anlan.verdict import FaultRow
from runtime.files import load_packs
from vocab.rule import Category

WEEK_S = 604_800.0


def fault(name: str, found: bool, delay_s: float | None, bound_s: float | None = 240.0) -> FaultRow:
    category = None if bound_s is None else Category.HAZARD
    expected = None if bound_s is None else "ch4_level1"
    nature = "disturbance" if bound_s is None else "physical"
    at = "2026-03-26T01:30:00Z"
    return FaultRow(
        name, "gas", "gas-1", name, at, expected, None, delay_s, bound_s, int(found), found, nature=nature,
        category=category,
    )  # fmt: skip


def run(seed: int, faults: list[FaultRow], false: list[FalseAlarm] | None = None, normal: bool = False) -> Run:
    return Run("gas", seed, normal, faults, false or [], 0, {"gas": WEEK_S}, 7, 7, 0, 0)


def false_alarm(category: Category) -> FalseAlarm:
    return FalseAlarm("calm", 1, "gas-1", "gas", "co_level1", category, "2026-03-26T02:00:00Z", None, True)


def score(*runs: Run) -> Score:
    return summed(runs, Promise())


def test_a_disturbance_is_counted_as_silent_and_a_fault_by_its_recall() -> None:
    faults = [fault("leak", True, 61.0), fault("cooking", True, None, None)]
    lines = score_markdown(
        score(run(1, faults), run(2, [fault("leak", False, None), fault("cooking", False, None, None)]))
    ).splitlines()

    assert "| gas | leak | physical | hazard | 2 | 50% | 61 s | 61 s | 4 min |" in lines
    assert "| gas | cooking | disturbance | 1 of 2 silent |" in lines
    assert "- gas leak: 1 of 2 found" in lines


def test_a_fault_that_is_found_too_late_breaks_the_promise() -> None:
    late = score(run(1, [fault("leak", True, 241.0)]))

    assert late.rows[0].recall == 1.0
    assert late.rows[0].within_bound is False
    assert late.broken == ["gas leak: found after 241 s, the bound is 240 s"]
    assert not late.holds


def test_alarms_of_sensor_health_are_counted_apart_from_hazards() -> None:
    found = score(run(1, [], [false_alarm(Category.HAZARD), false_alarm(Category.MAINTENANCE)], normal=True))

    assert found.normal == [Exposure("gas", 1.0, hazard=1, sanitation=0, maintenance=1)]
    assert (found.false_alarms, found.false_maintenance) == (1, 1)
    assert found.false_hazards_per_100_device_weeks == 100.0
    assert found.broken == ["100.0 false hazard alarms per 100 device-weeks of normal operation"]


def test_only_normal_operation_counts_against_the_promised_rate() -> None:
    found = score(run(1, [], [false_alarm(Category.HAZARD)]), run(2, [], normal=True))

    assert (found.device_weeks, found.normal_device_weeks) == (2.0, 1.0)
    assert found.false_hazards_per_100_device_weeks == 0.0
    assert found.holds


def test_false_alarms_are_told_by_cause() -> None:
    twice = [false_alarm(Category.HAZARD), false_alarm(Category.HAZARD)]

    assert "| calm | gas | co_level1 | hazard | – | 2 |" in score_markdown(score(run(1, [], twice)))
    assert "by cause" not in score_markdown(score(run(1, [])))


def test_faults_that_no_rule_finds_are_told_once_and_disturbances_are_not() -> None:
    told = unfound_markdown(load_packs())

    assert told.count("| drift | sensor |") >= 1
    assert "cooking" not in told
    assert "| leak |" not in told
