"""Pure. duties.toml into duties, or every fault of it: unknown names, duties of nobody, rows without effect."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from vocab.campaign import Campaign, Sampling
from vocab.duties import (
    DRILL_HAZARD,
    After,
    AtHours,
    DrillPlan,
    Duties,
    DutiesFile,
    DutyKind,
    Gap,
    Once,
    Schedule,
    Slots,
    Yearly,
)
from vocab.problem import Code, Problem
from vocab.salvage import Lost, salvage
from vocab.site import Site
from vocab.strict_toml import Path, Source


def load(file: str, text: str, site: Site | None) -> tuple[Duties | None, tuple[Problem, ...]]:
    """The duties and no problems, or None and all of them. Without a site only the file itself is judged."""
    read = salvage(Source(file, text), DutiesFile)
    problems = set(read.problems)
    if read.found is not None:
        problems |= set(_Check(read.found, site, read.source, read.lost).all())
        if not problems:
            return Duties(read.found), ()
    return None, tuple(sorted(problems))


class _Check:
    """Looks names up in the file, the site and its organisation."""

    def __init__(self, duties: DutiesFile, site: Site | None, source: Source, lost: Lost) -> None:
        self.duties, self.site, self.source, self.lost = duties, site, source, lost
        org = None if site is None else site.org
        self.units = None if org is None else org.units.keys()
        self.roles = None if org is None else org.roles.keys()
        self.places = None if org is None else org.places.keys()
        self.assets = None if site is None else {each.id for each in site.assets}
        self.rosters = site.oncall.rosters if site is not None and site.oncall else None
        self.channels = site.channels.by_id if site is not None and site.channels else None
        self.edges = None if site is None else {each.id for each in site.file.edge}

    def all(self) -> Iterator[Problem]:
        for table in ("spot", "heading", "schedule", "mode", "stock", "campaign", "plant", "haul"):
            yield from self.unique(table)
        for index, spot in enumerate(self.duties.spot):
            yield from self.known(("spot", index, "place"), "place", [spot.place], self.places)
        for index, schedule in enumerate(self.duties.schedule):
            yield from self.schedule(("schedule", index), schedule)
        yield from self.modes()
        yield from self.areas()
        yield from self.hauls()
        for index, item in enumerate(self.duties.stock):
            yield from self.known(("stock", index, "unit"), "unit", [item.unit], self.units)
        yield from self.drills()
        yield from self.itself()
        for index, campaign in enumerate(self.duties.campaign):
            yield from self.campaign(("campaign", index), campaign)

    def unique(self, table: str) -> Iterator[Problem]:
        seen: set[str] = set()
        for index, row in enumerate(getattr(self.duties, table)):
            if row.id in seen:
                at: Path = (table, index, "id")
                yield self.source.problem(Code.DUPLICATE_ID, at, f"the {table} {row.id!r} is there twice", "rename one")
            seen.add(row.id)

    def known(self, at: Path, table: str, names: Iterable[str], known: Collection[str] | None) -> Iterator[Problem]:
        """What of `names` is not there; nobody is blamed for naming a row, or a file, that could not be read."""
        for name in names:
            if known is not None and name not in known and not self.lost.has(table, name):
                hint = "known: " + (", ".join(sorted(known)) or "none")
                yield self.source.problem(Code.UNKNOWN_REFERENCE, at, f"no {table} {name!r}", hint)

    def schedule(self, at: Path, row: Schedule) -> Iterator[Problem]:
        yield from self.known((*at, "unit"), "unit", [row.unit] if row.unit else [], self.units)
        yield from self.known((*at, "review"), "unit", [row.review] if row.review else [], self.units)
        yield from self.known((*at, "upward"), "unit", row.upward, self.units)
        yield from self.known((*at, "role"), "role", [row.role] if row.role else [], self.roles)
        yield from self.known((*at, "covers"), "asset", row.covers, self.assets)
        each = (*at, "each")
        yield from self.known((*each, "units"), "unit", row.each.units, self.units)
        yield from self.known((*each, "roles"), "role", row.each.roles, self.roles)
        yield from self.known((*each, "assets"), "asset", row.each.assets, self.assets)
        yield from self.known((*each, "spots"), "spot", row.each.spots, {spot.id for spot in self.duties.spot})
        yield from self.known((*each, "places"), "place", row.each.places, self.places)
        yield from self.known((*at, "headings"), "heading", row.headings, {each.id for each in self.duties.heading})
        yield from self.sense(at, row)

    def sense(self, at: Path, row: Schedule) -> Iterator[Problem]:
        """What its keys say against each other."""
        if row.unit is None and not row.each.units:
            yield self.wrong(
                (*at, "unit"), "a duty without an owner is nobody's work", "give unit, or each = { units }"
            )
        if row.kind is DutyKind.REPORT:
            if row.review is None:
                yield self.wrong((*at, "review"), "a report has a reviewer", "give the unit that reviews it")
        elif row.review is not None or row.upward or row.headings:
            yield self.wrong(
                (*at, "kind"), "only a report is reviewed and forwarded", 'kind = "report", or drop the keys'
            )
        if row.proof is not None and self.site is not None and not _provable(row, self.site):
            message = f"nothing that it covers reports {row.proof.point!r}: a sensor could never prove it"
            yield self.wrong((*at, "proof"), message, "name the equipment under covers, or drop the proof")
        if isinstance(row.when, Gap) and row.dormant and row.when.last is not None:
            yield self.wrong((*at, "when"), "what runs only in a mode begins with it", "drop last")
        named = any(row.id in mode.schedules for mode in self.duties.mode)
        named |= any(row.id in (*area.attended, *area.closed, *area.schedules) for area in self.duties.area)
        if row.dormant and not named and not self.lost.any("mode") and not self.lost.any("area"):
            hint = "name it in a [[mode]] or an [[area]]"
            yield self.wrong((*at, "dormant"), "no mode and no grade names it: it would never run", hint)
        if row.remind is not None and isinstance(row.when, AtHours | Slots):
            yield self.wrong((*at, "remind"), "it is over within a day: its opening is the reminder", "drop remind")
        yield from self.score((*at, "score"), row)

    def score(self, at: Path, row: Schedule) -> Iterator[Problem]:
        """Whether a person could ever give it, and whether what it leads to is told apart from a miss."""
        if row.score is None:
            return
        yield from self.known((*at, "unit"), "unit", [row.score.unit] if row.score.unit else [], self.units)
        if row.kind in (DutyKind.REPORT, DutyKind.DRILL) or row.proof is not None:
            yield self.wrong(at, "nobody says of it that it is done, so nobody could score it", "drop score")
        if row.score.below.hazard == row.miss.hazard:
            message = "a bad score and a miss would be one ticket"
            yield self.wrong((*at, "below", "hazard"), message, "give it a hazard of its own")

    def campaign(self, at: Path, row: Campaign) -> Iterator[Problem]:
        schedules = {each.id: each for each in self.duties.schedule}
        yield from self.known((*at, "units"), "unit", row.units, self.units)
        seen: set[str] = set()
        for index, phase in enumerate(row.phase):
            here: Path = (*at, "phase", index)
            if phase.id in seen:
                yield self.source.problem(
                    Code.DUPLICATE_ID, (*here, "id"), f"the phase {phase.id!r} is there twice", "rename one"
                )
            seen.add(phase.id)
            yield from self.known((*here, "schedules"), "schedule", phase.schedules, schedules)
            for name in phase.schedules:
                if name in schedules and not isinstance(schedules[name].when, Yearly | Once):
                    message = f"{name!r} has no date: a phase lasts from the first day of its schedules to the last"
                    yield self.wrong((*here, "schedules"), message, 'name schedules of type "yearly" or "once"')
        if row.sampling is not None:
            yield from self.sampling((*at, "sampling"), row.sampling, schedules)

    def sampling(self, at: Path, row: Sampling, schedules: dict[str, Schedule]) -> Iterator[Problem]:
        yield from self.known((*at, "schedule"), "schedule", [row.schedule], schedules)
        yield from self.known((*at, "checks"), "schedule", row.checks, schedules)
        for name in row.checks:
            if name in schedules and not schedules[name].each.units:
                message = f"{name!r} is no unit's own check of itself"
                yield self.wrong((*at, "checks"), message, "name schedules with each = { units }")
        found = schedules.get(row.schedule)
        if found is None:
            return
        when = found.when
        started = {each.id for each in schedules.values() if isinstance(each.when, After) and isinstance(when, After)
                   and each.when.trigger == when.trigger}  # fmt: skip
        if not isinstance(when, After) or when.again_within_s is not None or found.dormant:
            message = f"{found.id!r} is not started once by each item that is drawn"
            yield self.wrong((*at, "schedule"), message, 'a schedule of type "after", not dormant and not again')
        elif started != {found.id}:
            message = f"the trigger {when.trigger!r} starts something else, too"
            yield self.wrong((*at, "schedule"), message, "give the spot checks a trigger of their own")
        if found.kind is DutyKind.REPORT or found.score is not None or found.photo:
            message = f"{found.id!r}: a spot check is told as consistent or wrong, and nothing else"
            yield self.wrong((*at, "schedule"), message, 'kind = "task", without score and photo')

    def modes(self) -> Iterator[Problem]:
        schedules = {each.id: each for each in self.duties.schedule}
        for index, mode in enumerate(self.duties.mode):
            at: Path = ("mode", index)
            yield from self.known((*at, "schedules"), "schedule", mode.schedules, schedules)
            yield from self.known((*at, "checkpoints"), "asset", mode.checkpoints, self.assets)
            yield from self.known((*at, "zones"), "place", mode.zones, self.places)
            yield from self.known((*at, "rosters"), "roster", mode.rosters, self.rosters)
            for name in mode.rosters:
                if self.rosters is not None and name in self.rosters and not self.rosters[name].dormant:
                    message = f"{name!r} is on call all the time: naming it has no effect"
                    yield self.wrong((*at, "rosters"), message, "dormant = true in oncall.toml, or drop it here")
            for name in mode.schedules:
                if name in schedules and not schedules[name].dormant:
                    message = f"{name!r} runs all the time: naming it has no effect"
                    yield self.wrong((*at, "schedules"), message, "dormant = true there, or drop it here")

    def areas(self) -> Iterator[Problem]:
        schedules = {each.id: each for each in self.duties.schedule}
        gates = {name for mode in self.duties.mode for name in mode.checkpoints}
        seen: set[str] = set()
        for index, area in enumerate(self.duties.area):
            at: Path = ("area", index)
            if area.grade in seen:
                message = f"the grade {area.grade!r} is there twice"
                yield self.source.problem(Code.DUPLICATE_ID, (*at, "grade"), message, "one row for each grade")
            seen.add(area.grade)
            for key in ("attended", "closed", "schedules"):
                names = getattr(area, key)
                yield from self.known((*at, key), "schedule", names, schedules)
                for row in (schedules[name] for name in names if name in schedules):
                    if not row.dormant:
                        message = f"{row.id!r} runs all the time: naming it has no effect"
                        yield self.wrong((*at, key), message, "dormant = true there, or drop it here")
                    elif key != "schedules" and not gates & set(row.each.assets) and not self.lost.any("mode"):
                        message = f"{row.id!r} runs for no checkpoint of a mode"
                        yield self.wrong((*at, key), message, "each = { assets } with checkpoints of a [[mode]]")
        if self.duties.area and self.duties.zone_rule is None and not self.lost.any("zone_rule"):
            yield self.wrong(("area", 0), "without a zone_rule no grade is ever proposed", "add one, or drop the rows")

    def hauls(self) -> Iterator[Problem]:
        schedules = {each.id: each for each in self.duties.schedule}
        plants = {each.id for each in self.duties.plant}
        for index, plant in enumerate(self.duties.plant):
            at: Path = ("plant", index)
            yield from self.known((*at, "unit"), "unit", [plant.unit], self.units)
            yield from self.known((*at, "rounds"), "schedule", plant.rounds, schedules)
            yield from self.tells((*at, "asset"), plant.asset, plant.point)
        for index, haul in enumerate(self.duties.haul):
            at = ("haul", index)
            yield from self.known((*at, "unit"), "unit", [haul.unit], self.units)
            yield from self.known((*at, "round"), "schedule", [haul.round], schedules)
            yield from self.known((*at, "plant"), "plant", [haul.plant], plants)
            for pool in haul.pools:
                yield from self.tells((*at, "pools"), pool, haul.point)

    def tells(self, at: Path, asset: str, point: str) -> Iterator[Problem]:
        """Equipment that is there and has a point."""
        yield from self.known(at, "asset", [asset], self.assets)
        if self.site is not None and self.assets is not None and asset in self.assets:
            points = [each.id for each in self.site.points_of(self.site.asset(asset))]
            if point not in points:
                yield self.wrong(at, f"{asset!r} has no point {point!r}", "it has: " + ", ".join(points))

    def drills(self) -> Iterator[Problem]:
        schedules = {each.id: each for each in self.duties.schedule}
        for index, plan in enumerate(self.duties.drill):
            at: Path = ("drill", index)
            yield from self.known((*at, "schedule"), "schedule", [plan.schedule], schedules)
            yield from self.known((*at, "edge"), "edge", [plan.edge], self.edges)
            yield from self.known((*at, "channel"), "channel", [plan.channel] if plan.channel else [], self.channels)
            row = schedules.get(plan.schedule)
            if row is not None and row.kind is not DutyKind.DRILL:
                yield self.wrong((*at, "schedule"), f"{row.id!r} is a {row.kind}, no drill", 'kind = "drill" there')
            if self.site is not None and self.site.oncall:
                yield from self.calls((*at, "within_s"), plan, self.site)
        yield from self.path()

    def calls(self, at: Path, plan: DrillPlan, site: Site) -> Iterator[Problem]:
        """Whether a drill would call somebody in its time, by oncall.toml."""
        pack = site.packs.get("edge")
        rules = [] if pack is None else [rule for rule in pack.rules.values() if rule.hazard == DRILL_HAZARD]
        for rule in rules:
            told = (rule.priority, rule.category, rule.hazard, "edge")
            policy = site.oncall.policy_of(*told, safety=rule.safety)
            steps = () if policy is None else policy.step
            if not any(not step.digest and step.after_s < plan.within_s for step in steps):
                message = f"by oncall.toml nobody is called about a drill within {plan.within_s:g} s"
                yield self.wrong(at, message, f'a policy with hazards = ["{rule.hazard}"] before the others')
        if site.oncall.file is not None and not site.oncall.file.drill:
            yield self.wrong(at, "oncall.toml names nobody who is called in drills", "name them there: drill = [...]")

    def path(self) -> Iterator[Problem]:
        plan = self.duties.path
        if plan is None:
            return
        yield from self.known(("path", "unit"), "unit", [plan.unit], self.units)
        yield from self.known(("path", "channels"), "channel", plan.channels, self.channels)
        if not self.duties.drill and not self.lost.any("drill"):
            yield self.wrong(("path",), "there is no [[drill]] that would ever prove it", "add one, or drop the table")

    def itself(self) -> Iterator[Problem]:
        seen: set[str] = set()
        for index, row in enumerate(self.duties.self_watch):
            yield from self.known(("self", index, "unit"), "unit", [row.unit], self.units)
            if row.measure in seen:
                message = f"{row.measure.value!r} is there twice"
                yield self.source.problem(Code.DUPLICATE_ID, ("self", index, "measure"), message, "one row for each")
            seen.add(row.measure)

    def wrong(self, at: Path, message: str, hint: str) -> Problem:
        return self.source.problem(Code.CONTRADICTION, at, message, hint)


def _provable(row: Schedule, site: Site) -> bool:
    assets = {each.id: each for each in site.assets}
    covered = [assets[name] for name in row.covers if name in assets]
    return any(row.proof and point.id == row.proof.point for each in covered for point in site.points_of(each))
