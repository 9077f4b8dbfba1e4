"""Pure. What the columns of a frame mean: a topic is a cabinet, and a list of points is a list of series.

A cabinet sends the same few lists over and over, so what they mean is looked up by their bytes. A packed frame is
looked up whole; where its cabinet sends only what moved, no two frames are alike, and then its assets are looked up.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import msgspec
import numpy as np
from numpy.typing import NDArray

from vocab.topics import Topic
from wire import lean, packed
from wire.catalogue import Catalogue
from wire.verdict import Refusal, Refused, RefusedError

_REMEMBERED = 1_000  # lists of points a cabinet, before they are forgotten all at once
_REMEMBERED_BYTES = 1 << 20  # of whole frames
_OBJECTS_BYTES = 260  # of each beside its names and numbers: what Python and numpy need to hold them (measured)


@dataclass(slots=True)
class Layout:
    """What a list of points means: the series of the columns that are kept, and which columns mean nothing."""

    series: NDArray[np.int32]
    kept: NDArray[np.intp] | None  # None: every column
    width: int
    refused: tuple[Refused, ...] = ()


class Cabinet:
    """An edge and one lane of it, with the layouts it has used."""

    def __init__(self, catalogue: Catalogue, topic: Topic) -> None:
        self.site = topic.site
        self.edge = topic.edge
        self.lane = topic.kind
        self.simulated = catalogue.sites[topic.site]
        self._of_block: dict[tuple[str, bytes], Layout] = {}
        self._of_frame: dict[bytes, Layout] = {}
        self._frame_bytes = 0
        self._points = catalogue.points
        self._assets = catalogue.assets_of[topic.site, topic.edge]

    def block(self, asset: str, points: bytes) -> Layout:
        """The layout of an asset's points, as JSON; RefusedError if that is no list."""
        return self._of_block.get((asset, points)) or self._learn(asset, points, lean.points_in)

    def frame(self, names: bytes) -> Layout:
        """The layout of a packed frame by its names; RefusedError if they are none."""
        return self._of_frame.get(names) or self._learn_frame(names)

    def _learn_frame(self, names: bytes) -> Layout:
        try:
            blocks = packed.blocks_in(names)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise RefusedError(Refusal.MALFORMED, f"the names: {error}") from error
        layout = _joined([self._packed_block(asset, bytes(points)) for asset, points in blocks])
        size = len(names) + layout.series.nbytes + _OBJECTS_BYTES
        self._frame_bytes += size
        if self._frame_bytes > _REMEMBERED_BYTES:
            self._of_frame.clear()
            self._frame_bytes = size
        self._of_frame[names] = layout
        return layout

    def _packed_block(self, asset: str, points: bytes) -> Layout:
        return self._of_block.get((asset, points)) or self._learn(asset, points, packed.points_in)

    def _learn(self, asset: str, points: bytes, read: Callable[[bytes], list[str]]) -> Layout:
        try:
            names = read(points)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise RefusedError(Refusal.MALFORMED, f"the points of {asset!r}: {error}") from error
        if len(self._of_block) >= _REMEMBERED:
            self._of_block.clear()
        layout = self._of_block[asset, points] = self._meaning(asset, names)
        return layout

    def _meaning(self, asset: str, names: Sequence[str]) -> Layout:
        points = self._points.get((self.site, asset))
        if points is None or asset not in self._assets:
            reason = Refusal.UNKNOWN_ASSET if points is None else Refusal.FOREIGN_ASSET
            nothing = tuple(Refused(asset, name, reason) for name in names)
            return Layout(np.empty(0, np.int32), np.empty(0, np.intp), len(names), nothing)
        kept = [column for column, name in enumerate(names) if name in points]
        series = np.array([points[names[column]] for column in kept], np.int32)
        if len(kept) == len(names):
            return Layout(series, None, len(names))
        refused = tuple(Refused(asset, name, Refusal.UNKNOWN_POINT) for name in names if name not in points)
        return Layout(series, np.array(kept, np.intp), len(names), refused)


def _joined(layouts: Sequence[Layout]) -> Layout:
    """One layout of assets that follow one another."""
    series = np.concatenate([each.series for each in layouts]) if layouts else np.empty(0, np.int32)
    width = sum(each.width for each in layouts)
    if all(each.kept is None for each in layouts):
        return Layout(series, None, width)
    kept, start = [], 0
    for each in layouts:
        kept.append(start + (np.arange(each.width) if each.kept is None else each.kept))
        start += each.width
    return Layout(series, np.concatenate(kept), width, tuple(name for each in layouts for name in each.refused))
