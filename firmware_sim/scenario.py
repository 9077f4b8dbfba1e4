"""Pure. A scenario: what goes wrong, where and when, as strict TOML that is checked against the site it will strike."""

from __future__ import annotations

import math
from collections.abc import Iterator

from pydantic import AwareDatetime, Field

from firmware_sim.links import OF_ANSWERS, OF_MESSAGES, OWN_CLOCK, LinkFault
from firmware_sim.physics.catalogue import model_of
from firmware_sim.sensors import SensorFault
from vocab.faultspec import FaultSpec
from vocab.pack import fits
from vocab.point import Id, PointId
from vocab.problem import Code, Problem
from vocab.site import BUS_KIND, EDGE_KIND, Asset, Device, Site
from vocab.strict_toml import Path, Source, Strict, Text, parse


class Injection(Strict):
    """One fault done to one asset or to one edge's uplink."""

    id: Id
    at_s: float = Field(ge=0)
    asset: Id | None = None
    edge: Id | None = None
    fault: PointId
    for_s: float | None = Field(default=None, gt=0)  # then it is repaired; None: it stays
    device: Id | None = None  # of the asset; default: the first one concerned, or all for a link fault
    point: PointId | None = None  # for sensor faults; default: the pack's
    params: dict[PointId, float] = Field(default_factory=dict)  # over the pack's

    @property
    def target(self) -> str:
        """The equipment it strikes."""
        return self.asset or self.edge or ""


class Scenario(Strict):
    """A day that somebody wrote."""

    name: Id
    title: Text
    speed: float = Field(default=1.0, gt=0)
    start: AwareDatetime | None = None  # site time at which it begins; None: now
    duration_s: float = Field(gt=0)
    inject: tuple[Injection, ...] = ()


QUIET = Scenario(name="quiet", title=Text(en="Nothing happens", zh="一切正常"), duration_s=86400.0)


def load(file: str, text: str, site: Site) -> tuple[Scenario | None, tuple[Problem, ...]]:
    """The scenario and no problems, or None and all of them."""
    source = Source(file, text)
    found, problems = parse(source, Scenario)
    if found is None:
        return None, problems
    problems = tuple(sorted(set(_check(found, site, source))))
    return (None, problems) if problems else (found, ())


def _check(scenario: Scenario, site: Site, source: Source) -> Iterator[Problem]:
    seen: dict[str, int] = {}
    for index, injection in enumerate(scenario.inject):
        at: Path = ("inject", index)
        if injection.id in seen:
            message = f"the id {injection.id!r} is taken"
            yield source.problem(Code.DUPLICATE_ID, (*at, "id"), message, "rename one of them")
        seen[injection.id] = index
        if injection.at_s >= scenario.duration_s:
            message = f"it would strike at {injection.at_s:g} s, after the end at {scenario.duration_s:g} s"
            yield source.problem(Code.CONTRADICTION, (*at, "at_s"), message, "make duration_s longer or at_s earlier")
        for key, code, message, hint in faults_of(injection, site):
            yield source.problem(code, (*at, key), message, hint)
    yield from _overlaps(scenario, source)


def _overlaps(scenario: Scenario, source: Source) -> Iterator[Problem]:
    """The same fault twice on the same spot at the same time could not be told apart afterwards."""
    for later, injection in enumerate(scenario.inject):
        for earlier in scenario.inject[:later]:
            same = (earlier.target, earlier.fault, earlier.device, earlier.point) == (
                injection.target, injection.fault, injection.device, injection.point,
            )  # fmt: skip
            if same and _end_s(earlier) > injection.at_s and _end_s(injection) > earlier.at_s:
                message = f"{earlier.id!r} does the same to {injection.target!r} at the same time"
                yield source.problem(Code.OVERLAP, ("inject", later, "at_s"), message, "end one before the other")


def _end_s(injection: Injection) -> float:
    return math.inf if injection.for_s is None else injection.at_s + injection.for_s


Complaint = tuple[str, Code, str, str]  # key, code, message, hint


