"""Pure. How late silences are found: from the moment at which one was complete until it was written down.

Due is the last reading plus the span of the rule, plus its on-delay; both moments are site time. What was found late
(frames that waited somewhere, see docs/reference/rules.md) is counted apart: that is the lateness of the frames.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
from prometheus_client.core import GaugeMetricFamily, HistogramMetricFamily, Metric

from alerts.layout import is_of_the_server
from alerts.views import TransitionView
from rules.book import Book
from rules.codes import FAR, NEVER, Because, LeafKind, Verdict
from vocab.condition import NoData
from vocab.leaves import leaves
from vocab.site import Site

NAME = "anlan_no_data_detection_error_seconds"
_BOUNDS = (0.5, 1.0, 2.0, 3.0, 6.0, 11.0, 21.0, 31.0, 61.0, 121.0)  # periods of the shipped packs, and a second
_RAISED = (Because.RAISED.word, Because.HIDDEN_RAISED.word)


@dataclass(slots=True)
class _Errors:
    counts: list[int] = field(default_factory=lambda: [0] * (len(_BOUNDS) + 1))
    sum: float = 0.0
    worst: float = 0.0

    def add(self, seconds: float) -> None:
        self.counts[bisect_left(_BOUNDS, seconds)] += 1
        self.sum += seconds
        self.worst = max(self.worst, seconds)

    def buckets(self) -> list[tuple[str, float]]:
        names = [*map(str, _BOUNDS), "+Inf"]
        return list(zip(names, np.cumsum(self.counts).astype(float).tolist(), strict=True))


class Detection:
    """The errors since this process began, by whose time judges: `edge` (a point), `server` (a cabinet)."""

    def __init__(self, site: Callable[[], Site]) -> None:
        self._site = site
        self._known_of: Site | None = None
        self._clock_of: dict[str, str] = {}
        self._errors: dict[tuple[str, str], _Errors] = {
            (clock, late): _Errors() for clock in ("edge", "server") for late in ("no", "yes")
        }

    def saw(self, transitions: Iterable[TransitionView]) -> None:
        """What was written down."""
        for each in transitions:
            if each.because not in _RAISED:
                continue
            clock = self._clocks().get(each.alarm)
            if clock is not None:
                error = max(0.0, (each.recorded_ms - each.at_ms) / 1000)
                self._errors[clock, "yes" if each.late else "no"].add(error)

    def _clocks(self) -> dict[str, str]:
        site = self._site()
        if site is not self._known_of:  # other rules were adopted
            self._known_of = site
            self._clock_of = {
                f"{asset.id}.{rule.id}": "server" if is_of_the_server(asset, rule) else "edge"
                for asset in site.assets
                for rule in site.rules_of(asset)
                if any(isinstance(leaf, NoData) for leaf in leaves(rule.when))
            }
        return self._clock_of

    def collect(self) -> Iterator[Metric]:
        """For the registry."""
        text = "Site seconds from the moment a silence was due until it was recorded"
        histogram = HistogramMetricFamily(NAME, text, labels=["clock", "late"])
        worst = GaugeMetricFamily(f"{NAME}_max", "The largest since the start", labels=["clock", "late"])
        for labels, errors in self._errors.items():
            histogram.add_metric(labels, errors.buckets(), errors.sum)
            worst.add_metric(labels, errors.worst)
        yield histogram
        yield worst


def next_due_ms(book: Book) -> int:
    """When the next silence of a book is complete, or the next hold ends, if nothing is heard until then."""
    plan = book.plan
    silences = np.flatnonzero(plan.kind == LeafKind.NO_DATA)
    heard = book.senses.heard_ms[plan.leaves.cell[silences]]
    waits = (heard != NEVER) & (book.memory.verdict[silences] != Verdict.TRUE)
    due = np.where(waits, heard + plan.forms.span_ms[plan.leaves.form[silences]], FAR)
    return int(min(due.min(initial=FAR), book.lives.due_ms.min(initial=FAR)))
