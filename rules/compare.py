"""Pure. Two histories of alarms side by side: what was added, what was lost, what was shifted.

The law of this file
1. Two episodes of one alarm are the same event of the world if they share a moment; the earliest pair is taken first
   and each episode is used once. One that still stands lasts to the end.
2. A pair with equal moments is *same*, any other pair *shifted*. What has no partner is *lost* (only before) or
   *added* (only after).
3. Logs are compared event for event by (moment, alarm, old, new), as bags: what two alarms did at the same moment has
   no order.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rules.codes import FAR
from rules.episodes import Episode, Event


@dataclass(frozen=True, slots=True)
class Shifted:
    """The same event of the world, at other moments."""

    before: Episode
    after: Episode

    @property
    def raised_by_ms(self) -> int:
        """Positive: later than before."""
        return self.after.raised_ms - self.before.raised_ms

    @property
    def cleared_by_ms(self) -> int | None:
        """Positive: later than before; None where one of them still stands."""
        if self.after.cleared_ms is None or self.before.cleared_ms is None:
            return None
        return self.after.cleared_ms - self.before.cleared_ms


@dataclass(frozen=True, slots=True)
class Difference:
    """What changed from one history to another, each by moment."""

    same: int
    added: tuple[Episode, ...]
    lost: tuple[Episode, ...]
    shifted: tuple[Shifted, ...]


@dataclass(frozen=True, slots=True)
class EventDifference:
    """Two logs, event for event."""

    same: int
    only_before: tuple[Event, ...]
    only_after: tuple[Event, ...]

    @property
    def equal(self) -> bool:
        """Whether each has what the other has."""
        return not self.only_before and not self.only_after


def compare(before: Iterable[Episode], after: Iterable[Episode]) -> Difference:
    """Pair the episodes of two histories."""
    sides: dict[str, tuple[list[Episode], list[Episode]]] = defaultdict(lambda: ([], []))
    for side, found in enumerate((before, after)):
        for episode in found:
            sides[episode.alarm][side].append(episode)
    pairs: list[Shifted] = []
    lost: list[Episode] = []
    added: list[Episode] = []
    for old, new in sides.values():
        _pair(sorted(old, key=_moment), sorted(new, key=_moment), pairs, lost, added)
    moved = [pair for pair in pairs if _span(pair.before) != _span(pair.after)]
    return Difference(
        same=len(pairs) - len(moved),
        added=tuple(sorted(added, key=_moment)),
        lost=tuple(sorted(lost, key=_moment)),
        shifted=tuple(sorted(moved, key=lambda pair: _moment(pair.before))),
    )


def _pair(
    old: Sequence[Episode], new: Sequence[Episode], pairs: list[Shifted], lost: list[Episode], added: list[Episode]
) -> None:
    """The episodes of one alarm; those of one side never overlap, so two fingers are enough."""
    i = j = 0
    while i < len(old) and j < len(new):
        if _end(old[i]) < new[j].raised_ms:
            lost.append(old[i])
            i += 1
        elif _end(new[j]) < old[i].raised_ms:
            added.append(new[j])
            j += 1
        else:
            pairs.append(Shifted(old[i], new[j]))
            i, j = i + 1, j + 1
    lost += old[i:]
    added += new[j:]


def _end(episode: Episode) -> int:
    return FAR if episode.cleared_ms is None else episode.cleared_ms


def _span(episode: Episode) -> tuple[int, int | None]:
    return episode.raised_ms, episode.cleared_ms


def _moment(episode: Episode) -> tuple[int, str]:
    return episode.raised_ms, episode.alarm


def compare_events(before: Sequence[Event], after: Sequence[Event]) -> EventDifference:
    """Law 3."""
    counts = Counter(each.identity for each in before)
    counts.subtract(each.identity for each in after)
    return EventDifference(
        same=len(before) - sum(count for count in counts.values() if count > 0),
        only_before=_surplus(before, counts, 1),
        only_after=_surplus(after, counts, -1),
    )


def _surplus(events: Sequence[Event], counts: Counter[tuple[int, str, str, str]], sign: int) -> tuple[Event, ...]:
    """The events that one side has more often than the other."""
    left = {identity: count * sign for identity, count in counts.items() if count * sign > 0}
    found = []
    for event in events:
        if left.get(event.identity, 0) > 0:
            left[event.identity] -= 1
            found.append(event)
    return tuple(sorted(found, key=lambda each: each.identity))
