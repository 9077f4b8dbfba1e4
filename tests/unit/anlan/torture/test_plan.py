"""What is done to a run follows from its seed alone."""

from __future__ import annotations

import pytest

from anlan.cli_torture import seconds_of, seeds_of
from anlan.suite_files import scenarios_of
from anlan.torture.plan import Kind, parts, plan
from anlan.torture.story import as_toml, story
from firmware_sim.scenario import load
from runtime.files import load_site, shipped
from vocab.rule import Category
from vocab.site import Site

FOLDER = shipped("sites") / "demo"


@pytest.fixture(scope="module")
def site() -> Site:
    return load_site(FOLDER)


def test_the_same_seed_strikes_the_same_and_another_does_not(site: Site) -> None:
    first, again, other = (plan(site, list(Kind), 300, seed) for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_every_kind_of_fault_comes_before_any_comes_twice_and_none_lasts_beyond_the_end(site: Site) -> None:
    strikes = plan(site, list(Kind), 120, 3)
    assert {each.kind for each in strikes[: len(Kind)]} == set(Kind)
    assert all(each.at_s + each.for_s <= 120.01 for each in strikes)


def test_the_simulator_is_the_truth_and_is_never_struck(site: Site) -> None:
    struck = {each.target for seed in range(20) for each in plan(site, list(Kind), 300, seed)}
    assert "sim" not in struck
    assert set(parts(site)) <= struck


def test_the_hazards_of_a_run_are_proven_ones_at_most_one_an_asset_and_read_back_as_a_scenario(site: Site) -> None:
    known = scenarios_of(FOLDER, site).values()
    plot = story(site, known, 1800, 5)
    assert plot == story(site, known, 1800, 5)
    assert len(plot.inject) > 10
    assert len({each.asset for each in plot.inject}) == len(plot.inject)
    for each in plot.inject:
        asset = site.asset(each.target)
        fault = site.packs[asset.kind].faults[each.fault]
        rule = next(rule for rule in site.rules_of(asset) if rule.id == fault.expects)
        assert rule.category is Category.HAZARD
        assert fault.bound_s is not None
        assert each.at_s + fault.bound_s <= 1800
    found, problems = load("scenario.toml", as_toml(plot), site)
    assert problems == ()
    assert found is not None
    assert found.inject == plot.inject


@pytest.mark.parametrize(("text", "seconds"), [("90s", 90), ("30m", 1800), ("1.5h", 5400), ("45", 45)])
def test_a_time_is_told_with_its_unit(text: str, seconds: float) -> None:
    assert seconds_of(text) == seconds


@pytest.mark.parametrize("text", ["", "0", "-1m", "1 day", "m"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="--for"):
        seconds_of(text)


def test_seeds_are_a_number_a_range_or_a_list() -> None:
    assert seeds_of("7") == [7]
    assert seeds_of("1..5") == [1, 2, 3, 4, 5]
    assert seeds_of("1,4..6,9") == [1, 4, 5, 6, 9]
    for text in ("", "5..1", "a", "1,1"):
        with pytest.raises(ValueError, match="--seed"):
            seeds_of(text)
