"""Pure. The safety rules of a cabinet, judged in the cabinet: the same kernel on the same frames as in alerts.

The law of this file
1. Fed are the very frames that the agent closes, as they will be sent, in order, through the same gate and the same
   `rules.feeding`. So an alarm here has the same name and the same moments as the server's: it *is* that alarm.
2. Judged here are the rules that a pack marks `safety`, for assets all of whose devices hang on this cabinet, and
   whatever these rules refer to. What hangs on two cabinets only the server can judge.
3. Nobody acknowledges, shelves or suppresses here: orders are the server's. A raised alarm has the same moment under
   every order.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rules.book import Book
from rules.feeding import VOUCH_MS, feed, vouch
from rules.plan import Watched, plan
from rules.transition import Transition
from vocab import expression
from vocab.condition import AlarmStands, Expr
from vocab.rule import Rule, conditions_of
from vocab.site import Asset, Site
from wire.catalogue import Catalogue
from wire.verdict import Accepted

_MINE = 0  # the number of this cabinet among the sources of its book: there is no other
Alarm = tuple[str, str]  # asset, rule


@dataclass(frozen=True, slots=True)
class Scope:
    """What a cabinet judges by itself, and what it cannot."""

    watched: tuple[Watched, ...]
    safety: Mapping[str, Rule]  # by alarm, `asset.rule`; the others in `watched` are there because these need them
    elsewhere: tuple[str, ...]  # assets with safety rules that hang on another cabinet too


@dataclass(slots=True)
class Last:
    """The frame that was judged last."""

    epoch: int
    seq: int
    ts_ms: int


def scope(site: Site, edge_id: str) -> Scope:
    """The safety rules of this cabinet."""
    rules: dict[str, dict[str, Rule]] = {}
    assets: dict[str, Asset] = {}
    elsewhere: list[str] = []
    for asset in dict.fromkeys(asset.id for asset, _ in site.devices_of(edge_id)):
        found = site.asset(asset)
        own = {rule.id: rule for rule in site.rules_of(found)}
        if all(box.edge == edge_id for box in found.device):
            assets[asset], rules[asset] = found, own
        elif any(rule.safety for rule in own.values()):
            elsewhere.append(asset)
    wanted = _with_what_they_need(rules)
    watched = [
        Watched(
            asset,
            tuple((point, _MINE) for point in site.points_of(assets[asset])),
            tuple(rule for name, rule in own.items() if (asset, name) in wanted),
        )
        for asset, own in rules.items()
        if any((asset, name) in wanted for name in own)
    ]
    safety = {f"{asset}.{name}": rule for asset, own in rules.items() for name, rule in own.items() if rule.safety}
    return Scope(tuple(watched), safety, tuple(elsewhere))


def _with_what_they_need(rules: Mapping[str, Mapping[str, Rule]]) -> set[Alarm]:
    found: set[Alarm] = set()
    left = [(asset, name) for asset, own in rules.items() for name, rule in own.items() if rule.safety]
    while left:
        alarm = left.pop()
        if alarm not in found:
            found.add(alarm)
            asset, name = alarm
            left += [other for other in _named(asset, rules[asset][name]) if other[1] in rules.get(other[0], {})]
    return found


def _named(asset: str, rule: Rule) -> Iterator[Alarm]:
    """Alarms that a rule asks for."""
    if rule.escalates_to is not None:
        yield asset, rule.escalates_to
    for leaf in conditions_of(rule):
        if isinstance(leaf, AlarmStands):
            yield leaf.asset or asset, leaf.rule
        elif isinstance(leaf, Expr):
            yield from ((asset, name) for name in expression.alarms(leaf.tree))


class Safety:
    """The book of a cabinet. `book` and `last` are all there is to save."""

    def __init__(self, site: Site, edge_id: str, catalogue: Catalogue, vouch_ms: int = VOUCH_MS) -> None:
        self.scope = scope(site, edge_id)
        self.book = Book(plan(self.scope.watched))
        self.last: Last | None = None
        self._vouch_ms = vouch_ms
        self._cell_of: NDArray[np.int32] = np.full(len(catalogue), -1, np.int32)
        for cell, name in enumerate(self.book.plan.cell_names):
            asset, point = name.split("/")
            self._cell_of[catalogue.number(site.id, asset, point)] = cell

    def take(self, frame: Accepted) -> list[Transition]:
        """What a frame means for the safety alarms. Frames come in the order in which they were closed."""
        if not self.scope.watched:
            return []
        last, epoch, seq = self.last, frame.source.epoch, frame.seq
        if last is None:
            self.book.begin(_MINE, frame.ts_ms)
        else:
            broken = (epoch, seq) != (last.epoch, last.seq + 1)
            vouch(self.book, _MINE, last.ts_ms, frame.ts_ms, self._vouch_ms, broken=broken)
        feed(self.book, _MINE, self._cell_of[frame.series], frame)
        self.last = Last(epoch, seq, frame.ts_ms)
        return [each for each in self.book.take() if each.alarm in self.scope.safety]

    def is_active(self, alarm: str) -> bool:
        """Whether an alarm's condition holds, its off-delay included; False for one that is not judged here."""
        row = self.book.rows.get(alarm)
        return row is not None and self.book.is_active(row)

    def active(self) -> list[str]:
        """The safety alarms that stand."""
        return [alarm for alarm in self.scope.safety if self.is_active(alarm)]
