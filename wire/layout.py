"""Pure. What the columns of a frame mean: a topic is a cabinet, and a list of points is a list of series."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from vocab.topics import Topic
from wire.catalogue import Catalogue
from wire.lean import points_in
from wire.verdict import Refusal, Refused, RefusedError

_REMEMBERED = 1_000  # layouts a cabinet, before they are forgotten all at once


@dataclass(slots=True)
class Layout:
    """What one list of points of one asset means: the series of its columns, and which columns mean nothing."""

    series: array[int]
    kept: tuple[int, ...] | None  # None: every column
    width: int
    refused: tuple[Refused, ...] = ()


class Cabinet:
    """An edge and one lane of it, with the layouts it has used."""

    def __init__(self, catalogue: Catalogue, topic: Topic) -> None:
        self.site = topic.site
        self.edge = topic.edge
        self.lane = topic.kind
        self.simulated = catalogue.sites[topic.site]
        self.layouts: dict[tuple[str, bytes], Layout] = {}
        self._points = catalogue.points
        self._assets = catalogue.assets_of[topic.site, topic.edge]

    def learn(self, key: tuple[str, bytes]) -> Layout:
        """The layout of (asset, its points as JSON), worked out and remembered; RefusedError if that is no list."""
        asset, raw = key
        try:
            names = points_in(raw)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise RefusedError(Refusal.MALFORMED, f"the points of {asset!r}: {error}") from error
        if len(self.layouts) >= _REMEMBERED:
            self.layouts.clear()
        layout = self.layouts[key] = self._meaning(asset, names)
        return layout

    def _meaning(self, asset: str, names: Sequence[str]) -> Layout:
        points = self._points.get((self.site, asset))
        if points is None or asset not in self._assets:
            reason = Refusal.UNKNOWN_ASSET if points is None else Refusal.FOREIGN_ASSET
            return Layout(array("i"), (), len(names), tuple(Refused(asset, name, reason) for name in names))
        kept = tuple(column for column, name in enumerate(names) if name in points)
        series = array("i", [points[names[column]] for column in kept])
        if len(kept) == len(names):
            return Layout(series, None, len(names))
        refused = tuple(Refused(asset, name, Refusal.UNKNOWN_POINT) for name in names if name not in points)
        return Layout(series, kept, len(names), refused)
