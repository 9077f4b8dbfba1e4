"""Shell. The last proven way from a cabinet to a person, by channel; what was not proven for too long becomes work.

A channel is proven by a drill when the person who acknowledged it is the one to whom this channel brought the page
last. That somebody else was quicker, or saw it on the wall, proves that the page was sent (`tried_ms`), and no more.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from prometheus_client.core import GaugeMetricFamily, Metric
from sqlalchemy import Connection, RowMapping, select, update

from alerts.database import insert_into, reading
from alerts.duties.book import Book
from alerts.duties.tables import drills, path_proofs
from alerts.duties.work import Wanted
from alerts.engine import Engine
from alerts.errors import DatabaseError
from alerts.outbox.tables import calls, pages
from alerts.tables import tickets
from vocab.channels import Channel
from vocab.instant import seconds_ms
from vocab.site import Site
from vocab.strict_toml import Text

_P = path_proofs.c
_DAY_S = 86_400.0


def watched(site: Site) -> list[Channel]:
    """The channels whose way is to be proven: those that the data names, else every one that is on."""
    plan = site.duties.file.path
    named = plan.channels if plan is not None else ()
    return [each for each in site.channels.by_id.values() if (each.id in named if named else each.enabled)]


def prove(book: Book, drill: int, ticket: int) -> None:
    """What the pages of a drill prove, so far."""
    found = select(
        pages.c.channel, pages.c.person, pages.c.sent_ms, calls.c.acked_ms, calls.c.acked_by, calls.c.acked_how
    )
    mine = (pages.c.ticket == ticket, pages.c.site == book.site.id, pages.c.sent_ms.is_not(None))
    rows = book.connection.execute(
        found.join(calls, calls.c.id == pages.c.call).where(*mine).order_by(pages.c.sent_ms, pages.c.id)
    ).all()
    for row in rows:
        _put(book, row.channel, {"tried_ms": row.sent_ms})
    heard = [row for row in rows if row.acked_ms is not None and row.person == row.acked_by]
    if heard:
        last = heard[-1]
        _put(book, last.channel, {
            "proven_ms": last.acked_ms, "sent_ms": last.sent_ms, "drill": drill, "person": last.person,
            "how": last.acked_how or "",
        })  # fmt: skip
        _settle(book, last.channel, last.person)


def look(book: Book) -> None:
    """What was not proven for too long becomes work, once for each channel; what is proven again is settled."""
    plan, channels = book.site.duties.file.path, watched(book.site)
    known = {row["channel"] for row in _rows(book.connection, book.site)}
    for each in channels:
        if each.id not in known:
            _put(book, each.id, {})
    if plan is None:
        return
    limit_ms, known_channels = seconds_ms(plan.at_most_s), {each.id: each for each in channels}
    for row in _rows(book.connection, book.site):
        channel = known_channels.get(row["channel"])
        due_ms = _since_ms(row) + limit_ms
        if channel is None or book.now_ms <= due_ms:
            continue
        if row["ticket"] is not None and (_is_open(book, row["ticket"]) or book.now_ms <= row["asked_ms"] + limit_ms):
            continue  # it is told; if somebody closed it without a drill, it is told again after as long
        ticket = book.works.ask(_wanted(book.site, channel), _line(row, plan.at_most_s), due_ms)
        _put(book, channel.id, {"ticket": ticket, "asked_ms": book.now_ms})


def listed(engine: Engine, now_ms: int) -> dict[str, Any]:
    """Every channel with its last proof; `is_over`: older than the site allows."""
    site, plan = engine.site, engine.site.duties.file.path
    limit_ms = None if plan is None else seconds_ms(plan.at_most_s)
    with reading(engine.database) as connection:
        found = {row["channel"]: row for row in _rows(connection, site)}
        of = select(drills.c.id, drills.c.edge, drills.c.measured_ms).where(
            drills.c.id.in_([row["drill"] for row in found.values() if row["drill"] is not None])
        )
        by_id = {row.id: row for row in connection.execute(of)}
    return {
        "at_most_s": None if plan is None else plan.at_most_s,
        "paths": [
            _view(each, found.get(each.id), by_id, limit_ms, now_ms) | _named(site, found.get(each.id))
            for each in watched(site)
        ],
    }


def metrics(engine: Engine, now_ms: int) -> Iterator[Metric]:
    """How old each channel's proof is; one that was never proven counts from when it was first seen."""
    if not engine.site.duties.file.drill:
        return
    try:
        found = listed(engine, now_ms)["paths"]
    except DatabaseError:
        return
    words = "since the whole way by this channel was proven last"
    family = GaugeMetricFamily("anlan_alerts_path_proof_age_seconds", words, labels=["channel"])
    for each in found:
        family.add_metric([each["channel"]], each["age_ms"] / 1000)
    yield family


