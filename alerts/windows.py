"""Pure. Maintenance windows: which alarms are suppressed by an order at a moment, and who agreed to it.

The law of this file
1. A window covers the alarms in its scope from the moment at which it begins, but not before it was ordered, until it
   ends by itself or is ended early. What it carves out goes on calling people.
2. Life safety is never covered unless the window names the rule and a second, different person confirmed it; and then
   only from that moment on.
3. Windows may overlap. An alarm is suppressed while at least one covers it, so the end of one does not end another.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from alerts.layout import Watch
from rules.codes import FAR


def is_same_person(one: str, other: str) -> bool:
    """Whether two signatures name one person: case, width and spaces of the writing say nothing."""
    return _signature(one) == _signature(other)


def _signature(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())


@dataclass(frozen=True, slots=True)
class Scope:
    """Which alarms a window is about: each list that is not empty narrows it. `carve_outs` names rules, assets or
    alarms (`asset.rule`) that stay as they are."""

    assets: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    grids: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    carve_outs: tuple[str, ...] = ()

    def holds(self, watch: Watch) -> bool:
        """Whether an alarm is in it, life safety or not."""
        asset, rule = watch.asset, watch.rule.id
        wanted = (
            (self.assets, asset.id),
            (self.kinds, asset.kind),
            (self.grids, asset.grid),
            (self.rules, rule),
        )
        if not all(not names or name in names for names, name in wanted):
            return False
        return not {rule, asset.id, watch.id} & set(self.carve_outs)


@dataclass(frozen=True, slots=True)
class Window:
    """One maintenance window as it was ordered, confirmed and ended."""

    id: int
    by: str
    reason: str
    scope: Scope
    created_ms: int
    from_ms: int
    to_ms: int
    confirmed_by: str | None = None
    confirmed_ms: int | None = None
    ended_ms: int | None = None  # early, by a person
    ended_by: str | None = None

    @property
    def start_ms(self) -> int:
        """When it begins to hide anything: nothing is hidden backwards in time."""
        return max(self.from_ms, self.created_ms)

    @property
    def end_ms(self) -> int:
        """When it ends, or ended."""
        return self.to_ms if self.ended_ms is None else min(self.to_ms, self.ended_ms)

    def moments(self) -> tuple[int, ...]:
        """When it may begin or cease to cover an alarm."""
        agreed = () if self.confirmed_ms is None else (max(self.start_ms, self.confirmed_ms),)
        return (self.start_ms, *agreed, self.end_ms)

    def covers(self, watch: Watch, is_protected: bool, at_ms: int) -> bool:
        """Laws 1 and 2."""
        if not self.start_ms <= at_ms < self.end_ms or not self.scope.holds(watch):
            return False
        if not is_protected:
            return True
        is_agreed = self.confirmed_ms is not None and self.confirmed_ms <= at_ms
        return is_agreed and watch.rule.id in self.scope.rules

    def asks_for(self, watches: Iterable[Watch], protected: frozenset[str]) -> list[str]:
        """The life-safety alarms that it names, which need a second person."""
        mine = (watch for watch in watches if watch.id in protected and watch.rule.id in self.scope.rules)
        return [watch.id for watch in mine if self.scope.holds(watch)]


class Calendar:
    """The windows of a site that are not over."""

    def __init__(self, watches: Mapping[str, Watch], protected: frozenset[str]) -> None:
        self._watches = watches
        self._protected = protected
        self.windows: dict[int, Window] = {}

    def put(self, window: Window) -> None:
        """A new window, or one that was confirmed or ended."""
        self.windows[window.id] = window

    def drop_over(self, at_ms: int) -> None:
        """Forget what has ended by then."""
        self.windows = {number: each for number, each in self.windows.items() if each.end_ms > at_ms}

    def next_after(self, at_ms: int) -> int:
        """The next moment at which an alarm may become covered or uncovered."""
        moments = (moment for each in self.windows.values() for moment in each.moments())
        return min((moment for moment in moments if moment > at_ms), default=FAR)

    def wanted(self, at_ms: int) -> dict[str, Window]:
        """Every alarm that is covered at a moment, with the first window that covers it."""
        running = [each for _, each in sorted(self.windows.items()) if each.start_ms <= at_ms < each.end_ms]
        found: dict[str, Window] = {}
        for window in running:
            for alarm, watch in self._watches.items():
                if alarm not in found and window.covers(watch, alarm in self._protected, at_ms):
                    found[alarm] = window
        return found

    def covering(self, alarm: str, at_ms: int) -> Window | None:
        """The window that ends last of those that cover an alarm."""
        watch, is_protected = self._watches[alarm], alarm in self._protected
        mine = [each for each in self.windows.values() if each.covers(watch, is_protected, at_ms)]
        return max(mine, key=lambda each: each.end_ms, default=None)

    def ended(self, alarm: str, at_ms: int) -> list[Window]:
        """The windows that covered an alarm, or could have, and ended by then; the last to end comes last."""
        watch = self._watches[alarm]
        mine = [each for each in self.windows.values() if each.end_ms <= at_ms and each.scope.holds(watch)]
        return sorted(mine, key=lambda each: each.end_ms)
