"""Pure. Books as people see them: alarms, cabinets and the latest value of every point."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from alerts import texts
from alerts.judge import Judge
from alerts.layout import Layout, Watch
from alerts.orders import Hiding, How
from alerts.position import EdgeRecord
from alerts.views import AlarmView, EdgeView, HiddenView
from rules.book import Book
from rules.codes import NEVER, Hidden, StateCode
from vocab.quality import Reason

Latest = dict[str, tuple[float | None, int, int, str]]  # asset/point: value, measured_ms, quality, reason


class Present:
    """A view over a judge; it holds nothing but what was told last."""

    def __init__(
        self,
        layout: Layout,
        judge: Judge,
        edges: Mapping[str, EdgeRecord],
        acked_by: Mapping[str, str | None],
        hazards: Mapping[tuple[str, str], int],
        hidings: Mapping[tuple[str, How], Hiding],
    ) -> None:
        self._layout = layout
        self._judge = judge
        self._edges = edges
        self._acked_by = acked_by
        self._hazards = hazards
        self._hidings = hidings
        self._told: list[NDArray[np.int64]] = [np.full(len(book.senses.value), NEVER, np.int64) for book in judge.books]

    def is_shown(self, alarm: str) -> bool:
        """Whether an alarm is anything but normal."""
        book, row = self._judge.find(alarm)
        return int(book.lives.state[row]) != StateCode.NORMAL

    def alarm(self, alarm: str) -> AlarmView:
        """One alarm."""
        book, row = self._judge.find(alarm)
        watch, lives = self._layout.watches[alarm], book.lives
        ticket = self._hazards.get((watch.asset.id, watch.rule.hazard))
        return AlarmView(
            id=alarm,
            asset=watch.asset.id,
            rule=watch.rule.id,
            point=watch.rule.point,
            hazard=watch.rule.hazard,
            category=watch.rule.category,
            grade=watch.rule.grade,
            priority=watch.rule.priority,
            state=StateCode(int(lives.state[row])).word.value,
            value=_number(lives.value[row]),
            peak=_number(lives.peak[row]),
            limit=texts.limit(watch),
            unit=texts.unit(watch),
            name=texts.both(watch.rule.name),
            raised_ms=_moment(lives.raised_ms[row]),
            cleared_ms=_moment(lives.cleared_ms[row]),
            acked_ms=_moment(lives.acked_ms[row]),
            acked_by=self._acked_by.get(alarm),
            ticket=None if ticket is None else str(ticket),
            active=book.is_active(row),
            first_out=bool(lives.first_out[row]),
            latching=watch.rule.latching,
            protected=alarm in self._judge.agenda.protected,
            hidden=self._hidden(alarm, int(lives.hidden[row])),
        )

    def _hidden(self, alarm: str, reasons: int) -> HiddenView | None:
        """The gravest of the reasons why an alarm is hidden, as its state names it."""
        if not reasons:
            return None
        how = How.OUT_OF_SERVICE if reasons & Hidden.OUT_OF_SERVICE else How.SHELVED
        hiding = self._hidings.get((alarm, how))
        if reasons & (Hidden.OUT_OF_SERVICE | Hidden.ON_SHELF) and hiding is not None:
            return HiddenView(
                how.value, hiding.by, hiding.why, hiding.from_ms, hiding.until_ms,
                hiding.permit, hiding.second, hiding.renewals,
            )  # fmt: skip
        window = self._judge.agenda.window_of(alarm) if reasons & Hidden.BY_ORDER else None
        if window is None:
            return HiddenView(How.DESIGN.value)
        second = window.confirmed_by if alarm in self._judge.agenda.protected else None
        return HiddenView(
            How.WINDOW.value, window.by, window.reason, window.start_ms, window.end_ms, second=second, window=window.id
        )

    def alarms(self) -> list[AlarmView]:
        """Every alarm that is not normal."""
        found = []
        for group, book in zip(
            (*self._layout.groups, self._layout.silence), (*self._judge.books, self._judge.silence), strict=True
        ):
            rows = np.flatnonzero(book.lives.state != StateCode.NORMAL).tolist()
            found += [self.alarm(group.watches[row].id) for row in rows]
        return found

    def active(self, edge: str) -> list[Watch]:
        """The alarms of an edge's book whose condition holds now."""
        number = self._layout.group_of[edge]
        book = self._judge.books[number]
        return [watch for row, watch in enumerate(self._layout.groups[number].watches) if book.is_active(row)]

    def edge(self, edge: str) -> EdgeView:
        """One cabinet."""
        record, position = self._edges[edge], self._judge.positions.get(edge)
        book = self._judge.books[self._layout.group_of[edge]]
        return EdgeView(
            id=edge,
            state=record.state,
            last_frame_ms=None if position is None else position.ts_ms,
            epoch=None if position is None else position.epoch,
            seq=None if position is None else position.seq,
            spool_frames=self._reading(book, f"{edge}/spool_frames"),
            spool_bytes=self._reading(book, f"{edge}/spool_bytes"),
            lag_ms=record.lag_ms,
            catching_up=any(each.edge == edge for each in self._judge.catch_ups.values()),
        )

    def _reading(self, book: Book, name: str) -> int | None:
        cell = book.cells.get(name)
        value = None if cell is None else _number(book.senses.shown[cell])
        return None if value is None else round(value)

    def latest(self, *, only_new: bool) -> Latest:
        """The last reading of every point, or of those heard since the last call with `only_new`."""
        found: Latest = {}
        for place, book in enumerate(self._judge.books):
            senses = book.senses
            # Two readings of one moment differ in value or quality at most, and the second is soon followed.
            wanted = senses.measured_ms != (self._told[place] if only_new else NEVER)
            if only_new:
                self._told[place] = senses.measured_ms.copy()
            for cell in np.flatnonzero(wanted).tolist():
                found[book.plan.cell_names[cell]] = (
                    _number(senses.shown[cell]),
                    int(senses.measured_ms[cell]),
                    int(senses.quality[cell]),
                    Reason(int(senses.reason[cell])).wire,
                )
        return found


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _moment(value: int) -> int | None:
    return None if value == NEVER else int(value)
