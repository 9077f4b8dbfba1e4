"""Shell. The emergency: asked for, agreed to by a second person, running, ended with a summary.

While a mode is on, the schedules that it names run (alerts/duties/running.py); when it ends, what they still ask for is
waived by its end.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, insert, select, update

from alerts.drilled import IS_REAL
from alerts.duties.book import Book, NoSuchDutyError
from alerts.duties.running import switching
from alerts.duties.subjects import around, around_schedules
from alerts.duties.tables import duty_instances, modes, reports
from alerts.errors import NothingToDoError, RefusedError, WrongOrderError
from alerts.tables import tickets
from vocab.duties import Mode
from vocab.site import Site

_M = modes.c


def where_of(site: Site, plan: Mode) -> str | None:
    """The narrowest place that holds all that a mode switches on; None: nothing less than the site."""
    within = around_schedules(site, plan.schedules) if plan.schedules else None
    named = [*plan.zones, *(site.asset(name).grid for name in plan.checkpoints)]
    if plan.schedules and within is None:
        return None
    return around(site.org, [*named, *([] if within is None else [within])])


def ask(book: Book, mode: str, level: int, by: str, why: str) -> int:
    """Somebody wants a mode on; its number. It begins at once where one person is enough."""
    plan = _plan(book, mode)
    if not 1 <= level <= len(plan.levels):
        raise WrongOrderError("no_such_level", f"{mode} has the levels 1 to {len(plan.levels)}")
    mine = (_M.site == book.site.id, _M.mode == mode, _M.ended_ms.is_(None))
    if book.connection.execute(select(_M.id).where(*mine)).first() is not None:
        raise NothingToDoError(f"{mode} is on, or asked for, already")
    row = {"site": book.site.id, "mode": mode, "level": level, "why": why, "asked_ms": book.now_ms}
    made = insert(modes).values(**row, agreed="[]", end_agreed="[]", end_why="").returning(_M.id)
    number = int(book.connection.execute(made).scalar_one())
    agree(book, number, by)
    return number


def agree(book: Book, number: int, by: str) -> None:
    """One more person agrees that it begins."""
    row = row_of(book, number)
    if row["begun_ms"] is not None or row["ended_ms"] is not None:
        raise NothingToDoError(f"mode {number} has begun, or is over")
    agreed = _with(row["agreed"], by)
    values: dict[str, Any] = {"agreed": json.dumps(agreed, ensure_ascii=False)}
    if len(agreed) >= _plan(book, row["mode"]).persons:
        values["begun_ms"] = book.now_ms
    with switching(book, by, ""):
        book.connection.execute(update(modes).where(_M.id == number).values(**values))


def end(book: Book, number: int, by: str, why: str) -> None:
    """One more person agrees that it ends; one that never began is withdrawn by anybody."""
    row = row_of(book, number)
    if row["ended_ms"] is not None:
        raise NothingToDoError(f"mode {number} is over")
    agreed = _with(row["end_agreed"], by)
    values: dict[str, Any] = {"end_agreed": json.dumps(agreed, ensure_ascii=False)}
    if why:
        values["end_why"] = why
    is_over = row["begun_ms"] is None or len(agreed) >= _plan(book, row["mode"]).persons
    if is_over:
        values["ended_ms"] = book.now_ms
    with switching(book, by, "the mode has ended"):
        book.connection.execute(update(modes).where(_M.id == number).values(**values))
    if is_over:
        told = json.dumps(summary(book, row), ensure_ascii=False)
        book.connection.execute(update(modes).where(_M.id == number).values(summary=told))


def summary(book: Book, row: Mapping[Any, Any]) -> dict[str, Any]:
    """What happened while it was on: duties by state, reports, tickets."""
    begun_ms = row["begun_ms"]
    if begun_ms is None:
        return {"withdrawn": True}
    names = book.site.duties.modes[row["mode"]].schedules
    mine = (duty_instances.c.site == book.site.id, duty_instances.c.due_from_ms >= begun_ms)
    states = select(duty_instances.c.state, func.count()).where(*mine, duty_instances.c.schedule.in_(names))
    told = select(func.count()).where(reports.c.site == book.site.id, reports.c.submitted_ms >= begun_ms)
    opened = select(tickets.c.category, func.count()).where(
        tickets.c.site == book.site.id, IS_REAL, tickets.c.opened_ms >= begun_ms
    )
    run = book.connection.execute
    return {
        "from_ms": begun_ms,
        "to_ms": book.now_ms,
        "duties": _pairs(run(states.group_by(duty_instances.c.state))),
        "reports": run(told).scalar_one(),
        "tickets": _pairs(run(opened.group_by(tickets.c.category))),
    }


def _pairs(rows: Any) -> dict[str, int]:
    return {str(name): int(count) for name, count in rows}


def row_of(book: Book, number: int) -> Mapping[str, Any]:
    """One mode that was asked for."""
    found = select(modes).where(_M.site == book.site.id, _M.id == number)
    row = book.connection.execute(found).mappings().one_or_none()
    if row is None or row["mode"] not in book.site.duties.modes:
        raise NoSuchDutyError(f"no mode {number}")
    return dict(row)


def _plan(book: Book, mode: str) -> Mode:
    if mode not in book.site.duties.modes:
        raise NoSuchDutyError(f"no mode {mode!r}")
    return book.site.duties.modes[mode]


def _with(agreed: str, by: str) -> list[str]:
    persons: list[str] = json.loads(agreed)
    if by in persons:
        raise RefusedError("same_person", f"{by} has agreed already: it takes somebody else")
    return [*persons, by]
