"""Pure. Every series that the sites can report, numbered, with what the gate needs to know of each as columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vocab.site import Site


class Series(NamedTuple):
    """One point of one asset."""

    site: str
    asset: str
    point: str
    unit: str


class Catalogue:
    """Series by number, in the order of the site files: the same sites give the same numbers."""

    def __init__(self, sites: Sequence[Site]) -> None:
        self.series: list[Series] = []
        self.points: dict[tuple[str, str], dict[str, int]] = {}  # (site, asset) -> point -> number
        self.assets_of: dict[tuple[str, str], frozenset[str]] = {}  # (site, edge) -> assets that hang on it
        lows: list[float] = []
        highs: list[float] = []
        slews: list[float] = []
        periods: list[float] = []
        for site in sites:
            for asset in site.assets:
                numbers = self.points.setdefault((site.id, asset.id), {})
                for point in site.points_of(asset):
                    numbers[point.id] = len(self.series)
                    self.series.append(Series(site.id, asset.id, point.id, point.unit))
                    low, high = point.bounds if point.bounds is not None else (-np.inf, np.inf)
                    lows.append(low)
                    highs.append(high)
                    slews.append(np.inf if point.slew is None else point.slew / 1000)
                    periods.append(point.period_s * 1000)
            buses = site.buses
            for edge in site.file.edge:
                hanging = {asset.id for asset, _ in site.devices_of(edge.id)}
                hanging |= {name for name, (node, _) in buses.items() if node.id == edge.id}
                self.assets_of[site.id, edge.id] = frozenset(hanging | {edge.id})
        self.low: NDArray[np.float64] = np.array(lows, dtype=np.float64)
        self.high: NDArray[np.float64] = np.array(highs, dtype=np.float64)
        self.slew_per_ms: NDArray[np.float64] = np.array(slews, dtype=np.float64)
        self.period_ms: NDArray[np.float64] = np.array(periods, dtype=np.float64)
        self.sites: Mapping[str, bool] = {site.id: site.file.simulated for site in sites}  # id -> is it simulated

    def __len__(self) -> int:
        return len(self.series)

    def number(self, site: str, asset: str, point: str) -> int:
        """The number of a series; KeyError if the sites have no such point."""
        return self.points[site, asset][point]
