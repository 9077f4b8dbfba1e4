"""Pure. What a judge is told, and what it keeps account of."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field

from alerts.layout import Watch
from alerts.position import Position
from rules.book import Book
from rules.transition import Transition
from rules.vouched import VOUCH_MS
from wire.verdict import Accepted


@dataclass(frozen=True, slots=True)
class Options:
    """Site time, in milliseconds."""

    late_after_ms: int = 120_000
    vouch_ms: int = VOUCH_MS
    patience_ms: int = 0
    settle_ms: int = 0
    silence_floor_ms: int = 0  # no link recovers faster than this, so no silence is judged sooner
    stopped_for_ms: int = 900_000  # a cabinet that said goodbye has this long to come back


@dataclass(frozen=True, slots=True)
class Order:
    """Who wants something of an alarm, why, until when, and by which maintenance window."""

    by: str | None = None
    note: str | None = None
    until_ms: int | None = None
    window: int | None = None


NOBODY = Order()  # the world, or time


@dataclass(frozen=True, slots=True)
class Finding:
    """A transition with what it is about."""

    transition: Transition
    watch: Watch
    late: bool
    catch_up: bool = False
    order: Order = NOBODY


@dataclass(slots=True)
class CatchUp:
    """A copy of a book as it stood before a gap, judging what fills it."""

    edge: str
    epoch: int
    first: int
    last: int
    position: Position
    book: Book

    @property
    def name(self) -> str:
        """Its key among the saved books."""
        return f"{self.edge}:{self.epoch}:{self.first}"


@dataclass(slots=True)
class Waiting:
    """Frames of one edge that wait for their predecessors."""

    until_ms: int
    frames: dict[tuple[int, int], Accepted] = field(default_factory=dict)  # by (epoch, seq)


@dataclass(slots=True)
class Counts:
    """What went past; since this process began."""

    frames: int = 0
    readings: int = 0
    duplicates: int = 0
    not_judged: int = 0  # frames that nobody waited for
    out_of_order: int = 0  # readings older than their point's last

    def as_words(self) -> dict[str, int]:
        """For the API and for metrics."""
        return asdict(self)


@dataclass(slots=True)
class Touched:
    """What has to be saved."""

    groups: set[int] = field(default_factory=set)
    edges: set[str] = field(default_factory=set)
    catch_ups: set[str] = field(default_factory=set)
    dropped: set[str] = field(default_factory=set)  # catch-ups that are over
    waiting: list[Accepted] = field(default_factory=list)
    released: list[Accepted] = field(default_factory=list)
    caught_up: set[str] = field(default_factory=set)  # edges that are in the present again
    silence: bool = False
