"""Pure. What is due of a call: the rungs of its policy, then unit by unit up, until somebody acknowledges.

The law of this file
1. Everything follows from the call's moment and from what was ordered before: nothing lives in memory, and how often
   somebody looks changes nothing.
2. Who was not called in time (the server was down) is called at the next look; of several missed rounds only the last.
3. Who is on call is asked when the page is ordered: after a hand-over the next round goes to the one who came.
4. A rung that finds nobody is kept as such, and the next rung is due at once.
5. A late ticket never pages as if it were now: it is a line of a digest.
6. A roster for an emergency that is not on has nobody, and is no rung that finds nobody.
7. A drill calls those named for drills and nobody else.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from alerts.oncall.crew import Crew
from alerts.oncall.model import Call, Done, Due, Order
from rules.codes import FAR
from vocab.instant import seconds_ms
from vocab.oncall import Escalation
from vocab.org import Person

_WITHOUT_END = FAR


@dataclass(frozen=True, slots=True)
class Rung:
    """One step of a call's ladder, in milliseconds after its beginning."""

    after_ms: int
    who: tuple[str, ...]
    every_ms: int | None = None
    times: int = 1
    channels: tuple[str, ...] = ()
    digest: bool = False


def ladder(policy: Escalation, call: Call, crew: Crew) -> list[Rung]:
    """Every rung of a call: the policy's steps, then what lies above the lead unit, the last one without end."""
    rungs = [
        Rung(
            seconds_ms(step.after_s),
            crew.asked(step.who),
            None if step.repeat_s is None else seconds_ms(step.repeat_s),
            step.times,
            step.channels,
            step.digest,
        )
        for step in policy.step
    ]
    if not rungs:
        return []
    if policy.climb_s is not None:
        named = {who for rung in rungs for who in rung.who}
        for unit in crew.above(call.lead_unit):
            if f"unit:{unit}" not in named:
                rungs.append(Rung(rungs[-1].after_ms + seconds_ms(policy.climb_s), (f"unit:{unit}",)))
    last = max((step for step, rung in enumerate(rungs) if rung.who), default=None)
    if policy.again_s is not None and last is not None:
        rungs[last] = replace(rungs[last], every_ms=seconds_ms(policy.again_s), times=_WITHOUT_END)
    return rungs


def due(call: Call, done: Done, crew: Crew, now_ms: int) -> Due:
    """What is to be ordered now, and when to look again."""
    if call.late:
        return _late(call, done, crew, now_ms)
    policy = crew.oncall.policies.get(call.policy)
    if policy is None:
        return Due(())
    orders: list[Order] = []
    next_ms, hurry = FAR, False
    for step, rung in enumerate(ladder(policy, call, crew)):
        if not rung.who:  # only rosters for an emergency that is not on
            continue
        before = done.rounds.get(step, -1)
        first_ms = call.at_ms + rung.after_ms
        round_ = _round(rung, now_ms - first_ms)
        if round_ < 0 and hurry and before < 0:
            round_, first_ms = 0, now_ms
        hurry = step in done.empty
        if round_ > before:
            at_ms = first_ms + round_ * (rung.every_ms or 0)
            found = list(_orders(call, policy, crew, (step, round_, rung), at_ms, now_ms))
            hurry = not found
            orders += found or [Order(step, round_, at_ms, "", ())]
        next_ms = min(next_ms, _next(rung, call.at_ms + rung.after_ms, max(round_, before)))
    if hurry or any(not order.person for order in orders):
        next_ms = min(next_ms, now_ms + 1)  # the rung after one without anybody
    return Due(tuple(orders), next_ms)


def _round(rung: Rung, since_ms: int) -> int:
    if since_ms < 0:
        return -1
    return 0 if rung.every_ms is None else min(since_ms // rung.every_ms, rung.times - 1)


def _next(rung: Rung, first_ms: int, round_: int) -> int:
    """When the round after `round_` is due."""
    if round_ < 0:
        return first_ms
    return FAR if rung.every_ms is None or round_ + 1 >= rung.times else first_ms + (round_ + 1) * rung.every_ms


def _orders(
    call: Call, policy: Escalation, crew: Crew, at: tuple[int, int, Rung], due_ms: int, now_ms: int
) -> Iterator[Order]:
    step, round_, rung = at
    for person in _called(rung.who, call, crew, now_ms) or (_audience(call, crew, now_ms) if step == 0 else ()):
        when_ms = crew.next_clock(policy.digest_at, due_ms) if rung.digest else due_ms
        if policy.quiet:
            when_ms = crew.after_quiet(person, max(when_ms, now_ms))
        yield Order(step, round_, when_ms, person.id, crew.ways(person, call.channels or rung.channels), rung.digest)


def _called(who: tuple[str, ...], call: Call, crew: Crew, now_ms: int) -> list[Person]:
    people = crew.people(who, call, now_ms)
    if not call.drill or crew.oncall.file is None:
        return people
    allowed = _audience(call, crew, now_ms)
    return [person for person in people if person in allowed]


def _audience(call: Call, crew: Crew, now_ms: int) -> list[Person]:
    """Those who are called in a drill: by its first step all of them, if it would call none of them."""
    file = crew.oncall.file
    return crew.people(file.drill, call, now_ms) if call.drill and file is not None else []


def _late(call: Call, done: Done, crew: Crew, now_ms: int) -> Due:
    file = crew.oncall.file
    if file is None or not file.late_to or 0 in done.rounds:
        return Due(())
    at_ms = crew.next_clock(file.late_at, call.at_ms)
    people = _called(file.late_to, call, crew, at_ms)
    orders = [Order(0, 0, at_ms, person.id, crew.ways(person, ()), digest=True) for person in people]
    return Due(tuple(orders) or (Order(0, 0, at_ms, "", ()),))
