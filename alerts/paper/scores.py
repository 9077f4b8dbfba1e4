"""Pure. The score card of a residents' committee: what it found, closed, left overdue; all counts, no opinion.

docs/reference/paper.md defines every number. Void and merged tickets are no hazards of their own and do not count.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

from alerts.paper.case import Case
from alerts.tickets.model import Proof


@dataclass(frozen=True, slots=True)
class Period:
    """[from_ms, to_ms), as far as it has passed by `now_ms`."""

    from_ms: int
    to_ms: int
    now_ms: int

    @property
    def end_ms(self) -> int:
        """Until when things are known."""
        return min(self.to_ms, self.now_ms)

    def holds(self, at_ms: int | None) -> bool:
        """Whether something happened in it."""
        return at_ms is not None and self.from_ms <= at_ms < self.to_ms


@dataclass(frozen=True, slots=True)
class Looks:
    """How often somebody looked at a unit's work in the period, and what they found."""

    inspections: int = 0  # that were scored
    points: float = 0.0  # their scores as shares of their scales, added up
    checked: int = 0  # spot checks of what it had checked itself
    consistent: int = 0  # of them


@dataclass(frozen=True, slots=True)
class Score:
    """Of one unit."""

    unit: str
    found: int = 0
    major: int = 0  # of those found
    closed: int = 0  # written off in the period, whenever they were found
    found_and_closed: int = 0
    open: int = 0  # at the end
    overdue: int = 0  # of those open: past the time limit and not repaired
    reopened: int = 0  # times, in the period
    unverified: int = 0  # of those closed: no sensor agreed
    judged: int = 0  # repaired in the period, or due in it
    on_time: int = 0  # of those judged
    repeated: int = 0  # of those found: the same hazard of the same equipment as before
    inspections: int = 0
    points: float = 0.0
    checked: int = 0
    consistent: int = 0

    @property
    def closure_rate(self) -> float | None:
        """Of those found in the period; None where none was."""
        return _share(self.found_and_closed, self.found)

    @property
    def on_time_rate(self) -> float | None:
        """Of those that were to be judged."""
        return _share(self.on_time, self.judged)

    @property
    def repeat_rate(self) -> float | None:
        """Of those found."""
        return _share(self.repeated, self.found)

    @property
    def inspection_rate(self) -> float | None:
        """The average of the scores of its inspections, as a share; None where there was none."""
        return self.points / self.inspections if self.inspections else None

    @property
    def consistent_rate(self) -> float | None:
        """抽查一致率: of the spot checks, those that found what the unit had said."""
        return _share(self.consistent, self.checked)


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def score(
    unit: str, cases: Sequence[Case], period: Period, known: frozenset[tuple[str, str]], looks: Looks = Looks()
) -> Score:
    """Count. `known` are the hazards (asset, hazard) that were found before the period."""
    mine = [case for case in cases if case.counts]
    found = [case for case in mine if period.holds(case.opened_ms)]
    closed = [case for case in mine if period.holds(case.written_off_ms)]
    still = [case for case in mine if is_open(case, period.end_ms)]
    judged = [case for case in mine if _is_judged(case, period)]
    return Score(
        unit,
        found=len(found),
        major=sum(case.work.is_major for case in found),
        closed=len(closed),
        found_and_closed=sum(period.holds(case.written_off_ms) for case in found),
        open=len(still),
        overdue=sum(is_overdue(case, period.end_ms) for case in still),
        reopened=sum(step.verb == "reopen" and period.holds(step.at_ms) for case in mine for step in case.steps),
        unverified=sum(case.work.proof is Proof.UNVERIFIED for case in closed),
        judged=len(judged),
        on_time=sum(_was_on_time(case) for case in judged),
        repeated=_repeats(found, known),
        **asdict(looks),
    )


def total(name: str, scores: Iterable[Score]) -> Score:
    """All of them together."""
    counts = [field for field in Score.__dataclass_fields__ if field != "unit"]
    rows = list(scores)
    return Score(name, **{field: sum(getattr(row, field) for row in rows) for field in counts})


def is_open(case: Case, at_ms: int) -> bool:
    """Whether it was open at a moment."""
    return case.opened_ms < at_ms and (case.closed_ms is None or case.closed_ms >= at_ms)


def is_overdue(case: Case, at_ms: int) -> bool:
    """Whether its time limit had passed by then without a repair; while it is deferred its clock stands still."""
    due, repaired = case.work.due_ms, case.work.repaired_ms
    if due is None or case.work.paused_ms is not None:
        return False
    return due < at_ms and (repaired is None or repaired >= at_ms)


def _done_ms(case: Case) -> int | None:
    return case.work.repaired_ms if case.work.repaired_ms is not None else case.written_off_ms


def _is_judged(case: Case, period: Period) -> bool:
    due = case.work.due_ms
    if due is None or case.work.paused_ms is not None:
        return False
    return period.holds(_done_ms(case)) or (period.holds(due) and due < period.end_ms)


def _was_on_time(case: Case) -> bool:
    done, due = _done_ms(case), case.work.due_ms
    return done is not None and due is not None and done <= due


def _repeats(found: Sequence[Case], known: frozenset[tuple[str, str]]) -> int:
    seen, count = set(known), 0
    for case in sorted(found, key=lambda each: (each.opened_ms, each.id)):
        hazard = (case.asset, case.hazard)
        if not case.asset:
            continue
        count += hazard in seen
        seen.add(hazard)
    return count
