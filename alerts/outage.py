"""Pure. A parent is lost: how its children stood before, and what is different when they are back.

The law of this file
1. An outage begins when the alarm of a cabinet or a bus is raised. What its children last said is then kept, and the
   alarms that stood.
2. It is over when the alarm's condition is over: the parent is back, though its off-delay still runs.
3. A child is known again at its first word since; it *settled* when every point of it was read, or when its longest
   heartbeat has passed twice. One that said nothing by then did not come back.
4. When the alarm is over and every child has settled, the difference is written, once. Delays of children's alarms
   that still run are waited for, as long as for a child: what happened in the dark has perhaps not been raised yet.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from alerts.judge import Judge
from alerts.layout import Layout
from alerts.views import Both
from rules.book import Book
from rules.codes import FAR, NEVER, Phase, StateCode
from vocab.instant import seconds_ms
from vocab.point import Point
from vocab.quality import Quality, Reason

_MUTE = (Reason.COMM_TIMEOUT, Reason.COMM_ERROR, Reason.STALE)  # said by the edge of a device that says nothing
_HIDDEN = (StateCode.SUPPRESSED, StateCode.OUT_OF_SERVICE)


@dataclass(slots=True)
class Outage:
    """One loss of a parent, from its alarm to the difference."""

    id: int
    parent: str
    alarm: str
    began_ms: int
    raised_ms: int
    children: tuple[str, ...]
    values: dict[str, float | None]  # asset/point -> last good value before
    stood: frozenset[str]  # alarms of the children
    back_ms: int | None = None
    over: bool = False  # the alarm, off-delay included
    heard: set[str] = field(default_factory=set)
    settled: set[str] = field(default_factory=set)

    @property
    def away(self) -> set[str]:
        """The children that have said nothing since."""
        return set(self.children) - self.heard


class Children:
    """Reads in a judge's books how equipment stands."""

    def __init__(self, layout: Layout, judge: Judge, tolerance_ms: int) -> None:
        self._layout, self._judge, self._tolerance_ms = layout, judge, tolerance_ms
        self._points: dict[str, list[tuple[str, Point]]] = {}
        self._edges: dict[str, tuple[str, ...]] = {}
        site = layout.site
        for asset in site.assets:
            found = [(f"{asset.id}/{point.id}", point) for point in site.points_of(asset)]
            self._points[asset.id] = [each for each in found if not each[1].on_event]
            self._edges[asset.id] = site.edges_of(asset)
        self._alarms: dict[str, list[str]] = {}
        for name, watch in layout.watches.items():
            self._alarms.setdefault(watch.asset.id, []).append(name)

    def _book(self, asset: str) -> Book:
        return self._judge.books[self._layout.group_of[self._edges[asset][0]]]

    def values(self, assets: Iterable[str]) -> dict[str, float | None]:
        """The last good value of every point; None where there never was one."""
        found: dict[str, float | None] = {}
        for asset in assets:
            book = self._book(asset)
            for name, _ in self._points[asset]:
                value = float(book.senses.value[book.cells[name]])
                found[name] = None if np.isnan(value) else value
        return found

    def standing(self, assets: Iterable[str]) -> frozenset[str]:
        """The alarms whose condition holds and that are not suppressed by design or out of service."""
        names = [name for asset in assets for name in self._alarms.get(asset, ())]
        return frozenset(name for name in names if self._stands(name))

    def _is_over(self, alarm: str) -> bool:
        """Not merely hidden by another one, such as a first level by the second."""
        book, row = self._judge.find(alarm)
        return not book.is_active(row)

    def _stands(self, alarm: str) -> bool:
        book, row = self._judge.find(alarm)
        return book.is_active(row) and int(book.lives.state[row]) not in _HIDDEN

    def look(self, outage: Outage, edge_now_ms: int) -> None:
        """See how far an outage has come. `edge_now_ms`: the latest moment for which a cabinet of it vouched."""
        book, row = self._judge.find(outage.alarm)
        phase, lives = int(book.lives.phase[row]), book.lives
        if phase == Phase.ON:
            outage.back_ms, outage.over = None, False
            outage.heard.clear()
            outage.settled.clear()
            return
        if outage.back_ms is None:
            outage.back_ms = int(lives.since_ms[row] if phase == Phase.CLEARING else lives.cleared_ms[row])
        outage.over = phase != Phase.CLEARING
        # A frame is dated by its closing and by the edge: what it holds was read a moment before.
        since_ms = max(outage.began_ms + 1, outage.back_ms - self._tolerance_ms)
        for asset in outage.children:
            if asset not in outage.settled:
                self._look_at(asset, outage, since_ms, edge_now_ms)

    def is_done(self, outage: Outage, edge_now_ms: int) -> bool:
        """Whether there is nothing left to wait for."""
        if not outage.over or outage.back_ms is None or len(outage.settled) < len(outage.children):
            return False
        patience_ms = max((self._patience_ms(asset) for asset in outage.children), default=0)
        return edge_now_ms - outage.back_ms >= patience_ms or not any(map(self._is_moving, outage.children))

    def _is_moving(self, asset: str) -> bool:
        """Whether a delay of an alarm of it runs that can end: a frozen one waits for somebody to speak."""
        for name in self._alarms.get(asset, ()):
            book, row = self._judge.find(name)
            if int(book.lives.due_ms[row]) != FAR and int(book.lives.state[row]) not in _HIDDEN:
                return True
        return False

    def _patience_ms(self, asset: str) -> int:
        return 2 * max((seconds_ms(point.heartbeat_s) for _, point in self._points[asset]), default=0)

    def _look_at(self, asset: str, outage: Outage, since_ms: int, edge_now_ms: int) -> None:
        points = self._points[asset]
        fresh = sum(self._is_fresh(asset, name, since_ms) for name, _ in points)
        if fresh or not points:
            outage.heard.add(asset)
        waited_ms = 0 if outage.back_ms is None else edge_now_ms - outage.back_ms
        if fresh == len(points) or waited_ms >= self._patience_ms(asset):
            outage.settled.add(asset)

    def _is_fresh(self, asset: str, name: str, since_ms: int) -> bool:
        book = self._book(asset)
        cell, senses = book.cells[name], book.senses
        return int(senses.measured_ms[cell]) >= since_ms and int(senses.reason[cell]) not in _MUTE

    def is_mute(self, asset: str) -> bool:
        """Whether nothing is known of an asset: every point that was ever heard is without contact or silent."""
        book = self._book(asset)
        heard = [(book.cells[name], point) for name, point in self._points[asset]
                 if int(book.senses.measured_ms[book.cells[name]]) != NEVER]  # fmt: skip
        edge_ms = self._now_of(asset)
        return all(
            int(book.senses.reason[cell]) in _MUTE
            or edge_ms - int(book.senses.measured_ms[cell]) > 3 * seconds_ms(point.heartbeat_s)
            for cell, point in heard
        )

    def _now_of(self, asset: str) -> int:
        positions = self._judge.positions
        moments = [positions[edge].ts_ms for edge in self._edges[asset] if edge in positions]
        return max(moments, default=NEVER)

    def latest_of(self, outage: Outage) -> int:
        """The latest moment for which a cabinet of an outage vouched."""
        return max((self._now_of(asset) for asset in outage.children), default=NEVER)

    # --- the difference --------------------------------------------------------------------------------------------

    def difference(self, outage: Outage) -> dict[str, Any]:
        """What changed meanwhile: alarms `new` and `cleared`, points `changed` with both values, assets `silent`."""
        stands = self.standing(outage.children)
        return {
            "new": sorted(stands - outage.stood),
            "cleared": sorted(filter(self._is_over, outage.stood)),
            "changed": list(self._changed(outage)),
            "silent": sorted(outage.away),
        }

    def _changed(self, outage: Outage) -> Iterator[dict[str, Any]]:
        for asset in outage.children:
            if asset not in outage.heard:
                continue
            book = self._book(asset)
            for name, point in self._points[asset]:
                cell, before = book.cells[name], outage.values.get(name)
                after = float(book.senses.value[cell])
                is_good = int(book.senses.quality[cell]) == Quality.GOOD
                if is_good and before is not None and _moved(point, before, after):
                    yield {"asset": asset, "point": point.id, "before": before, "after": after}


def _moved(point: Point, before: float, after: float) -> bool:
    """By more than the deadband, or into or out of the normal range."""
    if abs(after - before) > point.deadband:
        return True
    if point.normal is None:
        return False
    low, high = point.normal
    return (low <= before <= high) != (low <= after <= high)


def line(began_ms: int, back_ms: int, difference: dict[str, Any]) -> Both:
    """The evidence on the parent's ticket."""
    new, cleared = len(difference["new"]), len(difference["cleared"])
    changed, silent = len(difference["changed"]), len(difference["silent"])
    minutes = max(1, round((back_ms - began_ms) / 60_000))
    en = f"Back after {minutes} min: {_count(new, 'alarm')} new, {cleared} cleared, {_count(changed, 'value')} changed"
    zh = f"中断{minutes}分钟后恢复：新增报警{new}条，消除{cleared}条，数值变化{changed}项"
    if silent:
        en, zh = f"{en}, {_count(silent, 'unit')} still silent", f"{zh}，仍无数据设备{silent}台"
    return Both(en, zh)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")
