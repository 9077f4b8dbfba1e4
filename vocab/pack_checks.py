"""Pure. What a schema cannot see: references between the files of a pack, units, and limits that contradict bounds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from vocab.condition_checks import Ground, known
from vocab.faultspec import FaultSpec
from vocab.make import Make, PayloadField, Register
from vocab.pack import COMMON, Pack
from vocab.problem import Code, Problem
from vocab.rule import Rule
from vocab.rule_checks import BUS_WORDS, circles, rule_faults
from vocab.salvage import Lost
from vocab.site import BUS_KIND
from vocab.strict_toml import Path, Source
from vocab.units import conversion


class _Files(Protocol):
    """A pack's own files as parsed: a pack also holds what the common one gave it, which is judged there."""

    @property
    def sources(self) -> Mapping[str, Source]: ...
    @property
    def rules(self) -> Sequence[Rule]: ...
    @property
    def faults(self) -> Sequence[FaultSpec]: ...
    @property
    def makes(self) -> Mapping[str, Make]: ...
    @property
    def lost(self) -> Lost: ...


def check(pack: Pack, files: _Files, packs: Mapping[str, Pack]) -> Iterator[Problem]:
    """Every cross-reference fault of one of the `packs`, placed in its own `files`."""
    if "rules.toml" in files.sources:
        source = files.sources["rules.toml"]
        ground = Ground(pack, pack.rules, files.lost, others_of(packs))
        placed = [(("rule", index), rule) for index, rule in enumerate(files.rules)]
        for at, rule in placed:
            yield from rule_faults(rule, ground, at, source)
        yield from circles(placed, ground, source)
    if "faults.toml" in files.sources:
        yield from _faults(pack, files.faults, files.sources["faults.toml"], files.lost)
    if "pack.toml" in files.sources:
        yield from _derives(pack, files.sources["pack.toml"], files.lost)
        yield from _attributes(pack, files.sources["pack.toml"], files.lost)
        yield from _sector(pack, packs, files.sources["pack.toml"])
    for name, make in files.makes.items():
        source = files.sources[name]
        if name != f"makes/{make.make}.toml":
            message = f"{make.make!r} is not the name of its file"
            yield source.problem(Code.BAD_VALUE, ("make",), message, f"rename the file to {make.make}.toml")
        yield from _make(pack, make, source, files.lost)


def _sector(pack: Pack, packs: Mapping[str, Pack], source: Source) -> Iterator[Problem]:
    common = packs.get(COMMON)
    if not pack.sector or common is None or common.sectors is None:
        return
    names = [row.id for row in common.sectors.sector]
    hint = "known: " + ", ".join(names)
    if pack.sector not in names:
        yield source.problem(Code.UNKNOWN_REFERENCE, ("sector",), f"no sector {pack.sector!r}", hint)


def others_of(packs: Mapping[str, Pack]) -> dict[str, Mapping[str, Rule]]:
    """What the words for buses have rules of, where there is a pack for buses."""
    buses = packs.get(BUS_KIND)
    return {} if buses is None else dict.fromkeys(BUS_WORDS, buses.rules)


def _faults(pack: Pack, faults: Sequence[FaultSpec], source: Source, lost: Lost) -> Iterator[Problem]:
    for index, fault in enumerate(faults):
        at: Path = ("fault", index)
        named = [("also", rule) for rule in fault.also]
        if fault.expects is not None:
            named.append(("expects", fault.expects))
        for key, rule in named:
            if rule not in pack.rules and not lost.has("rule", rule):
                message = f"no rule {rule!r}"
                yield source.problem(Code.UNKNOWN_REFERENCE, (*at, key), message, known(pack.rules))
        if fault.nature == "disturbance" and fault.expects is not None:
            hint = "a disturbance must cause no alarm; drop `expects` or change `nature`"
            yield source.problem(Code.CONTRADICTION, (*at, "expects"), "a disturbance expects an alarm", hint)
        if fault.expects is not None and fault.bound_s is None:
            hint = "say how many simulated seconds the alarm may take"
            yield source.problem(Code.MISSING_KEY, (*at, "bound_s"), "an expected alarm needs a bound", hint)
        if fault.unfound is not None and (fault.expects is not None or fault.nature == "disturbance"):
            hint = "`unfound` says why nothing is expected of a fault"
            yield source.problem(Code.CONTRADICTION, (*at, "unfound"), "it is expected, or nothing at all", hint)
        if fault.point is not None and fault.point not in pack.points and not lost.has("point", fault.point):
            message = f"no point {fault.point!r}"
            yield source.problem(Code.UNKNOWN_REFERENCE, (*at, "point"), message, known(pack.points))


