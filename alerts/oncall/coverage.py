"""Pure. Who is on call over a stretch of time as people have agreed, and when in it nobody can be reached."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from alerts.oncall.crew import Crew
from vocab.roster import Roster, StandIn, Stretch, gaps, stretches

AROUND_MS = 8 * 86_400_000  # a turn is at most a week: so far around, every stretch is whole


@dataclass(frozen=True, slots=True)
class Held:
    """Who is on call in [begin, end): `stretches` whole, also those that reach beyond it; `holes` within it."""

    begin_ms: int
    end_ms: int
    stretches: tuple[Stretch, ...]
    holes: tuple[tuple[int, int], ...]

    def at(self, moment_ms: int) -> tuple[Stretch, ...]:
        """Who is on call at a moment."""
        return tuple(each for each in self.stretches if each.begin_ms <= moment_ms < each.end_ms)

    def before(self, moment_ms: int) -> tuple[Stretch, ...]:
        """Who was there last: the last to end up to a moment."""
        ends = [each.end_ms for each in self.stretches if each.end_ms <= moment_ms]
        return tuple(each for each in self.stretches if ends and each.end_ms == max(ends))

    def after(self, moment_ms: int) -> tuple[Stretch, ...]:
        """Who comes next: the first to begin after a moment."""
        begins = [each.begin_ms for each in self.stretches if each.begin_ms > moment_ms]
        return tuple(each for each in self.stretches if begins and each.begin_ms == min(begins))


def held(
    roster: Roster,
    crew: Crew,
    span: tuple[int, int],
    stand_ins: Sequence[StandIn] | None = None,
    off: Collection[str] = (),
) -> Held:
    """Who is on call in `span` with the crew's stand-ins, or with these.

    A hole is where nobody is on call, or nobody whom a page can reach by a channel that is not `off`.
    """
    begin, end = span
    mine = crew.stand_ins.get(roster.id, ()) if stand_ins is None else stand_ins
    found = stretches(roster, crew.zone, begin - AROUND_MS, end + AROUND_MS, mine)
    within = tuple(each for each in found if each.end_ms > begin and each.begin_ms < end)
    can = [each for each in within if reachable(crew, each.person, off)]
    return Held(begin, end, within, tuple(gaps(can, begin, end)))


def reachable(crew: Crew, person: str, off: Collection[str] = ()) -> bool:
    """Whether the organisation knows the person, with a way that is on (and not among those that are `off` now)."""
    known = crew.org.people.get(person)
    return known is not None and any(channel not in off for channel, _ in crew.ways(known, ()))


def new_holes(before: Held, after: Held) -> list[tuple[int, int]]:
    """The stretches that a change leaves open and that were not open without it."""
    found: list[tuple[int, int]] = []
    for begin, end in after.holes:
        at = begin
        for was_begin, was_end in before.holes:
            if was_end <= at or was_begin >= end:
                continue
            if was_begin > at:
                found.append((at, was_begin))
            at = max(at, was_end)
        if at < end:
            found.append((at, end))
    return found
