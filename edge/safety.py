"""Pure. The safety rules of a cabinet, judged in the cabinet: the same kernel on the same frames as in alerts.

The law of this file
1. Fed are the very frames that the agent closes, as they will be sent, in order, through the same gate and the same
   `rules.feeding`. So an alarm here has the same name and the same moments as the server's: it *is* that alarm.
2. Judged here are the rules that a pack marks `safety`, for assets all of whose devices hang on this cabinet, and
   whatever these rules ask for. What hangs on two cabinets, or asks for what only the server knows, is left to it.
3. Nobody acknowledges, shelves or suppresses here: orders are the server's. A raised alarm has the same moment under
   every order.
"""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from edge.scope import MINE, scope
from rules.book import Book
from rules.feeding import feed, vouch
from rules.plan import plan
from rules.transition import Transition
from rules.vouched import VOUCH_MS
from vocab.site import Site
from wire.catalogue import Catalogue
from wire.verdict import Accepted


@dataclass(slots=True)
class Last:
    """The frame that was judged last."""

    epoch: int
    seq: int
    ts_ms: int


class Safety:
    """The book of a cabinet. `book` and `last` are all there is to save."""

    def __init__(self, site: Site, edge_id: str, catalogue: Catalogue, vouch_ms: int = VOUCH_MS) -> None:
        self.scope = scope(site, edge_id)
        self.book = Book(plan(self.scope.watched, ZoneInfo(site.file.timezone)))
        self.last: Last | None = None
        self._vouch_ms = vouch_ms
        self._cell_of: NDArray[np.int32] = np.full(len(catalogue), -1, np.int32)
        for cell, name in enumerate(self.book.plan.cell_names):
            asset, point = name.split("/")
            self._cell_of[catalogue.number(site.id, asset, point)] = cell

    def take(self, frame: Accepted) -> list[Transition]:
        """What a frame means for the safety alarms. Frames come in the order in which they were closed."""
        if not self.scope.watched:
            return []
        last, epoch, seq = self.last, frame.source.epoch, frame.seq
        if last is None:
            self.book.begin(MINE, frame.ts_ms)
        else:
            broken = (epoch, seq) != (last.epoch, last.seq + 1)
            vouch(self.book, MINE, last.ts_ms, frame.ts_ms, self._vouch_ms, broken=broken)
        feed(self.book, MINE, self._cell_of[frame.series], frame)
        self.last = Last(epoch, seq, frame.ts_ms)
        return [each for each in self.book.take() if each.alarm in self.scope.safety]

    def is_active(self, alarm: str) -> bool:
        """Whether an alarm's condition holds, its off-delay included; False for one that is not judged here."""
        row = self.book.rows.get(alarm)
        return row is not None and self.book.is_active(row)

    def active(self) -> list[str]:
        """The safety alarms that stand."""
        return [alarm for alarm in self.scope.safety if self.is_active(alarm)]
