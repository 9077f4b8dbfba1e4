"""Pure. What is said of duties, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from alerts.duties.subjects import Subject
from vocab.duties import Schedule
from vocab.instant import from_ms
from vocab.strict_toml import Text


def title_of(schedule: Schedule, subject: Subject, label: str = "") -> Text:
    """Of the ticket that a miss becomes."""
    of = _of(subject, label)
    return Text(en=f"Not done: {schedule.name.en}{of.en}", zh=f"未按时完成：{schedule.name.zh}{of.zh}")


def missed_line(schedule: Schedule, subject: Subject, label: str, row: Mapping[Any, Any], zone: ZoneInfo) -> Text:
    """The evidence of a miss."""
    begins, ends = _clock(row["due_from_ms"], zone), _clock(row["due_to_ms"], zone)
    of = _of(subject, label)
    return Text(
        en=f"{schedule.name.en}{of.en}, {begins} to {ends}: nobody said that it was done",
        zh=f"{schedule.name.zh}{of.zh}，{begins}至{ends}：未见完成报告",
    )


def settled_line(by: str) -> Text:
    """The evidence that nothing is missing any more."""
    return Text(en=f"Done or waived since, told by {by}", zh=f"已补办或免办，由{by}报告")


def unreviewed_line(schedule: Schedule, by: str) -> Text:
    """A report waits for its reviewer."""
    return Text(en=f"{schedule.name.en} by {by} was not reviewed", zh=f"{by}提交的{schedule.name.zh}未审核")


def low_stock(name: Text, unit: Text, level: float, minimum: float) -> Text:
    """Supplies are below their minimum."""
    return Text(
        en=f"{name.en}: {level:g} {unit.en} left, the minimum is {minimum:g}",
        zh=f"{name.zh}：现存{level:g}{unit.zh}，低于最低储备{minimum:g}",
    )


def _of(subject: Subject, label: str) -> Text:
    if label:
        return Text(en=f" ({label})", zh=f"（{label}）")
    if subject.name is None:
        return Text(en="", zh="")
    return Text(en=f" ({subject.name.en})", zh=f"（{subject.name.zh}）")


def _clock(moment_ms: int, zone: ZoneInfo) -> str:
    return from_ms(moment_ms).astimezone(zone).strftime("%Y-%m-%d %H:%M")
