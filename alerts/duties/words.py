"""Pure. What is said of duties, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from alerts.duties.scoring import Given
from alerts.duties.subjects import Subject
from vocab.duties import Schedule
from vocab.hauls import Haul, Plant
from vocab.inspection import Scoring
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


def failed_title(schedule: Schedule, subject: Subject) -> Text:
    """Of the ticket that a score below the pass mark becomes."""
    of = _of(subject, "")
    return Text(en=f"Inspection not passed: {schedule.name.en}{of.en}", zh=f"检查不合格：{schedule.name.zh}{of.zh}")


def scored_line(scoring: Scoring, given: Given, by: str) -> Text:
    """The evidence of a score, the worst item first."""
    names = {each.id: each.name for each in scoring.items}
    worst = sorted(given.points, key=lambda item: given.points[item])
    en = ", ".join(f"{names[item].en} {given.points[item]:g}" for item in worst)
    zh = "，".join(f"{names[item].zh}{given.points[item]:g}" for item in worst)
    total, of, mark = f"{given.score:.4g}", f"{given.of:g}", f"{scoring.pass_mark:g}"
    return Text(
        en=f"{total} of {of} points by {by}, {mark} are asked for: {en}",
        zh=f"{by}检查得{total}分（满分{of}分，{mark}分合格）：{zh}",
    )


def reminder(schedule: Schedule, subject: Subject, label: str, last: date, left: timedelta) -> Text:
    """Some days before its end, to whoever still has it open."""
    of = _of(subject, label)
    en = "today is the last day" if left.days <= 0 else f"{left.days} day{'s' if left.days > 1 else ''} left"
    zh = "今日截止" if left.days <= 0 else f"还剩{left.days}天"
    return Text(
        en=f"[Reminder] {schedule.name.en}{of.en}: not done yet, in time until the end of {last}, {en}",
        zh=f"【提醒】{schedule.name.zh}{of.zh}：尚未完成，截止{last}，{zh}",
    )


def unreviewed_line(schedule: Schedule, by: str) -> Text:
    """A report waits for its reviewer."""
    return Text(en=f"{schedule.name.en} by {by} was not reviewed", zh=f"{by}提交的{schedule.name.zh}未审核")


def low_stock(name: Text, unit: Text, level: float, minimum: float) -> Text:
    """Supplies are below their minimum."""
    return Text(
        en=f"{name.en}: {level:g} {unit.en} left, the minimum is {minimum:g}",
        zh=f"{name.zh}：现存{level:g}{unit.zh}，低于最低储备{minimum:g}",
    )


def lost_title(haul: Haul, pool: Text) -> Text:
    """Of the ticket that a load which never arrived becomes."""
    return Text(en=f"Never arrived: {haul.name.en} ({pool.en})", zh=f"未运抵：{haul.name.zh}（{pool.zh}）")


def lost_line(haul: Haul, pool: Text, row: Mapping[Any, Any], zone: ZoneInfo) -> Text:
    """Its evidence."""
    emptied, due = _clock(row["emptied_ms"], zone), _clock(row["due_ms"], zone)
    return Text(
        en=f"{pool.en} was emptied at {emptied}; no load was weighed for it by {due} ({haul.name.en})",
        zh=f"{pool.zh}于{emptied}清空，至{due}未见对应过磅记录（{haul.name.zh}）",
    )


def arrived_line(at_ms: int, weight: float, zone: ZoneInfo) -> Text:
    """The evidence that a load came after all, and was only told late."""
    at = _clock(at_ms, zone)
    return Text(en=f"It came at {at}, {weight:g}, and was told late", zh=f"已于{at}过磅（{weight:g}），数据补传")


def no_load_title(plant: Plant) -> Text:
    """Of the ticket that a day of rounds without a load becomes."""
    return Text(en=f"Rounds were done and nothing arrived: {plant.name.en}", zh=f"已清运但无垃圾运抵：{plant.name.zh}")


def no_load_line(plant: Plant, day: date, rounds: int) -> Text:
    """Its evidence."""
    return Text(
        en=f"{day}: {rounds} rounds were done, no load was weighed at {plant.name.en}",
        zh=f"{day}：完成清运{rounds}次，{plant.name.zh}无过磅记录",
    )


def _of(subject: Subject, label: str) -> Text:
    if label:
        return Text(en=f" ({label})", zh=f"（{label}）")
    if subject.name is None:
        return Text(en="", zh="")
    return Text(en=f" ({subject.name.en})", zh=f"（{subject.name.zh}）")


def _clock(moment_ms: int, zone: ZoneInfo) -> str:
    return from_ms(moment_ms).astimezone(zone).strftime("%Y-%m-%d %H:%M")
