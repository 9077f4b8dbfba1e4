"""Shell. What people ask the ticket database, each as one statement or two."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, RowMapping, Select, and_, bindparam, exists, func, or_, select

from alerts.tables import alarms, evidence, tickets, transitions
from alerts.texts import both
from alerts.tickets.owners import matter_of
from alerts.tickets.sectors import sector_column
from alerts.tickets.tables import tightenings
from alerts.tickets.view import work_view
from alerts.views import Both, EvidenceView, TicketView, TransitionView
from rules.codes import Phase
from vocab.duties import DRILL_HAZARD
from vocab.site import Site

_SHOWN_EVIDENCE = 20  # of one ticket in a list: the first and the newest; the ticket's own page shows all

_active = exists().where(
    alarms.c.site == tickets.c.site,
    alarms.c.asset == tickets.c.asset,
    alarms.c.hazard == tickets.c.hazard,
    alarms.c.phase.in_((int(Phase.ON), int(Phase.CLEARING))),
)

_closer = (
    select(tightenings.c.from_ms)
    .where(tightenings.c.ticket == tickets.c.id, tightenings.c.to_ms.is_(None))
    .limit(1)
    .scalar_subquery()
)

_TICKETS = select(tickets, _active.label("alarm_active"), _closer.label("closer_ms"))
_SOME = (
    _TICKETS.where(tickets.c.site == bindparam("site"), tickets.c.id.in_(bindparam("ids", expanding=True)))
    .order_by(tickets.c.id)
)  # fmt: skip
_numbered = (
    select(
        evidence,
        func.row_number().over(partition_by=evidence.c.ticket, order_by=evidence.c.id).label("place"),
        func.count().over(partition_by=evidence.c.ticket).label("total"),
    )
    .where(evidence.c.ticket.in_(bindparam("ids", expanding=True)))
    .subquery()
)
_EVIDENCE = (  # the first of each ticket, and so many of the newest
    select(_numbered)
    .where(or_(_numbered.c.place == 1, _numbered.c.place > _numbered.c.total - bindparam("after_first")))
    .order_by(_numbered.c.id)
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which tickets."""

    state: str | None = None
    category: str | None = None
    sector: str | None = None
    asset: str | None = None
    is_open: bool | None = None
    before: int | None = None  # id: the page after that ticket
    limit: int = 100
    grids: frozenset[str] | None = None  # None: all of them


