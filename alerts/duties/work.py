"""Shell. A miss becomes work: one open ticket per subject of a schedule, with a line of evidence for each miss."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select, update
from sqlalchemy.dialects import postgresql, sqlite

from alerts.changing import Change
from alerts.tables import evidence, numbers, tickets
from vocab.duties import Miss
from vocab.instant import from_ms
from vocab.rule import Grade
from vocab.site import Site
from vocab.strict_toml import Text

KIND = "duty"  # of what such a ticket is about: no equipment


@dataclass(frozen=True, slots=True)
class Wanted:
    """A ticket that somebody must work on: of which subject, what, where, whose."""

    about: str  # an asset, or the schedule and its subject; one open ticket of a hazard each
    miss: Miss
    title: Text
    place: str
    unit: str
    rule: str


@dataclass(frozen=True, slots=True)
class Works:
    """Opens, adds to and closes tickets inside a change."""

    change: Change
    site: Site
    now_ms: int

    @property
    def _connection(self) -> Connection:
        return self.change.connection

    def ask(self, wanted: Wanted, line: Text, at_ms: int) -> int:
        """The open ticket, a new one if there is none, with this line of evidence; its id."""
        ticket = self.open_of(wanted) or self._opened(wanted, at_ms)
        self.say(ticket, line, at_ms)
        return ticket

    def say(self, ticket: int, line: Text, at_ms: int) -> None:
        """A line of evidence."""
        values = {"ticket": ticket, "at_ms": at_ms, "recorded_ms": self.now_ms, "en": line.en, "zh": line.zh}
        self._connection.execute(evidence.insert().values(**values))
        self.change.filing.touched.add(ticket)

    def settle(self, ticket: int, line: Text) -> None:
        """Everything that it was about has been done: it is closed, and says by whom."""
        mine = (tickets.c.site == self.site.id, tickets.c.id == ticket, tickets.c.closed_ms.is_(None))
        done = update(tickets).where(*mine).values(closed_ms=self.now_ms, state="written_off")
        if self._connection.execute(done).rowcount:
            self.say(ticket, line, self.now_ms)

    def open_of(self, wanted: Wanted) -> int | None:
        """The open ticket about it."""
        found = select(tickets.c.id).where(
            tickets.c.site == self.site.id,
            tickets.c.asset == wanted.about,
            tickets.c.hazard == wanted.miss.hazard,
            tickets.c.closed_ms.is_(None),
        )
        return self._connection.execute(found).scalar_one_or_none()

    def _opened(self, wanted: Wanted, at_ms: int) -> int:
        row: dict[str, Any] = {
            "site": self.site.id,
            "number": self._number(),
            "asset": wanted.about,
            "kind": KIND,
            "hazard": wanted.miss.hazard,
            "category": wanted.miss.category.value,
            "grade": Grade.GENERAL.value,
            "priority": wanted.miss.priority,
            "state": "filed",
            "rule": wanted.rule,
            "title_en": wanted.title.en,
            "title_zh": wanted.title.zh,
            "grid": wanted.place,
            "opened_ms": self.now_ms,
            "raised_ms": at_ms,
            "late": False,
        }
        return int(self._connection.execute(tickets.insert().values(**row).returning(tickets.c.id)).scalar_one())

    def _number(self) -> str:
        """SITE-DAY-0001, by the site's own calendar."""
        day = from_ms(self.now_ms).astimezone(ZoneInfo(self.site.file.timezone)).strftime("%Y%m%d")
        dialect = postgresql if self._connection.dialect.name == "postgresql" else sqlite
        insert = dialect.insert(numbers).values(site=self.site.id, day=day, last=1)
        statement = insert.on_conflict_do_update(
            index_elements=["site", "day"], set_={"last": numbers.c.last + 1}
        ).returning(numbers.c.last)
        return f"{self.site.id.upper()}-{day}-{self._connection.execute(statement).scalar_one():04d}"
