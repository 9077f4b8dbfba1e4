"""Pure. What the wall shows, in memory: kept up to date by changes, read by snapshots, drained by deltas."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from alerts.present import Latest
from alerts.views import AlarmView, Changes, EdgeView, TicketView, UnknownView
from rules.codes import AlarmState

MOST_TICKETS = 500


class Board:
    """Alarms that are not normal, open tickets (the newest 500), cabinets, latest values, and counts of the system."""

    def __init__(
        self, alarms: Iterable[AlarmView], tickets: Iterable[TicketView], edges: Iterable[EdgeView], latest: Latest,
        unknown: Mapping[str, UnknownView],
    ) -> None:  # fmt: skip
        self.alarms = {alarm.id: alarm for alarm in alarms}
        self.tickets = {ticket.id: ticket for ticket in sorted(tickets, key=lambda each: int(each.id))}
        self.edges = {edge.id: edge for edge in edges}
        self.values: Latest = dict(latest)
        self.unknown = dict(unknown)
        self.system: dict[str, Any] = {"ingest": None, "alerts": {}}
        self._pending: dict[str, dict[str, Any]] = {
            "alarms": {},
            "tickets": {},
            "edges": {},
            "latest": {},
            "unknown": {},
        }
        self._system_changed = False

    def absorb(self, changes: Changes) -> None:
        """Take over what one call of the engine changed."""
        for alarm in changes.alarms:
            self._pending["alarms"][alarm.id] = alarm
            if alarm.state == AlarmState.NORMAL:
                self.alarms.pop(alarm.id, None)
            else:
                self.alarms[alarm.id] = alarm
        for ticket in changes.tickets:
            self._pending["tickets"][ticket.id] = ticket
            if ticket.closed_ms is None:
                self.tickets[ticket.id] = ticket
            else:
                self.tickets.pop(ticket.id, None)
        while len(self.tickets) > MOST_TICKETS:
            del self.tickets[next(iter(self.tickets))]
        for edge in changes.edges:
            self._pending["edges"][edge.id] = edge
            self.edges[edge.id] = edge
        self._pending["unknown"].update(changes.unknown)
        for asset, unknown in changes.unknown.items():
            if unknown is None:
                self.unknown.pop(asset, None)
            else:
                self.unknown[asset] = unknown

    def absorb_latest(self, latest: Latest) -> None:
        """Take over new values."""
        self.values.update(latest)
        self._pending["latest"].update(latest)

    def absorb_system(self, system: dict[str, Any]) -> None:
        """Take over counts, if they changed."""
        if system != self.system:
            self.system = system
            self._system_changed = True

    def counts(self, now_ms: int) -> dict[str, float]:
        """How many alarms call, how many are hidden and how, and how many permits nobody has confirmed in time."""
        hidden = [alarm for alarm in self.alarms.values() if alarm.hidden is not None]
        counts: dict[str, float] = {"alarms": len(self.alarms) - len(hidden)}
        for state in (AlarmState.SHELVED, AlarmState.SUPPRESSED, AlarmState.OUT_OF_SERVICE):
            counts[state.value] = sum(alarm.state == state for alarm in hidden)
        out = [each.hidden for each in hidden if each.state == AlarmState.OUT_OF_SERVICE and each.hidden is not None]
        counts["service_overdue"] = sum(each.until_ms is not None and each.until_ms < now_ms for each in out)
        return counts

    def drain(self) -> dict[str, Any]:
        """What changed since the last call, in the words of a delta; empty if nothing did."""
        delta: dict[str, Any] = {}
        for name, changed in self._pending.items():
            if changed:
                delta[name] = dict(changed) if name in ("latest", "unknown") else list(changed.values())
                changed.clear()
        if self._system_changed:
            delta["system"] = self.system
            self._system_changed = False
        return delta

    def snapshot(self) -> dict[str, Any]:
        """Everything, in the words of a snapshot."""
        return {
            "alarms": list(self.alarms.values()),
            "tickets": list(self.tickets.values()),
            "latest": self.values,
            "edges": list(self.edges.values()),
            "unknown": self.unknown,
            "system": self.system,
        }
