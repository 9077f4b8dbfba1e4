"""Shell. Hauls as people are shown them: each pool on its way as one record, and the days of each plant."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import RowMapping, select

from alerts.database import reading
from alerts.duties.book import Book
from alerts.duties.haul_tables import hauls, plant_days
from alerts.duties.hauls import day_of
from alerts.duties.tables import duty_instances
from alerts.duties.views import both, is_seen, reader
from alerts.engine import Engine
from vocab.hauls import Haul, Plant
from vocab.instant import seconds_ms

_USUAL_MS = seconds_ms(14 * 86_400)
_MOST_DAYS = 400
_H, _D, _I = hauls.c, plant_days.c, duty_instances.c


@dataclass(frozen=True, slots=True)
class HaulsWanted:
    """Which hauls and days: since when (14 days), how many, in which places (None: all)."""

    since_ms: int | None
    limit: int
    seen: frozenset[str] | None


def haul_views(engine: Engine, wanted: HaulsWanted, now_ms: int) -> dict[str, Any]:
    """Hauls, the newest first, and the days of each plant, today last."""
    since_ms = now_ms - _USUAL_MS if wanted.since_ms is None else wanted.since_ms
    duties = engine.site.duties.file
    with reading(engine.database) as connection:
        book = reader(connection, engine, now_ms)
        known = {haul.id: haul for haul in duties.haul}
        pools = sorted({pool for haul in duties.haul for pool in haul.pools if _is_shown(book, pool, wanted)})
        mine = (_H.site == engine.site.id, _H.haul.in_(known), _H.pool.in_(pools), _H.emptied_ms >= since_ms)
        rows = connection.execute(
            select(hauls, _I.schedule.label("round"), _I.began_by, _I.done_by)
            .outerjoin(duty_instances, _I.id == _H.instance)
            .where(*mine).order_by(_H.emptied_ms.desc(), _H.id.desc()).limit(wanted.limit)
        ).mappings().all()  # fmt: skip
        plants = [plant for plant in duties.plant if _is_shown(book, plant.asset, wanted)]
        days = [day for plant in plants for day in _days(book, plant, since_ms)]
    return {"hauls": [_haul(row, known[row["haul"]], now_ms) for row in rows], "days": days}


def _is_shown(book: Book, asset: str, wanted: HaulsWanted) -> bool:
    return is_seen(book.site.asset(asset).grid, wanted.seen)


def _haul(row: RowMapping, haul: Haul, now_ms: int) -> dict[str, Any]:
    arrived_ms = row["arrived_ms"]
    if arrived_ms is not None:
        state = "arrived" if arrived_ms <= row["due_ms"] else "late"
    else:
        state = "on_its_way" if now_ms <= row["lost_ms"] else "lost"
    names = ("id", "haul", "pool", "emptied_ms", "fall", "round", "instance", "due_ms", "arrived_ms", "weight")
    return {name: row[name] for name in names} | {
        "name": both(haul.name),
        "plant": haul.plant,
        "by": row["done_by"] or row["began_by"],
        "state": state,
        "ticket": None if row["ticket"] is None else str(row["ticket"]),
    }


@dataclass(frozen=True, slots=True)
class Day:
    """What a plant took in on a day."""

    day: date
    loads: int
    weight: float
    rounds: int | None  # that were done; None: the day is not over
    ticket: int | None

    @property
    def is_empty(self) -> bool:
        """Whether rounds were done and nothing came."""
        return bool(self.rounds) and not self.loads


def plant_days_of(book: Book, plant: Plant, from_ms: int, to_ms: int) -> Iterator[Day]:
    """Every day of a time on which something came or which is over, oldest first."""
    mine = (_D.site == book.site.id, _D.plant == plant.id)
    told = {row["day"]: row for row in book.connection.execute(select(plant_days).where(*mine)).mappings()}
    last = book.days.day(to_ms)
    day = max(book.days.day(from_ms), last - timedelta(days=_MOST_DAYS))
    while day <= last:
        n, weight = day_of(book, plant, book.days.midnight(day), book.days.midnight(day + timedelta(days=1)))
        row = told.get(day.isoformat())
        if n or row is not None:
            yield Day(day, n, weight, *((None, None) if row is None else (row["rounds"], row["ticket"])))
        day += timedelta(days=1)


def _days(book: Book, plant: Plant, since_ms: int) -> Iterator[dict[str, Any]]:
    for each in plant_days_of(book, plant, since_ms, book.now_ms):
        yield {
            "plant": plant.id,
            "name": both(plant.name),
            "day": each.day.isoformat(),
            "loads": each.loads,
            "weight": each.weight,
            "rounds": each.rounds,
            "ticket": None if each.ticket is None else str(each.ticket),
        }
