"""The sectors over the categories: one for everything that is found, as data, and told apart where it would be two."""

from __future__ import annotations

import pytest

from runtime.files import load_packs, load_site, shipped
from vocab.ownership import Matter, owner
from vocab.pack import COMMON
from vocab.problem import Code
from vocab.salvage import salvage
from vocab.sla import SlaFile
from vocab.sla_checks import sla_faults
from vocab.strict_toml import Source
from vocab.taxonomy import OTHER, SectorsFile, sector_faults, taxonomy

DEMO = load_site(shipped("sites") / "demo")
SEED = (
    "production",
    "disaster",
    "food",
    "medicine",
    "traffic",
    "fire",
)  # plan 2: 安全生产、防灾减灾救灾、食品、药品、交通、消防


def test_the_shipped_sectors_are_those_of_the_plan_in_both_languages_with_an_end_for_the_rest() -> None:
    found = DEMO.taxonomy
    assert set(SEED) < set(found.ids)
    assert found.ids[-1] == OTHER
    assert all(found.name(each).zh and found.name(each).en for each in found.ids)


def test_every_hazard_of_every_kind_of_equipment_has_a_sector() -> None:
    kinds = {kind: pack for kind, pack in load_packs().items() if kind != COMMON}
    assert {kind for kind, pack in kinds.items() if not pack.sector} == set(), "name it in its pack.toml"
    told = [(kind, rule) for kind, pack in kinds.items() for rule in pack.rules.values()]
    found = {(kind, rule.hazard): DEMO.taxonomy.of(rule.category, rule.hazard, kind) for kind, rule in told}
    assert {key for key, sector in found.items() if sector == OTHER} == set()


def test_whatever_a_sensor_of_the_demo_finds_is_in_its_matrix() -> None:
    outside = set()
    for asset in DEMO.assets:
        for rule in DEMO.rules_of(asset):
            sector = DEMO.taxonomy.of(rule.category, rule.hazard, asset.kind)
            if owner(DEMO.org, asset.grid, Matter(rule.category, rule.hazard, asset.kind, sector)).outside:
                outside.add((asset.kind, rule.hazard))
    assert outside == set(), "add a [[duty]] row to sites/demo/org.toml"


@pytest.mark.parametrize(
    ("code", "sector", "lead", "is_outside"),
    [
        ("food", "food", "court-committee", False),
        ("medicine", "medicine", "court-committee", False),
        ("road", "traffic", "court-committee", False),
        ("fire_lane", "fire", "court-property", False),
        ("gas_smell", "gas", "court-fire-station", False),
        ("elevator", "special_equipment", "court-property", False),
        ("garbage", "sanitation", "sanitation-station", False),
        ("other", "other", "court-committee", True),
    ],
)
def test_what_residents_report_has_a_sector_and_an_owner(code: str, sector: str, lead: str, is_outside: bool) -> None:
    service = next(each for each in DEMO.sla.services() if each.code == code)
    found = DEMO.taxonomy.of(service.category, service.hazard, "")
    owned = owner(DEMO.org, "south", Matter(service.category, service.hazard, "", found))

    assert (found, owned.lead, owned.outside) == (sector, lead, is_outside)
    assert "market-regulation-bureau" in owned.assist if sector in ("food", "medicine") else True


def test_the_hazard_tells_more_than_the_category_and_that_more_than_the_equipment() -> None:
    found = taxonomy(None, {"boiler": "special_equipment"}, [("boiler_reported", "special_equipment")])
    assert found.of("hazard", "overpressure", "boiler") == "special_equipment"
    assert found.of("hazard", "boiler_reported", "") == "special_equipment"
    assert found.of("hazard", "overpressure", "drone") == OTHER
    assert DEMO.taxonomy.of("hazard", "fire", "bin") == "fire"
    assert DEMO.taxonomy.of("maintenance", "zero_shift", "gas") == "monitoring"
    assert DEMO.taxonomy.name("gone").en == "gone"


def test_what_would_belong_to_two_sectors_is_a_fault() -> None:
    name = 'name = {en = "x", zh = "x"}'
    text = f"""
[[sector]]
id = "a"
{name}
hazards = ["fire"]
categories = ["sanitation"]
[[sector]]
id = "b"
{name}
hazards = ["fire"]
categories = ["sanitation"]
[[sector]]
id = "a"
{name}
"""
    source = Source("sectors.toml", text)
    read = salvage(source, SectorsFile).found
    assert read is not None
    assert sorted(each.code for each in sector_faults(read, source)) == sorted(
        [Code.CONTRADICTION, Code.CONTRADICTION, Code.DUPLICATE_ID]
    )


def test_a_service_names_a_sector_that_is_one_and_does_not_contradict_the_hazard() -> None:
    sectors = load_packs()[COMMON].sectors
    row = """
[[service]]
code = "{code}"
name = {{en = "x", zh = "x"}}
description = {{en = "x", zh = "x"}}
category = "hazard"
hazard = "{hazard}"
sector = "{sector}"
"""
    text = row.format(code="a", hazard="x", sector="moon") + row.format(code="b", hazard="food_unsafe", sector="fire")
    source = Source("sla.toml", text + row.format(code="c", hazard="y", sector="food"))
    read = salvage(source, SlaFile).found
    assert read is not None
    assert [each.code for each in sla_faults(read, source, (), None, sectors)] == [
        Code.UNKNOWN_REFERENCE,
        Code.CONTRADICTION,
    ]
