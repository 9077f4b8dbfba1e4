"""Shell. Reports: handed in by one person, reviewed by another, forwarded upward with a receipt.

Nothing happened is a report too, and has to be said; numbers that say otherwise need an explanation.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import RowMapping, func, insert, select, update

from alerts.drilled import IS_REAL, drill_alarms
from alerts.duties.book import OPEN_STATES, Book, NoSuchDutyError
from alerts.duties.due import scheduled
from alerts.duties.hauls import numbers as haul_numbers
from alerts.duties.look import book_of, look_in
from alerts.duties.review import SUBMITTED
from alerts.duties.stock import levels
from alerts.duties.tables import duty_instances, report_sends, reports, zone_grades
from alerts.duties.words import settled_line
from alerts.engine import Engine
from alerts.errors import NothingToDoError, RefusedError, WrongOrderError
from alerts.tables import tickets, transitions
from alerts.views import Changes
from rules.codes import Because
from vocab.duties import AtHours, DutyKind, Schedule, Slots

_LOOK_BACK_MS = 15 * 86_400_000  # to the occasion before, of what comes at least every two weeks
RETURNED, APPROVED = "returned", "approved"
_R, _T = reports.c, duty_instances.c


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody hands in: the texts by heading, or that nothing happened."""

    instance: int
    by: str
    zero: bool
    texts: Mapping[str, str]
    note: str = ""


def submit(engine: Engine, draft: Draft, now_ms: int) -> tuple[int, Changes]:
    """A report is handed in; its number. The instance is done with it, until the reviewer returns it."""
    with engine.changing(now_ms) as change:
        book = book_of(change, engine.site, now_ms)
        row, schedule = _asked(book, draft.instance)
        begin_ms = period_of(book, row)
        numbers = numbers_of(book, begin_ms, now_ms)
        _check(schedule, draft, numbers)
        values = {
            "site": engine.site.id,
            "instance": draft.instance,
            "schedule": schedule.id,
            "unit": book.subject(schedule, row["subject"]).unit,
            "from_ms": begin_ms,
            "to_ms": now_ms,
            "zero": draft.zero,
            "texts": json.dumps(dict(draft.texts), ensure_ascii=False),
            "numbers": json.dumps(numbers, ensure_ascii=False),
            "note": draft.note,
            "state": SUBMITTED,
            "prepared_by": draft.by,
            "submitted_ms": now_ms,
            "review_note": "",
        }
        made = change.connection.execute(insert(reports).values(**values).returning(_R.id)).scalar_one()
        book.done(row, now_ms, draft.by, proof="report", note=f"report {made}")
        look_in(book)
    return int(made), change.done


def approve(engine: Engine, report: int, by: str, note: str, now_ms: int) -> tuple[int, Changes]:
    """Another person has reviewed it; it goes to the units above."""
    with engine.changing(now_ms) as change:
        book = book_of(change, engine.site, now_ms)
        row = _reviewable(book, report, by)
        _reviewed(book, report, by, note, APPROVED)
        for unit in _schedule(book, row["schedule"]).upward:
            sent = {"site": engine.site.id, "report": report, "to_unit": unit, "sent_ms": now_ms, "sent_by": by}
            change.connection.execute(insert(report_sends).values(**sent, receipt=""))
    return report, change.done


def give_back(engine: Engine, report: int, by: str, note: str, now_ms: int) -> tuple[int, Changes]:
    """The reviewer is not content, and says why: it is asked for again."""
    with engine.changing(now_ms) as change:
        book = book_of(change, engine.site, now_ms)
        row = _reviewable(book, report, by)
        _reviewed(book, report, by, note, RETURNED)
        book.reopen(book.row(row["instance"]), by, note)
        look_in(book)
    return report, change.done


def received(engine: Engine, report: int, unit: str, by: str, receipt: str, now_ms: int) -> tuple[int, Changes]:
    """The unit above has it, and this proves it."""
    with engine.changing(now_ms) as change:
        mine = (report_sends.c.site == engine.site.id, report_sends.c.report == report)
        told = {"receipt": receipt, "received_by": by, "received_ms": now_ms}
        sent = update(report_sends).where(*mine, report_sends.c.to_unit == unit, report_sends.c.received_ms.is_(None))
        if change.connection.execute(sent.values(**told)).rowcount == 0:
            raise NothingToDoError(f"report {report} was not sent to {unit!r}, or was received before")
    return report, change.done


def template(book: Book, instance: int) -> dict[str, Any]:
    """What somebody who has to write it begins with: the headings and the numbers that are known."""
    row, schedule = _asked(book, instance, is_read=True)
    begin_ms = period_of(book, row)
    numbers = numbers_of(book, begin_ms, book.now_ms)
    known = book.site.duties.headings
    headings = [
        {"id": each.id, "name": {"en": each.name.en, "zh": each.name.zh}, "data": {n: numbers[n] for n in each.data}}
        for each in (known[name] for name in schedule.headings)
    ]
    return {"instance": instance, "from_ms": begin_ms, "to_ms": book.now_ms, "headings": headings, "numbers": numbers}


def period_of(book: Book, row: RowMapping) -> int:
    """Since when it reports: since the report before it; the first one since it would have been asked for before."""
    before = select(func.max(_R.to_ms)).where(
        _R.site == book.site.id, _R.schedule == row["schedule"], _R.instance != row["id"], _R.state != RETURNED
    )
    subject = before.join(duty_instances, _T.id == _R.instance).where(_T.subject == row["subject"])
    last = book.connection.execute(subject).scalar_one_or_none()
    return _before(book, row) if last is None else int(last)


