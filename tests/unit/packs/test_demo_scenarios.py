"""What the scenarios of the demo promise."""

from __future__ import annotations

from pathlib import Path

import pytest

from anlan.suite_files import load_suite
from firmware_sim.scenario import Scenario, load
from runtime.files import load_packs, load_site, shipped
from vocab.faultspec import FaultSpec
from vocab.pack import COMMON
from vocab.site import EDGE_KIND

PACKS = load_packs()
SITE = load_site(shipped("sites") / "demo", PACKS)
FILES = sorted((shipped("sites") / "demo" / "scenarios").glob("*.toml"))


def scenario(name: str) -> Scenario:
    path = shipped("sites") / "demo" / "scenarios" / f"{name}.toml"
    found, problems = load(path.name, path.read_text(encoding="utf-8"), SITE)
    assert problems == ()
    assert found is not None
    return found


def faults(found: Scenario) -> list[tuple[str, str, FaultSpec]]:
    """Equipment, its kind, the fault."""
    kinds = {asset.id: asset.kind for asset in SITE.assets}
    return [(each.target, kinds[each.target], PACKS[kinds[each.target]].faults[each.fault]) for each in found.inject]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_scenario_can_be_played_and_bears_the_name_of_its_file(path: Path) -> None:
    assert scenario(path.stem).name == path.stem


def test_the_first_day_has_ten_faults_of_every_kind_with_one_ticket_each_in_time() -> None:
    found = scenario("first-day")
    struck = faults(found)
    hazards = [(asset, PACKS[kind].rules[fault.expects].hazard) for asset, kind, fault in struck if fault.expects]

    assert len(hazards) == len(struck) >= 10
    assert len(set(hazards)) == len(hazards)
    assert {kind for _, kind, _ in struck} == {
        "bin",
        "boiler",
        "elevator",
        "gas",
        "power",
        "thermometer",
        "vessel",
        "water",
    }
    for injection, (_, kind, fault) in zip(found.inject, struck, strict=True):
        assert fault.bound_s is not None
        assert injection.at_s + fault.bound_s <= 35 * 60, injection.id
        rules = PACKS[kind].rules
        assert fault.expects is not None
        also = {rules[rule].hazard for rule in fault.also}
        if injection.for_s is not None and injection.for_s < rules["safety_blind"].on_delay_s:
            also -= {"blind"}  # mended before
        assert also <= {rules[fault.expects].hazard}, injection.id


def test_the_quiet_day_is_every_disturbance_there_is_and_nothing_else() -> None:
    struck = faults(scenario("quiet-day"))
    own = {(kind, fault.id) for kind in PACKS for fault in PACKS[kind].faults.values() if fault.nature == "disturbance"}

    assert {fault.nature for _, _, fault in struck} == {"disturbance"}
    generic = {name for kind, name in own if kind == COMMON}
    assert {(kind, name) for kind, name in own if kind not in (COMMON, EDGE_KIND) and name not in generic} <= {
        (kind, fault.id) for _, kind, fault in struck
    }
    assert generic <= {fault.id for _, _, fault in struck}


def test_the_suite_shows_every_fault_of_every_kind() -> None:
    _, plans = load_suite(shipped("sites") / "demo", "all", SITE)
    shown = {(kind, fault.id) for plan in plans for _, kind, fault in faults(plan.scenario)}
    shown |= {(COMMON, name) for _, name in shown}
    generic = PACKS[COMMON].faults
    own = {
        (kind, fault.id)
        for kind, pack in PACKS.items()
        for fault in pack.faults.values()
        if kind == COMMON or generic.get(fault.id) != fault
    }

    assert own <= shown


def test_the_cut_of_the_uplink_lasts_ten_minutes_and_hides_a_fault() -> None:
    found = scenario("wan-cut")
    cut = next(each for each in found.inject if each.fault == "wan_cut")
    assert cut.for_s is not None
    assert cut.for_s >= 600
    behind = {asset.id for asset, box in SITE.devices_of(cut.target)}

    assert any(
        each.asset in behind and each.for_s is not None and cut.at_s < each.at_s
        and each.at_s + each.for_s < cut.at_s + cut.for_s
        for each in found.inject
    )  # fmt: skip
