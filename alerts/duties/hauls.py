"""Shell. The way from pool to plant: what was emptied has to arrive, and a day of rounds without a load is work.

Everything follows from rows: emptyings and loads as the frames told them, rounds as they were done. What is told late,
by a cabinet that was cut off, is matched by the moment at which it was measured, and settles what was missed meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import RowMapping, and_, exists, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from alerts.duties.book import Book
from alerts.duties.haul_tables import hauls, loads, plant_days
from alerts.duties.hauling import Load, Waiting, arrivals
from alerts.duties.tables import duty_instances, emptyings
from alerts.duties.words import arrived_line, lost_line, lost_title, no_load_line, no_load_title
from alerts.duties.work import Wanted
from vocab.hauls import Haul, Plant
from vocab.instant import seconds_ms

_LOOK_BACK_MS = seconds_ms(7 * 86_400)  # a load that is told later than this is nobody's any more
_H, _L, _D, _I = hauls.c, loads.c, plant_days.c, duty_instances.c


def look_at_hauls(book: Book) -> None:
    """Pools that were emptied, loads that came, what is lost, days without a load."""
    duties = book.site.duties.file
    for haul in duties.haul:
        _set_out(book, haul, book.clock(f"haul:{haul.id}", "")[0])
    for plant in duties.plant:
        _arrive(book, plant)
        _close_days(book, plant, book.clock(f"plant:{plant.id}", "")[0])
    _lose(book)


def _set_out(book: Book, haul: Haul, since_ms: int) -> None:
    """A row for every emptying since the haul is in force; the round is found as soon as there is one."""
    mine = (
        emptyings.c.site == book.site.id,
        emptyings.c.point == haul.point,
        emptyings.c.asset.in_(haul.pools),
        emptyings.c.fall >= haul.fall,
        emptyings.c.at_ms >= max(since_ms, book.now_ms - _LOOK_BACK_MS),
        ~exists().where(
            _H.site == book.site.id,
            _H.haul == haul.id,
            _H.pool == emptyings.c.asset,
            _H.emptied_ms == emptyings.c.at_ms,
        ),
    )
    dialect = postgresql if book.connection.dialect.name == "postgresql" else sqlite
    for row in book.connection.execute(select(emptyings).where(*mine)).mappings().all():
        due_ms = row["at_ms"] + seconds_ms(haul.within_s)
        values = {
            "site": book.site.id, "haul": haul.id, "pool": row["asset"], "emptied_ms": row["at_ms"],
            "fall": row["fall"], "due_ms": due_ms, "lost_ms": due_ms + seconds_ms(haul.grace_s),
            "instance": _round(book, haul.round, row["at_ms"]),
        }  # fmt: skip
        book.connection.execute(dialect.insert(hauls).values(**values).on_conflict_do_nothing())


def _round(book: Book, schedule: str, at_ms: int) -> int | None:
    inside = (_I.due_from_ms <= at_ms, _I.overdue_ms >= at_ms)
    found = select(_I.id).where(_I.site == book.site.id, _I.schedule == schedule, *inside).order_by(_I.due_from_ms)
    return book.connection.execute(found.limit(1)).scalar_one_or_none()


def _arrive(book: Book, plant: Plant) -> None:
    routes = {haul.id: haul for haul in book.site.duties.file.haul if haul.plant == plant.id}
    newest_ms = book.now_ms - _LOOK_BACK_MS
    on_way = (_H.site == book.site.id, _H.haul.in_(routes), _H.arrived_ms.is_(None), _H.emptied_ms >= newest_ms)
    rows = {row["id"]: row for row in book.connection.execute(select(hauls).where(*on_way)).mappings().all()}
    if not rows:
        return
    waiting = [_waiting(row, routes[row["haul"]]) for row in rows.values()]
    for each, load in arrivals(waiting, _loads(book, plant, min(one.from_ms for one in waiting))):
        told = {"arrived_ms": load.at_ms, "weight": load.weight}
        book.connection.execute(update(hauls).where(_H.id == each.id).values(**told))
        mine = (_L.site == book.site.id, _L.asset == plant.asset, _L.at_ms == load.at_ms)
        book.connection.execute(update(loads).where(*mine).values(route=each.route))
        _found(book, rows[each.id], load)


def _waiting(row: RowMapping, haul: Haul) -> Waiting:
    return Waiting(
        row["id"], row["haul"], row["emptied_ms"], row["emptied_ms"] - seconds_ms(haul.early_s), row["lost_ms"]
    )


def _loads(book: Book, plant: Plant, from_ms: int) -> list[Load]:
    mine = (_L.site == book.site.id, _L.asset == plant.asset, _L.at_ms >= from_ms, _L.weight >= plant.least)
    rows = book.connection.execute(select(loads).where(*mine).order_by(_L.at_ms))
    return [Load(row.at_ms, row.weight, row.route) for row in rows]


def _found(book: Book, row: RowMapping, load: Load) -> None:
    """What was thought to be lost came after all, and was only told late."""
    if row["ticket"] is None:
        return
    left = select(_H.id).where(_H.ticket == row["ticket"], _H.arrived_ms.is_(None)).limit(1)
    if book.connection.execute(left).first() is None:
        book.works.settle(row["ticket"], "sensor", arrived_line(load.at_ms, load.weight, book.zone))


def _lose(book: Book) -> None:
    lost = (_H.site == book.site.id, _H.arrived_ms.is_(None), _H.ticket.is_(None), _H.lost_ms < book.now_ms)
    known = {haul.id: haul for haul in book.site.duties.file.haul}
    for row in book.connection.execute(select(hauls).where(*lost).order_by(_H.emptied_ms)).mappings().all():
        haul = known.get(row["haul"])
        if haul is None or row["pool"] not in haul.pools:
            continue
        pool = book.site.asset(row["pool"])
        title = lost_title(haul, pool.name)
        wanted = Wanted(pool.id, haul.miss, title, pool.grid, haul.unit, f"haul:{haul.id}")
        ticket = book.works.ask(wanted, lost_line(haul, pool.name, row, book.zone), row["lost_ms"])
        book.connection.execute(update(hauls).where(_H.id == row["id"]).values(ticket=ticket))


# --- days ------------------------------------------------------------------------------------------------------------


def _close_days(book: Book, plant: Plant, since_ms: int) -> None:
    """Every day that is over, once; one that had no load is looked at again while a late word of it may come."""
    for day in _days(book, plant, since_ms):
        begin_ms, end_ms = book.days.midnight(day), book.days.midnight(day + timedelta(days=1))
        rounds = _rounds(book, plant, begin_ms, end_ms)
        ticket = None
        if rounds and day_of(book, plant, begin_ms, end_ms)[0] == 0:
            asset = book.site.asset(plant.asset)
            wanted = Wanted(
                asset.id, plant.miss, no_load_title(plant), asset.grid, plant.unit, f"plant:{plant.id}"
            )  # fmt: skip
            ticket = book.works.ask(wanted, no_load_line(plant, day, rounds), end_ms + seconds_ms(plant.grace_s))
        row = {"site": book.site.id, "plant": plant.id, "day": day.isoformat(), "rounds": rounds, "ticket": ticket}
        book.connection.execute(plant_days.insert().values(**row))
    _come_after_all(book, plant)


def _days(book: Book, plant: Plant, since_ms: int) -> Iterator[date]:
    mine = (_D.site == book.site.id, _D.plant == plant.id)
    last = book.connection.execute(select(func.max(_D.day)).where(*mine)).scalar_one()
    first = book.days.day(since_ms) if last is None else date.fromisoformat(last)
    day = max(first + timedelta(days=1), book.days.day(book.now_ms - _LOOK_BACK_MS))
    while book.days.midnight(day + timedelta(days=1)) + seconds_ms(plant.grace_s) <= book.now_ms:
        yield day
        day += timedelta(days=1)


def _rounds(book: Book, plant: Plant, begin_ms: int, end_ms: int) -> int:
    done = (_I.site == book.site.id, _I.schedule.in_(plant.rounds), _I.done_ms >= begin_ms, _I.done_ms < end_ms)
    return int(book.connection.execute(select(func.count()).where(*done)).scalar_one())


def day_of(book: Book, plant: Plant, begin_ms: int, end_ms: int) -> tuple[int, float]:
    """How many loads came in a time, and what they weighed together."""
    mine = (_L.site == book.site.id, _L.asset == plant.asset, _L.weight >= plant.least)
    found = select(func.count(), func.sum(_L.weight)).where(*mine, _L.at_ms >= begin_ms, _L.at_ms < end_ms)
    n, weight = book.connection.execute(found).one()
    return int(n), float(weight or 0.0)


def _come_after_all(book: Book, plant: Plant) -> None:
    newest = book.days.day(book.now_ms - _LOOK_BACK_MS).isoformat()
    mine = (_D.site == book.site.id, _D.plant == plant.id)
    open_ = and_(*mine, _D.ticket.is_not(None), _D.day >= newest)
    for row in book.connection.execute(select(plant_days).where(open_)).mappings().all():
        day = date.fromisoformat(row["day"])
        begin_ms, end_ms = book.days.midnight(day), book.days.midnight(day + timedelta(days=1))
        n, weight = day_of(book, plant, begin_ms, end_ms)
        if not n:
            continue
        book.connection.execute(update(plant_days).where(*mine, _D.day == row["day"]).values(ticket=None))
        if book.connection.execute(select(_D.day).where(*mine, _D.ticket == row["ticket"])).first() is None:
            book.works.settle(row["ticket"], "sensor", arrived_line(begin_ms, weight, book.zone))


def numbers(book: Book, begin_ms: int, end_ms: int) -> dict[str, Any]:
    """Of a report: how many loads came to each plant in a period, and their weight."""
    found: dict[str, Any] = {}
    for plant in book.site.duties.file.plant:
        n, weight = day_of(book, plant, begin_ms, end_ms)
        found[plant.id] = {"loads": n, "weight": round(weight, 3)}
    if book.site.duties.file.haul:
        found["lost"] = lost_of(book, None, begin_ms, end_ms)
    return found


def lost_of(book: Book, pools: Sequence[str] | None, begin_ms: int, end_ms: int) -> int:
    """How many emptied pools (of these; None: all) were lost in a time and never arrived."""
    lost = [_H.site == book.site.id, _H.lost_ms >= begin_ms, _H.lost_ms < end_ms, _H.arrived_ms.is_(None)]
    if pools is not None:
        lost.append(_H.pool.in_(pools))
    return int(book.connection.execute(select(func.count()).where(*lost)).scalar_one())
