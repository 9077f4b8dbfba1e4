"""Pure. Assets into columns: the sheets that they have in common, one behind the other, with numbers for the whole."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rules.columns import I32, I64, Alarms, Cells, Leaves
from rules.names import Names
from rules.ordering import Asks, asks, ranks
from rules.shared import Shared
from rules.sheet import A_CELL, AN_ALARM, Sheet

_Any = NDArray[Any]


def starts(lengths: _Any) -> I64:
    """Where stretches of these lengths begin, one behind the other."""
    return np.cumsum(lengths, dtype=np.int64) - lengths


def moved(lengths: _Any, order: _Any) -> I64:
    """The members of stretches of these lengths, when the stretches are put into another order."""
    new = lengths[order]
    found: I64 = np.repeat(starts(lengths)[order] - starts(new), new) + np.arange(new.sum())
    return found


@dataclass(slots=True)
class Placed:
    """Assets, each with the sheet that it has, and the sources of its points."""

    assets: list[str]
    sheets: list[Sheet]
    sources: list[tuple[int, ...]]


class Numbering:
    """Numbers for the whole. Alarms are put in order first: what is asked for comes before who asks."""

    def __init__(self, placed: Placed, shared: Shared) -> None:
        self._placed = placed
        self._shared = shared
        self._cells = self._lengths("point")
        self._rows = self._lengths("rule")
        self._first_row = starts(self._rows)
        self._leaf_n = self._joined("leaf_n", np.int32)
        drafted = self._names(np.arange(len(self._leaf_n)))
        other = self._other(drafted)
        asking = np.flatnonzero((self._joined("other_is", np.int8) == AN_ALARM) & (other >= 0))
        row = self._row_of_drafted
        pairs = asks(row[asking], other[asking], len(drafted))
        rank = ranks(pairs, drafted)
        self._order = np.argsort(rank, kind="stable")  # of drafted rows
        self._place = np.empty(len(rank), np.int64)
        self._place[self._order] = np.arange(len(rank))
        self._leaf_order = moved(self._leaf_n, self._order)
        self.rank = rank[self._order]
        self.asks = Asks(self._place[pairs.who], self._place[pairs.whom])
        other[asking] = self._place[other[asking]]
        self._others = other[self._leaf_order].astype(np.int32)
        self._asking = np.flatnonzero(np.isin(self._leaf_order, asking))

    # --- sheets, one behind the other ------------------------------------------------------------------------------

    def _lengths(self, name: str) -> I32:
        return np.array([len(getattr(each, name)) for each in self._placed.sheets], np.int32)

    def _joined(self, name: str, dtype: Any) -> _Any:
        columns = [getattr(each, name) for each in self._placed.sheets]
        return np.concatenate(columns) if columns else np.zeros(0, dtype)

    def _of_leaf(self, by_asset: _Any) -> _Any:
        """What an asset has, for each of its drafted conditions."""
        return np.repeat(by_asset, self._lengths("form"))

    @cached_property
    def _row_of_drafted(self) -> I64:
        found: I64 = self._joined("row", np.int32) + self._of_leaf(self._first_row)
        return found

    def _names(self, order: I64) -> Names:
        asset = np.repeat(np.arange(len(self._rows), dtype=np.int32), self._rows)[order]
        assets = tuple(self._placed.assets)
        return Names(".", assets, self._shared.words, asset, self._joined("word", np.int32)[order])

    def _other(self, drafted: Names) -> I64:
        """What else a condition looks at, in numbers of cells and of drafted rows."""
        found, what = self._joined("other", np.int32).astype(np.int64), self._joined("other_is", np.int8)
        first = np.where(what == A_CELL, self._of_leaf(starts(self._cells)), self._of_leaf(self._first_row))
        found[found >= 0] += first[found >= 0]
        at = starts(self._lengths("form")).tolist()
        for begin, sheet in zip(at, self._placed.sheets, strict=True):
            for leaf, asset, rule in sheet.asked:
                row = drafted.find(f"{asset}.{rule}")
                found[begin + leaf] = -1 if row is None else row
        return found

    # --- what a plan is made of --------------------------------------------------------------------------------------

    @property
    def cell_names(self) -> Names:
        """asset/point of each."""
        asset = np.repeat(np.arange(len(self._cells), dtype=np.int32), self._cells)
        return Names("/", tuple(self._placed.assets), self._shared.words, asset, self._joined("point", np.int32))

    @property
    def alarm_names(self) -> Names:
        """asset.rule of each."""
        return self._names(self._order)

    @property
    def groups(self) -> dict[int, str]:
        """The first-out groups of the alarms that have one."""
        return {
            int(self._place[first + row]): f"{asset}.{group}"
            for asset, first, sheet in zip(
                self._placed.assets, self._first_row.tolist(), self._placed.sheets, strict=True
            )
            for row, group in sheet.groups
        }

    @property
    def depth(self) -> int:
        """Of the stacks that conditions and expressions need."""
        return max((each.depth for each in self._placed.sheets), default=2)

    @cached_property
    def _first_cell(self) -> I64:
        return self._of_leaf(starts(self._cells))

    @cached_property
    def _cell_of_leaf(self) -> I32:
        cell = self._joined("cell", np.int32)
        found: I32 = np.where(cell >= 0, cell + self._first_cell, -1)[self._leaf_order].astype(np.int32)
        return found

    @cached_property
    def _source_of_cell(self) -> I32:
        return np.array([source for each in self._placed.sources for source in each], np.int32)

    def cells(self) -> Cells:
        """The points, and the leaves that look at each."""
        looks = self._lengths("look_leaf")
        new = np.empty(len(self._leaf_order), np.int64)
        new[self._leaf_order] = np.arange(len(new))
        leaf = new[self._joined("look_leaf", np.int32) + np.repeat(starts(self._lengths("form")), looks)]
        cell = self._joined("look_cell", np.int32) + np.repeat(starts(self._cells), looks)
        leaf_n = np.bincount(cell, minlength=len(self._source_of_cell))
        return Cells(
            source=self._source_of_cell,
            on_event=self._joined("on_event", np.bool_),
            leaf_at=starts(leaf_n).astype(np.int32),
            leaf_n=leaf_n.astype(np.int32),
            leaves=leaf[np.lexsort((leaf, cell))].astype(np.int32),
        )

    def leaves(self) -> Leaves:
        """The conditions."""
        order, cell = self._leaf_order, self._cell_of_leaf
        own = self._of_leaf(np.array([each[0] if each else 0 for each in self._placed.sources], np.int32))
        is_kept = self._joined("is_kept", np.bool_)[order]
        rings = self._joined("ring_n", np.int32)[order][is_kept]
        arg_n = self._joined("arg_n", np.int32)
        args, is_cell = self._joined("args", np.int32), self._joined("arg_is_cell", np.bool_)
        args = np.where(is_cell, args + np.repeat(self._first_cell, arg_n), args)
        heard = self._source_of_cell[cell] if len(self._source_of_cell) else cell
        return Leaves(
            form=self._joined("form", np.int32)[order],
            cell=cell,
            source=np.where(cell >= 0, heard, own[order]).astype(np.int32),
            row=self._place[self._row_of_drafted[order]].astype(np.int32),
            other=self._others,
            kept=np.where(is_kept, np.cumsum(is_kept) - 1, -1).astype(np.int32),
            ring_at=starts(rings).astype(np.int32),
            arg_at=starts(arg_n[order]).astype(np.int32),
            args=args[moved(arg_n, order)].astype(np.int32),
            consts=self._shared.consts,
        )

    def alarms(self, source: I32, cluster_of: I32) -> Alarms:
        """The alarms; `source`: whose time each of their conditions follows."""
        leaf_n = self._leaf_n[self._order]
        leaf_at, shown = starts(leaf_n), self._joined("cell_shown", np.int32)
        first = np.repeat(starts(self._cells), self._rows)
        least, most = (each.reduceat(source, leaf_at) for each in (np.minimum, np.maximum))
        asked = self._others[self._asking]
        asked_n = np.bincount(asked, minlength=len(leaf_n))
        return Alarms(
            rule=self._joined("rule", np.int32)[self._order],
            cell=np.where(shown >= 0, shown + first, -1)[self._order].astype(np.int32),
            source=np.where(least == most, least, -1).astype(np.int32),
            leaf_at=leaf_at.astype(np.int32),
            asked_at=starts(asked_n).astype(np.int32),
            asked_n=asked_n.astype(np.int32),
            asked=self._asking[np.argsort(asked, kind="stable")].astype(np.int32),
            cluster=cluster_of,
        )
