"""Short questions to an engine's database."""

from __future__ import annotations

from alerts.database import reading
from alerts.engine import Engine
from alerts.queries import Wanted
from alerts.views import TicketView, TransitionView
from tests.unit.alerts.plant import T0


def tickets(engine: Engine) -> list[TicketView]:
    """Every ticket, oldest first."""
    with reading(engine.database) as connection:
        return engine.queries.tickets(connection, Wanted(limit=1000))[::-1]


def transitions(engine: Engine) -> list[TransitionView]:
    """Every transition, in the order written."""
    with reading(engine.database) as connection:
        return engine.queries.transitions(connection, None, None, 100_000)


def log(engine: Engine) -> list[tuple[float, str, str]]:
    """When, which alarm, into which state."""
    return [((each.at_ms - T0) / 1000, each.alarm, each.new) for each in transitions(engine)]


def boiler_tickets(engine: Engine) -> list[TicketView]:
    """Hazards only, without silences."""
    return [ticket for ticket in tickets(engine) if ticket.category == "hazard"]


def boiler_log(engine: Engine) -> list[tuple[float, str, str]]:
    """Without the cabinets' own alarms, and without silences."""
    return [line for line in log(engine) if line[1].startswith("b") and "no_data" not in line[1]]


def boiler_alarms(engine: Engine) -> list[str]:
    """Ids of the alarms that are not normal, without the cabinets' own."""
    return [alarm.id for alarm in engine.alarms() if alarm.id.startswith("b")]
