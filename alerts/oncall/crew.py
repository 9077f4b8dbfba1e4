"""Pure. Who is meant by `roster:duty` at a moment, and by which ways each person can be reached."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from zoneinfo import ZoneInfo

from alerts.oncall.model import Call
from vocab.channels import Channels
from vocab.instant import from_ms
from vocab.oncall import OnCall
from vocab.org import Org, Person
from vocab.roster import StandIn, moment, on_call


@dataclass(frozen=True, slots=True)
class Crew:
    """The people of a site, and who stands in for whom."""

    org: Org
    oncall: OnCall
    channels: Channels
    zone: ZoneInfo
    stand_ins: Mapping[str, Sequence[StandIn]] = field(default_factory=dict)  # by roster
    off: frozenset[str] = frozenset()  # rosters for an emergency that is not on

    def people(self, who: Iterable[str], call: Call, at_ms: int) -> list[Person]:
        """Everybody meant, each once, in the order of naming."""
        named = dict.fromkeys(person for each in who for person in self._named(each, call, at_ms))
        return [self.org.people[person] for person in named if person in self.org.people]

    def _named(self, who: str, call: Call, at_ms: int) -> Iterator[str]:
        what, _, name = who.partition(":")
        if what == "person":
            yield name
        elif what == "roster":
            yield from self.on_call(name, at_ms)
        elif what == "role":
            yield from self._role(name, call.grid)
        else:
            units = {"lead": (call.lead_unit,), "assist": call.assist_units}.get(name, (name,))
            yield from (person.id for unit in units for person in self.org.members(unit))

    def asked(self, who: Iterable[str]) -> tuple[str, ...]:
        """Without the rosters that are off: they have nobody, and nobody is missing there."""
        off = {f"roster:{roster}" for roster in self.off}
        return tuple(each for each in who if each not in off)

    def on_call(self, roster: str, at_ms: int) -> list[str]:
        """Who is on call there."""
        found = self.oncall.rosters.get(roster)
        if found is None or roster in self.off:
            return []
        return [each.person for each in on_call(found, self.zone, at_ms, self.stand_ins.get(roster, ()))]

    def _role(self, role: str, grid: str) -> Iterator[str]:
        """Those who have it at the place nearest to the grid; without a grid, everybody."""
        holders = [person for person in self.org.file.person if role in person.roles]
        for around in self.org.climb(grid):
            found = [person.id for person in holders if self.org.units[person.unit].place == around]
            if found:
                yield from found
                return
        yield from (person.id for person in holders)

    def ways(self, person: Person, wanted: Sequence[str]) -> tuple[tuple[str, str], ...]:
        """The person's contacts whose channels are on, in the person's order or in that of `wanted`."""
        known = self.channels.by_id
        on = [(each.channel, each.address) for each in person.contacts if each.channel in known]
        on = [way for way in on if known[way[0]].enabled]
        if not wanted:
            return tuple(on)
        first = [way for channel in wanted for way in on if way[0] == channel]
        return tuple(first) + tuple(way for way in on if way not in first)

    def above(self, unit: str) -> list[str]:
        """The units to which a unit reports that have members, the nearest first."""
        found: list[str] = []
        seen = {unit}
        at = self.org.units[unit].parent if unit in self.org.units else None
        while at is not None and at not in seen:
            seen.add(at)
            if self.org.members(at):
                found.append(at)
            at = self.org.units[at].parent
        return found

    def next_clock(self, clocks: Sequence[str], at_ms: int) -> int:
        """The first of some times of day after a moment; the moment itself without any."""
        day = from_ms(at_ms).astimezone(self.zone).date()
        found = [moment(day + timedelta(days=n), clock, self.zone) for n in (0, 1) for clock in clocks]
        return min((each for each in found if each > at_ms), default=at_ms)

    def after_quiet(self, person: Person, at_ms: int) -> int:
        """The moment, or the end of the person's quiet hours if it lies in them."""
        quiet = person.quiet
        if quiet is None:
            return at_ms
        clock = from_ms(at_ms).astimezone(self.zone).strftime("%H:%M")
        begins, ends = quiet.begins, quiet.ends
        inside = begins <= clock < ends if begins < ends else clock >= begins or clock < ends
        return self.next_clock((ends,), at_ms) if inside else at_ms
