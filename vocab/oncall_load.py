"""Pure. oncall.toml and channels.toml, or every fault of both: unknown people, minutes that nobody covers, nights."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import timedelta
from itertools import product
from zoneinfo import ZoneInfo

from vocab.channels import Channels, ChannelsFile
from vocab.duties import Duties
from vocab.instant import from_ms
from vocab.oncall import Escalation, OnCall, OnCallFile, Step
from vocab.org import Org
from vocab.problem import Code, Problem
from vocab.roster import Roster, gaps, moment, stretches, tired
from vocab.rule import Category
from vocab.salvage import Lost, salvage
from vocab.site import EdgeNode
from vocab.strict_toml import Path, Source

PROVED_DAYS = 400  # a year with its changes of the clock, and every cycle that fits into it
_MOST_TOLD = 3  # gaps of one roster


def load_channels(
    file: str, text: str, org: Org | None, edges: Sequence[EdgeNode] | None = None
) -> tuple[Channels | None, tuple[Problem, ...]]:
    """The channels and no problems, or None and all of them. Every contact of the organisation has its channel; what a
    heartbeat asks of the cabinets can be."""
    read = salvage(Source(file, text), ChannelsFile)
    problems = set(read.problems)
    if read.found is not None:
        problems |= set(_channels(read.found, org, read.source, read.lost))
        problems |= set(_heartbeats(read.found, edges, read.source))
        if not problems:
            return Channels(read.found), ()
    return None, tuple(sorted(problems))


def _channels(found: ChannelsFile, org: Org | None, source: Source, lost: Lost) -> Iterator[Problem]:
    yield from _unique("channel", [each.id for each in found.channel], source)
    known = {each.id for each in found.channel}
    for index, each in enumerate(found.channel):
        at: Path = ("channel", index)
        needs = {
            "dingtalk": "token",
            "wecom": "token",
            "feishu": "token",
            "apprise": "token",
            "webhook": "url",
            "smtp": "url",
        }
        key = needs.get(each.type)
        if key is not None and not getattr(each, key):
            yield source.problem(Code.MISSING_KEY, (*at, key), f"a channel of type {each.type} needs it")
        if each.type == "smtp" and each.user and each.secret is None:
            yield source.problem(
                Code.MISSING_KEY, (*at, "secret"), "a user signs in with a password: name its variable"
            )
    for person in () if org is None else org.file.person:
        for contact in person.contacts:
            if contact.channel not in known and not lost.has("channel", contact.channel):
                message = f"no channel {contact.channel!r}, by which {person.id!r} of org.toml is to be reached"
                hint = "known: " + (", ".join(sorted(known)) or "none")
                yield source.problem(Code.UNKNOWN_REFERENCE, ("channel",), message, hint)


def _heartbeats(found: ChannelsFile, edges: Sequence[EdgeNode] | None, source: Source) -> Iterator[Problem]:
    yield from _unique("heartbeat", [each.id for each in found.heartbeat], source)
    known = [edge.id for edge in edges or ()]
    for index, beat in enumerate(found.heartbeat if edges is not None else ()):
        at: Path = ("heartbeat", index)
        for name in beat.without:
            if name not in known:
                hint = "known: " + (", ".join(sorted(known)) or "none")
                yield source.problem(Code.UNKNOWN_REFERENCE, (*at, "without"), f"no edge {name!r}", hint)
        watched = [edge for edge in edges or () if edge.id not in beat.without]
        if not watched:
            message = "no cabinet is left whose frames it would prove"
            yield source.problem(Code.CONTRADICTION, (*at, "without"), message, "leave one of them out of it")
        for edge in watched:
            if beat.frames_s <= edge.flush_s:
                message = f"{edge.id!r} sends a frame every {edge.flush_s:g} s: the heartbeat would never go"
                yield source.problem(Code.CONTRADICTION, (*at, "frames_s"), message, "several times its flush_s")


def load(
    file: str, text: str, org: Org | None, channels: Channels | None, timezone: str
) -> tuple[OnCall | None, tuple[Problem, ...]]:
    """On-call and no problems, or None and all of them. Of what has faults itself (None) nothing is asked."""
    read = salvage(Source(file, text), OnCallFile)
    problems = set(read.problems)
    if read.found is not None:
        checks = _Checks(read.found, org, channels, read.source, read.lost)
        problems |= set(checks.all(ZoneInfo(timezone)))
        if not problems:
            return OnCall(read.found), ()
    return None, tuple(sorted(problems))


def never_on(file: str, text: str, on_call: OnCall, duties: Duties) -> tuple[Problem, ...]:
    """Rosters for an emergency that no mode of the site's duties names: nobody would ever be on call there."""
    named = {roster for mode in duties.file.mode for roster in mode.rosters}
    source, hint = Source(file, text), "name it under `rosters` of a [[mode]] in duties.toml"
    found = enumerate(on_call.rosters.values())
    return tuple(
        source.problem(Code.CONTRADICTION, ("roster", index, "dormant"), f"no mode names {roster.id!r}", hint)
        for index, roster in found
        if roster.dormant and roster.id not in named
    )


