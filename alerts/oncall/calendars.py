"""Shell. Calendars to subscribe to: of a person, a unit or a roster, behind a token that opens nothing else.

The token is a key of the door (kind `calendar`, no scope): kept as a digest, revoked like any other, and dead when
whoever made it may not sign in any more or what it is of is gone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sqlalchemy import Connection

from alerts.access import store
from alerts.access.door import Door
from alerts.database import reading
from alerts.engine import Engine
from alerts.errors import RefusedError, WrongOrderError
from alerts.oncall.calendar import Turn, written
from alerts.oncall.coverage import AROUND_MS, held
from alerts.oncall.crew import Crew
from alerts.oncall.swaps import RosterRefusedError
from alerts.oncall.views import shift_names
from vocab.org import Person, Unit
from vocab.roster import Roster, Stretch
from vocab.site import Site

_DAY_MS = 86_400_000
_PAST_MS = 7 * _DAY_MS


def made(door: Door, engine: Engine, of: str, by: str) -> tuple[str, str]:
    """Id and token of a new calendar of `person:ID`, `unit:ID` or `roster:ID`; the token is never shown again."""
    if _whose(engine.site, of) is None:
        raise WrongOrderError("unknown_name", f"nothing is called {of!r}: person:ID, unit:ID or roster:ID")
    return door.add_calendar(of, by)


def revoked(door: Door, ident: str, by: str) -> None:
    """By whoever made it; an administrator revokes it as any token."""
    with reading(door.database) as connection:
        found = [each for each in store.keys_of(connection, door.site, (store.CALENDAR,)) if each.id == ident]
    if not found:
        raise RefusedError("no_such_token", f"there is no open calendar {ident!r}")
    if found[0].created_by != by:
        raise RosterRefusedError("not_yours", "Whoever made a calendar revokes it.", "须由创建者本人撤销。")
    door.revoke(ident, by)


def content(door: Door, engine: Engine, token: str, now_ms: int) -> bytes | None:
    """What a token shows; None: it opens no calendar, or no longer."""
    with reading(engine.database) as connection:
        key = store.open_key(connection, door.site, token, door.now_ms())
        if key is None or key.kind != store.CALENDAR:
            return None
        account = store.account(connection, door.site, key.created_by)
        if account is not None and account.disabled:
            return None
        people = _whose(engine.site, key.name)
        if people is None:
            return None
        return _file(connection, engine, key.name, people, now_ms)


def _whose(site: Site, of: str) -> frozenset[str] | None:
    """The people whose turns it holds; of a roster: whoever has it (empty). None: there is no such thing."""
    what, _, name = of.partition(":")
    if what == "roster" and name in site.oncall.rosters:
        return frozenset()
    if what == "person" and name in site.org.people:
        return frozenset({name})
    if what == "unit" and name in site.org.units:
        return frozenset(person.id for person in site.org.members(name))
    return None


def _file(connection: Connection, engine: Engine, of: str, people: frozenset[str], now_ms: int) -> bytes:
    site = engine.site
    file = site.oncall.file
    span = (now_ms - _PAST_MS, now_ms + (0 if file is None else file.calendar_days) * _DAY_MS)
    crew = engine.caller.crew(connection, span[0] - AROUND_MS, span[1] + AROUND_MS)
    what, _, name = of.partition(":")
    chosen = [each for each in site.oncall.rosters.values() if what != "roster" or each.id == name]
    language = site.org.people[name].language if what == "person" else "zh"
    turns = [turn for roster in chosen for turn in _turns(roster, crew, span, people, (what != "person", language))]
    return written(_name(site, of, language), site.id, sorted(turns, key=lambda each: each.begin_ms), now_ms)


def _turns(
    roster: Roster, crew: Crew, span: tuple[int, int], people: frozenset[str], shown: tuple[bool, str]
) -> Iterator[Turn]:
    for each in held(roster, crew, span).stretches:
        if not people or each.person in people:
            key = f"{roster.id}-{each.begin_ms}-{each.person}"
            title, note = _words(roster, each, crew, shown)
            yield Turn(key, each.begin_ms, each.end_ms, title, note)


def _words(roster: Roster, each: Stretch, crew: Crew, shown: tuple[bool, str]) -> tuple[str, str]:
    """Roster, shift and, unless it is one person's own, who; and for whom they stand in."""
    with_name, language = shown
    zh, known = language == "zh", crew.org.people
    shift = shift_names(roster).get(each.shift)
    parts = [roster.name.zh if zh else roster.name.en]
    parts += [] if shift is None else [shift.zh if zh else shift.en]
    if with_name and each.person in known:
        parts.append(known[each.person].name.zh if zh else known[each.person].name.en)
    note = ""
    if each.instead_of in known:
        other = known[each.instead_of].name
        note = f"代{other.zh}" if zh else f"instead of {other.en}"
    return " · ".join(parts), note


def _name(site: Site, of: str, language: str) -> str:
    what, _, name = of.partition(":")
    tables: dict[str, Mapping[str, Roster | Person | Unit]] = {
        "roster": site.oncall.rosters,
        "person": site.org.people,
        "unit": site.org.units,
    }
    text = tables[what][name].name
    return f"值班：{text.zh}" if language == "zh" else f"On call: {text.en}"
