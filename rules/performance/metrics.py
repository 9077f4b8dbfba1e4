"""Pure. One figure with its target, its action limit and its verdict."""

from __future__ import annotations

from dataclasses import dataclass

from rules.performance.definitions import MS_PER_DAY, Bound, Definitions, Targets, Verdict, Words


@dataclass(frozen=True, slots=True)
class Metric:
    """A figure. `verdict` None: nothing can be said, and `note` says why. A share is a number from 0 to 1."""

    id: str
    name: Words
    value: float | None
    is_share: bool
    bound: Bound
    verdict: Verdict | None
    note: Words | None = None


@dataclass(frozen=True, slots=True)
class Figures:
    """What was counted, before anybody judges it."""

    days: float
    calls: int
    per_hour: float
    per_interval: float
    busy_share: float
    peak: float
    flood_share: float
    top_share: float | None  # None: there were no alarms
    chattering: int
    fleeting: int
    stale: int
    deviation: float | None


_TOO_SHORT = Words("too short a period to judge an average", "时段太短，平均值不作评判")
_TOO_FEW = Words("too few alarms to judge a share", "报警太少，占比不作评判")


def judged(figures: Figures, definitions: Definitions, targets: Targets) -> tuple[Metric, ...]:
    """Every figure, in the order in which people read them."""
    minutes = f"{definitions.interval_ms / 60_000:g}"
    busy, top, stale_h = definitions.busy_above, definitions.top, f"{definitions.stale_ms / 3_600_000:g}"
    few = _TOO_FEW if figures.calls < definitions.shares_from else None
    short = _TOO_SHORT if figures.days * MS_PER_DAY < definitions.averages_from_ms else None
    return (
        _metric("alarms_per_operator_hour", "alarms per operator and hour", "每名值班员每小时报警数",
                figures.per_hour, targets.per_hour, short),
        _metric("alarms_per_operator_10min", f"alarms per operator and {minutes} min",
                f"每名值班员每{minutes}分钟报警数", figures.per_interval, targets.per_interval, short),
        _share("busy_intervals", f"{minutes}-min intervals with more than {busy} alarms per operator",
               f"每名值班员报警超过{busy}条的{minutes}分钟时段占比", figures.busy_share, targets.busy_intervals, short),
        _metric("peak_10min", f"most alarms per operator within {minutes} min",
                f"每名值班员{minutes}分钟内最多报警数", figures.peak, targets.peak),
        _share("time_in_flood", "time in flood", "报警泛滥时间占比", figures.flood_share, targets.flood_time, short),
        _share("top_share", f"share of the {top} most frequent alarms", f"最频繁的{top}个报警占比",
               figures.top_share, targets.top_share, few),
        _metric("chattering", "chattering alarms", "抖动报警", figures.chattering, targets.chattering),
        _metric("fleeting", "fleeting alarms", "瞬时报警", figures.fleeting, targets.fleeting),
        _metric("stale", f"alarms active for more than {stale_h} h, most at once",
                f"持续超过{stale_h}小时的报警（同时最多）", figures.stale, targets.stale),
        _share("priority_deviation", "greatest deviation of the priority mix", "优先级构成的最大偏差",
               figures.deviation, targets.deviation, few),
        _metric("basis_days", "days of data", "数据天数", figures.days, targets.days),
    )  # fmt: skip


def _metric(name: str, en: str, zh: str, value: float, bound: Bound, doubt: Words | None = None) -> Metric:
    return Metric(name, Words(en, zh), value, False, bound, None if doubt else bound.judge(value), doubt)


def _share(name: str, en: str, zh: str, value: float | None, bound: Bound, doubt: Words | None) -> Metric:
    if value is None:
        return Metric(name, Words(en, zh), None, True, bound, None, _TOO_FEW)
    return Metric(name, Words(en, zh), value, True, bound, None if doubt else bound.judge(value), doubt)
