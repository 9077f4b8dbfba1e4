"""Shell. Containers that were emptied and loads that were weighed, seen in the frames: proofs without anybody's word.

The highest level since the last emptying is a row; a fall from it by as much as a schedule asks for is an emptying. A
frame that comes again, or late behind newer ones, changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from sqlalchemy import Connection, Engine, insert, select

from alerts.database import upsert, writing
from alerts.duties.haul_tables import loads
from alerts.duties.tables import duty_levels, emptyings
from vocab.quality import Quality
from vocab.site import Site
from wire.catalogue import Catalogue
from wire.verdict import Accepted


class Heard(NamedTuple):
    """One good reading of a container."""

    moment_ms: int
    asset: str
    point: str
    value: float


class Emptied:
    """Looks at the frames of one site."""

    def __init__(self, site: Site, catalogue: Catalogue) -> None:
        self._site = site.id
        self._falls: dict[tuple[str, str], float] = {}
        for schedule in site.duties.file.schedule:
            for name in schedule.covers if schedule.proof is not None else ():
                if schedule.proof is not None:
                    key = (name, schedule.proof.point)
                    self._falls[key] = min(schedule.proof.fall, self._falls.get(key, schedule.proof.fall))
        for haul in site.duties.file.haul:
            for pool in haul.pools:
                self._falls[pool, haul.point] = min(haul.fall, self._falls.get((pool, haul.point), haul.fall))
        self._least = {(plant.asset, plant.point): plant.least for plant in site.duties.file.plant}
        watched = self._falls.keys() | self._least.keys()
        self._series = {
            index: (series.asset, series.point)
            for index, series in enumerate(catalogue.series)
            if series.site == site.id and (series.asset, series.point) in watched
        }
        self._is_watched = np.zeros(len(catalogue.series), np.bool_)
        self._is_watched[list(self._series)] = True

    def heard(self, frames: Sequence[Accepted]) -> list[Heard]:
        """Good readings of what is watched, in the order of time."""
        if not self._series or not self._is_watched[np.concatenate([frame.series for frame in frames])].any():
            return []
        found = []
        for frame in frames:
            for row in np.flatnonzero(self._is_watched[frame.series]).tolist():
                if int(frame.quality[row]) == Quality.GOOD:
                    asset, point = self._series[int(frame.series[row])]
                    found.append(Heard(int(frame.measured_ms[row]), asset, point, float(frame.values[row])))
        return sorted(found)

    def take(self, database: Engine, heard: Sequence[Heard]) -> None:
        """Write down what follows from them."""
        with writing(database) as connection:
            for moment_ms, asset, point, value in heard:
                if (asset, point) in self._least:
                    self._weighed(connection, moment_ms, asset, point, value)
                else:
                    self._one(connection, moment_ms, asset, point, value)

    def _weighed(self, connection: Connection, moment_ms: int, asset: str, point: str, value: float) -> None:
        if value >= self._least[asset, point]:
            upsert(connection, loads, [{"site": self._site, "asset": asset, "at_ms": moment_ms, "weight": value}])

    def _one(self, connection: Connection, moment_ms: int, asset: str, point: str, value: float) -> None:
        mine = [
            duty_levels.c[name] == word for name, word in (("site", self._site), ("asset", asset), ("point", point))
        ]
        row = connection.execute(select(duty_levels).where(*mine)).one_or_none()
        if row is not None and moment_ms <= row.at_ms:
            return
        key = {"site": self._site, "asset": asset, "point": point}
        fall = 0.0 if row is None else row.peak - value
        is_emptied = row is not None and fall >= self._falls[asset, point]
        if is_emptied:
            connection.execute(insert(emptyings).values(**key, at_ms=moment_ms, fall=fall))
        if row is None or is_emptied or value > row.peak:
            upsert(connection, duty_levels, [key | {"peak": value, "at_ms": moment_ms}])
