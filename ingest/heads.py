"""Pure. Frames without their readings, as columns of a closed period."""

from __future__ import annotations

from dataclasses import dataclass

from ingest.columns import Ints


@dataclass(frozen=True, slots=True, eq=False)
class Heads:
    """Frames as columns, without their readings, in order of arrival."""

    id: Ints
    source: Ints
    seq: Ints
    lane: Ints
    ts_ms: Ints
    received_ms: Ints
    stored_ms: Ints

    def __len__(self) -> int:
        return len(self.id)
