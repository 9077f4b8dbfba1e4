"""Who answers for what: the tree of places, the duty matrix, and every fault of an org.toml."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from runtime.files import load_packs, load_site, shipped
from tests.unit.vocab.small import good, pack_files
from vocab import org_load, pack_load, site_load
from vocab.org import Level, Org
from vocab.ownership import Matter, Ownership, owner
from vocab.problem import Code, ConfigurationError, Problem
from vocab.site import Site

DEMO = shipped("sites") / "demo"
HEAD = 'fallback = ["committee"]\n'
SOUND = (
    HEAD
    + """
[[place]]
id = "town"
name = { en = "Town", zh = "镇" }
level = "town"

[[place]]
id = "g"
name = { en = "Yard", zh = "院" }
level = "grid"
parent = "town"

[[unit_kind]]
id = "committee"
name = { en = "Committee", zh = "居委会" }

[[unit_kind]]
id = "bureau"
name = { en = "Bureau", zh = "局" }
line = true

[[role]]
id = "officer"
name = { en = "Officer", zh = "值班员" }

[[unit]]
id = "yard-committee"
kind = "committee"
name = { en = "Yard committee", zh = "院居委会" }
place = "g"

[[unit]]
id = "town-bureau"
kind = "bureau"
name = { en = "Town bureau", zh = "镇局" }
place = "town"

[[person]]
id = "officer-a"
name = { en = "Officer A", zh = "值班员甲" }
unit = "yard-committee"
roles = ["officer"]

