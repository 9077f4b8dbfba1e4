"""Pure. What many runs of scenarios come to: recall and delay of each fault, and what was raised without a reason."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass

from anlan.suite import Promise
from anlan.verdict import FaultRow
from vocab.rule import Category

WEEK_S = 7 * 86_400


@dataclass(frozen=True, slots=True)
class FalseAlarm:
    """One alarm that no injected fault accounts for. `fault` is the disturbance that was at work, if one was."""

    scenario: str
    seed: int
    equipment: str
    kind: str
    rule: str
    category: Category
    at: str
    fault: str | None
    normal: bool  # in a scenario of normal operation


@dataclass(frozen=True, slots=True)
class Run:
    """One scenario with one seed."""

    scenario: str
    seed: int
    normal: bool
    faults: list[FaultRow]
    false_alarms: list[FalseAlarm]
    duplicates: int
    device_seconds: dict[str, float]  # by kind
    polled: int
    stored: int
    rejected: int
    doubled: int


@dataclass(frozen=True, slots=True)
class ScoreRow:
    """One fault over all its runs. Delays are site seconds from the injection to the alarm."""

    kind: str
    fault: str
    nature: str
    category: Category | None  # of the alarm it must cause; None: none is expected
    seeds: int
    found: int  # of a disturbance: how often nothing was raised
    recall: float
    delay_p50_s: float | None
    delay_max_s: float | None
    bound_s: float | None
    within_bound: bool | None  # all of those that were found; None: there is no bound
    missed: tuple[str, ...] = ()  # scenario/seed/injection of each one not found


@dataclass(frozen=True, slots=True)
class Exposure:
    """One kind of equipment in normal operation: how long it was watched and what was raised without a reason."""

    kind: str
    device_weeks: float
    hazard: int
    sanitation: int
    maintenance: int


@dataclass(frozen=True, slots=True)
class Score:
    """Over all scenarios and seeds."""

    rows: list[ScoreRow]
    device_weeks: float
    false_alarms: int  # of hazard and sanitation, in all runs
    false_alarms_per_100_device_weeks: float
    duplicates: int
    readings: dict[str, int]
    normal: list[Exposure]
    normal_device_weeks: float
    false_hazards_per_100_device_weeks: float  # in normal operation
    false_maintenance: int  # sensor-health alarms, in all runs
    false: list[FalseAlarm]
    broken: list[str]  # promises that were not kept, in words

    @property
    def holds(self) -> bool:
        """Whether every promise was kept."""
        return not self.broken

    def as_json(self) -> dict[str, object]:
        """The score with the keys that docs/reference/demo.md promises."""
        return {"holds": self.holds, **asdict(self)}


def summed(runs: Sequence[Run], promise: Promise) -> Score:
    """All runs together, judged by what was promised."""
    rows = list(_rows(runs))
    false = [alarm for run in runs for alarm in run.false_alarms]
    wrong = sum(alarm.category is not Category.MAINTENANCE for alarm in false)
    weeks = _weeks(runs)
    normal = list(_normal(runs))
    normal_weeks = _weeks(run for run in runs if run.normal)
    hazards = sum(each.hazard for each in normal)
    rate = 100 * hazards / normal_weeks if normal_weeks else 0.0
    duplicates = sum(run.duplicates for run in runs)
    readings = _readings(runs)
    return Score(
        rows=rows,
        device_weeks=weeks,
        false_alarms=wrong,
        false_alarms_per_100_device_weeks=100 * wrong / weeks if weeks else 0.0,
        duplicates=duplicates,
        readings=readings,
        normal=normal,
        normal_device_weeks=normal_weeks,
        false_hazards_per_100_device_weeks=rate,
        false_maintenance=len(false) - wrong,
        false=false,
        broken=[*_broken(rows, promise), *_broken_sums(duplicates, rate, readings, promise)],
    )


def _weeks(runs: Iterable[Run]) -> float:
    return sum(seconds for run in runs for seconds in run.device_seconds.values()) / WEEK_S


def _readings(runs: Sequence[Run]) -> dict[str, int]:
    return {
        "polled": sum(run.polled for run in runs),
        "stored": sum(run.stored for run in runs),
        "rejected": sum(run.rejected for run in runs),
        "lost": sum(run.polled - run.stored - run.rejected for run in runs),
        "duplicated": sum(run.doubled for run in runs),
    }


def _normal(runs: Sequence[Run]) -> Iterator[Exposure]:
    kept = [run for run in runs if run.normal]
    for kind in sorted({kind for run in kept for kind in run.device_seconds}):
        raised = [alarm.category for run in kept for alarm in run.false_alarms if alarm.kind == kind]
        yield Exposure(
            kind,
            sum(run.device_seconds.get(kind, 0.0) for run in kept) / WEEK_S,
            raised.count(Category.HAZARD),
            raised.count(Category.SANITATION),
            raised.count(Category.MAINTENANCE),
        )


def _rows(runs: Iterable[Run]) -> Iterator[ScoreRow]:
    groups: dict[tuple[str, str], list[tuple[Run, FaultRow]]] = {}
    for run in runs:
        for row in run.faults:
            groups.setdefault((row.kind, row.fault), []).append((run, row))
    for (kind, fault), pairs in sorted(groups.items(), key=lambda each: each[0]):
        rows = [row for _, row in pairs]
        delays = [row.delay_s for row in rows if row.delay_s is not None]
        hits = sum(row.found for row in rows)
        bound = rows[0].bound_s
        yield ScoreRow(
            kind=kind,
            fault=fault,
            nature=rows[0].nature,
            category=rows[0].category,
            seeds=len(rows),
            found=hits,
            recall=hits / len(rows),
            delay_p50_s=statistics.median(delays) if delays else None,
            delay_max_s=max(delays) if delays else None,
            bound_s=bound,
            within_bound=None if bound is None else all(delay <= bound for delay in delays),
            missed=tuple(f"{run.scenario}/{run.seed}/{row.id}" for run, row in pairs if not row.found),
        )


def _broken(rows: Iterable[ScoreRow], promise: Promise) -> Iterator[str]:
    for row in rows:
        if row.category is None:
            continue
        if row.recall < promise.recall:
            yield f"{row.kind} {row.fault}: {row.found} of {row.seeds} found"
        if promise.within_bound and row.within_bound is False:
            yield f"{row.kind} {row.fault}: found after {row.delay_max_s:.0f} s, the bound is {row.bound_s:.0f} s"


def _broken_sums(duplicates: int, rate: float, readings: dict[str, int], promise: Promise) -> Iterator[str]:
    if duplicates > promise.duplicates:
        yield f"{duplicates} duplicate tickets"
    if rate > promise.false_hazards_per_100_device_weeks:
        yield f"{rate:.1f} false hazard alarms per 100 device-weeks of normal operation"
    if readings["lost"] or readings["duplicated"]:
        yield f"{readings['lost']} readings lost, {readings['duplicated']} stored twice"
