"""Scenarios are strict, checked against the site, and every fault of one is told at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from firmware_sim.files import load_scenario
from firmware_sim.physics.catalogue import MODELS
from firmware_sim.scenario import is_link_fault, is_sensor_fault, load
from runtime.files import load_packs, load_site, shipped
from tests.unit.firmware_sim.places import ASSETS, START_MS, site, world
from vocab.instant import to_ms
from vocab.pack import fits
from vocab.problem import Code, ConfigurationError

HEAD = """
name = "day"
title = { en = "A day", zh = "一天" }
speed = 20
start = 2026-03-26T09:30:00+08:00
duration_s = 600
"""


def problems(text: str) -> list[tuple[str, str]]:
    found, faults = load("day.toml", HEAD + text, site())
    assert (found is None) == bool(faults)
    return [(each.code.value, each.key) for each in faults]


def test_a_good_scenario_is_taken_whole() -> None:
    text = (
        HEAD
        + '[[inject]]\nid = "a"\nat_s = 30\nasset = "hot"\nfault = "flame_out"\nfor_s = 60\nparams = { retries = 2 }\n'
    )
    found, faults = load("day.toml", text, site())
    assert faults == ()
    assert found is not None
    assert found.start is not None
    assert to_ms(found.start) == START_MS
    assert found.inject[0].params == {"retries": 2.0}


def test_every_fault_of_a_scenario_is_told_at_once_with_its_line() -> None:
    text = """
[[inject]]
id = "a"
at_s = 700
asset = "nobody"
fault = "leak"

[[inject]]
id = "a"
at_s = 10
asset = "hot"
fault = "leak"

[[inject]]
id = "c"
at_s = 10
asset = "hot"
edge = "edge-a"
fault = "leak"

[[inject]]
id = "d"
at_s = 10
asset = "hot"
fault = "sentinel"
point = "drum_level"

[[inject]]
id = "e"
at_s = 10
asset = "hot"
fault = "low_water"
"""
    found, faults = load("day.toml", HEAD + text, site())
    assert found is None
    told = [(each.code, each.key, each.line) for each in faults]
    assert (Code.CONTRADICTION, "inject[1].at_s", 10) in told
    assert (Code.UNKNOWN_REFERENCE, "inject[1].asset", 11) in told
    assert (Code.DUPLICATE_ID, "inject[2].id", 15) in told
    assert (Code.UNKNOWN_REFERENCE, "inject[2].fault", 18) in told
    assert (Code.CONTRADICTION, "inject[3].asset", 23) in told
    assert (Code.UNKNOWN_REFERENCE, "inject[4].point", 32) in told
    assert (Code.CONTRADICTION, "inject[5].fault", 38) in told
    assert all(each.hint for each in faults)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ('asset = "hot"\nfault = "sentinel"', ("E003", "inject[1].point")),
        ('asset = "edge-a"\nfault = "wan_cut"', ("E006", "inject[1].asset")),
        ('edge = "hot"\nfault = "wan_cut"', ("E006", "inject[1].edge")),
        ('edge = "edge-a"\nfault = "device_dead"', ("E011", "inject[1].fault")),
        ('asset = "bin-hex"\nfault = "exception_answer"', ("E011", "inject[1].fault")),
        ('asset = "pool"\nfault = "clock_8h"', ("E011", "inject[1].fault")),
        ('asset = "bin-raw"\nfault = "clock_8h"', ("E011", "inject[1].fault")),
        ('asset = "bakery"\nfault = "household_leak"', ("E011", "inject[1].fault")),  # no contact, so nobody sees it
        ('asset = "hot"\nfault = "flame_out"\nparams = { retries = nan }', ("E005", "inject[1].params")),
        ('asset = "hot"\nfault = "flame_out"\ntypo = 1', ("E002", "inject[1].typo")),
    ],
)
def test_what_would_not_work_is_told_before_anything_starts(row: str, expected: tuple[str, str]) -> None:
    assert problems(f'[[inject]]\nid = "a"\nat_s = 10\n{row}\n') == [expected]


def test_the_same_fault_cannot_overlap_itself() -> None:
    text = "".join(
        f'[[inject]]\nid = "{name}"\nat_s = {at}\nfor_s = 50\nasset = "hot"\nfault = "flame_out"\n'
        for name, at in (("a", 10), ("b", 40))
    )
    assert problems(text) == [("E010", "inject[2].at_s")]
    assert problems(text.replace("at_s = 40", "at_s = 60")) == []


def test_broken_toml_and_a_missing_file_are_problems_not_tracebacks(tmp_path: Path) -> None:
    found, faults = load("day.toml", "name = ", site())
    assert found is None
    assert faults[0].code is Code.SYNTAX
    with pytest.raises(ConfigurationError, match="E009"):
        load_scenario(tmp_path / "none.toml", site())
    bad = tmp_path / "bad.toml"
    bad.write_text(HEAD + "color = 1\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="color"):
        load_scenario(bad, site())


def test_every_scenario_of_the_demo_fits_its_site() -> None:
    folder = shipped("sites") / "demo"
    demo = load_site(folder)
    files = sorted((folder / "scenarios").glob("*.toml"))
    assert files
    for path in files:
        assert load_scenario(path, demo).name == path.stem


def test_every_fault_that_a_pack_lists_can_be_shown() -> None:
    packs = load_packs()
    for (kind, variant), model in MODELS.items():
        listed = {fault.play for fault in packs[kind].faults.values() if fits(fault.variants, variant)}
        physical = {name for name in listed if not is_sensor_fault(name) and not is_link_fault(name)}
        assert physical == model.FAULTS, (kind, variant)


def test_every_kind_has_at_least_six_physical_faults_that_an_alarm_must_find() -> None:
    packs = load_packs()
    for kind in {kind for kind, _ in MODELS}:
        found = [fault for fault in packs[kind].faults.values() if fault.nature == "physical" and fault.expects]
        assert len(found) >= 6, kind


def test_models_speak_the_words_of_their_packs() -> None:
    packs, day = load_packs(), world()
    for name, kind, variant, _, _ in ASSETS:
        points = {point.id: point for point in packs[kind].points_of(variant)}
        truths = day.truths(name)
        missing = points.keys() - truths.keys()
        assert missing == set(), (kind, variant)
        for point, value in truths.items():
            if isinstance(value, str):
                assert value in {state.id for state in points[point].states}, (kind, point, value)
            elif value is not None and point in points:
                assert not points[point].states, (kind, point, value)
