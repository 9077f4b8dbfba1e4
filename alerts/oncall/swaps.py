"""Pure. Whether somebody may stand in: the rules of a roster, asked before a change is kept and again before it holds.

The law of this file
1. No change leaves a minute open that was not open before: on call, known to the organisation, with a way that is on.
2. Nobody is on call twice in one roster, nor, unless somebody above orders it, in two rosters or two nights on end.
3. What has been stays as it was: a change holds from now on at the earliest.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from zoneinfo import ZoneInfo

from alerts.errors import TicketRefusedError, WrongOrderError
from alerts.oncall.coverage import Held, held, new_holes
from alerts.oncall.crew import Crew
from alerts.texts import local
from alerts.views import Both
from vocab.oncall_load import PROVED_DAYS
from vocab.org import Org
from vocab.roster import Roster, StandIn, Stretch, tired

_DAY_MS = 86_400_000
_AROUND_MS = 2 * _DAY_MS  # the night before, and the one after
Span = tuple[int, int]


class RosterRefusedError(TicketRefusedError):
    """The rules of a roster do not allow it; the words are in both languages."""


@dataclass(frozen=True, slots=True)
class Change:
    """`person` stands in for `instead_of` in `span`, who stands in for `person` in `back` (a swap).

    Without `person`, `instead_of` is away; without `instead_of`, it is whoever would be on call.
    """

    roster: str
    person: str
    instead_of: str
    span: Span
    back: Span | None = None

    def stand_ins(self) -> list[StandIn]:
        """As the roster takes them."""
        found = [StandIn(*self.span, self.person, self.instead_of)]
        return found if self.back is None else [*found, StandIn(*self.back, self.instead_of, self.person)]

    def from_now(self, now_ms: int) -> Change:
        """As much of it as is still to come."""
        back = None if self.back is None else (max(self.back[0], now_ms), self.back[1])
        return replace(self, span=(max(self.span[0], now_ms), self.span[1]), back=back)

    @property
    def spans(self) -> tuple[Span, ...]:
        """One stretch, or the two of a swap."""
        return (self.span,) if self.back is None else (self.span, self.back)

    @property
    def parties(self) -> tuple[str, ...]:
        """Whose duty changes, as far as they are named."""
        return tuple(each for each in (self.person, self.instead_of) if each)


def check_sense(change: Change, org: Org) -> None:
    """WrongOrderError for what makes no sense, whatever the rosters say."""
    for begin, end in change.spans:
        if begin >= end:
            raise WrongOrderError("no_time", "it ends before it begins")
        if end - begin > PROVED_DAYS * _DAY_MS:
            raise WrongOrderError("too_long", f"at most {PROVED_DAYS} days")
    if change.back is not None and change.back[0] < change.span[1] and change.span[0] < change.back[1]:
        raise WrongOrderError("overlapping", "the two stretches of a swap overlap")
    if not change.parties:
        raise WrongOrderError("nobody", "say who stands in, or who is away")
    if change.back is not None and len(change.parties) < 2:
        raise WrongOrderError("nobody", "a swap is between two people")
    if change.person == change.instead_of:
        raise WrongOrderError("same_person", "nobody stands in for themselves")
    for name in change.parties:
        if name not in org.people:
            raise WrongOrderError("unknown_name", f"org.toml knows nobody called {name!r}")


def check(change: Change, crew: Crew, now_ms: int, *, ordered: bool) -> list[Both]:
    """RosterRefusedError if it must not be; what is doubtful about it, where somebody above orders it all the same."""
    roster = crew.oncall.rosters[change.roster]
    if any(until <= now_ms for _, until in change.spans):
        raise RosterRefusedError("over", "That is over already.", "该时段已过。")
    change = change.from_now(now_ms)
    standing = list(crew.stand_ins.get(roster.id, ()))
    before = held(roster, crew, _around(change))
    after = held(roster, crew, _around(change), [*standing, *change.stand_ins()])
    _check_parties(change, before, crew)
    _check_twice(before, after, crew)
    for span in change.spans:
        lost = new_holes(_within(before, span), _within(after, span))
        if lost:
            raise _uncovered(lost, change, crew)
    doubts = [*_elsewhere(change, after, crew), *_two_nights(roster, before, after, crew)]
    if doubts and not ordered:
        reason, words = doubts[0]
        raise RosterRefusedError(reason, words.en, words.zh)
    return [words for _, words in doubts]


def check_end(change: Change, crew: Crew, without: Sequence[StandIn], now_ms: int) -> None:
    """RosterRefusedError if to end a change would leave a minute open. `without`: the stand-ins that are left."""
    roster = crew.oncall.rosters[change.roster]
    for span in change.spans:
        ahead = (max(span[0], now_ms), span[1])
        if ahead[0] >= ahead[1]:
            continue
        lost = new_holes(held(roster, crew, ahead), held(roster, crew, ahead, without))
        if lost:
            raise _uncovered(lost, change, crew)


def _around(change: Change) -> Span:
    spans = change.spans
    return min(begin for begin, _ in spans) - _AROUND_MS, max(end for _, end in spans) + _AROUND_MS


def _within(found: Held, span: Span) -> Held:
    begin, end = span
    cut = [(max(each[0], begin), min(each[1], end)) for each in found.holes]
    return replace(found, begin_ms=begin, end_ms=end, holes=tuple(each for each in cut if each[0] < each[1]))


def _check_parties(change: Change, before: Held, crew: Crew) -> None:
    """Who is stood in for, is on call then."""
    asked = [(change.instead_of, change.span)] + ([] if change.back is None else [(change.person, change.back)])
    for name, (begin, end) in asked:
        if name and not any(
            each.person == name and each.begin_ms < end and each.end_ms > begin for each in before.stretches
        ):
            who, since, until = crew.org.people[name].name, local(begin, crew.zone), local(end, crew.zone)
            raise RosterRefusedError(
                "not_on_call",
                f"{who.en} is not on call between {since} and {until}.",
                f"{who.zh}在{since}至{until}没有排班。",
            )


def _check_twice(before: Held, after: Held, crew: Crew) -> None:
    """Nobody is on call twice at once: two would be named, and one would be there."""
    was = set(_twice(before.stretches))
    for name, at_ms in _twice(after.stretches):
        if (name, at_ms) not in was:
            who, when = crew.org.people[name].name, local(at_ms, crew.zone)
            raise RosterRefusedError(
                "already_on_call", f"{who.en} is on call then anyway ({when}).", f"{who.zh}届时（{when}）已在值班。"
            )


def _twice(found: Collection[Stretch]) -> Iterator[tuple[str, int]]:
    last: dict[str, int] = {}
    for each in sorted(found, key=lambda each: each.begin_ms):
        if each.begin_ms < last.get(each.person, each.begin_ms):
            yield each.person, each.begin_ms
        last[each.person] = max(each.end_ms, last.get(each.person, each.end_ms))


def _elsewhere(change: Change, after: Held, crew: Crew) -> Iterator[tuple[str, Both]]:
    """Who is called first and second must not be one person."""
    for name in change.parties:
        mine = [each for each in after.stretches if each.person == name and each.instead_of]
        for other in crew.oncall.rosters.values():
            if other.id == change.roster or other.id in crew.off:
                continue
            theirs = [each for each in held(other, crew, _around(change)).stretches if each.person == name]
            both = [a for a in mine for b in theirs if a.begin_ms < b.end_ms and b.begin_ms < a.end_ms]
            if both:
                who, when = crew.org.people[name].name, local(both[0].begin_ms, crew.zone)
                yield (
                    "on_call_elsewhere",
                    Both(
                        f"{who.en} has {other.name.en} then too ({when}): nobody else would be left to call.",
                        f"{who.zh}届时（{when}）还担任{other.name.zh}，将无人可转呼。",
                    ),
                )
                break


def _two_nights(roster: Roster, before: Held, after: Held, crew: Crew) -> Iterator[tuple[str, Both]]:
    if any(rotation.consecutive_nights for rotation in roster.rotation):
        return
    zone: ZoneInfo = crew.zone
    for name, day in sorted(set(tired(after.stretches, zone)) - set(tired(before.stretches, zone))):
        who, first = crew.org.people[name].name, day - timedelta(days=1)
        yield (
            "two_nights",
            Both(
                f"{who.en} would work two nights on end ({first}, {day}).",
                f"{who.zh}将连续值两个夜班（{first}、{day}）。",
            ),
        )


def _uncovered(lost: Sequence[Span], change: Change, crew: Crew) -> RosterRefusedError:
    since, until = (local(each, crew.zone) for each in lost[0])
    silent = [crew.org.people[name].name for name in change.parties if not crew.ways(crew.org.people[name], ())]
    en = f"Nobody could be reached from {since} until {until}."
    zh = f"{since}至{until}将无人值守。"
    if silent:
        en += f" {silent[0].en} has no channel that is on."
        zh += f"{silent[0].zh}没有可用的联系通道。"
    return RosterRefusedError("uncovered", en, zh)
