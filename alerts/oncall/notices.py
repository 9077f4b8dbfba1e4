"""Shell. What somebody should know: a line in a digest, by their own ways. It asks for no answer: it has no link.

A notice is a call that is over when it begins, in the transaction of what it tells of.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from sqlalchemy import Connection, select, update

from alerts.oncall import calls as rows
from alerts.oncall import words
from alerts.oncall.crew import Crew
from alerts.oncall.model import Order, PageState
from alerts.outbox.tables import calls, pages
from alerts.texts import both, local
from alerts.views import Both
from vocab.org import Person
from vocab.site import Site

KIND = "notice"
_LEAST_URGENT = 4


def tell(  # noqa: PLR0913 - a notice is all of this
    connection: Connection, site: Site, crew: Crew, row: Any, what: str, people: Iterable[str], *, now_ms: int
) -> None:
    """Tell people what became of a change: what was ordered at once, the rest after their quiet hours."""
    text = words.roster_changed(what, _described(site, crew, row))
    for name in sorted(set(people)):
        person = crew.org.people.get(name)
        if person is not None:
            due_ms = now_ms if what in ("ordered", "ended") else crew.after_quiet(person, now_ms)
            put(connection, site, crew, Notice(person, f"{row.id}/{what}/{name}", what, text, due_ms), now_ms)


class Notice(NamedTuple):
    """One line for one person; of a subject there is never a second."""

    person: Person
    subject: str
    why: str
    text: Both
    due_ms: int


def put(connection: Connection, site: Site, crew: Crew, notice: Notice, now_ms: int) -> None:
    """Order it; nothing for whom no way reaches, and nothing that was ordered before."""
    ways = crew.ways(notice.person, ())
    if not ways:
        return
    rows.insert_call(
        connection,
        {
            "site": site.id, "kind": KIND, "subject": notice.subject, "number": 1, "at_ms": now_ms, "why": notice.why,
            "priority": _LEAST_URGENT, "policy": "", "late": False, "drill": False, "person": notice.person.id,
            "text_en": notice.text.en, "text_zh": notice.text.zh, "ended_ms": now_ms, "ended_why": KIND,
        },
    )  # fmt: skip
    mine = (calls.c.site == site.id, calls.c.kind == KIND, calls.c.subject == notice.subject)
    call = connection.execute(select(calls).where(*mine)).mappings().one()
    order = Order(0, 0, notice.due_ms, notice.person.id, ways, digest=True)
    rows.put_page(connection, site.id, call, order, notice.text, now_ms)


def reminder_of(instance: int) -> str:
    """How the subjects of all reminders of a duty begin."""
    return f"reminder/{instance}/"


def forget_reminders(connection: Connection, site: str, instance: int) -> None:
    """It is done: what still waits for the end of somebody's quiet hours is not sent."""
    mine = (calls.c.site == site, calls.c.kind == KIND, calls.c.subject.startswith(reminder_of(instance)))
    waiting = (pages.c.state == PageState.DIGEST.value, pages.c.call.in_(select(calls.c.id).where(*mine)))
    connection.execute(update(pages).where(*waiting).values(state=PageState.CANCELLED.value))


def _described(site: Site, crew: Crew, row: Any) -> Both:
    """Which turns, in a sentence."""
    person, other = (_name(crew, name) for name in (row.person, row.instead_of))
    since, until = local(row.from_ms, crew.zone), local(row.to_ms, crew.zone)
    told = words.turn(both(site.oncall.rosters[row.roster].name), person, other, since, until)
    if row.back_from_ms is None or person is None or other is None:
        return told
    since, until = local(row.back_from_ms, crew.zone), local(row.back_to_ms, crew.zone)
    back = words.turn_back(other, person, since, until)
    return Both(told.en + back.en, told.zh + back.zh)


def _name(crew: Crew, person: str) -> Both | None:
    return both(crew.org.people[person].name) if person in crew.org.people else None