def _derives(pack: Pack, source: Source, lost: Lost) -> Iterator[Problem]:
    for index, derive in enumerate(pack.derives):
        at: Path = ("derive", index)
        for key, table, name, names in (
            ("point", "point", derive.point, pack.points),
            ("source", "point", derive.source, pack.points),
            ("zero", "param", derive.zero, pack.params),
            ("full", "param", derive.full, pack.params),
        ):
            if name not in names and not lost.has(table, name):
                yield source.problem(Code.UNKNOWN_REFERENCE, (*at, key), f"no {name!r}", known(names))


def _attributes(pack: Pack, source: Source, lost: Lost) -> Iterator[Problem]:
    for index, attribute in enumerate(pack.attributes.values()):
        seen: set[str] = set()
        for place, value in enumerate(attribute.values):
            at: Path = ("attribute", index, "values", place)
            if value.id in seen:
                message = f"{attribute.id!r} has the word {value.id!r} twice"
                yield source.problem(Code.DUPLICATE_ID, (*at, "id"), message, "rename one of them")
            seen.add(value.id)
            for name in value.params:
                if name not in pack.params and not lost.has("param", name):
                    message = f"no param {name!r}"
                    yield source.problem(Code.UNKNOWN_REFERENCE, (*at, "params", name), message, known(pack.params))


def _make(pack: Pack, make: Make, source: Source, lost: Lost) -> Iterator[Problem]:
    if (make.modbus is None) == (make.mqtt is None):
        hint = "give either [modbus] or [mqtt]"
        yield source.problem(Code.CONTRADICTION, ("make",), "a make speaks exactly one protocol", hint)
        return
    group: tuple[str, str] = ("modbus", "register") if make.modbus else ("mqtt", "field")
    fields: tuple[Register | PayloadField, ...] = make.modbus.registers if make.modbus else ()
    if make.mqtt:
        fields = make.mqtt.fields
    for index, field in enumerate(fields):
        yield from _field(pack, field, (*group, index), source, lost)
    if make.modbus:
        yield from _forbidden(make, source)
    for index, validity in enumerate(make.validity):
        for name in (validity.point, *validity.applies_to):
            if name not in pack.points and not lost.has("point", name):
                message = f"no point {name!r}"
                yield source.problem(Code.UNKNOWN_REFERENCE, ("validity", index), message, known(pack.points))


def _field(pack: Pack, field: Register | PayloadField, at: Path, source: Source, lost: Lost) -> Iterator[Problem]:
    point = pack.points.get(field.point)
    if point is None:
        if not lost.has("point", field.point):
            message = f"no point {field.point!r}"
            yield source.problem(Code.UNKNOWN_REFERENCE, (*at, "point"), message, known(pack.points))
        return
    if field.unit is not None:
        try:
            conversion(field.unit, point.unit)
        except ValueError as error:
            yield source.problem(Code.UNIT_MISMATCH, (*at, "unit"), str(error), f"the point is in {point.unit}")
    names = {state.id: state for state in point.states}
    for word in {mapped.state for mapped in field.states} | ({field.otherwise} - {None}):
        if word not in names:
            message = f"point {point.id!r} has no state {word!r}"
            yield source.problem(Code.UNKNOWN_REFERENCE, (*at, "states"), message, known(names))


WIDTH = {"u32": 2, "i32": 2, "f32": 2, "u64": 4, "i64": 4, "f64": 4}


def _forbidden(make: Make, source: Source) -> Iterator[Problem]:
    assert make.modbus is not None
    for index, register in enumerate(make.modbus.registers):
        last = register.address + WIDTH.get(register.type, 1) - 1
        for low, high in make.modbus.forbidden:
            if register.address <= high and last >= low:
                message = f"{register.point!r} lies in the forbidden range {low}-{high}"
                at: Path = ("modbus", "register", index, "address")
                yield source.problem(Code.OVERLAP, at, message, "a forbidden register is never read")
