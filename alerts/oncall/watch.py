"""Shell. What has to happen on rosters although nobody calls: roll-calls, and a warning of minutes that nobody covers.

What is in memory only spares questions and repeated words in the log; everything else is rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo

import structlog
from prometheus_client.core import GaugeMetricFamily, Metric
from sqlalchemy import Connection, exists, select

from alerts.changing import Change
from alerts.database import reading
from alerts.duties.work import Wanted, Works
from alerts.engine import Engine
from alerts.errors import DatabaseError
from alerts.oncall import rolls, words
from alerts.oncall.coverage import AROUND_MS, held
from alerts.outbox.tables import channel_states
from alerts.tables import evidence
from alerts.texts import both, local
from alerts.views import Both, Changes
from rules.codes import NEVER
from vocab.inspection import Miss
from vocab.instant import seconds_ms
from vocab.oncall import Coverage
from vocab.roster import Roster
from vocab.site import Site
from vocab.strict_toml import Text

log = structlog.get_logger()

Holes = dict[str, tuple[tuple[int, int], ...]]  # by roster
_DAY_MS = 86_400_000
_AGAIN_MS = seconds_ms(600.0)  # of site time: coverage changes by orders and by the clock, and neither is in a hurry


class Watch:
    """Of one site. Only the engine's thread calls `look`."""

    def __init__(self) -> None:
        self._roll_ms = self._cover_ms = NEVER
        self._told: Holes = {}

    def look(self, engine: Engine, now_ms: int) -> Changes:
        """Everything that fell due up to now, in one transaction; none is opened if nothing did."""
        on_call = engine.site.oncall
        rolls_due = bool(on_call.roll_calls) and now_ms >= self._roll_ms
        if not on_call or not (rolls_due or now_ms >= self._cover_ms):
            return Changes()
        with engine.changing(now_ms) as change:
            roll_ms = rolls.look(engine, change, now_ms) if rolls_due else self._roll_ms
            found = holes(engine, change.connection, now_ms)
            coverage = _coverage(engine.site)
            if coverage.miss is not None:
                for roster, some in found.items():
                    _work(engine.site, change, engine.site.oncall.rosters[roster], coverage.miss, some)
        # Only what is durable is remembered: whatever the database refused is looked at again.
        self._roll_ms, self._cover_ms = roll_ms, now_ms + _AGAIN_MS
        self._tell(engine.site, found)
        return change.done

    def uncovered(self) -> dict[str, list[tuple[int, int]]]:
        """The stretches ahead in which nobody can be reached, by roster, as they were at the last look; for health."""
        return {roster: list(some) for roster, some in self._told.items() if some}

    def _tell(self, site: Site, found: Holes) -> None:
        zone = ZoneInfo(site.file.timezone)
        for roster, some in found.items():
            if some and some[0] != next(iter(self._told.get(roster, ())), None):
                since, until = (local(each, zone) for each in some[0])
                log.warning("nobody can be reached", roster=roster, since=since, until=until, stretches=len(some))
        self._told = found


def holes(engine: Engine, connection: Connection, now_ms: int) -> Holes:
    """By roster around the clock, when in the coming days nobody can be reached by a channel that works."""
    site = engine.site
    span = (now_ms, now_ms + _coverage(site).days * _DAY_MS)
    crew = engine.caller.crew(connection, span[0] - AROUND_MS, span[1] + AROUND_MS)
    off = _off(connection, site)
    around = [each for each in site.oncall.rosters.values() if each.around_the_clock and each.id not in crew.off]
    return {roster.id: held(roster, crew, span, off=off).holes for roster in around}


def metrics(engine: Engine, now_ms: int) -> Iterator[Metric]:
    """How much of the coming days nobody covers, by roster."""
    if not engine.site.oncall:
        return
    try:
        with reading(engine.database) as connection:
            found = holes(engine, connection, now_ms)
    except DatabaseError:
        return
    days = _coverage(engine.site).days
    seconds = GaugeMetricFamily(
        "anlan_alerts_roster_uncovered_seconds", f"of the coming {days} days, nobody can be reached", labels=["roster"]
    )
    for roster, some in found.items():
        seconds.add_metric([roster], sum(end - begin for begin, end in some) / 1000)
    yield seconds


def _coverage(site: Site) -> Coverage:
    return Coverage() if site.oncall.file is None else site.oncall.file.coverage


def _off(connection: Connection, site: Site) -> frozenset[str]:
    """Channels that were switched off because they cannot work as they are."""
    state = channel_states.c
    return frozenset(
        connection.execute(select(state.channel).where(state.site == site.id, state.disabled_ms.is_not(None))).scalars()
    )


def _work(site: Site, change: Change, roster: Roster, miss: Miss, some: tuple[tuple[int, int], ...]) -> None:
    """One open ticket for each roster with a hole, with a line for each hole; settled when there is none."""
    works, wanted, zone = Works(change), _wanted(site, roster, miss), ZoneInfo(site.file.timezone)
    ticket = works.open_of(wanted)
    if not some and ticket is not None:
        works.settle(ticket, "roster", _text(words.covered()))
    for begin, end in some:
        line = words.uncovered(local(begin, zone), local(end, zone))
        if ticket is None or not _is_told(change.connection, ticket, begin, end, zone):
            ticket = works.ask(wanted, _text(line), change.filing.cases.now_ms)


def _is_told(connection: Connection, ticket: int, begin: int, end: int, zone: ZoneInfo) -> bool:
    """Whether the ticket tells of it, if perhaps from an earlier moment on: a hole that has begun gets shorter."""
    until = words.uncovered(local(begin, zone), local(end, zone)).en.rsplit(" until ", 1)[1]
    told = exists().where(evidence.c.ticket == ticket, evidence.c.en.like(f"%until {until}"))
    return bool(connection.execute(select(told)).scalar_one())


def _wanted(site: Site, roster: Roster, miss: Miss) -> Wanted:
    unit = site.org.units[site.org.people[roster.rotation[0].people[0]].unit]
    title = _text(words.uncovered_title(both(roster.name)))
    return Wanted(f"roster:{roster.id}", miss, title, unit.place, unit.id, f"roster:{roster.id}")


def _text(told: Both) -> Text:
    return Text(en=told.en, zh=told.zh)
