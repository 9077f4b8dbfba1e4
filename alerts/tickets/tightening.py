"""Shell. From when to when a ticket tightens the watch of its equipment, as rows, in the transaction given.

The machine says when it begins (a person graded it as major, ordered an interim control, or opened it again); it ends
with the ticket, or when the hazard is found to be general.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, RowMapping, bindparam, insert, or_, select, update

from alerts.closer import Span
from alerts.tickets.commands import SYSTEM, Command, Done, Verb
from alerts.tickets.tables import tightenings

_T = tightenings.c
_OPEN = select(tightenings).where(_T.ticket == bindparam("ticket"), _T.to_ms.is_(None))


def follow(connection: Connection, row: Mapping[Any, Any], done: Done, command: Command) -> Iterator[Span]:
    """What a step of a ticket (its row before) means for the watch; what changed."""
    open_ = connection.execute(_OPEN, {"ticket": row["id"]}).mappings().one_or_none()
    # What a rule thinks is no confirmation.
    begins = done.tightens and not (command.verb is Verb.GRADE and command.actor == SYSTEM)
    is_over = not done.work.state.is_open or (command.verb is Verb.GRADE and not done.tightens)
    if open_ is not None and is_over:
        connection.execute(update(tightenings).where(_T.id == open_["id"]).values(to_ms=command.at_ms))
        yield Span(row["id"], row["asset"], open_["from_ms"], command.at_ms)
    if open_ is None and begins and not is_over:
        told = {"site": row["site"], "ticket": row["id"], "asset": row["asset"], "from_ms": command.at_ms}
        connection.execute(insert(tightenings).values(**told, by=command.actor, because=command.verb.value))
        yield Span(row["id"], row["asset"], command.at_ms)


def open_spans(connection: Connection, site: str) -> list[Span]:
    """What tightens now."""
    return [_span(row) for row in _rows(connection, _T.site == site, _T.to_ms.is_(None))]


def spans_of(connection: Connection, site: str, from_ms: int, to_ms: int) -> list[Span]:
    """What tightened at any moment of a time."""
    ends = or_(_T.to_ms.is_(None), _T.to_ms > from_ms)
    return [_span(row) for row in _rows(connection, _T.site == site, _T.from_ms < to_ms, ends)]


def _rows(connection: Connection, *wanted: Any) -> Iterator[RowMapping]:
    yield from connection.execute(select(tightenings).where(*wanted).order_by(_T.id)).mappings()


def _span(row: RowMapping) -> Span:
    return Span(row["ticket"], row["asset"], row["from_ms"], row["to_ms"])
