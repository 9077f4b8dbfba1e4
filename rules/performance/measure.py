"""Pure. From histories to the report on a period."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from rules.performance import load, nuisance
from rules.performance.activations import Activation, Answer, History
from rules.performance.definitions import MS_PER_DAY, MS_PER_HOUR, Definitions, Targets
from rules.performance.load import Flood
from rules.performance.metrics import Figures, judged
from rules.performance.nuisance import Stale
from rules.performance.report import AnswerTimes, Late, Offender, Performance, Period, PriorityShare
from rules.performance.tuning import Known, share_rank, suggest

_Nuisance = Callable[[Sequence[Activation], Definitions], list[Activation]]


def measure(
    history: History,
    known: Mapping[str, Known],
    period: Period,
    definitions: Definitions | None = None,
    targets: Targets | None = None,
) -> Performance:
    """The report on a period. `history` should reach a day beyond both ends, or what crosses them is cut."""
    return _Measured(history, known, period, definitions or Definitions(), targets or Targets()).report()


class _Measured:
    """One period of one history."""

    def __init__(
        self, history: History, known: Mapping[str, Known], period: Period, definitions: Definitions, targets: Targets
    ) -> None:
        self._history, self._known, self._period = history, known, period
        self._definitions, self._targets = definitions, targets
        self._lines: dict[str, list[Activation]] = defaultdict(list)
        for each in history.activations:
            if not each.late:
                self._lines[each.alarm].append(each)
        # Windows reach back beyond the period, so load is counted over the whole history.
        self._moments = sorted(each.raised_ms for line in self._lines.values() for each in line)
        self._counts = {alarm: sum(map(self._is_within, line)) for alarm, line in self._lines.items()}
        self._calls = sum(self._counts.values())
        self._steps = load.sliding(self._moments, definitions.interval_ms)
        self._floods = load.floods(self._steps, period.operators, definitions)

    def _is_within(self, activation: Activation) -> bool:
        return self._period.holds(activation.raised_ms)

    def report(self) -> Performance:
        """Everything."""
        period = self._period
        chattering, fleeting = self._offenders(nuisance.chattering), self._offenders(nuisance.fleeting)
        top = self._ranked(self._counts)[: self._definitions.top]
        priorities = self._priorities()
        spans = self._stale()
        figures = self._figures(len(chattering), len(fleeting), top, priorities, [span for _, span in spans])
        return Performance(
            from_ms=period.from_ms,
            to_ms=period.to_ms,
            operators=period.operators,
            calls=self._calls,
            metrics=judged(figures, self._definitions, self._targets),
            flood_count=sum(period.holds(each.start_ms) for each in self._floods),
            floods=tuple(self._shown(each) for each in self._floods if self._touches(each)),
            chattering=chattering,
            fleeting=fleeting,
            stale=tuple(row for row, _ in spans),
            top=top,
            priorities=priorities,
            answers=self._answers(),
            late=tuple(
                Late(each.alarm, self._of(each.alarm).priority, each.raised_ms, each.cleared_ms)
                for each in self._history.activations
                if each.late and self._is_within(each)
            ),
            hidings=sum(period.holds(each.at_ms) for each in self._history.hidings),
            definitions=self._definitions,
        )

    def _figures(
        self,
        chattering: int,
        fleeting: int,
        top: Sequence[Offender],
        priorities: Sequence[PriorityShare],
        stale: Sequence[tuple[int, int]],
    ) -> Figures:
        start, end, operators = self._period.from_ms, self._period.to_ms, self._period.operators
        span_ms, interval_ms = end - start, self._definitions.interval_ms
        counts = load.by_interval(self._moments, start, end, interval_ms)
        deviations = [each.deviation for each in priorities if each.deviation is not None]
        return Figures(
            days=span_ms / MS_PER_DAY,
            calls=self._calls,
            per_hour=self._calls * MS_PER_HOUR / span_ms / operators,
            per_interval=self._calls * interval_ms / span_ms / operators,
            busy_share=sum(each > self._definitions.busy_above * operators for each in counts) / len(counts),
            peak=load.peak(self._steps, start, end) / operators,
            flood_share=load.flood_ms(self._floods, start, end) / span_ms,
            top_share=sum(each.count for each in top) / self._calls if self._calls else None,
            chattering=chattering,
            fleeting=fleeting,
            stale=nuisance.most_at_once(stale),
            deviation=max(deviations, default=None),
        )

    # --- alarms that stand out --------------------------------------------------------------------------------------

    def _of(self, alarm: str) -> Known:
        return self._known.get(alarm) or Known("", "")

    def _offenders(self, pick: _Nuisance) -> tuple[Offender, ...]:
        picked = {alarm: pick(line, self._definitions) for alarm, line in self._lines.items()}
        return self._ranked({alarm: sum(map(self._is_within, each)) for alarm, each in picked.items()})

    def _ranked(self, counts: Mapping[str, int]) -> tuple[Offender, ...]:
        order = sorted((alarm for alarm, count in counts.items() if count), key=lambda alarm: (-counts[alarm], alarm))
        return tuple(self._offender(alarm, counts[alarm]) for alarm in order)

    def _offender(self, alarm: str, count: int) -> Offender:
        known = self._of(alarm)
        line = [each for each in self._lines[alarm] if self._is_within(each)]
        suggestions = suggest(line, known, self._definitions)
        share = count / self._calls
        return Offender(alarm, known.asset, known.rule, known.kind, known.priority, count, share, suggestions)

    def _stale(self) -> list[tuple[Stale, tuple[int, int]]]:
        """Each stale alarm once per raising, with the part of the period in which it was stale."""
        end = self._period.to_ms
        found: dict[tuple[str, int], tuple[Stale, tuple[int, int]]] = {}
        for each in self._history.activations:
            span = nuisance.stale(each, self._period.from_ms, end, self._definitions)
            if span is not None and not each.late:
                until = None if span[1] == end else span[1]
                row = Stale(each.alarm, self._of(each.alarm).priority, each.since_ms, until)
                found[each.alarm, each.since_ms] = row, span
        return list(found.values())

    # --- floods -----------------------------------------------------------------------------------------------------

    def _touches(self, flood: Flood) -> bool:
        return flood.start_ms < self._period.to_ms and (flood.end_ms is None or flood.end_ms > self._period.from_ms)

    def _shown(self, flood: Flood) -> Flood:
        is_over = flood.end_ms is not None and flood.end_ms < self._period.to_ms
        return flood if is_over else replace(flood, end_ms=None)

    # --- people -----------------------------------------------------------------------------------------------------

    def _priorities(self) -> tuple[PriorityShare, ...]:
        counts: Counter[int | None] = Counter()
        for alarm, count in self._counts.items():
            counts[self._of(alarm).priority] += count
        total = self._calls - counts[None]
        rows = []
        for priority, target in enumerate(self._targets.priorities, 1):
            share = counts[priority] / total if total else None
            rows.append(PriorityShare(priority, counts[priority], share, target, _deviation(share, target, priority)))
        if counts[None]:
            rows.append(PriorityShare(None, counts[None], None, None, None))
        return tuple(rows)

    def _answers(self) -> tuple[AnswerTimes, ...]:
        by_priority: dict[int | None, list[Answer]] = defaultdict(list)
        for each in self._history.answers:
            if self._period.holds(each.raised_ms):
                by_priority[self._of(each.alarm).priority].append(each)
        everything = [each for line in by_priority.values() for each in line]
        known = sorted(priority for priority in by_priority if priority is not None)
        return (_times(None, everything), *(_times(priority, by_priority[priority]) for priority in known))


def _deviation(share: float | None, target: float, priority: int) -> float | None:
    """In points. Of the most urgent there cannot be too few: its target is an upper bound."""
    if share is None:
        return None
    return max(0.0, share - target) if priority == 1 else abs(share - target)


def _times(priority: int | None, answers: Sequence[Answer]) -> AnswerTimes:
    waits = [(each.acked_ms - each.raised_ms) / 1000 for each in answers if each.acked_ms is not None]
    missing = len(answers) - len(waits)
    if not waits:
        return AnswerTimes(priority, 0, missing, None, None, None)
    return AnswerTimes(priority, len(waits), missing, share_rank(waits, 0.5), share_rank(waits, 0.9), max(waits))