def _before(book: Book, row: RowMapping) -> int:
    """When the one before it was due by the calendar; of what comes once a year, the beginning of its term."""
    begun_ms, schedule = int(row["due_from_ms"]), _schedule(book, row["schedule"])
    if not isinstance(schedule.when, AtHours | Slots):
        return begun_ms
    earlier = scheduled(schedule, row["subject"], book.days, begun_ms - _LOOK_BACK_MS, begun_ms)
    return earlier[-1].due_from_ms if earlier else begun_ms


def numbers_of(book: Book, begin_ms: int, end_ms: int) -> dict[str, Any]:
    """What the system itself knows of a period: counts, and what stands now."""
    run, site = book.connection.execute, book.site.id
    opened = (tickets.c.site == site, IS_REAL, tickets.c.opened_ms >= begin_ms, tickets.c.opened_ms <= end_ms)
    by_category = select(tickets.c.category, func.count()).where(*opened).group_by(tickets.c.category)
    still = select(func.count()).where(tickets.c.site == site, IS_REAL, tickets.c.closed_ms.is_(None))
    raised = select(func.count()).where(
        transitions.c.site == site,
        transitions.c.because == Because.RAISED.word,
        transitions.c.alarm.not_in(sorted(drill_alarms(book.site))),
        transitions.c.at_ms >= begin_ms,
        transitions.c.at_ms <= end_ms,
    )
    due = (_T.site == site, _T.due_to_ms >= begin_ms, _T.due_to_ms <= end_ms)
    states = select(_T.state, func.count()).where(*due).group_by(_T.state)
    return {
        "tickets": {"opened": dict(_pairs(run(by_category))), "open_now": run(still).scalar_one()},
        "alarms": {"raised": run(raised).scalar_one()},
        "duties": dict(_pairs(run(states))),
        "stock": levels(book),
        "zones": dict(_pairs(run(_grades(site)))),
        "hauls": haul_numbers(book, begin_ms, end_ms),
    }


def _grades(site: str) -> Any:
    newest = select(func.max(zone_grades.c.id)).where(zone_grades.c.site == site, zone_grades.c.grade.is_not(None))
    return select(zone_grades.c.place, zone_grades.c.grade).where(
        zone_grades.c.id.in_(newest.group_by(zone_grades.c.place))
    )


def _pairs(rows: Any) -> list[tuple[str, Any]]:
    return [(key, value) for key, value in rows]


def _asked(book: Book, instance: int, *, is_read: bool = False) -> tuple[RowMapping, Schedule]:
    row = book.row(instance)
    schedule = _schedule(book, row["schedule"])
    if schedule.kind is not DutyKind.REPORT:
        raise WrongOrderError("no_report", f"duty {instance} is no report")
    if not is_read and row["state"] not in OPEN_STATES:
        raise NothingToDoError(f"the report of duty {instance} was handed in already")
    return row, schedule


def _schedule(book: Book, name: str) -> Schedule:
    if name not in book.site.duties.schedules:
        raise NoSuchDutyError(f"the schedule {name!r} is no longer in duties.toml")
    return book.site.duties.schedules[name]


def _check(schedule: Schedule, draft: Draft, numbers: Mapping[str, Any]) -> None:
    strange = sorted(set(draft.texts) - set(schedule.headings or ("text",)))
    if strange:
        raise WrongOrderError("unknown_heading", f"this report has no heading {', '.join(strange)}")
    if draft.zero:
        happened = sum(numbers["tickets"]["opened"].values()) + numbers["alarms"]["raised"]
        if happened and not draft.note.strip():
            message = f"{happened} alarms and tickets say otherwise: explain in the note why it is zero all the same"
            raise RefusedError("not_zero", message)
        return
    wanted = schedule.headings or ("text",)
    missing = [name for name in wanted if not draft.texts.get(name, "").strip()]
    if missing:
        raise WrongOrderError("heading_missing", f"nothing is written under {', '.join(missing)}")


def _reviewable(book: Book, report: int, by: str) -> RowMapping:
    row = book.connection.execute(select(reports).where(_R.site == book.site.id, _R.id == report)).mappings().first()
    if row is None:
        raise NoSuchDutyError(f"no report {report}")
    if row["state"] != SUBMITTED:
        raise NothingToDoError(f"report {report} is {row['state']} already")
    if row["prepared_by"] == by:
        raise RefusedError("preparer_reviews", "who prepared it does not review it")
    person, schedule = book.site.org.people.get(by), _schedule(book, row["schedule"])
    if person is not None and schedule.review is not None and person.unit != schedule.review:
        raise RefusedError("not_the_reviewer", f"it is reviewed by {schedule.review}, not by {person.unit}")
    return row


def _reviewed(book: Book, report: int, by: str, note: str, state: str) -> None:
    told = {"state": state, "reviewed_by": by, "reviewed_ms": book.now_ms, "review_note": note}
    ticket = book.connection.execute(
        update(reports).where(_R.id == report).values(**told).returning(_R.ticket)
    ).scalar()
    waiting = select(_R.id).where(_R.ticket == ticket, _R.state == SUBMITTED).limit(1)
    if ticket is not None and book.connection.execute(waiting).first() is None:
        book.works.settle(ticket, by, settled_line(by))
