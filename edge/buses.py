"""Pure. The health of the buses that have several devices, as readings of the assets that the site makes of them.

The law of this file
1. A device answers if its last question was answered, be it with an exception; it does not if nobody spoke for it.
2. A polled bus is unreachable when none of its devices answers. One that answers is enough: the bus is not lost.
3. A bus whose connection is away for a period of its `state` is unreachable, whatever its devices last said.
4. A bus is silent before it is known to be lost: when two devices fell silent and nobody spoke since, the others are
   asked at once (roll call), so that the bus's loss is known before its first device is called dead.
5. A bus of messages is reachable while the connection to its broker stands. When it is back after a loss, devices that
   said nothing since are told as stale once, if they had reason to speak: their silence counts anew from there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from edge.batch import Batch
from edge.report import Habit, Reporter
from edge.wiring import Feed, Source
from vocab.instant import seconds_ms
from vocab.quality import Reason
from vocab.site import EdgeNode, Site

UNREACHABLE, REACHABLE = 0.0, 1.0  # codes of `state` in packs/bus
_ROLL_CALL = 2


@dataclass(slots=True)
class _Bus:
    """One bus: who is on it, and what is known of them."""

    asset: str
    points: tuple[str, ...]
    reporter: Reporter
    patience_ms: int
    is_polled: bool
    answers: dict[str, bool | None]  # by device; None: not asked yet
    sources: list[Source] = field(default_factory=list)
    fell_silent: set[str] = field(default_factory=set)  # since somebody spoke
    spoke_ms: dict[str, int] = field(default_factory=dict)
    link: bool | None = None  # None: nobody said
    down_ms: int | None = None  # the connection is away since
    lost_ms: int | None = None  # and for so long that the bus is lost
    back_ms: int | None = None  # it is back since, after a loss that began at `left_ms`
    left_ms: int = 0

    def state(self) -> float | None:
        """The code of `state`; None while nothing is known."""
        if self.lost_ms is not None:
            return UNREACHABLE
        if not self.is_polled:
            return None if self.link is False else REACHABLE
        known = self.answers.values()
        if any(known):
            return REACHABLE
        return UNREACHABLE if all(answer is False for answer in known) else None

    def values(self) -> dict[str, float | None]:
        """Every point's value now."""
        return {
            "state": self.state(),
            "devices_total": float(len(self.answers)),
            "devices_answering": float(sum(answer is True for answer in self.answers.values())),
        }


class Buses:
    """Watches the buses of one cabinet."""

    def __init__(self, site: Site, node: EdgeNode, feeds: Sequence[Feed], sources: Sequence[Source]) -> None:
        self._buses: dict[str, _Bus] = {}
        for name, (edge, bus) in site.buses.items():
            if edge.id != node.id:
                continue
            points = site.points_of(site.asset(name))
            devices = [box.id for _, box in site.devices_of(node.id) if box.bus == bus.id]
            periods = {point.id: seconds_ms(point.period_s) for point in points}
            self._buses[bus.id] = _Bus(
                asset=name,
                points=tuple(periods),
                reporter=Reporter([Habit.of(point, periods[point.id], is_message=False) for point in points]),
                patience_ms=periods["state"],
                is_polled=bus.type != "mqtt",
                answers=dict.fromkeys(devices),
                sources=[source for source in sources if source.bus == bus.id],
            )
        asked = {feed.request.device for feed in feeds}
        for each in self._buses.values():
            if each.is_polled:  # a device of which nothing is read says nothing about its bus
                each.answers = {device: None for device in each.answers if device in asked}

    def link(self, bus: str, is_up: bool, now_ms: int) -> None:
        """The connection to a bus stands, or not."""
        each = self._buses.get(bus)
        if each is None:
            return
        each.link = is_up
        if is_up:
            each.down_ms = None
        elif each.down_ms is None or now_ms < each.down_ms:
            each.down_ms = now_ms

    def heard(self, bus: str, device: str, now_ms: int) -> None:
        """Anything at all came from a device."""
        each = self._buses.get(bus)
        if each is not None:
            each.answers[device] = True
            each.spoke_ms[device] = now_ms
            each.fell_silent.clear()
            each.down_ms = None if each.is_polled else each.down_ms  # some gateways hang up after every answer

    def silent(self, bus: str, device: str) -> Iterable[str]:
        """A device was asked in vain; the devices that are to be asked at once."""
        each = self._buses.get(bus)
        if each is None:
            return ()
        if each.answers.get(device) is True:
            each.fell_silent.add(device)
        each.answers[device] = False
        if len(each.fell_silent) != _ROLL_CALL:
            return ()
        return [name for name, answers in each.answers.items() if answers is True]

    def unreachable(self, bus: str, device: str) -> None:
        """A device could not even be asked."""
        each = self._buses.get(bus)
        if each is not None:
            each.answers[device] = False

    def pulse(self, now_ms: int) -> Iterator[Batch]:
        """What is news of the buses, and what is stale of devices after a loss."""
        for each in self._buses.values():
            self._settle(each, now_ms)
            found = each.values()
            values = [found[name] for name in each.points]
            chosen = each.reporter.news(values, [-1 if value is None else 0 for value in values], now_ms)
            if chosen:
                points = [each.points[i] for i in chosen]
                yield Batch(each.asset, now_ms, now_ms, points, [values[i] for i in chosen])
            yield from self._stale(each, now_ms)

    def _settle(self, each: _Bus, now_ms: int) -> None:
        away = each.down_ms is not None and now_ms - each.down_ms >= each.patience_ms
        if away and each.lost_ms is None:
            each.lost_ms = each.down_ms
            each.answers = dict.fromkeys(each.answers, False)
        elif each.down_ms is None and each.lost_ms is not None:
            each.left_ms, each.lost_ms, each.back_ms = each.lost_ms, None, now_ms

    def _stale(self, each: _Bus, now_ms: int) -> Iterator[Batch]:
        """Law 5. A moment later than the return: the broker hands over first what it kept."""
        if each.back_ms is None or 0 <= now_ms - each.back_ms < each.patience_ms:
            return
        each.back_ms = None
        for source in each.sources:
            spoke_ms = each.spoke_ms.get(source.device)
            if spoke_ms is not None and (spoke_ms > each.left_ms or now_ms - spoke_ms < source.tap.patience_ms):
                continue
            batch = source.tap.failed(Reason.STALE, now_ms)
            if batch is not None:
                yield batch
