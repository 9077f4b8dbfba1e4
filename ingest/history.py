"""Pure. The port behind which stored history stands, for those who replay it.

History is told as it arrived: the same frames in the same order, with the edge's watermark, the lane and the moment of
arrival, and with the quality that the gate settled. A frame without readings is a row too, so no watermark is missing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from wire.catalogue import Catalogue
from wire.frames import Frames


@dataclass(frozen=True, slots=True)
class Stretch:
    """Frames of one site, in order of arrival. It ends with the last one that speaks of the period, however late."""

    site: str
    first: int
    last: int
    frames: int
    from_ms: int  # the earliest watermark
    to_ms: int  # the moment after the latest watermark
    heard_ms: int  # when the store last heard of the site at all, frames after the stretch included


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some frames in order of arrival."""

    frames: Frames
    is_opening: bool  # the store's process began to hear (again) with the first of them


class History(Protocol):
    """Stored history, read only. Every method may raise StoreError."""

    def stretch(self, site: str, from_ms: int | None, to_ms: int | None) -> Stretch | None:
        """The frames needed to know what happened from `from_ms` until `to_ms`; None if there are none."""

    def frames(self, stretch: Stretch, catalogue: Catalogue) -> Iterator[Chunk]:
        """These frames in chunks of bounded size, their series numbered as in `catalogue`; what it does not know is
        left out."""

    def close(self) -> None:
        """Let go of the file."""
