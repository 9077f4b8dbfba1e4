"""A whole outbox in virtual time: engine, writer and office on one database, with a clock that the test moves."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from pathlib import Path

from alerts.database import reading
from alerts.engine import Engine
from alerts.outbox.office import Office
from alerts.outbox.views import CallView, time_line
from alerts.views import Changes
from alerts.writer import Writer
from runtime.clock import Clock
from tests.databases import database_url
from tests.unit.alerts.asking import boiler_tickets
from tests.unit.alerts.plant import Cabinet, at
from vocab.site import Site


class HandClock(Clock):
    """Shows what it is set to."""

    def set(self, second: float) -> None:
        object.__setattr__(self, "_ms", at(second))

    def now_ms(self) -> int:
        return int(getattr(self, "_ms", at(0)))


@dataclass
class Room:
    """A duty room that is moved second by second."""

    engine: Engine
    clock: HandClock
    office: Office
    writer: Writer
    told: list[Changes] = field(default_factory=list)

    async def go(self, second: float) -> None:
        """The server's time comes to `second`; what is due is ordered and sent."""
        self.clock.set(second)
        self.told.append(self.engine.tick(at(second)))
        await self.office.look(wait=True)

    async def through(self, first: float, last: float, step: float = 10.0) -> None:
        second = first
        while second <= last:
            await self.go(second)
            second += step

    async def hot(self, cabinet: Cabinet, start_s: float = 0.0, until_s: float = 30.0, boiler: str = "b1") -> None:
        """A boiler beyond its limit, of priority 1."""
        second = start_s
        while second <= until_s:
            self.engine.apply([cabinet.frame(second, boiler, temp=97.0, burner=1.0)], at(second))
            await self.go(second)
            second += 5

    def calls(self, place: int = 0) -> list[CallView]:
        ticket = boiler_tickets(self.engine)[place]
        with reading(self.engine.database) as connection:
            return time_line(connection, self.engine.site, int(ticket.id))

    def lines(self) -> list[str]:
        return [line.text.en for line in boiler_tickets(self.engine)[0].evidence]

    async def close(self) -> None:
        for _, sender in self.office._senders.values():
            await sender.close()
        self.writer.close()


def room(site: Site, folder: Path, start_s: float = 0.0) -> Room:
    engine = Engine(site, database_url(folder))
    writer, clock = Writer(engine), HandClock()
    clock.set(start_s)
    made = Room(engine, clock, None, writer)  # type: ignore[arg-type]
    made.office = Office(engine, writer, clock, "http://phone", folder, made.told.append, random.Random(1))
    return made
