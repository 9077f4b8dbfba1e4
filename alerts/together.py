"""Pure. The judge over many frames at once: a batch of the broker's, and a backtest.

The same as frame by frame, event for event (tests/unit/alerts/test_together.py). What may be judged together stands in
alerts/runs.py; everything else goes through the judge one by one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from alerts import runs
from alerts.judge import Judge
from alerts.layout import Layout
from alerts.ledger import CatchUp, Options
from alerts.position import Position
from rules.columns import I64
from rules.feeding import feed_dated
from rules.functions import PLAIN, Functions
from wire.frames import Frames
from wire.verdict import Accepted

_AT_ONCE = 16_384  # readings that a compiled kernel judges together


class RunJudge(Judge):
    """A judge that can take many frames."""

    def __init__(self, layout: Layout, options: Options, functions: Functions = PLAIN) -> None:
        super().__init__(layout, options, functions)
        # Plain, a reading is cheap only if its cell occurs once among those told together (rules/quiet.py).
        self._at_once = 1 if functions.is_plain else _AT_ONCE

    def use(self, functions: Functions) -> None:
        """See `Judge`."""
        super().use(functions)
        self._at_once = 1 if functions.is_plain else _AT_ONCE

    def take_many(self, frames: Sequence[Accepted]) -> None:
        """Frames that were never taken before, in order of arrival; the server's clock stands at each one's arrival."""
        columns = Frames.of(frames)
        turns = np.flatnonzero(np.diff(columns.received_ms)) + 1
        for start, end in pairwise([0, *turns.tolist(), len(columns)]):
            if start < end:
                # As if the clock had ticked before each: how often changes nothing.
                self._advance(int(columns.received_ms[start]) - 1, listening=True)
                self.take_all(columns[start:end])

    def take_all(self, frames: Frames) -> None:
        """Frames that were never taken before, in order of arrival: the same as each by itself, but those of a run
        (alerts/runs.py) are judged together. Groups have nothing in common, so one is judged after the other."""
        group_of = np.array([self.layout.group_of.get(source.edge, -1) for source in frames.sources], np.int32)
        groups = group_of[frames.source]
        for group in np.unique(groups).tolist():
            mine = frames.chosen(np.flatnonzero(groups == group))
            ats = runs.dates(mine)
            firsts = runs.starts(mine, ats, self.options.vouch_ms).tolist()
            for first, end in zip(firsts, [*firsts[1:], len(mine)], strict=True):
                self._take_run(self.layout.groups[group].edges, mine[first:end], ats[mine.bounds[first] :])

    def _take_run(self, edges: tuple[str, ...], run: Frames, ats: I64) -> None:
        place = 0
        while place < len(run):
            frame = run[place]
            self._release_due(frame.received_ms - 1, edges)
            self._take(frame)
            place += 1
            if place < len(run) and not any(edge in self.waiting for edge in edges):
                place += self._go_on(frame, run[place:], ats[run.bounds[place] :])

    def _go_on(self, before: Accepted, run: Frames, ats: I64) -> int:
        """Judge what follows a frame that was just judged, with the book that judged it; returns how many frames."""
        edge, stand = before.edge, (before.source.epoch, before.seq)
        catch_up = None
        if self.positions[edge].stand != stand:
            mine = (each for each in self.catch_ups.values() if each.edge == edge and each.position.stand == stand)
            catch_up = next(mine, None)
            if catch_up is None:
                return 0
            run = run[: catch_up.last - before.seq]
        book = self.books[self.layout.group_of[edge]] if catch_up is None else catch_up.book
        source, cells = self.layout.source(edge), self.layout.cell_of[run.series]
        for part in self._parts(run):
            rows = slice(int(run.bounds[part.start]), int(run.bounds[part.stop]))
            until = (source, int(run.ts_ms[part.stop - 1]))
            self.counts.out_of_order += feed_dated(book, cells[rows], run[part], ats[rows], until)
        self.counts.frames += len(run)
        self.counts.readings += len(run.series)
        self._stand(before, run, catch_up)
        return len(run)

    def _stand(self, before: Accepted, run: Frames, catch_up: CatchUp | None) -> None:
        """Where the edge's book stands after a run, and what was found in it."""
        edge, epoch = before.edge, before.source.epoch
        late = run.received_ms - run.ts_ms > self.options.late_after_ms
        position = Position(epoch, int(run.seq[-1]), int(run.ts_ms[-1]))
        if catch_up is not None:
            self._caught_up_to(catch_up, position)
            return
        position.is_late = bool(late[-1])
        was_late = np.concatenate([[self.positions[edge].is_late], late[:-1]])
        if (was_late & ~late).any():
            self.touched.caught_up.add(edge)
        self.positions[edge] = position
        group = self.layout.group_of[edge]
        self.touched.groups.add(group)
        for transition in self.books[group].take():
            finder = min(int(np.searchsorted(run.ts_ms, transition.at_ms)), len(run) - 1)
            self._find(transition, self.layout.groups[group].watches, int(run.received_ms[finder]))

    def _parts(self, run: Frames) -> Iterator[slice]:
        """Stretches of a run that are worth judging at once; the log of a book has room for each."""
        start = 0
        while start < len(run):
            most = int(run.bounds[start]) + self._at_once
            end = max(int(np.searchsorted(run.bounds, most, "right")) - 1, start + 1)
            yield slice(start, end)
            start = end

    def hear_all(self, frames: Frames) -> None:
        """The same as `hear` at each moment at which one of these came, in order of arrival."""
        cell_of = np.array([self._silence_cells.get(source.edge, -1) for source in frames.sources], np.int32)
        cells, ats = cell_of[frames.source], frames.received_ms
        order = np.lexsort((ats, cells))
        again = np.zeros(len(ats), np.bool_)
        again[order[1:]] = (cells[order[1:]] == cells[order[:-1]]) & (ats[order[1:]] == ats[order[:-1]])
        keep = (cells >= 0) & ~again & (ats >= np.maximum.accumulate(ats))  # not what a clock set back calls earlier
        if keep.any():
            nothing = np.zeros(int(keep.sum()), np.int8)
            self.silence.observe(cells[keep], nothing.astype(np.float64), nothing, nothing, ats[keep])
            self.touched.silence = True
        self._collect_silence()
