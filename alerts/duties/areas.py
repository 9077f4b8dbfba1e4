"""Shell. Counts of cases by area and day, the grades that follow from them, and who confirmed which. No names."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import RowMapping, insert, select, update

from alerts.database import upsert
from alerts.duties.book import Book, NoSuchDutyError
from alerts.duties.running import switching
from alerts.duties.tables import zone_counts, zone_grades
from alerts.duties.zones import Counts, Proposal, Risk, propose, situation
from alerts.errors import NothingToDoError, WrongOrderError
from vocab.duties import ZoneRule

_G = zone_grades.c


@dataclass(frozen=True, slots=True)
class Count:
    """What somebody counted in an area on a day."""

    place: str
    day: date
    cases: int
    clusters: int
    by: str


def count(book: Book, told: Count) -> None:
    """Write it down; a new count of a day replaces the old one. The grade is proposed anew."""
    rule = _rule(book)
    if told.place not in book.site.org.places:
        raise NoSuchDutyError(f"no place {told.place!r}")
    if told.day > book.days.day(book.now_ms):
        raise WrongOrderError("moment_to_come", "that day is still to come")
    row = {"site": book.site.id, "place": told.place, "day": told.day.isoformat(), "cases": told.cases}
    upsert(book.connection, zone_counts, [row | {"clusters": told.clusters, "by": told.by, "at_ms": book.now_ms}])
    _propose(book, rule, told.place)


def look_at_areas(book: Book) -> None:
    """Days pass: what was counted falls out of the window."""
    rule = book.site.duties.file.zone_rule
    if rule is not None:
        places = select(zone_counts.c.place).where(zone_counts.c.site == book.site.id).distinct()
        for place in book.connection.execute(places).scalars().all():
            _propose(book, rule, place)


def confirm(book: Book, place: str, risk: str, by: str, note: str) -> None:
    """A named person says of what risk the area is; against the proposal only with a reason."""
    row = newest(book, place)
    if row is None or row["confirmed_ms"] is not None:
        raise NothingToDoError(f"nothing is proposed for {place!r}")
    if risk != row["proposed"] and not note.strip():
        raise WrongOrderError("note_missing", "it is not what was proposed: say why")
    told = {"grade": risk, "confirmed_by": by, "confirmed_ms": book.now_ms, "note": note}
    with switching(book, by, f"the area is of {risk} risk now"):
        book.connection.execute(update(zone_grades).where(_G.id == row["id"]).values(**told))


def newest(book: Book, place: str) -> RowMapping | None:
    """The last proposal for an area."""
    mine = (_G.site == book.site.id, _G.place == place)
    found = select(zone_grades).where(*mine).order_by(_G.id.desc()).limit(1)
    return book.connection.execute(found).mappings().one_or_none()


def confirmed(book: Book, place: str) -> Risk:
    """Of what risk it is, as somebody has confirmed it last."""
    mine = (_G.site == book.site.id, _G.place == place, _G.grade.is_not(None))
    found = select(_G.grade).where(*mine).order_by(_G.id.desc()).limit(1)
    grade = book.connection.execute(found).scalar_one_or_none()
    return Risk.LOW if grade is None else Risk[grade.upper()]


def _propose(book: Book, rule: ZoneRule, place: str) -> None:
    rows = select(zone_counts).where(zone_counts.c.site == book.site.id, zone_counts.c.place == place)
    days = {date.fromisoformat(row.day): Counts(row.cases, row.clusters) for row in book.connection.execute(rows)}
    current = confirmed(book, place)
    proposal = propose(rule, situation(rule, days, book.days.day(book.now_ms)), current)
    last = newest(book, place)
    standing = "low" if last is None else last["grade"] or last["proposed"]
    if proposal.risk.word == standing and not (proposal.needs_expert and last is None):
        return
    if last is not None and last["confirmed_ms"] is not None and last["proposed"] == proposal.risk.word:
        return  # somebody decided otherwise, and nothing has changed since
    book.connection.execute(insert(zone_grades).values(**_row(book, rule, place, proposal)))


def _row(book: Book, rule: ZoneRule, place: str, proposal: Proposal) -> dict[str, Any]:
    expert = " [expert]" if proposal.needs_expert else ""
    return {
        "site": book.site.id,
        "place": place,
        "proposed": proposal.risk.word,
        "reading": rule.reading,
        "because": f"{proposal.because.en}{expert} / {proposal.because.zh}",
        "proposed_ms": book.now_ms,
        "note": "",
    }


def _rule(book: Book) -> ZoneRule:
    rule = book.site.duties.file.zone_rule
    if rule is None:
        raise NoSuchDutyError("duties.toml has no zone_rule")
    return rule
