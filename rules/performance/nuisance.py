"""Pure. Alarms that wear people out: chattering, fleeting, stale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from rules.performance.activations import Activation
from rules.performance.definitions import Definitions


@dataclass(frozen=True, slots=True)
class Stale:
    """An alarm that stood so long that nobody sees it any more."""

    alarm: str
    priority: int | None
    since_ms: int
    until_ms: int | None  # None: it still stood at the end of the period


def chattering(line: Sequence[Activation], definitions: Definitions) -> list[Activation]:
    """Those activations of one alarm that belong to a burst."""
    size = definitions.chattering_count
    found: set[int] = set()
    for first in range(len(line) - size + 1):
        if line[first + size - 1].raised_ms - line[first].raised_ms < definitions.chattering_ms:
            found.update(range(first, first + size))
    return [line[place] for place in sorted(found)]


def fleeting(line: Sequence[Activation], definitions: Definitions) -> list[Activation]:
    """Those activations of one alarm that were short and alone: neither a repeat nor repeated."""
    repeated: set[int] = set()
    for place, (before, after) in enumerate(pairwise(line)):
        if before.cleared_ms is not None and after.raised_ms - before.cleared_ms < definitions.repeat_ms:
            repeated |= {place, place + 1}
    return [each for place, each in enumerate(line) if place not in repeated and is_short(each, definitions)]


def is_short(activation: Activation, definitions: Definitions) -> bool:
    """Over before anybody could look."""
    return activation.active_ms is not None and activation.active_ms < definitions.fleeting_ms


def stale(activation: Activation, from_ms: int, to_ms: int, definitions: Definitions) -> tuple[int, int] | None:
    """The part of the period in which an activation was stale."""
    ends = [to_ms, *(each for each in (activation.cleared_ms, activation.hidden_ms) if each is not None)]
    start, end = max(from_ms, activation.since_ms + definitions.stale_ms), min(ends)
    return (start, end) if start < end else None


def most_at_once(spans: Sequence[tuple[int, int]]) -> int:
    """The most spans that share a moment."""
    most = now = 0
    for _, sign in sorted([(start, 1) for start, _ in spans] + [(end, -1) for _, end in spans]):
        now += sign
        most = max(most, now)
    return most
