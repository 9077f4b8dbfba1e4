"""Shell. What cabinets judged by themselves: kept once, compared with our own judgement, one line on the ticket.

The law of this file
1. An event never raises, clears or opens anything here: the frames do, and they hold the same alarm.
2. Whichever comes first, event or frame, in the end there is one row and one line of evidence. Until we have judged the
   frame that the event names, it is `pending`.
3. `confirmed`: our log has the same change at the same moment. `otherwise`: it has the same alarm's change near by,
   dated differently, as where a hold reaches over the end of a gap. `unconfirmed`: it has none although there was time
   to find it (other limits, a rule that our site file has not); kept, shown and counted, and never a ticket.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import Connection, RowMapping, and_, false, func, or_, select, update

from alerts import texts
from alerts.database import insert_new, reading, writing
from alerts.edge_tables import edge_events
from alerts.engine import Engine
from alerts.tables import evidence, marks, tickets, transitions, waiting
from alerts.views import Both, Changes
from rules.codes import Because
from vocab.site import Site
from wire.event import EdgeEvent, EventError, received
from wire.marks import Mark
from wire.message import Message

PENDING, CONFIRMED, OTHERWISE, UNCONFIRMED = "pending", "confirmed", "otherwise", "unconfirmed"
_RAISED = (Because.RAISED, Because.HIDDEN_RAISED)
_CLEARED = (Because.CLEARED, Because.HIDDEN_CLEARED)


class EdgeEventView(msgspec.Struct, frozen=True):
    """One event as the API shows it."""

    edge: str
    alarm: str
    old: str
    new: str
    because: str
    at_ms: int
    value: float | None
    action: tuple[str, ...]
    told_ms: int
    received_ms: int
    state: str
    ticket: str | None


class EdgeEvents:
    """The verbs, to be called by the writer's thread; what it counts is of this process."""

    def __init__(self, refused: Counter[str]) -> None:
        self._refused = refused
        self.counts: Counter[str] = Counter({"edge_events": 0, "edge_events_duplicate": 0})
        for state in (CONFIRMED, OTHERWISE, UNCONFIRMED):
            self.counts[f"edge_events_{state}"] = 0
        self.is_waiting = True  # whether something is pending; not known before the first look

    def read(self, site: Site, messages: Sequence[Message]) -> list[EdgeEvent]:
        """The events that can be believed; the others are counted with their reasons."""
        found = []
        for message in messages:
            try:
                event = received(message)
                _known(site, event)
            except EventError as error:
                self._refused[error.reason] += 1
            else:
                found.append(event)
        return found

    def take(self, engine: Engine, events: Sequence[EdgeEvent], now_ms: int) -> Changes:
        """Keep events, and see whether our own judgement says the same."""
        with writing(engine.database) as connection:
            new = sum(_insert(connection, event, now_ms) for event in events)
            done, changes = self._settle(connection, engine, now_ms)
        self.counts["edge_events"] += new
        self.counts["edge_events_duplicate"] += len(events) - new
        self._count(done)
        return changes

    def settle(self, engine: Engine, now_ms: int) -> Changes:
        """Frames were judged, or time passed: is anything pending settled by that?"""
        with reading(engine.database) as connection:
            mine = (edge_events.c.site == engine.site.id, edge_events.c.state == PENDING)
            self.is_waiting = connection.execute(select(edge_events.c.alarm).where(*mine).limit(1)).first() is not None
        if not self.is_waiting:
            return Changes()
        with writing(engine.database) as connection:
            done, changes = self._settle(connection, engine, now_ms)
        self._count(done)
        return changes

    def _count(self, done: Sequence[str]) -> None:
        self.is_waiting = True
        for state in done:
            self.counts[f"edge_events_{state}"] += 1

    def _settle(self, connection: Connection, engine: Engine, now_ms: int) -> tuple[list[str], Changes]:
        site = engine.site
        mine = (edge_events.c.site == site.id, edge_events.c.state == PENDING)
        rows = connection.execute(select(edge_events).where(*mine).order_by(edge_events.c.at_ms)).mappings().all()
        done, touched = [], set[int]()
        for row in rows:
            state = _compared(connection, row, now_ms, engine.options.late_after_ms)
            if state is None:
                continue
            ticket = _ticket(connection, site, row)
            if ticket is not None and row["because"] in {each.word for each in _RAISED}:
                _add_line(connection, site, row, (ticket, state), now_ms)
                touched.add(ticket)
            connection.execute(_of(row).values(state=state, ticket=ticket))
            done.append(state)
        found = engine.queries.some(connection, touched) if touched else []
        return done, Changes(tickets=tuple(found))


def views(
    engine: Engine, state: str | None, asset: str | None, limit: int, grids: frozenset[str] | None = None
) -> list[EdgeEventView]:
    """The newest events of equipment in these grids (None: all), newest first."""
    statement = select(edge_events).where(edge_events.c.site == engine.site.id)
    if state is not None:
        statement = statement.where(edge_events.c.state == state)
    of = None if asset is None else [asset]
    if grids is not None:
        of = [name for name in engine.site.assets_in(grids) if of is None or name in of]
    if of is not None:
        alarm = edge_events.c.alarm
        statement = statement.where(or_(false(), *(alarm.startswith(f"{name}.", autoescape=True) for name in of)))
    with reading(engine.database) as connection:
        rows = connection.execute(statement.order_by(edge_events.c.at_ms.desc()).limit(limit)).mappings().all()
    return [
        EdgeEventView(
            row["edge"], row["alarm"], row["old"], row["new"], row["because"], row["at_ms"], row["value"],
            tuple(msgspec.json.decode(row["action"])), row["told_ms"], row["received_ms"], row["state"],
            None if row["ticket"] is None else str(row["ticket"]),
        )
        for row in rows
    ]  # fmt: skip


