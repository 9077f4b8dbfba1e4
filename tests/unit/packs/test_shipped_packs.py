"""What every pack that comes with Anlan owes its reader."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel

from runtime.files import load_packs, load_site, shipped
from vocab.faultspec import FaultSpec
from vocab.leaves import leaves
from vocab.make import Make
from vocab.pack import COMMON, Pack
from vocab.rule import ANY_POINT, Category, Rule, points_read
from vocab.site import BUS_KIND, EDGE_KIND
from vocab.strict_toml import Text
from vocab.units import UNITS

PACKS = load_packs()
KINDS = sorted(set(PACKS) - {COMMON, EDGE_KIND, BUS_KIND})
RULES = [
    pytest.param(pack, rule, id=f"{pack.kind}/{rule.id}")
    for pack in PACKS.values()
    for rule in pack.rules.values()
    if pack.kind == COMMON or rule.id not in PACKS[COMMON].rules
]
CHINESE = re.compile(r"[\u4e00-\u9fff]")
ABBREVIATIONS = {"kPa"}  # written the same way in both languages


def physical(pack: Pack) -> Iterator[FaultSpec]:
    return (fault for fault in pack.faults.values() if fault.nature == "physical")


def test_the_kinds_of_equipment_are_there() -> None:
    assert KINDS == [
        "bin",
        "boiler",
        "elevator",
        "gas",
        "power",
        "thermometer",
        "vessel",
        "water",
        "weighbridge",
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_has_two_makes_that_differ_in_how_they_count(kind: str) -> None:
    ways = [_ways(make) for make in PACKS[kind].makes.values()]

    assert len(ways) >= 2
    assert any(one[point] != other[point] for one in ways for other in ways for point in set(one) & set(other)), (
        "the same point, yet no two makes differ in scale, sign, order, sentinel or code"
    )


def _ways(make: Make) -> dict[str, object]:
    """How a make tells each point, without where."""
    places = {"address", "table", "at", "path", "channel", "kind", "bit"}
    fields = make.modbus.registers if make.modbus else make.mqtt.fields if make.mqtt else ()
    return {field.point: field.model_dump(exclude=places) for field in fields}


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_has_six_physical_faults_with_an_alarm_and_some_disturbance_without(kind: str) -> None:
    faults = PACKS[kind].faults.values()

    assert sum(fault.expects is not None for fault in physical(PACKS[kind])) >= 6
    assert any(fault.nature == "disturbance" and fault.id not in PACKS[COMMON].faults for fault in faults)


@pytest.mark.parametrize("kind", KINDS)
def test_at_least_two_physical_faults_of_a_kind_give_one_ticket_within_ten_minutes(kind: str) -> None:
    pack = PACKS[kind]
    clean = [
        fault.id
        for fault in physical(pack)
        if fault.expects is not None and fault.bound_s is not None and fault.bound_s <= 720 and _is_single(pack, fault)
    ]

    assert len(clean) >= 2, clean


def _is_single(pack: Pack, fault: FaultSpec) -> bool:
    assert fault.expects is not None
    return {pack.rules[rule].hazard for rule in (fault.expects, *fault.also)} == {pack.rules[fault.expects].hazard}


@pytest.mark.parametrize(("pack", "rule"), RULES)
def test_a_rule_says_where_its_number_comes_from(pack: Pack, rule: Rule) -> None:
    assert rule.basis.source or rule.basis.standard
    if rule.basis.confidence == "seen":
        assert rule.basis.standard, "what is quoted as seen needs a standard"
        assert rule.basis.source, "and the place where it was seen"
    if rule.basis.standard.startswith(("GB", "TSG")):
        assert rule.basis.edition, "Chinese standards move: name the edition"
        assert rule.basis.clause


@pytest.mark.parametrize(("pack", "rule"), RULES)
def test_a_rule_tells_a_person_what_to_do(pack: Pack, rule: Rule) -> None:
    assert rule.procedure in pack.procedures


@pytest.mark.parametrize(("pack", "rule"), RULES)
def test_a_rule_of_one_variant_looks_only_at_points_of_that_variant(pack: Pack, rule: Rule) -> None:
    for name in set(points_read(rule)) - {ANY_POINT} - set(pack.params):
        point = pack.points[name]
        if point.variants:
            assert rule.variants, f"{name} exists only for {point.variants}"
            assert set(rule.variants) <= set(point.variants)


@pytest.mark.parametrize("kind", sorted(PACKS))
def test_rules_of_one_hazard_agree_on_whose_work_it_is(kind: str) -> None:
    categories: dict[str, set[Category]] = {}
    for rule in PACKS[kind].rules.values():
        categories.setdefault(rule.hazard, set()).add(rule.category)

    assert {hazard: found for hazard, found in categories.items() if len(found) > 1} == {}


@pytest.mark.parametrize("kind", sorted(PACKS))
def test_sensor_trouble_is_maintenance_and_never_a_hazard(kind: str) -> None:
    pack = PACKS[kind]
    for rule in pack.rules.values():
        if {leaf.type for leaf in leaves(rule.when)} & {"bad_signal", "no_data", "stuck"}:
            assert rule.category is Category.MAINTENANCE, rule.id


@pytest.mark.parametrize("kind", sorted(PACKS))
def test_every_text_is_there_in_both_languages(kind: str) -> None:
    for text in _texts(parts_of(PACKS[kind])):
        assert text.en.strip()
        assert not CHINESE.search(text.en), text.en
        assert CHINESE.search(text.zh) or text.zh in ABBREVIATIONS or text.zh == text.en, text.zh


def parts_of(pack: Pack) -> list[object]:
    parts = (pack.points, pack.params, pack.rules, pack.faults, pack.procedures, pack.makes)
    return [pack.name, *(each for part in parts for each in part.values())]


def _texts(things: Iterable[object]) -> Iterator[Text]:
    for thing in things:
        if isinstance(thing, Text):
            yield thing
        elif isinstance(thing, BaseModel):
            yield from _texts(getattr(thing, name) for name in type(thing).model_fields)
        elif isinstance(thing, tuple):
            yield from _texts(thing)


@pytest.mark.parametrize("kind", sorted(PACKS))
def test_every_number_has_a_unit_of_ours_and_believable_bounds(kind: str) -> None:
    for point in PACKS[kind].points.values():
        assert point.unit in UNITS
        if point.states:
            assert point.unit == "1"
            assert len({state.code for state in point.states}) == len({state.id for state in point.states})
            assert len(point.states) == len({state.code for state in point.states})
        elif kind != EDGE_KIND or point.id != "heartbeat":
            assert point.bounds is not None, point.id
        if point.normal and point.bounds:
            assert point.bounds[0] <= point.normal[0] <= point.normal[1] <= point.bounds[1], point.id


@pytest.mark.parametrize("kind", KINDS)
def test_messages_come_at_least_as_often_as_the_heartbeat_promises(kind: str) -> None:
    """Otherwise a healthy battery device would be called silent."""
    for make in PACKS[kind].makes.values():
        if make.mqtt is None:
            continue
        for name in make.points:
            point = PACKS[kind].points[name]
            assert point.on_event or make.mqtt.interval_s <= point.heartbeat_s, (make.make, name)


def test_only_what_was_seen_in_a_manual_is_called_seen() -> None:
    for pack in PACKS.values():
        for make in pack.makes.values():
            assert make.source
            assert ("example" in make.source) == (make.confidence == "example") or "[bk?]" in make.source, make.make


def test_the_reference_lists_every_make_and_how_sure_it_is() -> None:
    page = (Path(__file__).parents[3] / "docs" / "reference" / "packs.md").read_text(encoding="utf-8")
    for pack in PACKS.values():
        for make in pack.makes.values():
            row = next(line for line in page.splitlines() if line.startswith(f"| {pack.kind} | `{make.make}` |"))
            assert row.endswith(f"| {make.confidence} |")


def test_a_tile_shows_one_to_three_points_of_every_asset_of_the_demo() -> None:
    site = load_site(shipped("sites") / "demo", PACKS)
    for asset in site.assets:
        shown = [point.id for point in site.points_of(asset) if point.on_tile]
        assert 1 <= len(shown) <= 3, (asset.id, shown)
