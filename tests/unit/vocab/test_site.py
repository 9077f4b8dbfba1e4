"""What a site makes of its packs: limits put in, rules of what is there, changes applied."""

from __future__ import annotations

from pathlib import Path

import pytest

from runtime.files import load_packs, load_site, shipped
from tests.unit.vocab.small import good, pack_files
from vocab import pack_load, site_load
from vocab.condition import All, High
from vocab.leaves import leaves
from vocab.rule import Rule
from vocab.site import Site

PACKS = load_packs()


def small(text: str = "", **changed: str) -> Site:
    packs, problems = pack_load.load(pack_files(**changed))
    assert problems == ()
    site, problems = site_load.load("site.toml", good("site.toml") + text, packs)
    assert problems == ()
    assert site is not None
    return site


def rule(site: Site, asset: str, name: str) -> Rule:
    return next(each for each in site.rules_of(site.asset(asset)) if each.id == name)


def limit(found: Rule) -> object:
    assert isinstance(found.when, High)
    return found.when.limit


OVERRIDE = '\n[[override]]\nrule = "pressure_high"\nkind = "pump"\nreason = "old pipes"\n'


def test_a_limit_from_a_param_is_a_number_in_the_end() -> None:
    assert limit(rule(small(), "pump-1", "pressure_high")) == 800.0


def test_a_site_changes_a_rule_for_one_asset_or_for_the_kind() -> None:
    one = small(OVERRIDE + 'asset = "pump-1"\nlimit = 500\npriority = 1\n')
    every = small(OVERRIDE + "on_delay_s = 7\n")

    assert limit(rule(one, "pump-1", "pressure_high")) == 500.0
    assert rule(one, "pump-1", "pressure_high").priority == 1
    assert limit(rule(one, "pump-2", "pressure_high")) == 800.0
    assert rule(every, "pump-2", "pressure_high").on_delay_s == 7


def test_zero_is_a_change_and_not_nothing() -> None:
    assert limit(rule(small(OVERRIDE + "limit = 0\n"), "pump-1", "pressure_high")) == 0.0


def test_a_site_switches_a_rule_off_and_on() -> None:
    rules = good("rules.toml") + "enabled = false\n"

    assert small(OVERRIDE + "enabled = false\n").rules_of(small().asset("pump-1")) == ()
    assert small(rules=rules).rules_of(small().asset("pump-1")) == ()
    assert rule(small(OVERRIDE + "enabled = true\n", rules=rules), "pump-1", "pressure_high").enabled


def test_a_rule_is_left_out_where_nothing_reports_its_points() -> None:
    rules = (
        good("rules.toml")
        .replace('point = "pressure"', 'point = "state"')
        .replace('type = "high", limit = { param = "permitted" }', 'type = "state", is_any_of = ["on"]')
    )
    site = small(rules=rules)

    assert [each.id for each in site.rules_of(site.asset("pump-1"))] == ["pressure_high"]
    assert site.rules_of(site.asset("pump-2")) == ()  # its make tells the pressure only


def test_a_cabinet_is_an_asset_with_all_the_points_of_its_kind() -> None:
    site = small()

    assert [asset.id for asset in site.assets] == ["pump-1", "pump-2", "box"]
    assert [point.id for point in site.points_of(site.asset("box"))] == ["heartbeat"]
    with pytest.raises(KeyError):
        site.asset("nobody")
    with pytest.raises(KeyError):
        site.edge("pump-1")


def test_endpoints_decided_at_start_are_put_in() -> None:
    site = site_load.placed(small(), {"box/line": {"device": "/dev/pts/7"}, "box/air": {"port": 1883}})

    buses = {bus.id: bus for bus in site.edge("box").bus}
    assert buses["line"].device == "/dev/pts/7"
    assert buses["air"].port == 1883


def test_the_demo_site_is_large_enough_and_sound() -> None:
    site = load_site(shipped("sites") / "demo", PACKS)
    kinds = {asset.kind for asset in site.file.asset}
    buses = {bus.type for edge in site.file.edge for bus in edge.bus}

    assert len(site.file.edge) == 2
    assert len(site.file.grid) == 5
    assert sum(len(asset.device) for asset in site.file.asset) >= 30
    assert kinds == {
        "bin",
        "boiler",
        "elevator",
        "gas",
        "power",
        "thermometer",
        "vessel",
        "water",
        "weighbridge",
    }
    assert buses == {"modbus-tcp", "modbus-rtu", "mqtt"}
    assert site.file.simulated
    assert all(bus.port == 0 for edge in site.file.edge for bus in edge.bus)
    assert any(len(asset.device) > 1 and asset.kind == "elevator" for asset in site.file.asset)
    assert {make for asset in site.file.asset for make in (box.make for box in asset.device)} == {
        make for kind in kinds for make in PACKS[kind].makes
    }, "every make of the packs is at work somewhere in the demo"


def test_no_number_of_the_demo_is_left_to_be_looked_up() -> None:
    site = load_site(shipped("sites") / "demo", PACKS)
    for asset in site.assets:
        for each in site.rules_of(asset):
            for leaf in leaves(each.when):
                assert isinstance(getattr(leaf, "limit", 0.0), float | int), (asset.id, each.id)


def test_limits_inside_a_composite_are_put_in_too() -> None:
    site = load_site(shipped("sites") / "demo", PACKS)
    found = rule(site, "boiler-1", "circulation_lost")

    assert isinstance(found.when, All)
    assert found.when.of[0].model_dump()["limit"] == 15 * 0.2


def test_a_site_may_be_named_by_its_file_or_its_folder(tmp_path: Path) -> None:
    packs, _ = pack_load.load(pack_files())
    (tmp_path / "site.toml").write_text(good("site.toml"), encoding="utf-8")
    (tmp_path / "endpoints.json").write_text('{"box/line": {"device": "/dev/x"}}', encoding="utf-8")

    assert load_site(tmp_path, packs) == load_site(tmp_path / "site.toml", packs)
    placed = load_site(tmp_path, packs, tmp_path / "endpoints.json")
    assert placed.edge("box").bus[0].device == "/dev/x"
