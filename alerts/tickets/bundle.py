"""Shell. Everything that speaks for one ticket as one zip: measured, judged, done, sent and attached, with hashes.

What ingest has is asked of it by whoever has a line to it: `collect` says what to ask, `add_signal` takes the answer.
"""

from __future__ import annotations

import asyncio
import csv
import hashlib
import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import Connection, MetaData, Table, inspect, select

from alerts import texts
from alerts.database import reading
from alerts.engine import Engine
from alerts.errors import NoSuchTicketError, NotThereError
from alerts.ingest_link import IngestLink
from alerts.layout import Watch
from alerts.outbox.views import CallView, time_line
from alerts.tables import alarms, transitions
from alerts.tickets.attachments import AttachmentView, Cellar, listed
from alerts.tickets.curve import Curve, png, stretches
from alerts.tickets.desk import events
from alerts.tickets.pairs import side_by_side, whole
from alerts.version_tables import rule_versions
from alerts.views import TicketView
from vocab.instant import iso

_OTHERS = ("pages",)  # tables of the part that calls people, where there are any
_AROUND_MS = 3_600_000  # of signal before the first alarm and after the end
_EVENT_MS = 2 * _AROUND_MS  # of signal after the first alarm that is drawn as the event
_CLOSE_MS = 600_000  # before the repair mark and after the confirmation
_MOST_COLUMNS = 2000  # of the table of a signal
_DRAWN_COLUMNS = 700  # of a drawn curve
RAISED, REPAIRED, CONFIRMED = "A", "B", "C"  # the letters of marked moments
WHOLE, EVENT, CHECK = "signal", "event", "verification"  # what is asked of the history


@dataclass(slots=True)
class Bundle:
    """Files by name."""

    files: dict[str, bytes] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)  # what should be here and could not be had
    curves: dict[str, list[tuple[Curve, bytes]]] = field(default_factory=dict)  # drawn, by what was asked
    calls: list[CallView] = field(default_factory=list)  # who was called, with receipts
    photos: list[tuple[AttachmentView, bytes]] = field(default_factory=list)  # whatever was attached
    watches: tuple[Watch, ...] = ()  # the alarms of the hazard, with their rules in force
    version: int | None = None  # the last change of rules that was live when the alarm was raised

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
    name: str = WHOLE
    limits: dict[str, tuple[float, ...]] = field(default_factory=dict)  # by point
    marks: tuple[tuple[int, str], ...] = ()

    @property
    def query(self) -> list[tuple[str, str]]:
        """For ingest."""
        columns = _MOST_COLUMNS if self.name == WHOLE else _DRAWN_COLUMNS
        span = [("from_ms", str(self.from_ms)), ("to_ms", str(self.to_ms)), ("px", str(columns))]
        return [("asset", self.asset), *(("point", point) for point in self.points), *span]


async def add_history(bundle: Bundle, signals: Sequence[Signal], ingest: IngestLink, zone: ZoneInfo) -> None:
    """Ask for the signals one after the other; who is away once is not asked again."""
    is_away = False
    for signal in signals:
        answer = None if is_away else await ingest.series(signal.query)
        is_away = answer is None
        told = answer.json() if answer is not None and answer.status_code == 200 else None
        await asyncio.to_thread(add_signal, bundle, signal, told, zone)  # it draws


def collect(engine: Engine, cellar: Cellar | None, ticket: int, now_ms: int) -> tuple[Bundle, tuple[Signal, ...]]:
    """All but the signals, which ingest has; NoSuchTicketError."""
    bundle, site = Bundle(), engine.site
    with reading(engine.database) as connection:
        found = engine.queries.some(connection, [ticket], shown=1_000_000)
        if not found:
            raise NoSuchTicketError(f"no ticket {ticket}")
        view = found[0]
        bundle.add("ticket.json", view)
        bundle.add("events.json", events(engine, ticket))
        bundle.add("transitions.json", _transitions(connection, site.id, view))
        watches = engine.judge.layout.watches.values()
        bundle.watches = tuple(
            each for each in watches if (each.asset.id, each.rule.hazard) == (view.asset, view.hazard)
        )
        bundle.version = _version(connection, site.id, view.raised_ms)
        bundle.add("rule.json", _rules(engine, connection, view, bundle))
        bundle.calls = time_line(connection, site, ticket)
        if bundle.calls:
            bundle.add("calls.json", bundle.calls)
        for name in _OTHERS:
            rows = _rows(connection, name, ticket)
            if rows is not None:
                bundle.add(f"{name}.json", rows)
        for each in listed(connection, site.id, ticket):
            try:
                if cellar is None:
                    raise NotThereError(f"attachment {each.id}: no attachments are kept here")
                data = cellar.get(each.sha256)
            except NotThereError as error:
                bundle.missing.append(str(error))
                continue
            bundle.files[f"attachments/{each.id}-{each.sha256[:12]}"] = data
            bundle.photos.append((each, data))
        _add_pairs(bundle)
    return bundle, tuple(_signals(bundle, view, now_ms))


