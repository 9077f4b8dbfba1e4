"""Shell. 查岗: who is on call is asked, answers by link or over the API, or is missed. Looking often changes nothing.

The law of this file
1. A roll-call is held once: the call of a moment and a person has one row, whatever looks at it again.
2. The time to answer runs from when somebody was really asked. A moment that went by while the server was away is
   held late if its window is still open, else it is kept as not held: nobody misses what they were not asked.
3. Who did not answer becomes the work that the data says; an answer after the time is kept as late and settles it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import RowMapping, insert, select, update

from alerts.changing import Change
from alerts.duties.tables import duty_clocks
from alerts.duties.work import Wanted, Works
from alerts.engine import Engine
from alerts.oncall import calls as rows
from alerts.oncall import words
from alerts.oncall.model import Order
from alerts.oncall.moments import Moment, moments
from alerts.outbox.tables import calls
from alerts.texts import both, local
from alerts.views import Both
from vocab.instant import seconds_ms
from vocab.oncall import RollCall
from vocab.site import Site
from vocab.strict_toml import Text

KIND = "roll_call"
MISSED, LATE, NOT_HELD, NOBODY = "missed", "late", "not_held", "nobody"
_T = calls.c


def look(engine: Engine, change: Change, now_ms: int) -> int:
    """Hold what is due, and miss what nobody answered; when to look again."""
    zone = ZoneInfo(engine.site.file.timezone)
    next_ms = now_ms + seconds_ms(3600.0)
    for roll in engine.site.oncall.roll_calls.values():
        for moment in moments(roll, zone, _looked(engine.site, change, roll.id, now_ms), now_ms + 1):
            _hold(engine, change, roll, moment, now_ms)
        next_ms = min([next_ms, *(each.at_ms for each in moments(roll, zone, now_ms + 1, next_ms))])
    return min([next_ms, *_miss(engine, change, now_ms)])


def answered(engine: Engine, change: Change, call: RowMapping, answer: rows.Answer, now_ms: int) -> None:
    """Somebody answers a roll-call; after its time it is late, and settles the work that it became."""
    is_late = call["ended_why"] == MISSED
    rows.end(change.connection, call["id"], now_ms, LATE if is_late else "acknowledged", answer)
    roll = engine.site.oncall.roll_calls.get(call["subject"].split("/")[0])
    if is_late and roll is not None and call["person"] in engine.site.org.people:
        works, wanted = Works(change), _wanted(engine.site, roll, call["person"])
        ticket = works.open_of(wanted)
        if ticket is not None:
            name = words.named(engine.site.org.people[call["person"]], call["person"])
            works.settle(ticket, call["person"], _text(words.late_answer(name, now_ms - call["at_ms"])))


def _looked(site: Site, change: Change, roll: str, now_ms: int) -> int:
    """Up to when it was looked at before; from now on: up to now."""
    key = {"site": site.id, "schedule": f"roll_call:{roll}", "subject": ""}
    mine = [duty_clocks.c[name] == value for name, value in key.items()]
    row = change.connection.execute(select(duty_clocks).where(*mine)).one_or_none()
    if row is None:
        change.connection.execute(insert(duty_clocks).values(**key, since_ms=now_ms, until_ms=now_ms + 1))
        return now_ms
    change.connection.execute(update(duty_clocks).where(*mine).values(until_ms=max(row.until_ms, now_ms + 1)))
    return int(row.until_ms)


def _hold(engine: Engine, change: Change, roll: RollCall, moment: Moment, now_ms: int) -> None:
    site = engine.site
    name, zone = both(roll.name), ZoneInfo(site.file.timezone)
    deadline_ms = now_ms + seconds_ms(roll.answer_s)
    crew = engine.caller.crew(change.connection, now_ms)
    if now_ms >= moment.until_ms or roll.roster in crew.off:
        _call(change, site, roll, moment, now_ms, "", NOT_HELD)
        return
    people = [person for person in crew.on_call(roll.roster, now_ms) if person in site.org.people]
    if not people:
        _call(change, site, roll, moment, now_ms, "", NOBODY)
        line = words.nobody_there(name, local(now_ms, zone))
        Works(change).ask(_wanted(site, roll, ""), _text(line), now_ms)
    text = words.roll_call(name, local(deadline_ms, zone))
    for person in people:
        call = _call(change, site, roll, moment, now_ms, person, None, text)
        order = Order(0, 0, now_ms, person, crew.ways(site.org.people[person], ()))
        rows.put_page(change.connection, site.id, call, order, text, now_ms)


def _call(  # noqa: PLR0913, PLR0917 - a call is all of this
    change: Change,
    site: Site,
    roll: RollCall,
    moment: Moment,
    now_ms: int,
    person: str,
    ended: str | None,
    text: Both | None = None,
) -> RowMapping:
    subject = f"{roll.id}/{moment.at_ms}/{person}"
    rows.insert_call(
        change.connection,
        {
            "site": site.id, "kind": KIND, "subject": subject, "number": 1, "ticket": None, "at_ms": now_ms,
            "why": KIND, "priority": roll.miss.priority, "policy": "", "late": False, "drill": False,
            "person": person or None, "text_en": None if text is None else text.en,
            "text_zh": None if text is None else text.zh, "deadline_ms": now_ms + seconds_ms(roll.answer_s),
            "ended_ms": None if ended is None else now_ms, "ended_why": ended,
        },
    )  # fmt: skip
    mine = select(calls).where(_T.site == site.id, _T.kind == KIND, _T.subject == subject, _T.number == 1)
    return change.connection.execute(mine).mappings().one()


def _miss(engine: Engine, change: Change, now_ms: int) -> Iterator[int]:
    """Those whose time is over; yields when the time of the others will be."""
    site, zone = engine.site, ZoneInfo(engine.site.file.timezone)
    open_ = select(calls).where(_T.site == site.id, _T.kind == KIND, _T.ended_ms.is_(None)).order_by(_T.id)
    for row in change.connection.execute(open_).mappings().all():
        if row["deadline_ms"] >= now_ms:
            yield row["deadline_ms"] + 1
            continue
        rows.end(change.connection, row["id"], row["deadline_ms"], MISSED)
        roll = site.oncall.roll_calls.get(row["subject"].split("/")[0])
        person = site.org.people.get(row["person"] or "")
        if roll is not None and person is not None:
            asked, until = local(row["at_ms"], zone), local(row["deadline_ms"], zone)
            line = words.absent(both(roll.name), both(person.name), asked, until)
            Works(change).ask(_wanted(site, roll, person.id), _text(line), row["deadline_ms"])


def _wanted(site: Site, roll: RollCall, person: str) -> Wanted:
    """The ticket that an absence becomes; of the roster's first, where nobody was on call at all."""
    known = site.org.people.get(person)
    name = Both("nobody on call", "无人值班") if known is None else both(known.name)
    whose = known or site.org.people[site.oncall.rosters[roll.roster].rotation[0].people[0]]
    unit = site.org.units[whose.unit]
    about = ":".join(part for part in ("roll-call", roll.id, person) if part)
    return Wanted(
        about, roll.miss, _text(words.absent_title(both(roll.name), name)), unit.place, unit.id, f"roll_call:{roll.id}"
    )