[[duty]]
kinds = ["pump"]
unit_kind = "committee"
assist_kinds = ["bureau"]
"""
)


def loaded(text: str) -> tuple[Org | None, tuple[Problem, ...]]:
    packs, none = pack_load.load(pack_files())
    site, faults = site_load.load("site.toml", good("site.toml"), packs)
    assert none == faults == ()
    assert site is not None
    assert [grid.id for grid in site.file.grid] == ["g"]
    return org_load.load("org.toml", text, site.file, packs)


def told(text: str) -> list[tuple[str, str]]:
    org, problems = loaded(text)
    assert org is None
    assert all(problem.hint for problem in problems)
    return [(problem.code.value, problem.key) for problem in problems]


def demo() -> Site:
    return load_site(DEMO)


def test_a_sound_file_has_no_faults() -> None:
    org, problems = loaded(SOUND)

    assert problems == ()
    assert org is not None
    assert [person.id for person in org.members("yard-committee")] == ["officer-a"]
    assert org.place_of("officer-a") == "g"
    assert list(org.climb("g")) == ["g", "town"]


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('parent = "town"', 'parent = "twon"', ("E006", "place[2].parent")),
        ('level = "town"', 'level = "grid"', ("E011", "place[2].parent")),
        ('level = "town"\n', 'level = "town"\nparent = "town"\n', ("E011", "place[1].parent")),
        ('kind = "bureau"\nname', 'kind = "burro"\nname', ("E006", "unit[2].kind")),
        ('"Town bureau", zh = "镇局" }\nplace = "town"', '"B", zh = "局" }\nplace = "x"', ("E006", "unit[2].place")),
        ('place = "g"\n', 'place = "g"\nparent = "yard-committee"\n', ("E011", "unit[1].parent")),
        ('unit = "yard-committee"', 'unit = "nobody"', ("E006", "person[1].unit")),
        ('roles = ["officer"]', 'roles = ["king"]', ("E006", "person[1].roles")),
        ('kinds = ["pump"]', 'kinds = ["lamp"]', ("E006", "duty[1].kinds")),
        ('kinds = ["pump"]', 'hazards = ["boredom"]', ("E006", "duty[1].hazards")),
        ('unit_kind = "committee"', 'unit_kind = "club"', ("E006", "duty[1].unit_kind")),
        ('unit_kind = "committee"', 'unit_kind = "bureau"', ("E011", "duty[1].unit_kind")),
        ('fallback = ["committee"]', 'fallback = ["club", "committee"]', ("E006", "fallback")),
        ('id = "officer-a"', 'id = "officer-a"\nage = 3', ("E002", "person[1].age")),
        ('roles = ["officer"]', "roles = []", ("E005", "person[1].roles")),
        ('id = "town-bureau"', 'id = "yard-committee"', ("E007", "unit[2].id")),
    ],
)
def test_a_fault_is_told_with_its_code_and_key(old: str, new: str, fault: tuple[str, str]) -> None:
    assert SOUND.count(old) >= 1
    assert fault in told(SOUND.replace(old, new, 1))


def test_a_grid_that_nobody_owns_is_a_fault() -> None:
    text = SOUND.replace('fallback = ["committee"]', 'fallback = ["bureau"]').replace('id = "town-bureau"', 'id = "b"')
    moved = text.replace('zh = "镇局" }\nplace = "town"', 'zh = "镇局" }\nplace = "far"').replace(
        "[[unit_kind]]", '[[place]]\nid = "far"\nname = { en = "Far", zh = "远" }\nlevel = "grid"\n\n[[unit_kind]]', 1
    )

    assert told(moved) == [("E011", "place[2]")]


def test_a_grid_of_the_site_that_is_no_place_is_a_fault() -> None:
    assert ("E006", "place") in told(SOUND.replace('"g"', '"garden"'))


def test_a_kind_that_no_unit_bears_leaves_a_row_of_the_matrix_without_effect() -> None:
    idle = SOUND.replace("[[role]]", '[[unit_kind]]\nid = "club"\nname = { en = "Club", zh = "会" }\n\n[[role]]')

    assert told(idle.replace('assist_kinds = ["bureau"]', 'assist_kinds = ["club"]')) == [
        ("E011", "duty[1].assist_kinds")
    ]


def test_faults_of_the_site_and_of_its_organisation_come_at_once(tmp_path: Path) -> None:
    site = (DEMO / "site.toml").read_text(encoding="utf-8").replace('make = "sensoneo"', 'make = "sensono"')
    org = (DEMO / "org.toml").read_text(encoding="utf-8").replace('unit = "duty-room"', 'unit = "duty-rom"', 1)
    (tmp_path / "site.toml").write_text(site, encoding="utf-8")
    (tmp_path / "org.toml").write_text(org, encoding="utf-8")

    with pytest.raises(ConfigurationError) as caught:
        load_site(tmp_path, load_packs())

    assert {(Path(each.file).name, each.code) for each in caught.value.problems} == {
        ("site.toml", Code.UNKNOWN_REFERENCE),
        ("org.toml", Code.UNKNOWN_REFERENCE),
    }


def test_a_site_without_the_file_has_an_empty_organisation_and_no_owners(tmp_path: Path) -> None:
    (tmp_path / "site.toml").write_text((DEMO / "site.toml").read_text(encoding="utf-8"), encoding="utf-8")
    site = load_site(tmp_path, load_packs())

    assert not site.org
    assert owner(site.org, "north", Matter("hazard", "gas_leak", "gas")) == Ownership(None)


@pytest.mark.parametrize(
    ("grid", "category", "hazard", "kind", "lead", "is_fallback"),
    [
        ("north", "hazard", "overpressure", "boiler", "boiler-company", False),
        ("south", "hazard", "entrapment", "elevator", "court-property", False),
        ("village", "sanitation", "bin_full", "bin", "riverside-sanitation", False),
        ("market", "sanitation", "bin_full", "bin", "sanitation-station", False),
        ("market", "hazard", "gas_leak", "gas", "court-fire-station", False),  # it serves the market also
        ("village", "hazard", "gas_leak", "gas", "riverside-fire-station", False),
        ("village", "maintenance", "edge_lost", "edge", "riverside-committee", True),  # no property company there
        ("market", "hazard", "entrapment", "elevator", "old-town-committee", True),
        ("south", "hazard", "something_new", "drone", "court-committee", True),
    ],
)
def test_ownership_follows_from_place_and_subject(
    grid: str, category: str, hazard: str, kind: str, lead: str, is_fallback: bool
) -> None:
    found = owner(demo().org, grid, Matter(category, hazard, kind))

    assert (found.lead, found.fallback) == (lead, is_fallback)


def test_line_departments_assist_and_never_lead() -> None:
    org = demo().org
    lines = {unit.id for unit in org.file.unit if org.unit_kinds[unit.kind].line}
    packs = load_packs()
    found = [
        owner(org, grid.id, Matter(rule.category, rule.hazard, kind))
        for grid in demo().file.grid
        for kind, pack in packs.items()
        for rule in pack.rules.values()
    ]

    assert len(lines) >= 17
    assert all(each.lead is not None and each.lead not in lines and each.lead not in each.assist for each in found)
    assert "market-regulation-bureau" in owner(org, "village", Matter("hazard", "entrapment", "elevator")).assist


def test_the_demo_has_who_the_plans_name() -> None:
    org = demo().org
    kinds = Counter(unit.kind for unit in org.file.unit)

    assert kinds["command_group"] == 10
    assert len(org.members("duty-room")) >= 5
    assert len(org.members("riverside-sanitation")) == 6
    assert {place.level for place in org.file.place} == set(Level)
    assert all(person.contacts for person in org.file.person)
    assert all(org.members(unit.id) for unit in org.file.unit if unit.kind == "command_group")
