"""Pure. The safety rules of a cabinet, judged in the cabinet: the same kernel on the same frames as in alerts.

The law of this file
1. Fed are the very frames that the agent closes, as they will be sent, in order, through the same gate and the same
   `rules.feeding`. So an alarm here has the same name and the same moments as the server's: it *is* that alarm.
2. Judged here are the rules that a pack marks `safety`, for assets all of whose devices hang on this cabinet, and
   whatever these rules ask for. What hangs on two cabinets, or asks for what only the server knows, is left to it.
3. Nobody acknowledges, shelves or suppresses here: orders are the server's. A raised alarm has the same moment under
   every order.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from rules.book import Book
from rules.feeding import VOUCH_MS, feed, vouch
from rules.plan import Watched, plan
from rules.transition import Transition
from vocab import expression
from vocab.condition import AlarmStands, Expiry, Expr, NoData
from vocab.leaves import leaves
from vocab.rule import Rule, conditions_of
from vocab.site import EDGE_KIND, Asset, Site
from wire.catalogue import Catalogue
from wire.verdict import Accepted

_MINE = 0  # the number of this cabinet among the sources of its book: there is no other
Alarm = tuple[str, str]  # asset, rule


@dataclass(frozen=True, slots=True)
class Scope:
    """What a cabinet judges by itself, and what it cannot."""

    watched: tuple[Watched, ...]
    safety: Mapping[str, Rule]  # by alarm, `asset.rule`; the others in `watched` are there because these need them
    elsewhere: Mapping[str, str]  # safety alarms that are left to the server, and why


@dataclass(slots=True)
class Last:
    """The frame that was judged last."""

    epoch: int
    seq: int
    ts_ms: int


def scope(site: Site, edge_id: str) -> Scope:
    """The safety rules of this cabinet."""
    mine = [asset for asset in site.assets if edge_id in site.edges_of(asset)]
    whole = {asset.id: asset for asset in mine if site.edges_of(asset) == (edge_id,)}
    rules = {asset.id: {rule.id: rule for rule in site.rules_of(asset)} for asset in mine}
    known = {
        (name, rule.id): rule
        for name, asset in whole.items()
        for rule in rules[name].values()
        if not _is_of_the_servers_clock(asset, rule)
    }
    stated = [(asset, rule) for asset, own in rules.items() for rule in own.values() if rule.safety]
    wanted: set[Alarm] = set()
    safety: dict[str, Rule] = {}
    elsewhere: dict[str, str] = {}
    for asset, rule in stated:
        name = f"{asset}.{rule.id}"
        needed = _with_what_it_needs((asset, rule.id), known, site)
        if asset not in whole:
            elsewhere[name] = f"{asset} hangs on {', '.join(site.edges_of(site.asset(asset)))}"
        elif isinstance(needed, str):
            elsewhere[name] = needed
        else:
            wanted |= needed
            safety[name] = rule
    watched = tuple(_watched(site, asset, known, wanted) for asset in whole.values())
    return Scope(tuple(each for each in watched if each.rules), safety, elsewhere)


def _watched(site: Site, asset: Asset, known: Mapping[Alarm, Rule], wanted: set[Alarm]) -> Watched:
    points = tuple((point, _MINE) for point in site.points_of(asset))
    own = tuple(rule for (name, _), rule in known.items() if name == asset.id and (name, rule.id) in wanted)
    return Watched(asset.id, points, own, asset.dates)


def _is_of_the_servers_clock(asset: Asset, rule: Rule) -> bool:
    """A cabinet's own silence, and dates."""
    is_silence = asset.kind == EDGE_KIND and isinstance(rule.when, NoData)
    return is_silence or any(isinstance(leaf, Expiry) for leaf in leaves(rule.when))


def _with_what_it_needs(alarm: Alarm, known: Mapping[Alarm, Rule], site: Site) -> set[Alarm] | str:
    """An alarm and every alarm that it asks for, or why that cannot be had here."""
    found: set[Alarm] = set()
    left = [alarm]
    while left:
        each = left.pop()
        if each in found:
            continue
        if each not in known:
            if any(rule.id == each[1] for rule in site.rules_of(site.asset(each[0]))):
                return f"it asks for {each[0]}.{each[1]}, which only the server judges"
            continue  # nobody has it, so nobody is asked
        found.add(each)
        left += _named(each[0], known[each])
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
        self.book = Book(plan(self.scope.watched, ZoneInfo(site.file.timezone)))
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
