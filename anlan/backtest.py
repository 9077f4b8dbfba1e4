"""Shell. What rules would have done: stored history through the production judge, and what is different.

The history is read once and fed to every set of rules that takes part, a chunk at a time.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

import numpy as np

from alerts.ledger import Options
from alerts.replay import People
from alerts.replays import Replays, ahead
from ingest.history import History
from rules.compare import Difference, EventDifference, compare, compare_events
from rules.episodes import Episode, Event, annunciates, episodes
from rules.functions import PLAIN, Functions
from rules.rota import Duty, DutyLoad, loads
from vocab.rule import Rule
from vocab.site import Site

_MINUTE_MS = 60_000  # the grain in which covered time is counted
FETCH_FROM = 10_000  # frames from which on the second of fetching what was compiled before comes back
COMPILE_FROM = 200_000  # frames from which on the seconds of compiling come back


class NoHistoryError(Exception):
    """The store holds nothing of this site and period."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be replayed and how it is told."""

    from_ms: int | None
    to_ms: int | None
    warm_up_ms: int
    shifts: tuple[Duty, ...]
    night: Duty
    options: Options


@dataclass(frozen=True, slots=True)
class Told:
    """An episode with what it is about."""

    episode: Episode
    asset: str
    rule: Rule | None  # None: only the log knows it


@dataclass(frozen=True, slots=True)
class Ticket:
    """Work that would have been opened: the first alarm of a hazard of an asset."""

    asset: str
    hazard: str
    category: str
    priority: int
    alarm: str
    raised_ms: int


@dataclass(frozen=True, slots=True)
class Backtest:
    """The outcome."""

    site: Site
    from_ms: int
    to_ms: int
    replayed_from_ms: int
    covered_ms: int  # of the period: the minutes of which any cabinet spoke
    frames: int
    counts: dict[str, int]
    events: list[Event]
    told: list[Told]
    tickets: list[Ticket]
    shifts: list[DutyLoad]
    nights: list[DutyLoad]
    difference: Difference | None
    event_difference: EventDifference | None


@dataclass(frozen=True, slots=True)
class Sides:
    """Who is compared: the rules asked about, and either other rules or what was recorded."""

    site: Site
    present: Site | None = None  # the rules of today, to be replayed too
    record: Callable[[int, int], People] | None = None  # the log of a period
    is_against_record: bool = False


def backtest(history: History, sides: Sides, asked: Asked, step: Callable[[int, int], None]) -> Backtest:
    """Replay; `step(done, total)` is called with frames after each chunk. NoHistoryError, StoreError."""
    early = None if asked.from_ms is None else asked.from_ms - asked.warm_up_ms
    stretch = history.stretch(sides.site.id, early, asked.to_ms)
    if stretch is None:
        raise NoHistoryError(NoHistoryError.__doc__)
    from_ms = stretch.from_ms if asked.from_ms is None else asked.from_ms
    to_ms = max(stretch.to_ms, stretch.heard_ms + 1) if asked.to_ms is None else asked.to_ms
    record = People() if sides.record is None else sides.record(stretch.from_ms, to_ms)
    functions = _functions(stretch.frames)
    cores = os.process_cpu_count() if hasattr(os, "process_cpu_count") else os.cpu_count()
    asking = Replays(sides.site, asked.options, record, functions, cores or 1)
    present = None if sides.present is None else Replays(sides.present, asked.options, record, functions, cores or 1)
    done, minutes = 0, set[int]()
    for chunk in ahead(history.frames(stretch, asking.catalogue)):
        for each in (asking, present):
            if each is not None:
                each.take(chunk.frames, is_opening=chunk.is_opening)
        ts_ms = chunk.frames.ts_ms
        minutes.update(np.unique(ts_ms[(from_ms <= ts_ms) & (ts_ms < to_ms)] // _MINUTE_MS).tolist())
        done += len(chunk.frames)
        step(done, stretch.frames)
    found = _finish(asking, from_ms, to_ms, stretch.heard_ms)
    before = None
    if present is not None:
        before = _finish(present, from_ms, to_ms, stretch.heard_ms)
    elif sides.is_against_record:
        before = [event for event in record.events if event.at_ms >= from_ms]
    told = _told(sides.site, _episodes(found, asking))
    raised = [(each.episode.raised_ms, each.rule.priority) for each in told if each.rule is not None]
    paged = [event.at_ms for event in found if annunciates(event)]
    zone = ZoneInfo(sides.site.file.timezone)
    return Backtest(
        site=sides.site,
        from_ms=from_ms,
        to_ms=to_ms,
        replayed_from_ms=stretch.from_ms,
        covered_ms=min(len(minutes) * _MINUTE_MS, to_ms - from_ms),
        frames=stretch.frames,
        counts=asking.counts,
        events=found,
        told=told,
        tickets=_tickets(told),
        shifts=loads(raised, asked.shifts, zone, from_ms, to_ms, paged),
        nights=loads(raised, (asked.night,), zone, from_ms, to_ms, paged),
        difference=None if before is None else compare(episodes(before), episodes(found)),
        event_difference=None if before is None else compare_events(before, found),
    )


def _functions(frames: int) -> Functions:
    from alerts.kernel import compiled_kernel, is_kept

    return compiled_kernel() if frames >= (FETCH_FROM if is_kept() else COMPILE_FROM) else PLAIN


def _finish(replay: Replays, from_ms: int, to_ms: int, heard_ms: int) -> list[Event]:
    """The events of the period. After the last thing heard nothing is known, not even that it was silent."""
    replay.finish(min(to_ms - 1, heard_ms))
    return [event for event in replay.events if from_ms <= event.at_ms < to_ms]


def _episodes(events: Sequence[Event], replay: Replays) -> list[Episode]:
    peaks = replay.standing()
    found = []
    for each in episodes(events):
        peak = peaks.get(each.alarm, float("nan")) if each.cleared_ms is None else None
        is_known = peak is not None and peak == peak  # noqa: PLR0124 - not a number: a silence has no value
        found.append(replace(each, peak=peak) if is_known else each)
    return found


def _told(site: Site, found: Sequence[Episode]) -> list[Told]:
    rules = {f"{asset.id}.{rule.id}": rule for asset in site.assets for rule in site.rules_of(asset)}
    return [Told(each, each.alarm.split(".")[0], rules.get(each.alarm)) for each in found]


def _tickets(told: Sequence[Told]) -> list[Ticket]:
    """One hazard of one asset is one ticket; a backtest closes none."""
    found: dict[tuple[str, str], Ticket] = {}
    for each in told:
        if each.rule is None:
            continue
        key = each.asset, each.rule.hazard
        first = found.get(key)
        fresh = Ticket(
            *key, each.rule.category.value, each.rule.priority, each.episode.alarm, each.episode.raised_ms
        )  # fmt: skip
        if first is None:
            found[key] = fresh
        elif fresh.priority < first.priority:  # the more urgent alarm takes the ticket over
            found[key] = replace(fresh, raised_ms=first.raised_ms)
    return list(found.values())
