"""Shell. Stand-ins and swaps as rows beside oncall.toml: asked, agreed, ordered, ended. Each a transaction.

A change between two people is asked by one of them and holds when the other has agreed. Somebody with the right to
supervise may order one, also for whoever is ill, and end one. Nothing of what has been is changed.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import Connection, insert, select, update

from alerts.engine import Engine
from alerts.errors import NothingToDoError, NotThereError
from alerts.oncall.coverage import AROUND_MS, held
from alerts.oncall.crew import Crew
from alerts.oncall.notices import tell
from alerts.oncall.standing import as_stand_ins, standing
from alerts.oncall.swaps import Change, RosterRefusedError, Span, check, check_end, check_sense
from alerts.oncall.tables import roster_changes
from alerts.oncall.views import ChangeView, change_view
from alerts.views import Both, Changes

_T = roster_changes.c


class Said(NamedTuple):
    """Who gives an order, and what they say about it."""

    by: str
    note: str = ""


def ask(engine: Engine, change: Change, said: Said, now_ms: int) -> tuple[ChangeView, Changes]:
    """One of the two asks the other. It is checked now, and again when the other agrees."""
    known(engine, change.roster)
    check_sense(change, engine.site.org)
    if len(change.parties) < 2 or said.by not in change.parties:
        raise not_yours()
    with engine.changing(now_ms) as at:
        crew = _crew(engine, at.connection, change)
        check(change, crew, now_ms, ordered=False)
        found = _put(at.connection, engine.site.id, change, said, (now_ms, None))
        others = {*change.parties} - {said.by}
        tell(at.connection, engine.site, crew, _row(engine, at.connection, found.id), "asked", others, now_ms=now_ms)
    return found, at.done


def order(engine: Engine, change: Change, said: Said, now_ms: int) -> tuple[tuple[ChangeView, list[Both]], Changes]:
    """Somebody above orders it: it holds at once. What is doubtful about it comes back with it."""
    known(engine, change.roster)
    check_sense(change, engine.site.org)
    with engine.changing(now_ms) as at:
        crew = _crew(engine, at.connection, change)
        doubts = check(change, crew, now_ms, ordered=True)
        found = _put(at.connection, engine.site.id, change.from_now(now_ms), said, (now_ms, now_ms))
        row = _row(engine, at.connection, found.id)
        tell(at.connection, engine.site, crew, row, "ordered", _concerned(engine, crew, change), now_ms=now_ms)
    return (found, doubts), at.done


def agree(engine: Engine, number: int, said: Said, now_ms: int) -> tuple[ChangeView, Changes]:
    """The other one agrees: from now on it holds."""
    with engine.changing(now_ms) as at:
        row = _row(engine, at.connection, number)
        _check_other(row, said.by)
        change = _change(row)
        crew = _crew(engine, at.connection, change)
        check(change, crew, now_ms, ordered=False)
        ahead = change.from_now(now_ms)
        back_from = None if ahead.back is None else ahead.back[0]
        found = _to(at.connection, row, "agreed", (said, now_ms), from_ms=ahead.span[0], back_from_ms=back_from)
        tell(at.connection, engine.site, crew, row, "agreed", (row.by,), now_ms=now_ms)
    return found, at.done


def decline(engine: Engine, number: int, said: Said, now_ms: int) -> tuple[ChangeView, Changes]:
    """The other one does not."""
    with engine.changing(now_ms) as at:
        row = _row(engine, at.connection, number)
        _check_other(row, said.by)
        found = _to(at.connection, row, "declined", (said, now_ms))
        crew = _crew(engine, at.connection, _change(row))
        tell(at.connection, engine.site, crew, row, "declined", (row.by,), now_ms=now_ms)
    return found, at.done


def withdraw(engine: Engine, number: int, said: Said, now_ms: int) -> tuple[ChangeView, Changes]:
    """Whoever asked does not need it any more."""
    with engine.changing(now_ms) as at:
        row = _row(engine, at.connection, number)
        _check_asked(row)
        if said.by != row.by:
            raise not_yours()
        found = _to(at.connection, row, "withdrawn", (said, now_ms))
        change = _change(row)
        crew, others = _crew(engine, at.connection, change), {*change.parties} - {said.by}
        tell(at.connection, engine.site, crew, row, "withdrawn", others, now_ms=now_ms)
    return found, at.done


def end(engine: Engine, number: int, said: Said, now_ms: int) -> tuple[ChangeView, Changes]:
    """Somebody above ends it: what is still to come of it is as the roster says, if that leaves no minute open."""
    with engine.changing(now_ms) as at:
        row = _row(engine, at.connection, number)
        change = _change(row)
        if row.state not in ("asked", "agreed") or all(until <= now_ms for _, until in change.spans):
            raise NothingToDoError(f"change {number} is {'over' if row.state == 'agreed' else row.state}")
        crew = _crew(engine, at.connection, change)
        if row.state == "agreed":
            left = [each for each in standing(at.connection, engine.site.id, _around(change)) if each.id != number]
            without = [one for each in left if each.roster == row.roster for one in as_stand_ins(each)]
            check_end(change, crew, without, now_ms)
        if row.state == "agreed" and any(begin < now_ms for begin, _ in change.spans):
            found = _to(at.connection, row, "agreed", (said, now_ms), **_cut(row, now_ms))
        else:
            found = _to(at.connection, row, "cancelled", (said, now_ms))
        tell(at.connection, engine.site, crew, row, "ended", _concerned(engine, crew, change), now_ms=now_ms)
    return found, at.done


def known(engine: Engine, roster: str) -> None:
    """NotThereError unless there is such a roster."""
    if roster not in engine.site.oncall.rosters:
        raise NotThereError(f"no roster {roster!r}")


def not_yours() -> RosterRefusedError:
    """Somebody else has to say so."""
    en = "This is between two named people: one of them asks, and the other agrees."
    return RosterRefusedError("not_yours", en, "此事须由双方之一提出、另一方同意。")


def _around(change: Change) -> Span:
    spans = change.spans
    return min(each[0] for each in spans) - 2 * AROUND_MS, max(each[1] for each in spans) + 2 * AROUND_MS


def _crew(engine: Engine, connection: Connection, change: Change) -> Crew:
    return engine.caller.crew(connection, *_around(change))


def _concerned(engine: Engine, crew: Crew, change: Change) -> set[str]:
    """Whose turns it is about: the two who are named, and where nobody is, whoever had it until now."""
    roster = engine.site.oncall.rosters[change.roster]
    others = () if change.instead_of else held(roster, crew, change.span).stretches
    return {*change.parties, *(each.person for each in others)}


def _row(engine: Engine, connection: Connection, number: int) -> Any:
    found = select(roster_changes).where(_T.site == engine.site.id, _T.id == number)
    row = connection.execute(found).one_or_none()
    if row is None or row.roster not in engine.site.oncall.rosters:
        raise NotThereError(f"no change {number} of a roster")
    return row


def _change(row: Any) -> Change:
    back = None if row.back_from_ms is None else (row.back_from_ms, row.back_to_ms)
    return Change(row.roster, row.person, row.instead_of, (row.from_ms, row.to_ms), back)


def _put(
    connection: Connection, site: str, change: Change, said: Said, moments: tuple[int, int | None]
) -> ChangeView:  # fmt: skip
    back = change.back or (None, None)
    created_ms, decided_ms = moments
    row = {
        "site": site, "roster": change.roster, "person": change.person, "instead_of": change.instead_of,
        "from_ms": change.span[0], "to_ms": change.span[1], "back_from_ms": back[0], "back_to_ms": back[1],
        "by": said.by, "note": said.note, "created_ms": created_ms,
        "state": "asked" if decided_ms is None else "agreed",
        "decided_by": None if decided_ms is None else said.by, "decided_ms": decided_ms,
    }  # fmt: skip
    return change_view(connection.execute(insert(roster_changes).values(**row).returning(*_T)).one())


def _to(connection: Connection, row: Any, state: str, said: tuple[Said, int], **values: Any) -> ChangeView:
    (by, note), now_ms = said
    notes = "\n".join(each for each in (row.note, f"{by}: {note}" if note else "") if each)
    kept = {"state": state, "decided_by": by, "decided_ms": now_ms, "note": notes} | values
    made = update(roster_changes).where(_T.id == row.id).values(**kept).returning(*_T)
    return change_view(connection.execute(made).one())


def _cut(row: Any, now_ms: int) -> dict[str, Any]:
    """What has been stays, with who decided it; a stretch that is still to come becomes empty."""
    kept = {"decided_by": row.decided_by, "decided_ms": row.decided_ms}
    kept["to_ms"] = max(row.from_ms, min(row.to_ms, now_ms))
    if row.back_from_ms is not None:
        kept["back_to_ms"] = max(row.back_from_ms, min(row.back_to_ms, now_ms))
    return kept


def _check_asked(row: Any) -> None:
    if row.state != "asked":
        raise NothingToDoError(f"change {row.id} is {row.state}")


def _check_other(row: Any, by: str) -> None:
    _check_asked(row)
    if by == row.by or by not in (row.person, row.instead_of):
        raise not_yours()