class _Checks:
    def __init__(
        self, found: OnCallFile, org: Org | None, channels: Channels | None, source: Source, lost: Lost
    ) -> None:
        self.found, self.org, self.channels, self.source, self.lost = found, org, channels, source, lost
        self.rosters = {roster.id for roster in found.roster}

    def all(self, zone: ZoneInfo) -> Iterator[Problem]:
        for table in ("roster", "policy", "roll_call"):
            yield from _unique(table, [row.id for row in getattr(self.found, table)], self.source)
        for index, roster in enumerate(self.found.roster):
            yield from self._roster(roster, ("roster", index), zone)
        for index, policy in enumerate(self.found.policy):
            at: Path = ("policy", index)
            for place, step in enumerate(policy.step):
                yield from self._step(step, (*at, "step", place))
            yield from self._only_dormant(policy, at)
            if any(step.digest for step in policy.step) and not policy.digest_at:
                yield self.source.problem(Code.MISSING_KEY, (*at, "digest_at"), "its digests need a time to go out")
            after = [step.after_s for step in policy.step]
            if after != sorted(after):
                message = "a step comes before the one above it"
                yield self.source.problem(
                    Code.CONTRADICTION, (*at, "step"), message, "put them in the order of after_s"
                )
        for index, call in enumerate(self.found.roll_call):
            yield from self._unknown(("roll_call", index, "roster"), "roster", call.roster, self.rosters)
        yield from self._who(("drill",), self.found.drill)
        yield from self._who(("late_to",), self.found.late_to)
        if not self.lost.any("policy"):
            yield from self._holes()

    def _only_dormant(self, policy: Escalation, at: Path) -> Iterator[Problem]:
        dormant = {f"roster:{roster.id}" for roster in self.found.roster if roster.dormant}
        who = [each for step in policy.step for each in step.who]
        if who and dormant.issuperset(who):
            message = "it calls nobody as long as no emergency is on"
            yield self.source.problem(Code.CONTRADICTION, (*at, "step"), message, "name somebody who is always there")

    def _roster(self, roster: Roster, at: Path, zone: ZoneInfo) -> Iterator[Problem]:
        known = {} if self.org is None else self.org.people
        for place, rotation in enumerate(roster.rotation):
            for person in dict.fromkeys(rotation.people) if self.org is not None else ():
                key = (*at, "rotation", place, "people")
                yield from self._unknown(key, "person", person, known)
                if person in known and not known[person].contacts:
                    message = f"{person!r} has no contact, so nobody can call them"
                    yield self.source.problem(Code.CONTRADICTION, key, message, "give them `contacts` in org.toml")
        start = max(rotation.start for rotation in roster.rotation)
        begin = moment(start + timedelta(days=1), "00:00", zone)
        end = moment(start + timedelta(days=1 + PROVED_DAYS), "00:00", zone)
        held = stretches(roster, zone, begin, end)
        if roster.around_the_clock:
            for hole in gaps(held, begin, end)[:_MOST_TOLD]:
                since, until = (from_ms(each).astimezone(zone).strftime("%Y-%m-%d %H:%M") for each in hole)
                message = f"nobody is on call from {since} until {until}"
                yield self.source.problem(Code.CONTRADICTION, at, message, "add a rotation that covers it")
        if not any(rotation.consecutive_nights for rotation in roster.rotation):
            for person, day in tired(held, zone)[:1]:
                message = f"{person!r} works two nights on end, the second on {day}"
                hint = "change the cycle, or say consecutive_nights = true"
                yield self.source.problem(Code.CONTRADICTION, at, message, hint)

    def _step(self, step: Step, at: Path) -> Iterator[Problem]:
        yield from self._who((*at, "who"), step.who)
        if self.channels is not None:
            for channel in step.channels:
                yield from self._unknown((*at, "channels"), "channel", channel, self.channels.by_id)
        if step.times > 1 and step.repeat_s is None:
            yield self.source.problem(Code.MISSING_KEY, (*at, "repeat_s"), "how long between the times?")

    def _who(self, at: Path, who: Iterable[str]) -> Iterator[Problem]:
        for each in who:
            what, _, name = each.partition(":")
            if what == "roster":
                yield from self._unknown(at, "roster", name, self.rosters)
            elif self.org is not None and each not in ("unit:lead", "unit:assist"):
                tables: dict[str, Collection[str]] = {
                    "role": self.org.roles,
                    "unit": self.org.units,
                    "person": self.org.people,
                }
                known = tables[what]
                yield from self._unknown(at, what, name, known)

    def _holes(self) -> Iterator[Problem]:
        """What is urgent and fits no policy calls nobody, which nobody would notice."""
        on_call = OnCall(self.found)
        for priority, category, safety in product((1, 2, 3, 4), Category, (True, False)):
            if on_call.policy_of(priority, category, "", "", safety=safety) is None:
                what = f"{'safety' if safety else 'other'} tickets of category {category}, priority {priority}"
                message = f"no policy fits {what}"
                hint = "add one at the end; without steps it calls nobody, on purpose"
                yield self.source.problem(Code.CONTRADICTION, ("policy",), message, hint)

    def _unknown(self, at: Path, what: str, name: str, known: Collection[str] | None) -> Iterator[Problem]:
        if known is not None and name not in known and not self.lost.has(what, name):
            hint = "known: " + (", ".join(sorted(known)) or "none")
            yield self.source.problem(Code.UNKNOWN_REFERENCE, at, f"no {what} {name!r}", hint)


def _unique(table: str, names: Iterable[str], source: Source) -> Iterator[Problem]:
    seen: set[str] = set()
    for index, name in enumerate(names):
        if name in seen:
            message = f"the {table.replace('_', ' ')} {name!r} is there twice"
            yield source.problem(Code.DUPLICATE_ID, (table, index, "id"), message, "rename one of them")
        seen.add(name)
