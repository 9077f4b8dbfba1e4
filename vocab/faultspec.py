"""Pure. A fault that the simulator must show for a kind, and the alarm it must cause."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from vocab.point import PointId
from vocab.strict_toml import Strict, Text


class FaultSpec(Strict):
    """Ground truth: what goes wrong, how it looks, what must be raised and how fast."""

    id: PointId
    plays: PointId | None = None  # what the simulator does; default: the fault of this very id
    name: Text
    nature: Literal["physical", "sensor", "link", "disturbance"]
    variants: tuple[str, ...] = ()
    signature: Text  # what a person would see in the curve
    expects: PointId | None = None  # rule id; None for a disturbance, which must cause no alarm at all
    also: tuple[PointId, ...] = ()  # rules that may follow without being false alarms
    bound_s: float | None = Field(default=None, gt=0)  # from injection to alarm, simulated time
    point: PointId | None = None  # for sensor faults: the point it strikes unless a scenario says otherwise
    params: dict[PointId, float] = Field(default_factory=dict)  # strength and tempo, read by the physics
    unfound: Text | None = None  # why no rule can tell it from the signals; then nothing is expected

    @property
    def play(self) -> str:
        """The simulator's own name of it: several rows of a pack may play one fault on different points."""
        return self.plays or self.id
