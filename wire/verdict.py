"""Pure. What the gate says of a message: accepted as columns, or rejected with a reason and kept."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vocab.quality import Quality, Reason
from vocab.reading import Reading
from vocab.topics import Kind
from wire.catalogue import Catalogue


class Refusal(StrEnum):
    """Why a frame, or one reading of it, goes no further. Counted by these words."""

    OVERSIZED = "oversized"
    MALFORMED = "malformed"
    WRONG_VERSION = "wrong_version"
    WRONG_TOPIC = "wrong_topic"
    WRONG_SITE = "wrong_site"  # a site that we do not serve, or not the one of the topic
    UNKNOWN_EDGE = "unknown_edge"
    WRONG_EDGE = "wrong_edge"  # not the one of the topic
    FUTURE = "future"
    RETAINED = "retained"  # readings are never retained, so this is a ghost
    SIMULATED = "simulated"  # simulated readings for a site that is real
    UNKNOWN_ASSET = "unknown_asset"
    FOREIGN_ASSET = "foreign_asset"  # an asset of this site that has nothing on this edge
    UNKNOWN_POINT = "unknown_point"


class Source(NamedTuple):
    """Whose counting a frame's `seq` belongs to."""

    site: str
    edge: str
    epoch: int


class Refused(NamedTuple):
    """Readings of an accepted frame that were dropped."""

    asset: str
    point: str
    reason: Refusal


@dataclass(frozen=True, slots=True, eq=False)
class Accepted:
    """A frame whose readings are settled: row i of every column is one reading.

    `series` counts in the gate's `Catalogue`. A value that is absent is NaN, and then the quality is not GOOD.
    The columns may be views of a larger array: do not write into them.
    """

    source: Source
    seq: int
    ts_ms: int  # the edge's watermark
    lane: Kind  # TELE or BACKFILL
    received_ms: int
    series: NDArray[np.int32]
    measured_ms: NDArray[np.int64]
    values: NDArray[np.float64]
    quality: NDArray[np.uint8]
    reason: NDArray[np.uint8]
    topic: str
    refused: tuple[Refused, ...] = ()
    payload: bytes = b""  # kept only where something was refused

    def __len__(self) -> int:
        return len(self.series)

    @property
    def site(self) -> str:
        """The site of the edge that sent it."""
        return self.source.site

    @property
    def edge(self) -> str:
        """The edge that sent it."""
        return self.source.edge

    def readings(self, catalogue: Catalogue) -> list[Reading]:
        """One object per reading: for tests and for people; the pipeline stays with columns."""
        found = []
        for row, index in enumerate(self.series.tolist()):
            series = catalogue.series[index]
            value = float(self.values[row])
            found.append(
                Reading(
                    series.asset,
                    series.point,
                    None if np.isnan(value) else value,
                    int(self.measured_ms[row]),
                    Quality(int(self.quality[row])),
                    Reason(int(self.reason[row])),
                )
            )
        return found


@dataclass(frozen=True, slots=True)
class Rejected:
    """A message that goes no further. It is kept and counted, and then acknowledged."""

    topic: str
    payload: bytes
    received_ms: int
    reason: Refusal
    detail: str = ""
    readings: int = 0  # how many it would have brought, where that could be read


class RefusedError(Exception):
    """Carries the reason out of the checks of one frame."""

    def __init__(self, reason: Refusal, detail: str = "", readings: int = 0) -> None:
        self.reason = reason
        self.detail = detail
        self.readings = readings
        super().__init__(reason)
