"""Pure. Names of rows as numbers: `asset.rule` and `asset/point` are put together when somebody asks for them.

A million points have four million names; as strings, in a dictionary, they would take more room than all that the
kernel works on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from rules.columns import I32


class Names(Sequence[str]):
    """One name per row: that of its asset, a mark, and a word of which there are few."""

    def __init__(self, mark: str, assets: tuple[str, ...], words: tuple[str, ...], asset: I32, word: I32) -> None:
        self._mark = mark
        self._assets = assets
        self._words = words
        self._asset = asset  # by row
        self._word = word

    def __len__(self) -> int:
        return len(self._asset)

    @overload
    def __getitem__(self, row: int) -> str: ...
    @overload
    def __getitem__(self, row: slice) -> list[str]: ...
    def __getitem__(self, row: int | slice) -> str | list[str]:
        if isinstance(row, slice):
            return [self[each] for each in range(*row.indices(len(self)))]
        return f"{self._assets[self._asset[row]]}{self._mark}{self._words[self._word[row]]}"

    def __iter__(self) -> Iterator[str]:
        assets, words, mark = self._assets, self._words, self._mark
        for asset, word in zip(self._asset.tolist(), self._word.tolist(), strict=True):
            yield f"{assets[asset]}{mark}{words[word]}"

    def find(self, name: object) -> int | None:
        """The row of a name; the last one if several have it."""
        asset, mark, word = name.partition(self._mark) if isinstance(name, str) else ("", "", "")
        first, wanted = self._number_of_asset.get(asset), self._number_of_word.get(word)
        if not mark or first is None or wanted is None:
            return None
        order, starts = self._rows_of_asset
        mine = slice(int(starts[first]), int(starts[first + 1]))
        if order is None:
            found = np.flatnonzero(self._word[mine] == wanted)
            return int(found[-1]) + mine.start if len(found) else None
        rows = order[mine]
        rows = rows[self._word[rows] == wanted]
        return int(rows[-1]) if len(rows) else None

    @cached_property
    def _number_of_asset(self) -> dict[str, int]:
        return {name: number for number, name in enumerate(self._assets)}

    @cached_property
    def _number_of_word(self) -> dict[str, int]:
        return {name: number for number, name in enumerate(self._words)}

    @cached_property
    def _rows_of_asset(self) -> tuple[NDArray[Any] | None, NDArray[Any]]:
        """Rows by asset (None: they stand so), and where each asset's begin and end."""
        counts = np.bincount(self._asset, minlength=len(self._assets))
        starts = np.concatenate([[0], np.cumsum(counts)])
        if (self._asset[1:] >= self._asset[:-1]).all():
            return None, starts
        return np.argsort(self._asset, kind="stable").astype(np.int32), starts


class Places(Mapping[str, int]):
    """The row of each name."""

    def __init__(self, names: Names) -> None:
        self._names = names

    def __getitem__(self, name: str) -> int:
        found = self._names.find(name)
        if found is None:
            raise KeyError(name)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)
