"""Shell. Duties as people are shown them: what is asked for, overdue, done; and what comes next."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, false, or_, select

from alerts.database import reading
from alerts.duties.book import Book, NoSuchDutyError
from alerts.duties.due import State, has_calendar, scheduled
from alerts.duties.look import days_of
from alerts.duties.modes import where_of
from alerts.duties.running import running
from alerts.duties.subjects import Subject, around_schedules, subjects
from alerts.duties.tables import duty_events, duty_instances, duty_triggers, modes, report_sends, reports
from alerts.engine import Engine
from vocab.duties import After, Schedule
from vocab.site import Site
from vocab.strict_toml import Text

_T = duty_instances.c
MOST = 1000


@dataclass(frozen=True, slots=True)
class Asked:
    """Which duties."""

    states: tuple[State, ...] = ()
    unit: str | None = None
    schedule: str | None = None
    since_ms: int | None = None  # due not before
    limit: int = 200
    seen: frozenset[str] | None = None  # the places of whoever asks; None: all


def is_seen(place: str | None, seen: frozenset[str] | None) -> bool:
    """Whether a place is shown to somebody; None: the whole site."""
    return seen is None or place in seen


def both(text: Text | None) -> dict[str, str] | None:
    """A text as JSON."""
    return None if text is None else {"en": text.en, "zh": text.zh}


def reader(connection: Connection, engine: Engine, now_ms: int) -> Book:
    """A book that only reads."""
    return Book(connection, engine.site, days_of(engine.site), now_ms)


def listed(engine: Engine, asked: Asked, now_ms: int) -> list[dict[str, Any]]:
    """Instances, the next to be due first; those of the past (done, missed) newest first."""
    wanted = asked.states or (State.OPEN, State.MISSED)
    found = select(duty_instances).where(_T.site == engine.site.id, _T.state.in_([each.value for each in wanted]))
    found = found.where(_is_of(engine.site, asked.unit, asked.seen))
    if asked.schedule is not None:
        found = found.where(_T.schedule == asked.schedule)
    if asked.since_ms is not None:
        found = found.where(_T.due_to_ms >= asked.since_ms)
    is_past = State.OPEN not in wanted
    order = _T.due_to_ms.desc() if is_past else _T.due_to_ms
    with reading(engine.database) as connection:
        book = reader(connection, engine, now_ms)
        rows = connection.execute(found.order_by(order, _T.id).limit(asked.limit)).mappings().all()
        return [_told(book, row) for row in rows]


def _is_of(site: Site, unit: str | None, seen: frozenset[str] | None) -> ColumnElement[bool]:
    """Of schedules that there are, for subjects of this unit that somebody may see."""
    parts: list[ColumnElement[bool]] = []
    for schedule in site.duties.file.schedule:
        every = subjects(site, schedule)
        fit = [each.id for each in every if unit in (None, each.unit) and is_seen(each.within, seen)]
        if len(fit) == len(every):
            parts.append(_T.schedule == schedule.id)  # those of a task are named by what started them
        elif fit:
            parts.append(and_(_T.schedule == schedule.id, _T.subject.in_(fit)))
    return or_(*parts) if parts else false()


def coming(engine: Engine, asked: Asked, until_ms: int, now_ms: int) -> list[dict[str, Any]]:
    """What will be asked for by the calendar until then, the first first; of the unit and the places of `asked`."""
    with reading(engine.database) as connection:
        book = reader(connection, engine, now_ms)
        on = running(book)
    found = []
    for schedule in engine.site.duties.file.schedule:
        if not has_calendar(schedule.when):
            continue
        for subject in subjects(engine.site, schedule):
            if (
                on.runs(schedule, subject.id)
                and asked.unit in (None, subject.unit)
                and is_seen(subject.within, asked.seen)
            ):
                next_ones = scheduled(schedule, subject.id, book.days, now_ms + 1, until_ms)
                found += [(each, _about(schedule, subject)) for each in next_ones]
    return [
        about | {"state": State.PENDING.value, "due_from_ms": each.due_from_ms, "due_to_ms": each.due_to_ms}
        for each, about in sorted(found, key=lambda pair: pair[0])[:MOST]
    ]


def one(engine: Engine, instance: int, now_ms: int) -> dict[str, Any]:
    """One instance with everything that happened to it."""
    with reading(engine.database) as connection:
        book = reader(connection, engine, now_ms)
        row = _row(book, instance)
        steps = select(duty_events).where(duty_events.c.instance == instance).order_by(duty_events.c.id)
        names = ("at_ms", "what", "by", "note")
        events = [{name: step[name] for name in names} for step in connection.execute(steps).mappings()]
        return _told(book, row) | {"events": events}


def report_views(
    engine: Engine, state: str | None, only: int | None = None, seen: frozenset[str] | None = None
) -> list[dict[str, Any]]:
    """Reports, the newest first, with where they were sent and what proves that they arrived."""
    found = select(reports).where(reports.c.site == engine.site.id)
    if seen is not None:
        found = found.where(reports.c.unit.in_([unit.id for unit in engine.site.org.file.unit if unit.place in seen]))
    if state is not None:
        found = found.where(reports.c.state == state)
    if only is not None:
        found = found.where(reports.c.id == only)
    with reading(engine.database) as connection:
        rows = connection.execute(found.order_by(reports.c.id.desc()).limit(MOST)).mappings().all()
        ids = [row["id"] for row in rows]
        sent = select(report_sends).where(report_sends.c.report.in_(ids)).order_by(report_sends.c.id)
        sends = connection.execute(sent).mappings().all()
    if only is not None and not rows:
        raise NoSuchDutyError(f"no report {only}")
    return [_report(engine, row, [each for each in sends if each["report"] == row["id"]]) for row in rows]


def mode_views(engine: Engine, seen: frozenset[str] | None = None) -> list[dict[str, Any]]:
    """Every mode of the data with its last time, and what it names. That it is on concerns everybody; the summary
    counts all, and is for those who may see all that the mode reaches.
    """
    with reading(engine.database) as connection:
        newest: dict[str, RowMapping] = {}
        found = select(modes).where(modes.c.site == engine.site.id).order_by(modes.c.id)
        for row in connection.execute(found).mappings():
            newest[row["mode"]] = row
    return [
        {
            "mode": mode.id,
            "name": both(mode.name),
            "levels": [both(level) for level in mode.levels],
            "persons": mode.persons,
            "schedules": mode.schedules,
            "schedule_names": [both(engine.site.duties.schedules[each].name) for each in mode.schedules],
            "rosters": mode.rosters,
            "checkpoints": mode.checkpoints,
            "zones": mode.zones,
            "last": None
            if mode.id not in newest
            else _mode(newest[mode.id], is_whole=is_seen(where_of(engine.site, mode), seen)),
        }
        for mode in engine.site.duties.file.mode
    ]


def trigger_views(engine: Engine, seen: frozenset[str] | None = None) -> list[dict[str, Any]]:
    """What started deadlines and is not over."""
    duties = engine.site.duties
    known = {each.when.trigger for each in duties.file.schedule if isinstance(each.when, After)}
    mine = [duty_triggers.c.site == engine.site.id, duty_triggers.c.ended_ms.is_(None)]
    if seen is not None:
        places = {
            name: around_schedules(engine.site, [each.id for each in duties.of_trigger(name)]) for name in sorted(known)
        }
        mine.append(duty_triggers.c.trigger.in_([name for name, place in places.items() if place in seen]))
    with reading(engine.database) as connection:
        rows = connection.execute(select(duty_triggers).where(*mine).order_by(duty_triggers.c.id)).mappings().all()
    return [{name: row[name] for name in ("id", "trigger", "label", "at_ms", "by", "note")} for row in rows]


def _mode(row: RowMapping, *, is_whole: bool) -> dict[str, Any]:
    state = "asked" if row["begun_ms"] is None else "on"
    state = state if row["ended_ms"] is None else "over"
    names = ("id", "level", "why", "asked_ms", "begun_ms", "end_why", "ended_ms")
    lists = {name: json.loads(row[name]) for name in ("agreed", "end_agreed")}
    summary = None if row["summary"] is None or not is_whole else json.loads(row["summary"])
    return {name: row[name] for name in names} | lists | {"state": state, "summary": summary}


def _report(engine: Engine, row: RowMapping, sends: Iterable[RowMapping]) -> dict[str, Any]:
    schedule = engine.site.duties.schedules.get(row["schedule"])
    names = (
        "id", "instance", "schedule", "unit", "from_ms", "to_ms", "zero", "note", "state", "prepared_by",
        "submitted_ms", "reviewed_by", "reviewed_ms", "review_note",
    )  # fmt: skip
    sent = ("to_unit", "sent_ms", "sent_by", "receipt", "received_by", "received_ms")
    return {name: row[name] for name in names} | {
        "name": None if schedule is None else both(schedule.name),
        "texts": json.loads(row["texts"]),
        "numbers": json.loads(row["numbers"]),
        "sent": [{name: each[name] for name in sent} for each in sends],
    }


def _row(book: Book, instance: int) -> RowMapping:
    found = select(duty_instances).where(_T.site == book.site.id, _T.id == instance)
    row = book.connection.execute(found).mappings().one_or_none()
    if row is None or row["schedule"] not in book.site.duties.schedules:
        raise NoSuchDutyError(f"no duty {instance}")
    return row


def _told(book: Book, row: Mapping[Any, Any]) -> dict[str, Any]:
    schedule = book.site.duties.schedules[row["schedule"]]
    subject = book.subject(schedule, row["subject"])
    names = (
        "state", "due_from_ms", "due_to_ms", "overdue_ms", "began_ms", "began_by", "done_ms", "done_by", "proof",
        "photo",
    )  # fmt: skip
    is_late = row["state"] == State.OPEN.value and book.now_ms > row["due_to_ms"]
    return (
        {"id": row["id"], "label": book.label(row["subject"]), "is_late": is_late}
        | {"needs_outcome": row["schedule"] in book.site.duties.sampled}
        | _about(schedule, subject)
        | {name: row[name] for name in names}
        | {"ticket": None if row["ticket"] is None else str(row["ticket"])}
        | {name: row[name] for name in ("score", "score_of", "passed")}
        | {"points": None if row["points"] is None else json.loads(row["points"])}
    )


def _about(schedule: Schedule, subject: Subject) -> dict[str, Any]:
    return {
        "schedule": schedule.id,
        "kind": schedule.kind.value,
        "name": both(schedule.name),
        "subject": subject.id,
        "subject_name": both(subject.name),
        "unit": subject.unit,
        "role": schedule.role,
        "grid": subject.place,
        "covers": schedule.covers,
        "needs_photo": schedule.photo,
        "scoring": _scoring(schedule),
        "text": both(schedule.text),
    }


def _scoring(schedule: Schedule) -> dict[str, Any] | None:
    """What whoever says that it is done is asked for besides."""
    if schedule.score is None:
        return None
    items = [{"id": each.id, "name": both(each.name), "weight": each.weight} for each in schedule.score.items]
    return {"scale": schedule.score.scale, "pass_mark": schedule.score.pass_mark, "items": items}
