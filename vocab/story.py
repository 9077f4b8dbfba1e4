"""Pure. A rule's test: one short story of an asset, told as a table of samples, and the alarms that it must give.

It is what an expert of the field reads and can disagree with; docs/reference/rule-tests.md says how it is written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from pydantic import Field, NaiveDatetime

from vocab.instant import to_ms
from vocab.point import Id, PointId
from vocab.quality import Quality, Reason
from vocab.strict_toml import Strict, Text

# What can happen to an alarm: the words of rules.codes.Because, told with spaces.
EVENTS = (
    "raised", "cleared", "acknowledged", "reset", "shelved", "unshelved", "shelf ended", "suppressed", "unsuppressed",
    "window began", "window ended", "removed", "returned", "realarmed", "hidden raised", "hidden cleared",
)  # fmt: skip
BUS_VARIANT = "polled"  # of the bus on which the asset of a story hangs
# How it is at a moment, and what did not happen.
STANDINGS = ("nothing", "stands", "over", "latched", "unknown", "first out", "not first", "refused")
# What is done to it by order, and the event that it is; tightening the watch of its asset is none by itself.
ORDERS: Mapping[str, str] = {
    "acknowledge": "acknowledged", "reset": "reset", "shelve": "shelved", "unshelve": "unshelved",
    "begin window": "window began", "end window": "window ended", "remove": "removed", "return": "returned",
    "tighten": "", "relax": "",
}  # fmt: skip


class RuleTest(Strict):
    """One row of tests.toml: which rule of which asset, what the story is about, and its table."""

    rule: PointId
    story: Text
    kind: Id | None = None  # only in packs/common: the kind of the asset on which its rule is tried
    variant: str | None = None
    params: dict[PointId, float] = Field(default_factory=dict)
    dates: dict[PointId, date] = Field(default_factory=dict)
    start: NaiveDatetime = datetime(2026, 3, 2)  # noqa: DTZ001 - a Monday, by the clock on the site's wall
    timezone: str = "Asia/Shanghai"
    table: str

    @property
    def begins(self) -> datetime:
        """`start` as an aware moment; ZoneInfoNotFoundError or ValueError where there is no such time zone."""
        return self.start.replace(tzinfo=ZoneInfo(self.timezone))


class RuleTests(Strict):
    """tests.toml."""

    test: tuple[RuleTest, ...] = ()


@dataclass(frozen=True, slots=True)
class StorySample:
    """One reading of a story; a value of None is none at all."""

    point: str
    value: float | None
    quality: Quality = Quality.GOOD
    reason: Reason = Reason.NONE


@dataclass(frozen=True, slots=True)
class Order:
    """What is done to the alarm; `for_ms` is how long it is shelved."""

    word: str
    for_ms: int = 0


@dataclass(frozen=True, slots=True)
class Expected:
    """One word of the last column, and the moment (since the start) for which it is said."""

    word: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class Moment:
    """One moment of a story, in ms since its start; `gap_ms` is when the cabinet fell silent before it, if it did."""

    line: int
    at_ms: int
    samples: tuple[StorySample, ...] = ()
    orders: tuple[Order, ...] = ()
    expects: tuple[Expected, ...] = ()
    gap_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Story:
    """A test that was understood: its moments in order of time, and where it stands."""

    test: RuleTest
    kind: str
    file: str
    line: int
    moments: tuple[Moment, ...]

    @property
    def start_ms(self) -> int:
        """The instant from which its moments count, in ms UTC."""
        return to_ms(self.test.begins)

    @property
    def name(self) -> str:
        """Short, and different from every other: what a list shows."""
        return f"{self.kind}/{self.test.rule}:{self.line}"

    @property
    def points(self) -> tuple[str, ...]:
        """Ids of the points that are told of, sorted."""
        return tuple(sorted({sample.point for moment in self.moments for sample in moment.samples}))


def said(at_ms: int) -> str:
    """A moment of a story as its table writes it, such as 2m25s."""
    rest, parts = at_ms, []
    for unit, span in (("d", 86_400_000), ("h", 3_600_000), ("m", 60_000)):
        if rest >= span:
            parts.append(f"{rest // span}{unit}")
            rest %= span
    if rest or not parts:
        parts.append(f"{rest / 1000:g}s")
    return "".join(parts)
