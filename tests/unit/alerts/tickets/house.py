"""An engine with a ticket to work on, and short words for what people do to it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from alerts.engine import Engine
from alerts.tickets import desk
from alerts.tickets.commands import Command, Verb
from alerts.tickets.model import Plan
from alerts.tickets.view import EventView
from alerts.views import TicketView
from tests.databases import database_url
from tests.unit.alerts.asking import tickets
from tests.unit.alerts.plant import Cabinet, at, plant, speaker
from vocab.rule import Grade

FULL = Plan("workshop", "new relief valve", "2000", at(9_000), "evacuate the hall")


class House:
    """Times are seconds after the beginning."""

    def __init__(self, folder: Path) -> None:
        self.url = database_url(folder)
        self.engine = Engine(plant(), self.url)
        self.cabinet: Cabinet = speaker(self.engine.site)
        self.now = 0.0

    def restart(self) -> None:
        self.engine.close()
        self.engine = Engine(plant(), self.url)

    def hear(self, until: float, every: float = 5, **values: Any) -> None:
        """The cabinet says the same until a moment."""
        while self.now < until:
            self.now += every
            self.engine.apply([self.cabinet.frame(self.now, **values)], at(self.now))

    def do(self, number: int, verb: Verb, actor: str = "worker", **told: Any) -> TicketView:
        view, _ = desk.order(self.engine, number, lambda now: Command(verb, actor, now, **told), at(self.now))
        return view

    def ticket(self, number: int = 1) -> TicketView:
        return next(each for each in tickets(self.engine) if each.id == str(number))

    def steps(self, ticket: int = 1) -> list[str]:
        return [each.verb for each in self.events(ticket)]

    def events(self, ticket: int = 1) -> list[EventView]:
        return desk.events(self.engine, ticket)

    def begun(self) -> None:
        """A burner locked out, and a worker on the way."""
        self.hear(10, burner=3.0, temp=50.0)
        self.do(1, Verb.BEGIN)

    def planned(self) -> None:
        """A boiler far too hot, confirmed as a major hazard, and planned."""
        self.hear(30, temp=97.0, burner=1.0)
        self.do(1, Verb.GRADE, "chief", grade=Grade.MAJOR)
        self.do(1, Verb.REPORT_UPWARD, "chief", unit="district")
        self.do(1, Verb.RECEIVED, "chief", receipt="no. 17", person="district duty officer")
        self.do(1, Verb.PLAN, "chief", plan=FULL)
        self.do(1, Verb.DISPATCH, "chief")
        self.do(1, Verb.BEGIN)
