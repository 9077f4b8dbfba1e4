"""Pure. Events, episodes and their differences as JSON-ready data: one shape for a backtest and for a shadow."""

from __future__ import annotations

from typing import Any

from rules.compare import Difference, EventDifference, Shifted
from rules.episodes import Episode, Event


def event(told: Event) -> dict[str, Any]:
    """One transition."""
    return {
        "alarm": told.alarm, "old": told.old, "new": told.new, "at_ms": told.at_ms, "because": told.because,
        "value": told.value, "late": told.late,
    }  # fmt: skip


def episode(told: Episode) -> dict[str, Any]:
    """One episode; the duration in seconds."""
    duration_ms = told.duration_ms
    return {
        "alarm": told.alarm,
        "raised_ms": told.raised_ms,
        "cleared_ms": told.cleared_ms,
        "duration_s": None if duration_ms is None else duration_ms / 1000,
        "peak": told.peak,
        "late": told.late,
    }


def shifted(pair: Shifted) -> dict[str, Any]:
    """The same event of the world at other moments; positive seconds are later."""
    cleared_by_ms = pair.cleared_by_ms
    return {
        "alarm": pair.after.alarm,
        "before": episode(pair.before),
        "after": episode(pair.after),
        "raised_by_s": pair.raised_by_ms / 1000,
        "cleared_by_s": None if cleared_by_ms is None else cleared_by_ms / 1000,
    }


def difference(told: Difference) -> dict[str, Any]:
    """Added, lost, shifted."""
    return {
        "same": told.same,
        "added": [episode(each) for each in told.added],
        "lost": [episode(each) for each in told.lost],
        "shifted": [shifted(each) for each in told.shifted],
    }


def event_difference(told: EventDifference) -> dict[str, Any]:
    """Two logs, event for event."""
    return {
        "equal": told.equal,
        "same": told.same,
        "only_before": [event(each) for each in told.only_before],
        "only_after": [event(each) for each in told.only_after],
    }