def _view(
    channel: Channel, row: Mapping[Any, Any] | None, by_id: Mapping[int, Any], limit_ms: int | None, now_ms: int
) -> dict[str, Any]:
    names = ("tried_ms", "proven_ms", "sent_ms", "drill", "person", "how")
    told: dict[str, Any] = {name: None if row is None else row[name] for name in names}
    drill = by_id.get(told["drill"])
    age_ms = 0 if row is None else max(0, now_ms - _since_ms(row))
    measured = None if drill is None else drill.measured_ms
    return {
        "channel": channel.id,
        "name": {"en": channel.name.en, "zh": channel.name.zh},
        "enabled": channel.enabled,
        "age_ms": age_ms,
        "is_over": limit_ms is not None and age_ms > limit_ms,
        "edge": None if drill is None else drill.edge,
        "took_ms": None if measured is None or told["sent_ms"] is None else told["sent_ms"] - measured,
        "ticket": None if row is None or row["ticket"] is None else str(row["ticket"]),
    } | told  # fmt: skip


def _named(site: Site, row: Mapping[Any, Any] | None) -> dict[str, Any]:
    person = None if row is None else site.org.people.get(row["person"] or "")
    return {"person_name": None if person is None else {"en": person.name.en, "zh": person.name.zh}}


def _rows(connection: Connection, site: Site) -> Iterable[RowMapping]:
    return connection.execute(select(path_proofs).where(_P.site == site.id)).mappings().all()


def _since_ms(row: Mapping[Any, Any]) -> int:
    return int(row["since_ms"] if row["proven_ms"] is None else row["proven_ms"])


def _put(book: Book, channel: str, values: Mapping[Any, Any]) -> None:
    new = {"site": book.site.id, "channel": channel, "since_ms": book.now_ms}
    book.connection.execute(insert_into(book.connection, path_proofs).values(**new).on_conflict_do_nothing())
    if values:
        mine = (_P.site == book.site.id, _P.channel == channel)
        book.connection.execute(update(path_proofs).where(*mine).values(**values))


def _settle(book: Book, channel: str, by: str) -> None:
    mine = select(_P.ticket).where(_P.site == book.site.id, _P.channel == channel)
    ticket = book.connection.execute(mine).scalar_one_or_none()
    if ticket is not None:
        line = Text(en="A drill has proven the whole way again", zh="演练已重新验证全链路")
        book.works.settle(ticket, by, line)
        _put(book, channel, {"ticket": None, "asked_ms": None})


def _is_open(book: Book, ticket: int) -> bool:
    found = select(tickets.c.closed_ms).where(tickets.c.id == ticket)
    return book.connection.execute(found).scalar_one_or_none() is None


def _wanted(site: Site, channel: Channel) -> Wanted:
    plan = site.duties.file.path
    assert plan is not None  # noqa: S101 - asked before
    unit = site.org.units[plan.unit]
    title = Text(
        en=f"The way to people by {channel.name.en} was not proven for too long",
        zh=f"{channel.name.zh}全链路超期未验证",
    )
    return Wanted(f"path:{channel.id}", plan.miss, title, unit.place, unit.id, f"path:{channel.id}")


def _line(row: Mapping[Any, Any], at_most_s: float) -> Text:
    days = f"{at_most_s / _DAY_S:g}"
    if row["proven_ms"] is None:
        return Text(
            en=f"No drill has ever proven it; allowed are {days} d", zh=f"从未经演练验证，要求{days}天内至少一次"
        )
    return Text(en=f"The last proof is older than {days} d", zh=f"上次验证已超过{days}天")
