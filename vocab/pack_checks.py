"""Pure. What a schema cannot see: references between the files of a pack, units, and limits that contradict bounds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from vocab.condition import AlarmStands, All, Any, BadSignal, Condition, FromParam, High, Low, State
from vocab.faultspec import FaultSpec
from vocab.leaves import leaves, parts
from vocab.make import Make, PayloadField, Register
from vocab.pack import COMMON, Pack
from vocab.problem import Code, Problem
from vocab.quality import Reason
from vocab.rule import ANY_POINT, Rule, points_read
from vocab.salvage import Lost
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


BUS_WORDS = ("@bus", "@any-bus")


def check(pack: Pack, files: _Files) -> Iterator[Problem]:
    """Every cross-reference fault of one pack, placed in its own `files`."""
    if "rules.toml" in files.sources:
        for index, rule in enumerate(files.rules):
            yield from rule_faults(pack, rule, ("rule", index), files.sources["rules.toml"], files.lost)
    if "faults.toml" in files.sources:
        yield from _faults(pack, files.faults, files.sources["faults.toml"], files.lost)
    if "pack.toml" in files.sources:
        yield from _derives(pack, files.sources["pack.toml"], files.lost)
    for name, make in files.makes.items():
        source = files.sources[name]
        if name != f"makes/{make.make}.toml":
            message = f"{make.make!r} is not the name of its file"
            yield source.problem(Code.BAD_VALUE, ("make",), message, f"rename the file to {make.make}.toml")
        yield from _make(pack, make, source, files.lost)


def _known(names: Mapping[str, object]) -> str:
    return "known: " + (", ".join(sorted(names)) or "none")


def rule_faults(pack: Pack, rule: Rule, at: Path, source: Source, lost: Lost) -> Iterator[Problem]:
    """Every cross-reference fault of one rule of the pack, which stands at `at` in `source`."""
    for point in points_read(rule):
        if point != ANY_POINT and point not in pack.points and not lost.has("point", point):
            yield source.problem(Code.UNKNOWN_REFERENCE, (*at, "point"), f"no point {point!r}", _known(pack.points))
    if rule.point == ANY_POINT and pack.kind != COMMON:
        hint = "name one point; '*' is for packs/common"
        yield source.problem(Code.BAD_VALUE, (*at, "point"), "'*' is not allowed here", hint)
    named = rule.procedure
    if named is not None and named not in pack.procedures and not lost.has("procedure", named):
        message = f"no procedure {rule.procedure!r}"
        yield source.problem(Code.UNKNOWN_REFERENCE, (*at, "procedure"), message, _known(pack.procedures))
    for name in set(rule.variants) - set(pack.variants):
        hint = "known: " + ", ".join(pack.variants)
        yield source.problem(Code.UNKNOWN_REFERENCE, (*at, "variants"), f"no variant {name!r}", hint)
    for leaf in leaves(rule.when):
        yield from _condition(pack, rule, leaf, (*at, "when"), source, lost)
    if _asks_buses(rule.when, plainly=False) or (rule.suppress_when and _asks_buses(rule.suppress_when, plainly=True)):
        message = "'@bus' and '@any-bus' stand for no, one or several buses"
        hint = "use them in `suppress_when` only, and not below `not` or `vote`"
        yield source.problem(Code.CONTRADICTION, at, message, hint)


def _asks_buses(condition: Condition, *, plainly: bool) -> bool:
    """Whether a word for buses occurs; with `plainly` only where it cannot be left out."""
    if isinstance(condition, AlarmStands):
        return condition.asset in BUS_WORDS and not plainly
    return any(_asks_buses(part, plainly=plainly and isinstance(condition, All | Any)) for part in parts(condition))


def _condition(pack: Pack, rule: Rule, leaf: Condition, at: Path, source: Source, lost: Lost) -> Iterator[Problem]:
    point = pack.points.get(getattr(leaf, "point", None) or rule.point)
    if isinstance(leaf, BadSignal):
        known = {reason.wire: reason for reason in Reason if reason is not Reason.NONE}
        for word in set(leaf.reasons) - set(known):
            yield source.problem(Code.UNKNOWN_REFERENCE, at, f"no reason {word!r}", _known(known))
    if isinstance(leaf, State) and point is not None:
        known_states = {state.id: state for state in point.states}
        for word in set(leaf.is_any_of) - set(known_states):
            message = f"point {point.id!r} has no state {word!r}"
            yield source.problem(Code.UNKNOWN_REFERENCE, at, message, _known(known_states))
    if isinstance(leaf, High | Low):
        if isinstance(leaf.limit, FromParam):
            if leaf.limit.param not in pack.params and not lost.has("param", leaf.limit.param):
                message = f"no param {leaf.limit.param!r}"
                yield source.problem(Code.UNKNOWN_REFERENCE, at, message, _known(pack.params))
        elif point is not None and point.bounds and not point.bounds[0] <= leaf.limit <= point.bounds[1]:
            message = f"the limit {leaf.limit} lies outside the physical bounds {list(point.bounds)} of {point.id!r}"
            hint = "beyond the bounds a value is bad, so this alarm could never be raised"
            yield source.problem(Code.CONTRADICTION, at, message, hint)


def _faults(pack: Pack, faults: Sequence[FaultSpec], source: Source, lost: Lost) -> Iterator[Problem]:
    for index, fault in enumerate(faults):
        at: Path = ("fault", index)
        named = [("also", rule) for rule in fault.also]
        if fault.expects is not None:
            named.append(("expects", fault.expects))
        for key, rule in named:
            if rule not in pack.rules and not lost.has("rule", rule):
                message = f"no rule {rule!r}"
                yield source.problem(Code.UNKNOWN_REFERENCE, (*at, key), message, _known(pack.rules))
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
            yield source.problem(Code.UNKNOWN_REFERENCE, (*at, "point"), message, _known(pack.points))


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
                yield source.problem(Code.UNKNOWN_REFERENCE, (*at, key), f"no {name!r}", _known(names))


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
                yield source.problem(Code.UNKNOWN_REFERENCE, ("validity", index), message, _known(pack.points))


def _field(pack: Pack, field: Register | PayloadField, at: Path, source: Source, lost: Lost) -> Iterator[Problem]:
    point = pack.points.get(field.point)
    if point is None:
        if not lost.has("point", field.point):
            message = f"no point {field.point!r}"
            yield source.problem(Code.UNKNOWN_REFERENCE, (*at, "point"), message, _known(pack.points))
        return
    if field.unit is not None:
        try:
            conversion(field.unit, point.unit)
        except ValueError as error:
            yield source.problem(Code.UNIT_MISMATCH, (*at, "unit"), str(error), f"the point is in {point.unit}")
    known = {state.id: state for state in point.states}
    for word in {mapped.state for mapped in field.states} | ({field.otherwise} - {None}):
        if word not in known:
            message = f"point {point.id!r} has no state {word!r}"
            yield source.problem(Code.UNKNOWN_REFERENCE, (*at, "states"), message, _known(known))


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
