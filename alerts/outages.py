"""Shell. Outages as rows: begun with the alarm of a parent, closed with what changed meanwhile."""

from __future__ import annotations

import json
from collections.abc import Iterable

from sqlalchemy import Connection, RowMapping, delete, select, update

from alerts.database import insert_into
from alerts.family import Family, began_ms, is_loss_of_device
from alerts.filing import Filing
from alerts.judge import Judge
from alerts.layout import Layout
from alerts.ledger import Finding
from alerts.outage import Children, Outage, line
from alerts.tables import outages
from alerts.views import OutageView, UnknownView
from rules.codes import Because
from vocab.site import Site

_RAISED = (Because.RAISED, Because.HIDDEN_RAISED)
_ENDED = (Because.CLEARED, Because.HIDDEN_CLEARED)


class Outages:
    """The open outages of a site, and of which equipment nothing is known."""

    def __init__(self, layout: Layout, judge: Judge, tolerance_ms: int) -> None:
        self._family, self._layout, self._judge = Family.of(layout), layout, judge
        self._site = layout.site.id
        self._children = Children(layout, judge, tolerance_ms)
        self._open: dict[str, Outage] = {}  # by parent
        self._deaf: set[str] = set()  # alarms of equipment that is not heard
        self._stand: tuple[object, ...] = ()
        self._behind: dict[str, UnknownView] = {}
        self.unknown: dict[str, UnknownView] = {}

    def load(self, connection: Connection) -> None:
        """Go on with the outages that were open."""
        statement = select(outages).where(outages.c.site == self._site, outages.c.closed_ms.is_(None))
        for row in connection.execute(statement).mappings().all():
            if row["alarm"] not in self._family.parents:  # the site file has lost the parent since
                connection.execute(delete(outages).where(outages.c.id == row["id"]))
                continue
            before = json.loads(row["before"])
            self._open[row["parent"]] = Outage(
                row["id"], row["parent"], row["alarm"], row["began_ms"], row["raised_ms"],
                tuple(child for child in before["children"] if child in self._family.ways),
                before["values"], frozenset(before["alarms"]),
            )  # fmt: skip
        for name, watch in self._layout.watches.items():
            if is_loss_of_device(watch):
                book, row_ = self._judge.find(name)
                if book.is_active(row_):
                    self._deaf.add(name)
        for outage in self._open.values():
            self._children.look(outage, self._children.latest_of(outage))
        self.unknown = self._unknown()

    def step(self, connection: Connection, filing: Filing, findings: Iterable[Finding], now_ms: int) -> None:
        """Take in what was found: outages begin and end, equipment becomes unknown and known again."""
        for finding in findings:
            if not finding.catch_up:
                self._find(connection, finding)
        for outage in tuple(self._open.values()):
            latest_ms = self._children.latest_of(outage)
            self._children.look(outage, latest_ms)
            if self._children.is_done(outage, latest_ms):
                self._close(connection, filing, outage, now_ms)
        if self._open or self._deaf or self.unknown:
            self.unknown = self._unknown()

    def _find(self, connection: Connection, finding: Finding) -> None:
        name, because = finding.watch.id, finding.transition.because
        if name in self._family.parents and because in _RAISED and finding.watch.asset.id not in self._open:
            self._begin(connection, finding)
        elif is_loss_of_device(finding.watch) and because in _RAISED:
            self._deaf.add(name)
        elif because in _ENDED:
            self._deaf.discard(name)

    def _begin(self, connection: Connection, finding: Finding) -> None:
        watch, raised_ms = finding.watch, finding.transition.at_ms
        parent = watch.asset.id
        children = self._family.children.get(parent, ())
        book, row = self._judge.find(watch.id)
        outage = Outage(
            0, parent, watch.id, began_ms(book, row, raised_ms), raised_ms, children,
            self._children.values(children), self._children.standing(children),
        )  # fmt: skip
        before = {"children": children, "values": outage.values, "alarms": sorted(outage.stood)}
        statement = insert_into(connection, outages).values(
            site=self._site, parent=parent, alarm=watch.id, began_ms=outage.began_ms, raised_ms=raised_ms,
            before=json.dumps(before),
        )  # fmt: skip
        made = connection.execute(statement.on_conflict_do_nothing().returning(outages.c.id)).scalar_one_or_none()
        if made is None:  # another server on this database was quicker: it is the same outage
            mine = (outages.c.site == self._site, outages.c.parent == parent, outages.c.closed_ms.is_(None))
            made = connection.execute(select(outages.c.id).where(*mine)).scalar_one()
        outage.id = int(made)
        self._open[parent] = outage

    def _close(self, connection: Connection, filing: Filing, outage: Outage, now_ms: int) -> None:
        del self._open[outage.parent]
        difference = self._children.difference(outage)
        back_ms = outage.raised_ms if outage.back_ms is None else outage.back_ms
        done = {"back_ms": back_ms, "closed_ms": now_ms, "difference": json.dumps(difference)}
        still = (outages.c.id == outage.id, outages.c.closed_ms.is_(None))
        ended = update(outages).where(*still).values(**done).returning(outages.c.id)
        if connection.execute(ended).first() is None:
            return  # another server has told it
        watch = self._family.parents[outage.alarm]
        ticket = filing.open_ticket(watch)
        if ticket is not None:
            filing.add_line(ticket["id"], line(outage.began_ms, back_ms, difference), back_ms, watch, None)

    def _unknown(self) -> dict[str, UnknownView]:
        """A child is unknown while nothing of it can be in sight; so is equipment that does not answer."""
        stand = tuple((outage.id, outage.back_ms, len(outage.heard)) for outage in self._open.values())
        if stand != self._stand:
            self._stand, self._behind = stand, self._behind_parents()
        found = dict(self._behind)
        for name in sorted(self._deaf):
            asset = self._layout.watches[name].asset.id
            if asset not in found and self._children.is_mute(asset):
                book, row = self._judge.find(name)
                since = began_ms(book, row, int(book.lives.raised_ms[row]))
                found[asset] = UnknownView("device_lost", asset, name, since)
        return found

    def _behind_parents(self) -> dict[str, UnknownView]:
        found = {}
        # A lost cabinet is itself unknown; a bus is not, for its cabinet speaks of it.
        away = {
            parent: outage.away
            | ({parent} if outage.back_ms is None and (parent,) in self._family.ways[parent] else set())
            for parent, outage in self._open.items()
        }
        for asset in set().union(*away.values()):
            lost = [parent for parent, children in away.items() if asset in children]
            through = self._family.lost_through(asset, lost)
            if through is not None:
                outage, since = self._open[through], max(self._open[parent].began_ms for parent in lost)
                reason = self._layout.watches[outage.alarm].rule.hazard
                found[asset] = UnknownView(reason, through, outage.alarm, since)
        return found


def listed(
    connection: Connection, site: Site, parent: str | None, limit: int, grids: frozenset[str] | None = None
) -> list[OutageView]:
    """The newest outages first, of cabinets and buses in these grids (None: all)."""
    statement = select(outages).where(outages.c.site == site.id).order_by(outages.c.id.desc()).limit(limit)
    if grids is not None:
        statement = statement.where(outages.c.parent.in_(site.assets_in(grids)))
    if parent is not None:
        statement = statement.where(outages.c.parent == parent)
    return [_view(row) for row in connection.execute(statement).mappings()]


def _view(row: RowMapping) -> OutageView:
    return OutageView(
        str(row["id"]), row["parent"], row["alarm"], row["began_ms"], row["raised_ms"], row["back_ms"],
        row["closed_ms"], len(json.loads(row["before"])["children"]),
        None if row["difference"] is None else json.loads(row["difference"]),
    )  # fmt: skip
