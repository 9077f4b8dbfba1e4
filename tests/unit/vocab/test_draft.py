"""Draft rules over a site's packs, and every fault of their file at once."""

from __future__ import annotations

from tests.unit.alerts.plant import plant
from vocab.condition import High
from vocab.draft import put_over
from vocab.problem import Code

ROW = """
[[rule]]
kind = "{kind}"
id = "{id}"
name = {{ en = "Warm", zh = "偏热" }}
point = "{point}"
when = {{ type = "high", limit = {limit} }}
priority = 3
hazard = "overtemperature"
category = "hazard"
"""


def row(kind: str = "boiler", id_: str = "temp_high", point: str = "temp", limit: str = "70") -> str:
    return ROW.format(kind=kind, id=id_, point=point, limit=limit)


def test_a_row_replaces_the_rule_of_its_id_and_another_is_new() -> None:
    site = plant()

    drafted, changes, problems = put_over(site, "draft.toml", row() + row(id_="temp_warm", limit="60"))

    assert problems == ()
    assert drafted is not None
    assert [(each.rule, each.is_new, each.overridden) for each in changes] == [
        ("temp_high", False, False),
        ("temp_warm", True, False),
    ]
    rules = {rule.id: rule for rule in drafted.rules_of(drafted.asset("b1"))}
    assert isinstance(rules["temp_high"].when, High)
    assert rules["temp_high"].when.limit == 70
    assert rules["temp_high"].on_delay_s == 0, "the row replaces the rule whole"
    assert {"temp_warm", "temp_very_high", "no_data"} <= rules.keys()
    before = {rule.id: rule for rule in site.rules_of(site.asset("b1"))}
    assert before["temp_high"].on_delay_s == 30, "the site itself is as it was"


def test_a_common_row_replaces_the_rule_in_every_kind() -> None:
    text = row("common", "no_data", "*").replace('type = "high", limit = 70', 'type = "no_data", min_s = 600')

    drafted, changes, problems = put_over(plant(), "draft.toml", text)

    assert problems == ()
    assert drafted is not None
    assert {each.kind for each in changes} == {"common", "edge", "boiler"}
    for asset in ("b1", "e1"):
        rules = {rule.id: rule for rule in drafted.rules_of(drafted.asset(asset))}
        assert getattr(rules["no_data"].when, "min_s", None) == 600


def test_every_fault_of_a_draft_is_told_at_once() -> None:
    text = row("rocket") + row(point="tmep") + row(id_="x") + row(id_="x", point="*")

    drafted, changes, problems = put_over(plant(), "draft.toml", text)

    assert drafted is None
    assert changes == ()
    assert [(each.code, each.key) for each in problems] == [
        (Code.UNKNOWN_REFERENCE, "rule[1].kind"),
        (Code.UNKNOWN_REFERENCE, "rule[2].point"),
        (Code.DUPLICATE_ID, "rule[4].id"),
        (Code.BAD_VALUE, "rule[4].point"),
    ]
    assert [each.line for each in problems] == sorted(each.line for each in problems)


def test_a_draft_that_is_no_list_of_rules_is_told_with_its_line() -> None:
    drafted, _, problems = put_over(plant(), "draft.toml", row().replace("priority = 3", 'priority = "3"\ncolour = 1'))

    assert drafted is None
    assert {(each.code, each.key) for each in problems} == {
        (Code.WRONG_TYPE, "rule[1].priority"),
        (Code.UNKNOWN_KEY, "rule[1].colour"),
    }
