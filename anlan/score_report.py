"""Pure. A score in words: the tables of docs/detection.md."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from anlan.detection_report import duration
from anlan.generated import table
from anlan.score import Exposure, Score, ScoreRow
from vocab.pack import COMMON, Pack

NOT_FOUND_YET = "nobody has said why"


def score_markdown(score: Score) -> str:
    """Faults by category, disturbances, normal operation, and whether the promises were kept."""
    due = [row for row in score.rows if row.category is not None]
    quiet = [row for row in score.rows if row.category is None]
    parts = [_found(due), _silent(quiet), _normal(score), *_false(score), _sums(score)]
    if score.broken:
        parts.append("**Promises that were not kept:**\n\n" + "\n".join(f"- {each}" for each in score.broken))
    return "\n\n".join(parts)


def result(row: ScoreRow) -> str:
    """What became of a fault: its recall, or how often nothing was raised."""
    return f"{row.recall:.0%}" if row.category is not None else f"{row.found} of {row.seeds} silent"


def bound(row: ScoreRow) -> str:
    """The pack's bound, with a mark where it was missed."""
    if row.bound_s is None:
        return "–"
    return duration(row.bound_s) + ("" if row.within_bound else " **exceeded**")


def delay(seconds: float | None) -> str:
    """A delay, or a dash."""
    return "–" if seconds is None else duration(seconds)


def _found(rows: list[ScoreRow]) -> str:
    cells = (
        (
            row.kind, row.fault, row.nature, "" if row.category is None else row.category.value, str(row.seeds),
            result(row), delay(row.delay_p50_s), delay(row.delay_max_s), bound(row),
        )
        for row in rows
    )  # fmt: skip
    head = ("kind", "fault", "nature", "alarm's category", "runs", "recall", "delay p50", "delay max", "bound")
    return "Faults that a rule must find:\n\n" + table(head, cells)


def _silent(rows: list[ScoreRow]) -> str:
    cells = ((row.kind, row.fault, row.nature, result(row)) for row in rows)
    text = "Disturbances, and faults that nothing is expected of: nothing may be raised."
    return f"{text}\n\n" + table(("kind", "fault", "nature", "runs"), cells)


def _normal(score: Score) -> str:
    def cells(each: Exposure) -> tuple[str, ...]:
        counts = (each.hazard, each.sanitation, each.maintenance)
        weeks = each.device_weeks
        return (
            each.kind, f"{weeks:.1f}",
            *(f"{count} ({count / weeks:.3f})" if weeks else str(count) for count in counts),
        )  # fmt: skip

    head = ("kind", "device-weeks", "hazard", "sanitation", "sensor health")
    text = "Normal operation with disturbances: false alarms (and per device-week)."
    return f"{text}\n\n" + table(head, (cells(each) for each in score.normal))


def _false(score: Score) -> list[str]:
    """Every false alarm of any run, those of one cause in one line; nothing where there is none."""
    found = Counter(
        (each.scenario, each.kind, each.rule, each.category.value, each.fault or "–") for each in score.false
    )
    if not found:
        return []
    head = ("scenario", "kind", "rule", "category", "at work", "raised")
    rows = ((*cause, str(count)) for cause, count in sorted(found.items()))
    return ["False alarms of all runs, by cause:\n\n" + table(head, rows)]


def _sums(score: Score) -> str:
    return (
        f"{score.normal_device_weeks:.1f} device-weeks of normal operation with "
        f"{score.false_hazards_per_100_device_weeks:.1f} false hazard alarms per 100 of them. "
        f"Over all runs, those with faults included: {score.device_weeks:.1f} device-weeks, "
        f"{score.false_alarms} false alarms of hazard or sanitation "
        f"({score.false_alarms_per_100_device_weeks:.1f} per 100 device-weeks), "
        f"{score.false_maintenance} of sensor health, {score.duplicates} duplicate tickets. "
        f"Readings: {', '.join(f'{count} {what}' for what, count in score.readings.items())}."
    )


def unfound_markdown(packs: Mapping[str, Pack]) -> str:
    """Faults that the simulator shows and no rule is expected to find, and why; what all kinds share only once."""
    common = packs[COMMON].faults
    rows = (
        (kind, fault.id, fault.nature, fault.signature.en, NOT_FOUND_YET if fault.unfound is None else fault.unfound.en)
        for kind, pack in sorted(packs.items())
        for fault in pack.faults.values()
        if fault.expects is None and fault.nature != "disturbance" and (kind == COMMON or common.get(fault.id) != fault)
    )
    return table(("kind", "fault", "nature", "what it looks like", "why no rule finds it"), rows)