def _add_pairs(bundle: Bundle) -> None:
    """Before and after beside each other, and which files they are."""
    found = whole((told.pair, told.phase, (told, data)) for told, data in bundle.photos)
    for pair in found:
        both = side_by_side(pair.before[1], pair.after[1])
        if both is not None:
            bundle.files[f"pairs/pair-{pair.number}.jpg"] = both[0]
    if found:
        named = [{"pair": each.number, "before": each.before[0], "after": each.after[0]} for each in found]
        bundle.add("pairs.json", named)


def add_signal(bundle: Bundle, signal: Signal, answer: Any, zone: ZoneInfo) -> None:
    """The whole as a table, one row per moment and point; event and verification drawn.

    `answer` is that of ingest, or None if it is away.
    """
    if answer is None:
        if signal.name == WHOLE:
            bundle.missing.append("signal.csv: the history is not available")
        return
    if signal.name != WHOLE:
        _add_drawn(bundle, signal, answer, zone)
        return
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(("moment_utc", "moment_ms", "asset", "point", "min", "max"))
    for point, curve in _curves(answer):
        for at_ms, low, high in curve:
            table.writerow((iso(int(at_ms)), int(at_ms), signal.asset, point, low, high))
    bundle.files["signal.csv"] = out.getvalue().encode()


def _add_drawn(bundle: Bundle, signal: Signal, answer: Any, zone: ZoneInfo) -> None:
    for told in answer["series"]:
        known = stretches(told["t"], told["min"], told["max"])
        if not known:
            continue
        point, span = told["point"], (signal.from_ms, signal.to_ms)
        curve = Curve(point, known, span, signal.limits.get(point, ()), signal.marks)
        picture = png(curve, zone)
        bundle.curves.setdefault(signal.name, []).append((curve, picture))
        bundle.files[f"curves/{signal.name}-{point}.png"] = picture


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


def _rules(engine: Engine, connection: Connection, ticket: TicketView, bundle: Bundle) -> dict[str, Any]:
    """The rules of the hazard as they are in force, and the last change of rules, now and when the alarm was raised."""
    pack = engine.site.packs.get(ticket.kind)
    return {
        "rules": [watch.rule.model_dump(mode="json") for watch in bundle.watches],
        "pack_edition": None if pack is None else pack.edition,
        "rule_version": _version(connection, engine.site.id, None),
        "rule_version_when_raised": bundle.version,
    }


def _version(connection: Connection, site: str, at_ms: int | None) -> int | None:
    """The newest version that is live, or (`at_ms`) that had gone live by then and was not retired since."""
    live = select(rule_versions.c.id).where(rule_versions.c.site == site, rule_versions.c.state == "live")
    if at_ms is not None:
        live = live.where(rule_versions.c.live_ms <= at_ms)
    return connection.execute(live.order_by(rule_versions.c.live_ms.desc()).limit(1)).scalar_one_or_none()


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


def _signals(bundle: Bundle, ticket: TicketView, now_ms: int) -> Iterator[Signal]:
    """The points that the alarms of the hazard look at: from before the first alarm to the end; what is drawn of it."""
    points = sorted({watch.point.id for watch in bundle.watches if watch.point is not None})
    if not points:
        return
    limits: dict[str, tuple[float, ...]] = {}
    for watch in bundle.watches:
        limit = texts.limit(watch)
        if watch.point is not None and limit is not None and limit not in limits.get(watch.point.id, ()):
            limits[watch.point.id] = (*limits.get(watch.point.id, ()), limit)
    work, end = ticket.work, ticket.closed_ms or now_ms
    verified_ms = _verified_ms(bundle)
    told = ((ticket.raised_ms, RAISED), (work.repaired_ms, REPAIRED), (verified_ms, CONFIRMED))
    marks = tuple((at_ms, letter) for at_ms, letter in told if at_ms is not None)
    asset, named = ticket.asset, tuple(points)
    yield Signal(asset, named, ticket.raised_ms - _AROUND_MS, end + _AROUND_MS)
    until = min(ticket.raised_ms + _EVENT_MS, max(now_ms, ticket.raised_ms + 1))
    yield Signal(asset, named, ticket.raised_ms - _AROUND_MS, until, EVENT, limits, marks)
    if work.repaired_ms is not None:
        last = min(now_ms, (verified_ms or end) + _CLOSE_MS)
        begin = work.repaired_ms - _CLOSE_MS
        yield Signal(asset, named, begin, max(last, begin + 1), CHECK, limits, marks)


def _verified_ms(bundle: Bundle) -> int | None:
    """When the sensor agreed with the repair, the last time."""
    steps: list[dict[str, Any]] = msgspec.json.decode(bundle.files["events.json"])
    return next((step["at_ms"] for step in reversed(steps) if step["verb"] == "verified"), None)
