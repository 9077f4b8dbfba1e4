"""What befalls the equipment of a soak: again and again, repaired each time, and the same for the same seed."""

from __future__ import annotations

from collections import defaultdict

from anlan.soak.story import story
from anlan.suite_files import scenarios_of
from anlan.torture.story import as_toml
from firmware_sim.scenario import load
from runtime.files import load_site, shipped

WEEK_S = 7 * 86_400.0


def test_every_hazard_is_repaired_before_the_next_of_its_asset_and_the_simulator_takes_the_file() -> None:
    folder = shipped("sites") / "demo"
    site = load_site(folder)
    scenarios = list(scenarios_of(folder, site).values())
    plot = story(site, scenarios, WEEK_S, 3)
    assert plot == story(site, scenarios, WEEK_S, 3) != story(site, scenarios, WEEK_S, 4)

    ended: dict[str, float] = defaultdict(float)
    for each in plot.inject:
        assert each.for_s is not None
        assert each.at_s > ended[each.target]
        ended[each.target] = each.at_s + each.for_s
    assert len(plot.inject) > 3 * len(ended)
    assert len(ended) > 20

    loaded, problems = load("soak.toml", as_toml(plot), site)
    assert problems == ()
    assert loaded == plot
