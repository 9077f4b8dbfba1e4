"""Shell. Windows, shelves and permits as rows, and those that are open in memory. Written in the transaction given."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, replace
from typing import Any

from sqlalchemy import Connection, RowMapping, and_, func, insert, select, update

from alerts.agenda import Agenda
from alerts.database import change
from alerts.errors import NoSuchWindowError
from alerts.hiding_tables import hidings, windows
from alerts.layout import Layout
from alerts.ledger import Finding
from alerts.orders import Hiding, How
from alerts.tickets.tightening import open_spans
from alerts.windows import Scope, Window
from rules.codes import NEVER, Because

_ENDS = {
    Because.SHELF_ENDED: How.SHELVED,
    Because.UNSHELVED: How.SHELVED,
    Because.RETURNED: How.OUT_OF_SERVICE,
}


class Hidings:
    """What people hide at one site."""

    def __init__(self, site: str, layout: Layout) -> None:
        self._site = site
        self._layout = layout
        self.open: dict[tuple[str, How], Hiding] = {}

    # --- rows ------------------------------------------------------------------------------------------------------

    def load(self, connection: Connection, agenda: Agenda) -> None:
        """Go on from what was saved. What hid an alarm that is no longer watched is over."""
        mine = and_(hidings.c.site == self._site, hidings.c.ended_ms.is_(None))
        rows = connection.execute(select(hidings).where(mine)).mappings().all()
        self.open = {}
        for row in rows:
            if row["alarm"] in self._layout.watches:  # asked here: a statement has no room for all their names
                self.open[row["alarm"], How(row["how"])] = _hiding(row)
            else:
                change(connection, hidings, row["id"], {"ended_ms": row["until_ms"]})
        open_windows(connection, self._site, agenda)

    def save(self, connection: Connection, agenda: Agenda) -> None:
        """Remember which windows were acted on."""
        for number, at_ms in agenda.applied.items():
            connection.execute(update(windows).where(windows.c.id == number).values(applied_ms=at_ms))
        agenda.applied = {}

    def follow(self, connection: Connection, findings: Iterable[Finding]) -> None:
        """What ended, by itself or by a person, is ended here too."""
        for finding in findings:
            how = _ENDS.get(finding.transition.because)
            if how is not None and not finding.catch_up:
                self.close(connection, finding.watch.id, how, finding.transition.at_ms, finding.order.by)

    def close(self, connection: Connection, alarm: str, how: How, at_ms: int, by: str | None) -> None:
        """It hides no longer."""
        hiding = self.open.pop((alarm, how), None)
        if hiding is not None:
            ended = update(hidings).where(hidings.c.id == hiding.id).values(ended_ms=at_ms, ended_by=by)
            connection.execute(ended)

    def put(self, connection: Connection, hiding: Hiding) -> None:
        """A new one, or a change of the open one of its alarm."""
        values = asdict(hiding) | {"site": self._site, "how": hiding.how.value}
        number = values.pop("id")
        if number:
            connection.execute(update(hidings).where(hidings.c.id == number).values(**values))
        else:
            statement = insert(hidings).values(**values).returning(hidings.c.id)
            hiding.id = connection.execute(statement).scalar_one()
        self.open[hiding.alarm, hiding.how] = hiding

    def last_shelf(self, connection: Connection, alarm: str) -> Hiding | None:
        """The shelf that an alarm is on, or was on last."""
        mine = (hidings.c.site == self._site, hidings.c.alarm == alarm, hidings.c.how == How.SHELVED.value)
        statement = select(hidings).where(*mine).order_by(hidings.c.id.desc()).limit(1)
        row = connection.execute(statement).mappings().one_or_none()
        return None if row is None else _hiding(row)

    # --- windows ---------------------------------------------------------------------------------------------------

    def add_window(self, connection: Connection, ordered: Window) -> Window:
        """Keep a window; returns it with its number."""
        values = asdict(ordered) | {"site": self._site, "scope": json.dumps(asdict(ordered.scope))}
        del values["id"]
        statement = insert(windows).values(**values).returning(windows.c.id)
        return replace(ordered, id=connection.execute(statement).scalar_one())

    def window(self, connection: Connection, number: int) -> Window:
        """One window; NoSuchWindowError."""
        statement = select(windows).where(windows.c.site == self._site, windows.c.id == number)
        row = connection.execute(statement).mappings().one_or_none()
        if row is None:
            raise NoSuchWindowError(f"no maintenance window {number}")
        return window(row)

    def change_window(self, connection: Connection, changed: Window) -> None:
        """It was confirmed, or ended early."""
        names = ("confirmed_by", "confirmed_ms", "ended_by", "ended_ms")
        values = {name: getattr(changed, name) for name in names}
        connection.execute(update(windows).where(windows.c.id == changed.id).values(**values))


def open_windows(connection: Connection, site: str, agenda: Agenda) -> None:
    """Put the windows that are not over, or whose end was not yet acted on, into an agenda; and the closer watches."""
    statement = select(func.max(windows.c.applied_ms)).where(windows.c.site == site)
    done_ms = connection.execute(statement).scalar_one()
    done_ms = NEVER if done_ms is None else done_ms
    agenda.open(all_windows(connection, site, done_ms), done_ms)
    agenda.put_closer(*open_spans(connection, site))


def all_windows(connection: Connection, site: str, end_after_ms: int = NEVER) -> list[Window]:
    """Every window of a site that ends, or ended, after a moment; in the order in which they were ordered."""
    mine = and_(windows.c.site == site, windows.c.to_ms > end_after_ms)
    rows = connection.execute(select(windows).where(mine).order_by(windows.c.id)).mappings()
    return [each for each in map(window, rows) if each.end_ms > end_after_ms]


def open_hidings(connection: Connection, site: str, how: How) -> list[Hiding]:
    """What is shelved or out of service now, or waits for a second person."""
    mine = and_(hidings.c.site == site, hidings.c.how == how.value, hidings.c.ended_ms.is_(None))
    return [_hiding(row) for row in connection.execute(select(hidings).where(mine)).mappings()]


def window(row: RowMapping) -> Window:
    """A row as a window."""
    values: dict[str, Any] = {name: row[name] for name in Window.__dataclass_fields__}
    scope = {name: tuple(names) for name, names in json.loads(row["scope"]).items()}
    return Window(**(values | {"scope": Scope(**scope)}))


def _hiding(row: RowMapping) -> Hiding:
    values: dict[str, Any] = {name: row[name] for name in Hiding.__dataclass_fields__}
    return Hiding(**(values | {"how": How(row["how"])}))
