"""Shell. What a restart needs, as rows: marks, positions, books, catch-ups, waiting frames and the lives of alarms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, RowMapping, delete, select

from alerts import tables
from alerts.database import upsert
from alerts.judge import Judge
from alerts.layout import Group, Layout
from alerts.ledger import CatchUp, Waiting
from alerts.position import EdgeRecord, Position
from alerts.saved import packed_frame, unpack_frame
from rules.book import Book
from rules.codes import FAR, NEVER, StateCode
from rules.saved import digest, names_of, packed, unpack
from wire.marks import Mark, Marks
from wire.verdict import Accepted

_MOMENTS = ("at_ms", "since_ms", "frozen_ms", "ready_ms", "raised_ms", "cleared_ms", "acked_ms", "shelf_ms")
_DUES = ("due_ms", "veil_ms")
_NUMBERS = ("value", "peak")
_CODES = ("verdict", "phase", "state", "held", "hidden", "beneath")


class Store:
    """Loads and saves a Judge. `site` is what its rows are kept under: a shadow has rows of its own."""

    def __init__(self, site: str, layout: Layout, catalogue_names: bytes) -> None:
        self._site = site
        self._layout = layout
        self._catalogue = digest(catalogue_names)
        self._names = {group.name: names_of(group.plan) for group in (*layout.groups, layout.silence)}
        self._digests = {name: digest(names) for name, names in self._names.items()}

    # --- loading ---------------------------------------------------------------------------------------------------

    def load(self, connection: Connection, judge: Judge) -> tuple[Marks, dict[str, EdgeRecord], dict[str, str | None]]:
        """Fill a new judge; returns marks, cabinets, and who acknowledged which alarm."""
        self._keep_names(connection)
        marks = Marks(
            Mark.from_row(self._layout.site.id, row.edge, row.epoch, row.high, row.gaps)
            for row in connection.execute(self._mine(tables.marks))
        )
        edges = self._load_edges(connection, judge)
        names = {row.digest: row.names for row in connection.execute(self._mine(tables.layouts))}
        saved = {row.name: row for row in connection.execute(self._mine(tables.books))}
        for group, book in self._books(judge):
            if group.name in saved:
                unpack(book, saved[group.name].data, names[saved[group.name].digest])
        for edge, position in judge.positions.items():
            # Points that are new since: their silence counts from where their cabinet stands.
            judge.books[self._layout.group_of[edge]].begin(self._layout.source(edge), position.ts_ms)
        acked_by = self._load_lives(connection, judge)
        for _, book in self._books(judge):
            book.refresh()
        self._load_catch_ups(connection, judge, names)
        for row in connection.execute(self._mine(tables.waiting)):
            frame = unpack_frame(row.frame, self._catalogue)
            if frame is not None and frame.edge in self._layout.group_of:
                # What they wait for can come only when we listen again, so only then their time runs.
                line = judge.waiting.setdefault(frame.edge, Waiting(FAR))
                line.frames[frame.source.epoch, frame.seq] = frame
        return marks, edges, acked_by

    def _mine(self, table: Any) -> Any:
        return select(table).where(table.c.site == self._site)

    def _books(self, judge: Judge) -> list[tuple[Group, Book]]:
        groups = (*self._layout.groups, self._layout.silence)
        return list(zip(groups, (*judge.books, judge.silence), strict=True))

    def _keep_names(self, connection: Connection) -> None:
        rows = [
            {"site": self._site, "digest": self._digests[name], "names": names} for name, names in self._names.items()
        ]
        upsert(connection, tables.layouts, rows)

    def _load_edges(self, connection: Connection, judge: Judge) -> dict[str, EdgeRecord]:
        edges = {edge: EdgeRecord() for edge in self._layout.group_of}
        for row in connection.execute(self._mine(tables.edges)):
            if row.edge in edges:
                edges[row.edge] = EdgeRecord(row.state, row.state_ms, row.heard_ms, row.received_ms)
                if row.epoch is not None:
                    judge.positions[row.edge] = Position(row.epoch, row.seq, row.ts_ms, row.is_late)
        return edges

    def _load_lives(self, connection: Connection, judge: Judge) -> dict[str, str | None]:
        acked_by = {}
        for row in connection.execute(self._mine(tables.alarms)).mappings().all():
            try:
                book, place = judge.find(row["id"])
            except KeyError:
                self._withdraw(connection, row)
                continue
            acked_by[row["id"]] = row["acked_by"]
            _set_life(book, place, row)
        return acked_by

    def _withdraw(self, connection: Connection, row: RowMapping) -> None:
        """A rule that is no longer there has no alarm; what it left open is said once more and ends."""
        table = tables.alarms
        connection.execute(delete(table).where(table.c.site == self._site, table.c.id == row["id"]))
        if row["state"] != StateCode.NORMAL:
            at_ms = max(row[name] for name in _MOMENTS if row[name] is not None and name != "shelf_ms")
            connection.execute(
                tables.transitions.insert().values(
                    site=self._site, alarm=row["id"], asset=row["asset"], rule=row["rule"],
                    old=StateCode(row["state"]).word.value, new=StateCode.NORMAL.word.value,
                    at_ms=at_ms, recorded_ms=at_ms, because="withdrawn", late=False,
                )
            )  # fmt: skip

    def _load_catch_ups(self, connection: Connection, judge: Judge, names: Mapping[str, bytes]) -> None:
        for row in connection.execute(self._mine(tables.catch_ups)):
            if row.edge in self._layout.group_of:
                book = judge.books[self._layout.group_of[row.edge]].fork()
                unpack(book, row.data, names[row.digest])
                position = Position(row.at_epoch, row.at_seq, row.at_ms)
                catch_up = CatchUp(row.edge, row.epoch, row.first, row.last, position, book)
                judge.catch_ups[catch_up.name] = catch_up

    # --- saving ----------------------------------------------------------------------------------------------------

    def save(
        self, connection: Connection, judge: Judge, marks: Marks, edges: Mapping[str, EdgeRecord],
        acked_by: Mapping[str, str | None],
    ) -> list[str]:  # fmt: skip
        """Write what was touched; returns the alarms whose lives changed."""
        site, touched = self._site, judge.touched
        rows: list[dict[str, Any]] = [
            {
                "site": site,
                "edge": mark.source.edge,
                "epoch": mark.source.epoch,
                "high": mark.high,
                "gaps": mark.gaps_text,
            }
            for mark in marks.changed()
        ]
        upsert(connection, tables.marks, rows)
        upsert(connection, tables.edges, [self._edge_row(judge, edge, edges[edge]) for edge in sorted(touched.edges)])
        changed = [(self._layout.groups[number], judge.books[number]) for number in sorted(touched.groups)]
        if touched.silence:
            changed.append((self._layout.silence, judge.silence))
        self._save_books(connection, changed)
        self._save_catch_ups(connection, judge)
        self._save_waiting(connection, touched.waiting, touched.released)
        lives = [life for group, book in changed for life in self._lives(group, book, acked_by)]
        upsert(connection, tables.alarms, lives)
        return [life["id"] for life in lives]

    def _edge_row(self, judge: Judge, edge: str, record: EdgeRecord) -> dict[str, Any]:
        at = judge.positions.get(edge)
        return {
            "site": self._site,
            "edge": edge,
            "state": record.state,
            "state_ms": record.state_ms,
            "heard_ms": record.heard_ms,
            "received_ms": record.received_ms,
            "epoch": at and at.epoch,
            "seq": at and at.seq,
            "ts_ms": at and at.ts_ms,
            "is_late": at is not None and at.is_late,
        }

    def _save_books(self, connection: Connection, changed: Iterable[tuple[Group, Book]]) -> None:
        rows = [
            {
                "site": self._site,
                "name": group.name,
                "digest": self._digests[group.name],
                "data": packed(book, with_lives=False),
            }
            for group, book in changed
        ]
        upsert(connection, tables.books, rows)

    def _save_catch_ups(self, connection: Connection, judge: Judge) -> None:
        table = tables.catch_ups
        for name in judge.touched.dropped:
            connection.execute(delete(table).where(table.c.site == self._site, table.c.name == name))
        rows = []
        for name in sorted(judge.touched.catch_ups):
            each = judge.catch_ups[name]
            rows.append(
                {
                    "site": self._site, "name": name, "edge": each.edge, "epoch": each.epoch,
                    "first": each.first, "last": each.last,
                    "at_epoch": each.position.epoch, "at_seq": each.position.seq, "at_ms": each.position.ts_ms,
                    "digest": self._digests[self._layout.groups[self._layout.group_of[each.edge]].name],
                    "data": packed(each.book, with_lives=True),
                }
            )  # fmt: skip
        upsert(connection, table, rows)

    def _save_waiting(self, connection: Connection, begun: list[Accepted], released: list[Accepted]) -> None:
        table = tables.waiting
        rows = [
            {
                "site": self._site, "edge": frame.edge, "epoch": frame.source.epoch, "seq": frame.seq,
                "frame": packed_frame(frame, self._catalogue),
            }
            for frame in begun
        ]  # fmt: skip
        upsert(connection, table, rows)
        for frame in released:
            connection.execute(
                delete(table).where(
                    table.c.site == self._site,
                    table.c.edge == frame.edge,
                    table.c.epoch == frame.source.epoch,
                    table.c.seq == frame.seq,
                )
            )

    def _lives(self, group: Group, book: Book, acked_by: Mapping[str, str | None]) -> list[dict[str, Any]]:
        rows = []
        for place in book.lives.dirty.nonzero()[0].tolist():
            watch = group.watches[place]
            rows.append(
                {"site": self._site, "id": watch.id, "asset": watch.asset.id, "rule": watch.rule.id,
                 "hazard": watch.rule.hazard, "acked_by": acked_by.get(watch.id)} | _life(book, place)
            )  # fmt: skip
        return rows


def _life(book: Book, place: int) -> dict[str, Any]:
    lives = book.lives
    life: dict[str, Any] = {name: int(getattr(lives, name)[place]) for name in _CODES}
    for name in _MOMENTS:
        moment = int(getattr(lives, name)[place])
        life[name] = None if moment == NEVER else moment
    for name in _DUES:
        due = int(getattr(lives, name)[place])
        life[name] = None if due == FAR else due
    life["first_out"] = bool(lives.first_out[place])
    for name in _NUMBERS:
        number = float(getattr(lives, name)[place])
        life[name] = None if number != number else number  # noqa: PLR0124 - not a number
    return life


def _set_life(book: Book, place: int, row: RowMapping) -> None:
    lives = book.lives
    for name in _CODES:
        getattr(lives, name)[place] = row[name]
    for name in _MOMENTS:
        getattr(lives, name)[place] = NEVER if row[name] is None else row[name]
    for name in _DUES:
        getattr(lives, name)[place] = FAR if row[name] is None else row[name]
    lives.first_out[place] = row["first_out"]
    for name in _NUMBERS:
        getattr(lives, name)[place] = float("nan") if row[name] is None else row[name]
