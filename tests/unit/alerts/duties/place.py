"""The demo site with a real database and a clock that stands where it is put."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from alerts.database import reading
from alerts.duties import views
from alerts.duties.due import State
from alerts.duties.look import look
from alerts.engine import Engine
from alerts.tables import evidence, tickets
from alerts.views import Changes
from runtime.clock import Clock
from runtime.files import load_site, shipped
from tests.databases import database_url
from vocab.instant import to_ms
from vocab.site import Site

SHANGHAI = ZoneInfo("Asia/Shanghai")
MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000


@cache
def demo() -> Site:
    return load_site(shipped("sites") / "demo")


def ms(text: str) -> int:
    """2026-03-26 08:00 in Shanghai."""
    return to_ms(datetime.fromisoformat(text).replace(tzinfo=SHANGHAI))


@dataclass(frozen=True, slots=True)
class Hand(Clock):
    """A clock that somebody turns."""

    at: list[int] = field(default_factory=lambda: [0])

    def now_ms(self) -> int:
        return self.at[0]


@dataclass
class Place:
    """Looks, and what came of it."""

    folder: Path
    site: Site = field(default_factory=demo)
    engine: Engine = field(init=False)

    def __post_init__(self) -> None:
        self.start()

    def start(self) -> None:
        """A new process on the same database."""
        if hasattr(self, "engine"):
            self.engine.close()
        self.engine = Engine(self.site, database_url(self.folder))

    def look(self, when: str | int) -> Changes:
        return look(self.engine, ms(when) if isinstance(when, str) else when)

    def duties(self, schedule: str, *states: State, when: str = "2026-03-26 08:00") -> list[dict[str, Any]]:
        asked = views.Asked(states or tuple(State), None, schedule, limit=views.MOST)
        return views.listed(self.engine, asked, ms(when))

    def states(self, schedule: str) -> list[str]:
        rows = sorted(self.duties(schedule), key=lambda row: (row["subject"], row["due_from_ms"]))
        return [row["state"] for row in rows]

    def tickets(self, **values: object) -> list[dict[str, Any]]:
        with reading(self.engine.database) as connection:
            rows = connection.execute(select(tickets).order_by(tickets.c.id)).mappings().all()
        return [dict(row) for row in rows if all(row[name] == value for name, value in values.items())]

    def lines(self, ticket: int) -> list[str]:
        with reading(self.engine.database) as connection:
            found = select(evidence.c.en).where(evidence.c.ticket == ticket).order_by(evidence.c.id)
            return list(connection.execute(found).scalars())
