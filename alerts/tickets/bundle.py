"""Shell. Everything that speaks for one ticket as one zip: measured, judged, done, sent and attached, with hashes."""

from __future__ import annotations

import csv
import hashlib
import io
import zipfile
from dataclasses import dataclass, field
from typing import Any

import msgspec
from sqlalchemy import Connection, MetaData, Table, inspect, select

from alerts.database import reading
from alerts.engine import Engine
from alerts.errors import NoSuchTicketError, NotThereError
from alerts.tables import alarms, transitions
from alerts.tickets.attachments import Cellar, listed
from alerts.tickets.desk import events
from alerts.version_tables import rule_versions
from alerts.views import TicketView
from vocab.instant import iso

_OTHERS = ("pages", "receipts")  # tables of the part that calls people, where there are any
_AROUND_MS = 3_600_000  # of signal before the first alarm and after the end
_MOST_COLUMNS = 2000  # of a drawn curve


@dataclass(slots=True)
class Bundle:
    """Files by name."""

    files: dict[str, bytes] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)  # what should be here and could not be had

    def add(self, name: str, value: Any) -> None:
        """A JSON file."""
        self.files[name] = msgspec.json.format(msgspec.json.encode(value), indent=1)

    def zipped(self) -> bytes:
        """The zip with its manifest; the same content gives the same bytes."""
        listed_ = {
            name: {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}
            for name, data in sorted(self.files.items())
        }
        manifest = msgspec.json.format(msgspec.json.encode({"files": listed_, "missing": self.missing}), indent=1)
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in {"manifest.json": manifest, **self.files}.items():
                archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
        return out.getvalue()


@dataclass(frozen=True, slots=True)
class Signal:
    """What to ask of the history."""

    asset: str
    points: tuple[str, ...]
    from_ms: int
    to_ms: int

    @property
    def query(self) -> list[tuple[str, str]]:
        """For ingest."""
        span = [("from_ms", str(self.from_ms)), ("to_ms", str(self.to_ms)), ("px", str(_MOST_COLUMNS))]
        return [("asset", self.asset), *(("point", point) for point in self.points), *span]


def collect(engine: Engine, cellar: Cellar, ticket: int, now_ms: int) -> tuple[Bundle, Signal | None]:
    """All but the signal, which ingest has; NoSuchTicketError."""
    bundle, site = Bundle(), engine.site
    with reading(engine.database) as connection:
        found = engine.queries.some(connection, [ticket], shown=1_000_000)
        if not found:
            raise NoSuchTicketError(f"no ticket {ticket}")
        view = found[0]
        bundle.add("ticket.json", view)
        bundle.add("events.json", events(engine, ticket))
        bundle.add("transitions.json", _transitions(connection, site.id, view))
        bundle.add("rule.json", _rules(engine, connection, view))
        for name in _OTHERS:
            rows = _rows(connection, name, ticket)
            if rows is not None:
                bundle.add(f"{name}.json", rows)
        for each in listed(connection, site.id, ticket):
            try:
                bundle.files[f"attachments/{each.id}-{each.sha256[:12]}"] = cellar.get(each.sha256)
            except NotThereError as error:
                bundle.missing.append(str(error))
    return bundle, _signal(engine, view, now_ms)


def add_signal(bundle: Bundle, signal: Signal, answer: Any) -> None:
    """The curves as a table: one row per moment and point. `answer` is that of ingest, or None if it is away."""
    if answer is None:
        bundle.missing.append("signal.csv: the history is not available")
        return
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(("moment_utc", "moment_ms", "asset", "point", "min", "max"))
    for point, curve in _curves(answer):
        for at_ms, low, high in curve:
            table.writerow((iso(int(at_ms)), int(at_ms), signal.asset, point, low, high))
    bundle.files["signal.csv"] = out.getvalue().encode()


def _curves(answer: Any) -> list[tuple[str, list[tuple[int, float | None, float | None]]]]:
    return [
        (curve["point"], list(zip(curve["t"], curve["min"], curve["max"], strict=True))) for curve in answer["series"]
    ]


def _transitions(connection: Connection, site: str, ticket: TicketView) -> list[dict[str, Any]]:
    names = select(alarms.c.id).where(
        alarms.c.site == site, alarms.c.asset == ticket.asset, alarms.c.hazard == ticket.hazard
    )
    mine = (transitions.c.site == site, transitions.c.alarm.in_(names), transitions.c.at_ms >= ticket.raised_ms - 1)
    rows = connection.execute(select(transitions).where(*mine).order_by(transitions.c.id)).mappings()
    return [dict(row) for row in rows]


def _rules(engine: Engine, connection: Connection, ticket: TicketView) -> dict[str, Any]:
    """The rules of the hazard as they are in force, and the last change of rules that went live."""
    watches = engine.judge.layout.watches.values()
    rules = [
        watch.rule.model_dump(mode="json")
        for watch in watches
        if (watch.asset.id, watch.rule.hazard) == (ticket.asset, ticket.hazard)
    ]
    live = select(rule_versions.c.id).where(rule_versions.c.site == engine.site.id, rule_versions.c.state == "live")
    pack = engine.site.packs.get(ticket.kind)
    version = connection.execute(live.order_by(rule_versions.c.id.desc()).limit(1)).scalar_one_or_none()
    return {"rules": rules, "pack_edition": None if pack is None else pack.edition, "rule_version": version}


def _rows(connection: Connection, name: str, ticket: int) -> list[dict[str, Any]] | None:
    """The rows of another part's table about this ticket; None if there is no such table."""
    if not inspect(connection).has_table(name):
        return None
    table = Table(name, MetaData(), autoload_with=connection)
    if "ticket" not in table.c:
        return None
    rows = connection.execute(select(table).where(table.c.ticket == ticket)).mappings()
    secret = {"link_token"}
    return [{key: value for key, value in row.items() if key not in secret} for row in rows]


def _signal(engine: Engine, ticket: TicketView, now_ms: int) -> Signal | None:
    """The points that the alarms of the hazard look at."""
    points = {
        point
        for watch in engine.judge.layout.watches.values()
        if (watch.asset.id, watch.rule.hazard) == (ticket.asset, ticket.hazard)
        for point in ([watch.point.id] if watch.point is not None else [])
    }
    if not points:
        return None
    end = ticket.closed_ms or now_ms
    return Signal(ticket.asset, tuple(sorted(points)), ticket.raised_ms - _AROUND_MS, end + _AROUND_MS)
