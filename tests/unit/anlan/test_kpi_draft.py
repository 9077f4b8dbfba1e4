"""Draft rules made of suggestions can be run by a backtest as they are."""

from __future__ import annotations

import pytest

from anlan.kpi_draft import draft
from rules.performance.activations import Event, What, pair
from rules.performance.measure import measure
from rules.performance.report import Performance, Period
from rules.performance.tuning import Known
from runtime.files import load_site, shipped
from vocab.condition import High, Low
from vocab.draft import put_over
from vocab.rule import Rule
from vocab.site import Asset, Site

DAY = 86_400_000


@pytest.fixture(scope="module")
def demo() -> Site:
    return load_site(shipped("sites") / "demo")


def noisy(site: Site, gaps_s: list[int], lasts_s: int) -> Performance:
    """Every alarm of the site, once before each gap."""
    known, events = {}, []
    for asset in site.assets:
        for rule in site.rules_of(asset):
            name, at = f"{asset.id}.{rule.id}", 0
            limit = _limit(rule)
            is_high = isinstance(rule.when, High)
            known[name] = Known(asset.id, rule.id, asset.kind, rule.priority, limit=limit, is_high=is_high)
            value = None if limit is None else limit + _way_back(site, asset, rule, limit)
            for gap in gaps_s:
                events.append(Event(name, at, What.RAISED))
                events.append(Event(name, at + lasts_s * 1000, What.CLEARED, value=value))
                at += (lasts_s + gap) * 1000
    return measure(pair(events), known, Period(0, DAY))


def _way_back(site: Site, asset: Asset, rule: Rule, limit: float) -> float:
    """Most of the way to where the point can be at all: a deadband beyond that could never clear."""
    bounds = next(point.bounds for point in site.points_of(asset) if point.id == rule.point) or (limit - 1, limit + 1)
    return 0.8 * (bounds[0] - limit if isinstance(rule.when, High) else bounds[1] - limit)


def _limit(rule: Rule) -> float | None:
    return rule.when.limit if isinstance(rule.when, High | Low) and isinstance(rule.when.limit, float) else None


def changed(demo: Site, text: str) -> dict[str, tuple[Rule, Rule]]:
    """Rules before and after, which must differ in nothing else than the draft says."""
    site, changes, problems = put_over(demo, "draft.toml", text)
    assert problems == ()
    assert site is not None
    assert not any(change.is_new for change in changes)
    assert {change.kind for change in changes} >= {"boiler", "elevator", "gas", "bin", "thermometer"}
    return {
        f"{each.kind}.{each.rule}": (demo.packs[each.kind].rules[each.rule], site.packs[each.kind].rules[each.rule])
        for each in changes
    }


def test_every_rule_of_every_pack_survives_the_way_through_a_draft(demo: Site) -> None:
    for before, after in changed(demo, draft(demo, noisy(demo, [600] * 10, 4))).values():
        assert after == before.model_copy(update={"on_delay_s": 5.0})


def test_of_two_changes_the_draft_tries_the_one_that_spares_more_calls(demo: Site) -> None:
    # Nine of ten gaps are below 10 s; the value went back equally far each time.
    found = changed(demo, draft(demo, noisy(demo, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 600], 15)))

    kinds = {isinstance(before.when, High | Low) for before, _ in found.values()}
    assert kinds == {True, False}, "delays and deadbands were both tried"
    for before, after in found.values():
        if isinstance(after.when, High | Low):
            assert after == before.model_copy(update={"when": after.when})
            assert isinstance(before.when, High | Low)
            assert after.when.deadband > before.when.deadband
        else:
            assert after == before.model_copy(update={"off_delay_s": 10.0})


def test_where_nothing_is_suggested_the_draft_is_empty(demo: Site) -> None:
    site, changes, problems = put_over(demo, "draft.toml", draft(demo, noisy(demo, [700] * 10, 700)))

    assert (changes, problems) == ((), ())
    assert site is not None