def _known(site: Site, event: EdgeEvent) -> None:
    if event.site != site.id or event.edge not in {edge.id for edge in site.file.edge}:
        raise EventError("event_unknown_edge", f"{event.site}/{event.edge}")
    if event.sim and not site.file.simulated:
        raise EventError("event_simulated")
    if event.alarm.split(".")[0] not in {asset.id for asset, _ in site.devices_of(event.edge)}:
        raise EventError("event_foreign_asset", event.alarm)


def _insert(connection: Connection, event: EdgeEvent, now_ms: int) -> bool:
    """Whether it is new."""
    row = {
        "site": event.site, "edge": event.edge, "alarm": event.alarm, "at_ms": event.at_ms, "new": event.new,
        "old": event.old, "because": event.because, "value": event.value, "epoch": event.epoch, "seq": event.seq,
        "told_ms": event.ts, "frame_epoch": event.frame[0], "frame_seq": event.frame[1],
        "action": msgspec.json.encode(event.action).decode(), "received_ms": now_ms, "state": PENDING,
    }  # fmt: skip
    return insert_new(connection, edge_events, row) is not None


def _of(row: RowMapping) -> Any:
    keys = ("site", "edge", "alarm", "at_ms", "new")
    return update(edge_events).where(and_(*(edge_events.c[key] == row[key] for key in keys)))


def _compared(connection: Connection, row: RowMapping, now_ms: int, patience_ms: int) -> str | None:
    """What our own log says of an event; None while it cannot know."""
    kinds = next((each for each in (_RAISED, _CLEARED) if row["because"] in {kind.word for kind in each}), None)
    words = [row["because"]] if kinds is None else [kind.word for kind in kinds]
    same = select(transitions.c.at_ms).where(
        transitions.c.site == row["site"], transitions.c.alarm == row["alarm"], transitions.c.because.in_(words)
    )
    if connection.execute(same.where(transitions.c.at_ms == row["at_ms"]).limit(1)).first() is not None:
        return CONFIRMED
    if not _is_judged(connection, row):
        return None
    if row["judged_ms"] is None:
        connection.execute(_of(row).values(judged_ms=now_ms))
        return None
    near = transitions.c.at_ms.between(row["at_ms"] - patience_ms, row["at_ms"] + patience_ms)
    if connection.execute(same.where(near).limit(1)).first() is not None:
        return OTHERWISE
    return UNCONFIRMED if now_ms - row["judged_ms"] > patience_ms else None


def _is_judged(connection: Connection, row: RowMapping) -> bool:
    """Whether we took the frame in which the cabinet found it, and it does not wait for its predecessors."""
    epoch, seq = row["frame_epoch"], row["frame_seq"]

    def of(table: Any) -> Any:
        mine = (table.c.site == row["site"], table.c.edge == row["edge"], table.c.epoch == epoch)
        return select(table).where(*mine)

    found = connection.execute(of(marks)).first()
    if found is None:
        return False
    mark = Mark.from_row(found.site, found.edge, found.epoch, found.high, found.gaps)
    if seq > mark.high or any(first <= seq <= last for first, last in mark.gaps):
        return False
    return connection.execute(of(waiting).where(waiting.c.seq == seq)).first() is None


def _ticket(connection: Connection, site: Site, row: RowMapping) -> int | None:
    """The ticket to which our own finding of this alarm spoke; else the open one of its hazard."""
    spoke = select(evidence.c.ticket).join(tickets, tickets.c.id == evidence.c.ticket)
    spoke = spoke.where(tickets.c.site == site.id, evidence.c.alarm == row["alarm"], evidence.c.at_ms == row["at_ms"])
    found = connection.execute(spoke.order_by(evidence.c.id).limit(1)).scalar()
    if found is None:
        asset, name = row["alarm"].split(".", 1)
        rule = next((rule for rule in site.rules_of(site.asset(asset)) if rule.id == name), None)
        if rule is None:
            return None
        mine = (tickets.c.site == site.id, tickets.c.asset == asset, tickets.c.hazard == rule.hazard)
        found = connection.execute(select(func.max(tickets.c.id)).where(*mine, tickets.c.closed_ms.is_(None))).scalar()
    return None if found is None else int(found)


def _add_line(connection: Connection, site: Site, row: RowMapping, where: tuple[int, str], now_ms: int) -> None:
    ticket, state = where
    text = _text(site, row, state)
    line = {"ticket": ticket, "at_ms": row["at_ms"], "recorded_ms": now_ms, "alarm": row["alarm"]}
    connection.execute(evidence.insert().values(**line, en=text.en, zh=text.zh))


def _text(site: Site, row: RowMapping, state: str) -> Both:
    """Cabinet A judged this by itself at …, siren on."""
    edge = site.edge(row["edge"])
    clock = texts.local(row["at_ms"], ZoneInfo(site.file.timezone))
    names = {each.id: each.name for each in edge.annunciator}
    acted = [names[each] for each in msgspec.json.decode(row["action"]) if each in names]
    en = f"{edge.name.en} judged this by itself at {clock}" + "".join(f", {name.en} on" for name in acted)
    zh = f"{edge.name.zh}已于{clock}就地判断" + "".join(f"，{name.zh}已动作" for name in acted)
    if state == UNCONFIRMED:
        en, zh = f"{en}. The server's own rules do not confirm it", f"{zh}。服务器规则未能证实"
    return Both(en, zh)
