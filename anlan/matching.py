"""Pure. Episodes of alarms against the truth: windows found, delays, false episodes, rows right and wrong."""

from __future__ import annotations

import bisect
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

Span = tuple[int, int]  # from and to, both ms, both inclusive


@dataclass(frozen=True, slots=True)
class WindowMatch:
    """Labelled windows against the episodes of one or several runs."""

    windows: int
    found: int
    delays_ms: tuple[int, ...]
    episodes: int
    false_episodes: int

    def plus(self, other: WindowMatch) -> WindowMatch:
        """Two runs together."""
        return WindowMatch(
            self.windows + other.windows,
            self.found + other.found,
            self.delays_ms + other.delays_ms,
            self.episodes + other.episodes,
            self.false_episodes + other.false_episodes,
        )


@dataclass(frozen=True, slots=True)
class RowMatch:
    """Rows on which the alarm stood or did not, against rows on which it should."""

    hits: int = 0
    false_alarms: int = 0
    missed: int = 0
    quiet: int = 0

    def plus(self, other: RowMatch) -> RowMatch:
        """Two runs together."""
        return RowMatch(
            self.hits + other.hits,
            self.false_alarms + other.false_alarms,
            self.missed + other.missed,
            self.quiet + other.quiet,
        )

    @property
    def false_alarm_rate(self) -> float | None:
        """Share of the normal rows with an alarm (FAR)."""
        normal = self.false_alarms + self.quiet
        return self.false_alarms / normal if normal else None

    @property
    def missing_rate(self) -> float | None:
        """Share of the faulty rows without an alarm (MAR)."""
        faulty = self.hits + self.missed
        return self.missed / faulty if faulty else None


def merged(spans: Iterable[Span]) -> list[Span]:
    """Spans that overlap or touch become one: several rules that tell of one thing are one alarm to a person."""
    out: list[Span] = []
    for start, end in sorted(spans):
        if out and start <= out[-1][1]:
            out[-1] = (out[-1][0], max(out[-1][1], end))
        else:
            out.append((start, end))
    return out


def match_windows(windows: Sequence[Span], episodes: Sequence[Span], grace_ms: int = 0) -> WindowMatch:
    """An episode is true when it was raised inside a window (with its grace), else false; one that began before a
    window never counts for it. A window is found when a true episode stands in it."""
    true = [each for each in episodes if any(start <= each[0] <= end + grace_ms for start, end in windows)]
    delays = []
    for start, end in windows:
        begins = [first for first, last in true if first <= end + grace_ms and last > start]
        if begins:
            delays.append(max(0, min(begins) - start))
    return WindowMatch(len(windows), len(delays), tuple(delays), len(episodes), len(episodes) - len(true))


def match_rows(ats: Sequence[int], truth: Sequence[bool], episodes: Sequence[Span]) -> RowMatch:
    """An episode covers the moments from its raise to the last before it cleared; `episodes` are merged."""
    begins = [first for first, _ in episodes]
    counts = {(True, True): 0, (True, False): 0, (False, True): 0, (False, False): 0}
    for at, wanted in zip(ats, truth, strict=True):
        index = bisect.bisect_right(begins, at) - 1
        counts[index >= 0 and at < episodes[index][1], wanted] += 1
    return RowMatch(counts[True, True], counts[True, False], counts[False, True], counts[False, False])


def segments(ats: Sequence[int], labels: Sequence[bool]) -> list[Span]:
    """First and last moment of each run of labelled rows."""
    out: list[Span] = []
    before = False
    for at, label in zip(ats, labels, strict=True):
        if label:
            out.append((out.pop()[0], at) if before else (at, at))
        before = label
    return out