class Queries:
    """Reads for one site."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._assets = {asset.id: asset for asset in site.assets}
        self._grids = {grid.id: grid.name for grid in site.file.grid}

    def tickets(self, connection: Connection, wanted: Wanted) -> list[TicketView]:
        """Newest first."""
        statement = self._tickets().order_by(tickets.c.id.desc()).limit(wanted.limit)
        for column, value in (
            (tickets.c.state, wanted.state),
            (tickets.c.category, wanted.category),
            (sector_column(self._site.taxonomy), wanted.sector),
            (tickets.c.asset, wanted.asset),
        ):
            if value is not None:
                statement = statement.where(column == value)
        if wanted.is_open is not None:
            closed = tickets.c.closed_ms
            statement = statement.where(closed.is_(None) if wanted.is_open else closed.is_not(None))
        if wanted.before is not None:
            statement = statement.where(tickets.c.id < wanted.before)
        if wanted.grids is not None:
            statement = statement.where(tickets.c.grid.in_(sorted(wanted.grids)))
        return self._views(connection, connection.execute(statement).mappings().all(), _SHOWN_EVIDENCE)

    def some(self, connection: Connection, ids: Iterable[int], shown: int = _SHOWN_EVIDENCE) -> list[TicketView]:
        """These tickets."""
        rows = connection.execute(_SOME, {"site": self._site.id, "ids": sorted(ids)}).mappings().all()
        return self._views(connection, rows, shown)

    def of_hazards(self, connection: Connection, hazards: Iterable[tuple[str, str]]) -> set[int]:
        """Ids of the open tickets of these (asset, hazard)."""
        pairs = [and_(tickets.c.asset == asset, tickets.c.hazard == hazard) for asset, hazard in hazards]
        if not pairs:
            return set()
        statement = select(tickets.c.id).where(
            tickets.c.site == self._site.id, tickets.c.closed_ms.is_(None), or_(*pairs)
        )
        return set(connection.execute(statement).scalars())

    def open_hazards(self, connection: Connection) -> dict[tuple[str, str], int]:
        """The open ticket of each (asset, hazard)."""
        statement = select(tickets.c.asset, tickets.c.hazard, tickets.c.id).where(
            tickets.c.site == self._site.id, tickets.c.closed_ms.is_(None)
        )
        return {(row.asset, row.hazard): row.id for row in connection.execute(statement)}

    def transitions(
        self,
        connection: Connection,
        asset: str | None,
        since_ms: int | None,
        limit: int,
        grids: frozenset[str] | None = None,
    ) -> list[TransitionView]:
        """The newest `limit` of equipment in these grids (None: all), oldest of them first."""
        statement = select(transitions).where(transitions.c.site == self._site.id)
        if grids is not None:
            statement = statement.where(transitions.c.asset.in_(self._site.assets_in(grids)))
        if asset is not None:
            statement = statement.where(transitions.c.asset == asset)
        if since_ms is not None:
            statement = statement.where(transitions.c.at_ms >= since_ms)
        statement = statement.order_by(transitions.c.id.desc()).limit(limit)
        rows = connection.execute(statement).mappings().all()
        names = TransitionView.__struct_fields__
        return [TransitionView(**{name: row[name] for name in names}) for row in reversed(rows)]

    def _tickets(self) -> Select[tuple[object, ...]]:
        return _TICKETS.where(tickets.c.site == self._site.id)

    def _views(self, connection: Connection, rows: Sequence[RowMapping], shown: int) -> list[TicketView]:
        lines = self._evidence(connection, [row["id"] for row in rows], shown)
        return [self._view(row, *lines.get(row["id"], ((), 0))) for row in rows]

    def _evidence(
        self, connection: Connection, ids: Sequence[int], shown: int
    ) -> dict[int, tuple[tuple[EvidenceView, ...], int]]:
        found: dict[int, tuple[tuple[EvidenceView, ...], int]] = {}
        for row in connection.execute(_EVIDENCE, {"ids": list(ids), "after_first": shown - 1}):
            line = EvidenceView(row.at_ms, Both(row.en, row.zh), row.point, row.value, row.unit)
            found[row.ticket] = ((*found.get(row.ticket, ((), 0))[0], line), row.total)
        return found

    def _view(self, row: RowMapping, lines: tuple[EvidenceView, ...], total: int) -> TicketView:
        asset = self._assets.get(row["asset"])  # a site may have lost it since
        pack = self._site.packs.get(row["kind"])
        rule = None if pack is None else pack.rules.get(row["rule"])
        step = None if pack is None or rule is None else pack.procedures.get(rule.procedure or "")
        return TicketView(
            id=str(row["id"]),
            number=row["number"],
            asset=row["asset"],
            kind=row["kind"],
            hazard=row["hazard"],
            category=row["category"],
            sector=matter_of(self._site, row).sector,
            grade=row["grade"],
            priority=row["priority"],
            state=row["state"],
            title=Both(row["title_en"], row["title_zh"]),
            grid=row["grid"],
            grid_name=both(self._grids[row["grid"]]) if row["grid"] in self._grids else None,
            location=Both("", "") if asset is None else both(asset.location),
            opened_ms=row["opened_ms"],
            raised_ms=row["raised_ms"],
            acked_ms=row["acked_ms"],
            acked_by=row["acked_by"],
            alarm_active=bool(row["alarm_active"]),
            late=row["late"],
            procedure=None if step is None else both(step.text),
            evidence=lines,
            evidence_count=total,
            closed_ms=row["closed_ms"],
            work=work_view(row, self._site),
            drill=row["hazard"] == DRILL_HAZARD,
            closer_ms=row["closer_ms"],
        )
