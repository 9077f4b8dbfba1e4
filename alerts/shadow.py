"""Shell. A version in shadow: drafted rules judge the same frames as the live ones, and nobody is told.

1. It begins with the books as they stand, carried over by name, as if the rules had gone live at that moment.
2. It has marks and books in rows of its own, saved in a transaction of its own after the live one. What the broker
   hands over again after a crash in between is new to it and old to the live rules, so neither misses nor doubles it.
3. Whatever goes wrong here stays here: it is told, the books are read again a little later, and the frames in between
   are counted as missed (to the shadow a gap like any other).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import sqlalchemy
import structlog
from sqlalchemy import Connection, delete, literal, select

from alerts import tables
from alerts.closer import Span
from alerts.database import writing
from alerts.hidings import open_windows
from alerts.judge import Judge
from alerts.law import Law
from alerts.ledger import NOBODY, Counts, Options, Order, Touched
from alerts.together import RunJudge
from alerts.version_rows import VersionRows
from alerts.windows import Window
from rules.codes import Input
from rules.functions import Functions
from wire.verdict import Accepted

log = structlog.get_logger()

RETRY_MS = 30_000
_BOOKS = (
    tables.marks, tables.edges, tables.layouts, tables.books, tables.catch_ups, tables.waiting, tables.alarms
)  # fmt: skip


def rows_of(version: int) -> str:
    """Under which name the rows of a shadow are kept; no site can be called so."""
    return f"shadow:{version}"


def copy_books(connection: Connection, site: str, version: int, law: Law) -> None:
    """The live books, for a shadow to begin with."""
    drop_books(connection, version)
    for table in _BOOKS:
        mine = [literal(rows_of(version)) if column.name == "site" else column for column in table.c]
        chosen = select(*mine).where(table.c.site == site)
        connection.execute(table.insert().from_select([column.name for column in table.c], chosen))
    alarms = tables.alarms
    here = alarms.c.site == rows_of(version)
    gone = set(connection.execute(select(alarms.c.id).where(here)).scalars()) - law.layout.watches.keys()
    for alarm in gone:  # withdrawing one would be said in the live log
        connection.execute(delete(alarms).where(here, alarms.c.id == alarm))


def drop_books(connection: Connection, version: int) -> None:
    """A shadow that is over needs none."""
    for table in _BOOKS:
        connection.execute(delete(table).where(table.c.site == rows_of(version)))


class Shadow:
    """`alerts.beside.Beside`. `law` keeps its books under `rows_of(version)`."""

    def __init__(self, version: int, law: Law, database: sqlalchemy.Engine, options: Options, how: Functions) -> None:
        self.version = version
        self.law = law
        self.missed = 0  # frames, since the process began
        self.trouble: str | None = None
        self._database = database
        self._options = options
        self._functions = how
        self._judge = RunJudge(law.layout, options, how)
        self._listening: bool | None = None
        self._stale = True
        self._retry_ms: int | None = None

    def go_on_from(self, live: Judge, is_listening: bool | None, now_ms: int) -> None:
        """It begins in the middle: what is not in the books, such as how long to wait for frames, is as it is live."""

        def begin() -> None:
            self._judge.inherit(live)
            self._judge.counts = Counts()
            self._listening = is_listening

        self._safely(begin, now_ms)

    def _load(self) -> None:
        judge = RunJudge(self.law.layout, self._options, self._functions)
        with writing(self._database) as connection:
            self._marks, self._edges, _ = self.law.store.load(connection, judge)
            open_windows(connection, self.law.site.id, judge.agenda)
        judge.inherit(self._judge)
        self._judge = judge
        self._stale = False

    # --- what live judging is shown --------------------------------------------------------------------------------

    def apply(self, frames: Sequence[Accepted], now_ms: int) -> None:
        """See `Beside`."""

        def judge() -> None:
            self._begin(now_ms, hears=True)
            heard: dict[int, set[str]] = {}
            for frame in frames:
                heard.setdefault(frame.received_ms, set()).add(frame.edge)
            self._judge.take_many([frame for frame in frames if self._marks.take(frame.source, frame.seq)])
            for moment in sorted(heard):
                self._judge.hear(heard[moment], moment)

        self._safely(judge, now_ms, len(frames))

    def tick(self, now_ms: int) -> None:
        """See `Beside`."""

        def judge() -> None:
            self._begin(now_ms)
            self._judge.tick(now_ms, listening=self._listening is not False)

        self._safely(judge, now_ms)

    def listening(self, is_listening: bool, now_ms: int) -> None:
        """See `Beside`."""

        def judge() -> None:
            if is_listening and self._listening is not True:
                self._judge.listen(now_ms)
            self._listening = is_listening

        self._safely(judge, now_ms)

    def goodbye(self, edge: str, at_ms: int, now_ms: int) -> None:
        """See `Beside`."""
        self._safely(lambda: self._judge.goodbye(edge, at_ms), now_ms)

    def command(self, alarm: str, what: Input, now_ms: int, order: Order = NOBODY) -> None:
        """See `Beside`. An alarm that only the live rules have is passed over."""
        if alarm in self.law.layout.watches:
            self._safely(lambda: self._judge.command(alarm, what, now_ms, order), now_ms)

    def put_window(self, window: Window, now_ms: int) -> None:
        """See `Beside`."""

        def put() -> None:
            self._judge.agenda.put(window)
            self._judge.settle(now_ms)

        self._safely(put, now_ms)

    def put_closer(self, spans: Sequence[Span], now_ms: int) -> None:
        """See `Beside`."""

        def put() -> None:
            self._judge.agenda.put_closer(*spans)
            self._judge.settle(now_ms)

        self._safely(put, now_ms)

    def _begin(self, now_ms: int, *, hears: bool = False) -> None:
        if self._listening is None or (hears and not self._listening):
            self._judge.listen(now_ms)
            self._listening = True

    def _safely(self, work: Callable[[], object], now_ms: int, frames: int = 0) -> None:
        if self._retry_ms is not None and now_ms < self._retry_ms:
            self.missed += frames
            return
        try:
            if self._stale:
                self._load()
            work()
            self._save(now_ms)
            self._retry_ms = self.trouble = None
        except Exception as error:  # noqa: BLE001 - whatever it is, live judging goes on
            self._stale = True
            self.missed += frames
            self._retry_ms = now_ms + RETRY_MS
            self.trouble = (str(error) or type(error).__name__).splitlines()[0]
            self._listening = None if self._listening else self._listening
            log.error("a shadow cannot judge, trying again", version=self.version, cause=self.trouble)

    def _save(self, now_ms: int) -> None:
        findings = self._judge.findings()
        if not findings and self._judge.touched == Touched():
            return
        rows = [
            {
                "version": self.version,
                "alarm": each.watch.id,
                "old": each.transition.old.value,
                "new": each.transition.new.value,
                "at_ms": each.transition.at_ms,
                "recorded_ms": now_ms,
                "because": each.transition.because.word,
                "value": each.transition.value,
                "late": each.late,
            }
            for each in findings
        ]
        with writing(self._database) as connection:
            VersionRows(connection, self.law.site.id).note_shadow(rows)
            self.law.store.save(connection, self._judge, self._marks, self._edges, {})
        self._judge.saved()
