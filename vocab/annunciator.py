"""Pure. What a cabinet may switch by itself: sirens and lamps of its own, and when. Never a device of an asset."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from vocab.point import Id, PointId
from vocab.rule import Category, Rule
from vocab.strict_toml import Strict, Text


class Annunciator(Strict):
    """One relay of a box that only makes noise or light, on a bus on which no asset's device hangs."""

    id: Id
    name: Text
    bus: Id
    unit: int = Field(ge=1, le=247)  # Modbus; 0 would be a broadcast
    coil: int = Field(ge=0, le=0xFFFF)  # 0-based, as on the wire
    active_high: bool = True  # the coil is set while it sounds
    check_s: float = Field(default=30.0, gt=0)  # real seconds; so often the coil is read back, and mended


class Action(Strict):
    """What a cabinet does by itself when one of its safety rules raises an alarm."""

    when: Literal["safety"]
    type: Literal["relay"]
    annunciator: Id
    priority: int = Field(default=4, ge=1, le=4)  # alarms of this priority and more urgent ones
    categories: tuple[Category, ...] = ()  # none: all
    rules: tuple[PointId, ...] = ()  # none: all
    # Until somebody acknowledges; as long as the alarm is active; or so many seconds of site time, or acknowledged.
    latched_until: Literal["ack", "clear"] | Annotated[float, Field(gt=0)]

    def covers(self, rule: Rule) -> bool:
        """Whether an alarm of this rule sets it off."""
        if not rule.safety or rule.priority > self.priority:
            return False
        return (not self.categories or rule.category in self.categories) and (not self.rules or rule.id in self.rules)
