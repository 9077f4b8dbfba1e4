"""Shell. What people say of duties: begun, done, not needed; and what starts a deadline."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import insert, select, update

from alerts.duties.book import Book, NoSuchDutyError
from alerts.duties.due import State
from alerts.duties.look import book_of, look_in
from alerts.duties.scoring import given
from alerts.duties.tables import duty_instances, duty_triggers
from alerts.engine import Engine
from alerts.errors import NothingToDoError, WrongOrderError
from alerts.views import Changes
from vocab.duties import DutyKind


@dataclass(frozen=True, slots=True)
class Done:
    """What somebody says of an instance that they did."""

    by: str
    at_ms: int | None = None  # when it was; None: now
    note: str = ""
    photo: str = ""  # SHA-256
    points: Mapping[str, float] = field(default_factory=dict)  # of an inspection, by item


def done(engine: Engine, instance: int, said: Done, now_ms: int) -> tuple[int, Changes]:
    """Somebody did it. What is said of a moment before it was asked for, or to come, is refused."""
    with engine.changing(now_ms) as change:
        book = book_of(change, engine.site, now_ms)
        row = book.row(instance)
        schedule = engine.site.duties.schedules.get(row["schedule"])
        at_ms = now_ms if said.at_ms is None else said.at_ms
        if schedule is not None and schedule.kind is DutyKind.REPORT:
            raise WrongOrderError("needs_report", "a report is done by handing it in")
        if schedule is not None and schedule.id in engine.site.duties.sampled:
            raise WrongOrderError("outcome_missing", "a spot check says what was found: consistent, or wrong")
        if schedule is not None and schedule.photo and not said.photo:
            raise WrongOrderError("photo_missing", "this is done only with a photo: give its SHA-256")
        _check_moment(at_ms, row["due_from_ms"], now_ms)
        score = given(None if schedule is None else schedule.score, said.points)
        book.done(row, at_ms, said.by, proof="person", note=said.note, photo=said.photo, given=score)
        look_in(book)
    return instance, change.done


def begin(engine: Engine, instance: int, by: str, note: str, now_ms: int) -> tuple[int, Changes]:
    """Somebody starts it: the bell of a round, the arrival at a checkpoint."""
    with engine.changing(now_ms) as change:
        book = book_of(change, engine.site, now_ms)
        book.began(book.row(instance), by, now_ms, note)
    return instance, change.done


def waive(engine: Engine, instance: int, by: str, why: str, now_ms: int) -> tuple[int, Changes]:
    """It is not needed this time."""
    with engine.changing(now_ms) as change:
        book = book_of(change, engine.site, now_ms)
        row = book.row(instance)
        book.waive(row, by, why)
        if row["schedule"] in engine.site.duties.sampled and row["subject"].isdigit():
            drawn = (duty_triggers.c.site == engine.site.id, duty_triggers.c.id == int(row["subject"]))
            over = {"ended_ms": now_ms, "ended_by": by}
            change.connection.execute(update(duty_triggers).where(*drawn).values(**over))
        look_in(book)
    return instance, change.done


@dataclass(frozen=True, slots=True)
class Trigger:
    """What starts deadlines."""

    name: str
    label: str
    by: str
    at_ms: int | None = None
    note: str = ""


def trigger(engine: Engine, start: Trigger, now_ms: int) -> tuple[int, Changes]:
    """Deadlines start to run."""
    duties = engine.site.duties
    started = [each.id for each in duties.of_trigger(start.name)]
    if not started:
        raise NoSuchDutyError(f"nothing is started by {start.name!r}")
    if duties.sampled & set(started):
        raise WrongOrderError("only_drawn", "spot checks are started by the draw of a sample, by nobody else")
    at_ms = now_ms if start.at_ms is None else start.at_ms
    if at_ms > now_ms:
        raise WrongOrderError("moment_to_come", "it cannot have begun in the future")
    with engine.changing(now_ms) as change:
        row = {"site": engine.site.id, "trigger": start.name, "label": start.label, "at_ms": at_ms}
        made = insert(duty_triggers).values(**row, by=start.by, note=start.note).returning(duty_triggers.c.id)
        number = int(change.connection.execute(made).scalar_one())
        look_in(book_of(change, engine.site, now_ms))
    return number, change.done


def end_trigger(engine: Engine, number: int, by: str, note: str, now_ms: int) -> tuple[int, Changes]:
    """Nothing more follows from it, and what it still asked for is not needed."""
    with engine.changing(now_ms) as change:
        book = book_of(change, engine.site, now_ms)
        mine = (duty_triggers.c.site == engine.site.id, duty_triggers.c.id == number)
        row = change.connection.execute(select(duty_triggers).where(*mine)).one_or_none()
        if row is None:
            raise NoSuchDutyError(f"no trigger {number}")
        if row.ended_ms is not None:
            raise NothingToDoError(f"trigger {number} is over")
        if engine.site.duties.sampled & {each.id for each in engine.site.duties.of_trigger(row.trigger)}:
            raise WrongOrderError("only_drawn", "a spot check ends with what was found, or is waived")
        change.connection.execute(update(duty_triggers).where(*mine).values(ended_ms=now_ms, ended_by=by))
        names = [each.id for each in engine.site.duties.of_trigger(row.trigger)]
        _waive_all(book, names, str(number), by, note)
    return number, change.done


def _waive_all(book: Book, schedules: list[str], subject: str, by: str, why: str) -> None:
    asked = select(duty_instances).where(
        duty_instances.c.site == book.site.id,
        duty_instances.c.schedule.in_(schedules),
        duty_instances.c.subject == subject,
        duty_instances.c.state == State.OPEN.value,
    )
    for row in book.connection.execute(asked).mappings().all():
        book.waive(row, by, why or "its trigger has ended")


def _check_moment(at_ms: int, earliest_ms: int, now_ms: int) -> None:
    if at_ms > now_ms:
        raise WrongOrderError("moment_to_come", "it cannot have been done in the future")
    if at_ms < earliest_ms:
        raise WrongOrderError("too_early", "that was before it was asked for")