def _text(told: Both) -> Text:
    return Text(en=told.en, zh=told.zh)


def listed(connection: Any, site: Site, since_ms: int, limit: int) -> list[dict[str, Any]]:
    """Roll-calls since a moment, the newest first, with who answered."""
    found = select(calls).where(_T.site == site.id, _T.kind == KIND, _T.at_ms >= since_ms)
    by_moment: dict[tuple[str, str], dict[str, Any]] = {}
    for row in connection.execute(found.order_by(_T.id.desc()).limit(limit)).mappings():
        roll, moment, _ = row["subject"].split("/")
        known = site.oncall.roll_calls.get(roll)
        told = by_moment.setdefault(
            (roll, moment),
            {
                "roll_call": roll, "name": None if known is None else both(known.name), "due_ms": int(moment),
                "at_ms": row["at_ms"], "deadline_ms": row["deadline_ms"], "held": True, "people": [],
            },
        )  # fmt: skip
        if row["ended_why"] == NOT_HELD:
            told["held"] = False
        if row["person"]:
            told["people"].append(person_view(site, row))
    return list(by_moment.values())


def person_view(site: Site, row: RowMapping) -> dict[str, Any]:
    """Who was asked, and what came of it: asked, present, missed, late."""
    state = "asked" if row["ended_ms"] is None else row["ended_why"]
    return {
        "call": row["id"], "person": row["person"],
        "name": words.named(site.org.people.get(row["person"]), row["person"]),
        "state": "present" if state == "acknowledged" else state, "answered_ms": row["acked_ms"],
        "how": row["acked_how"],
    }  # fmt: skip