def faults_of(injection: Injection, site: Site) -> Iterator[Complaint]:
    """Why this injection cannot be done at this site; nothing if it can."""
    if (injection.asset is None) == (injection.edge is None):
        yield "asset", Code.CONTRADICTION, "a fault strikes either an asset or an edge", "give one of `asset`, `edge`"
        return
    targets = [each for each in site.assets if each.kind != BUS_KIND]  # a bus has no plant of its own to break
    asset = next((each for each in targets if each.id == injection.target), None)
    is_edge = injection.edge is not None
    if asset is None or (asset.kind == EDGE_KIND) != is_edge:
        key = "edge" if is_edge else "asset"
        known = sorted(each.id for each in targets if (each.kind == EDGE_KIND) == is_edge)
        yield key, Code.UNKNOWN_REFERENCE, f"no {key} {injection.target!r}", "known: " + ", ".join(known)
        return
    pack = site.packs[asset.kind]
    fault = pack.faults.get(injection.fault)
    if fault is None:
        hint = "known: " + ", ".join(sorted(pack.faults))
        yield "fault", Code.UNKNOWN_REFERENCE, f"a {asset.kind} has no fault {injection.fault!r}", hint
        return
    if not fits(fault.variants, asset.variant):
        hint = "it is for: " + ", ".join(fault.variants)
        yield "fault", Code.CONTRADICTION, f"{fault.id!r} does not happen to a {asset.variant}", hint
    if fault.expects is not None and all(rule.id != fault.expects for rule in site.rules_of(asset)):
        message = f"nobody would see it: no rule {fault.expects!r} watches {asset.id!r}"
        hint = "choose an asset whose devices report the rule's points, or enable the rule"
        yield "fault", Code.CONTRADICTION, message, hint
    for name, value in injection.params.items():
        if not math.isfinite(value):
            yield "params", Code.BAD_VALUE, f"{name} is {value}", "give a finite number"
    if is_edge:
        if fault.play != LinkFault.WAN_CUT:
            yield "fault", Code.CONTRADICTION, f"{fault.id!r} cannot strike an edge", "an edge has only wan_cut"
        return
    yield from _reachable(injection, fault, asset, site)


def _reachable(injection: Injection, fault: FaultSpec, asset: Asset, site: Site) -> Iterator[Complaint]:
    """The parts of the asset that the fault strikes must exist."""
    boxes = {box.id: box for box in asset.device}
    if injection.device is not None and injection.device not in boxes:
        hint = "known: " + ", ".join(boxes)
        yield "device", Code.UNKNOWN_REFERENCE, f"{asset.id!r} has no device {injection.device!r}", hint
        return
    if is_sensor_fault(fault.play):
        point = injection.point or fault.point
        if point is None:
            yield "point", Code.MISSING_KEY, f"{fault.id!r} needs a point", "say which sensor lies"
        elif box_of(injection, fault, asset, site) is None:
            hint = "points: " + ", ".join(each.id for each in site.points_of(asset))
            yield "point", Code.UNKNOWN_REFERENCE, f"no device of {asset.id!r} measures {point!r}", hint
    elif is_link_fault(fault.play):
        yield from _link(LinkFault(fault.play), struck_boxes(injection, asset), asset, site)
    else:
        model = model_of(asset.kind, asset.variant)
        if model is None or fault.play not in model.FAULTS:
            message = f"the simulator's {asset.kind} {asset.variant or ''} cannot show {fault.play!r}"
            yield "fault", Code.CONTRADICTION, message, "known: " + ", ".join(sorted(model.FAULTS if model else ()))


def _link(fault: LinkFault, boxes: tuple[Device, ...], asset: Asset, site: Site) -> Iterator[Complaint]:
    if fault is LinkFault.WAN_CUT:
        yield "asset", Code.CONTRADICTION, "wan_cut strikes an edge", "give `edge` instead of `asset`"
        return
    for box in boxes:
        make = site.packs[asset.kind].makes[box.make]
        if fault in OF_MESSAGES and make.mqtt is None:
            yield "fault", Code.CONTRADICTION, f"{box.id!r} only answers, it sends nothing", f"{fault} is for MQTT"
        elif fault in (OWN_CLOCK | {LinkFault.RETAINED_GHOST}) and make.mqtt is not None and make.mqtt.time is None:
            yield "fault", Code.CONTRADICTION, f"{box.id!r} sends no time of its own", f"{fault} would not be seen"
        elif fault in OF_ANSWERS and make.modbus is None:
            yield "fault", Code.CONTRADICTION, f"{box.id!r} is never asked, it sends", f"{fault} is for Modbus"


def is_sensor_fault(fault: str) -> bool:
    """Whether this is one of the faults that any sensor can have."""
    return fault in SensorFault.__members__.values()


def is_link_fault(fault: str) -> bool:
    """Whether this is one of the faults that any link can have."""
    return fault in LinkFault.__members__.values()


def struck_boxes(injection: Injection, asset: Asset) -> tuple[Device, ...]:
    """The devices that a link fault strikes: the one named, else all."""
    return tuple(box for box in asset.device if injection.device in (None, box.id))


def box_of(injection: Injection, fault: FaultSpec, asset: Asset, site: Site) -> tuple[Device, str] | None:
    """The device and its own point that a sensor fault strikes. What is derived is struck at its source."""
    point = injection.point or fault.point
    pack = site.packs[asset.kind]
    sources = {derive.point: derive.source for derive in pack.derives}
    for box in struck_boxes(injection, asset):
        told = pack.makes[box.make].points
        for name in (point, sources.get(point or "")):
            if name is not None and name in told:
                return box, name
    return None
