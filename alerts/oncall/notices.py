"""Shell. Whose turns change is told so: a line in a digest, by their own ways. It asks for no answer: it has no link.

A notice is a call that is over when it begins, in the transaction of what it tells of.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, select

from alerts.oncall import calls as rows
from alerts.oncall import words
from alerts.oncall.crew import Crew
from alerts.oncall.model import Order
from alerts.outbox.tables import calls
from alerts.texts import both, local
from alerts.views import Both
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
        if person is None or not crew.ways(person, ()):
            continue
        subject = f"{row.id}/{what}/{name}"
        rows.insert_call(
            connection,
            {
                "site": site.id, "kind": KIND, "subject": subject, "number": 1, "at_ms": now_ms, "why": what,
                "priority": _LEAST_URGENT, "policy": "", "late": False, "drill": False, "person": name,
                "text_en": text.en, "text_zh": text.zh, "ended_ms": now_ms, "ended_why": KIND,
            },
        )  # fmt: skip
        mine = (calls.c.site == site.id, calls.c.kind == KIND, calls.c.subject == subject)
        call = connection.execute(select(calls).where(*mine)).mappings().one()
        due_ms = now_ms if what in ("ordered", "ended") else crew.after_quiet(person, now_ms)
        order = Order(0, 0, due_ms, name, crew.ways(person, ()), digest=True)
        rows.put_page(connection, site.id, call, order, text, now_ms)


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
