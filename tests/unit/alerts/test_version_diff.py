"""What a draft changes, field by field, and which rules these are exactly."""

from __future__ import annotations

from alerts.version_diff import FieldChange, RuleChange, rule_changes
from tests.unit.alerts.plant import plant
from vocab.draft import put_over
from vocab.fingerprint import rules_digest, text_digest
from vocab.site import Site

ROW = """
[[rule]]
kind = "boiler"
id = "{id}"
name = {{en = "Too hot", zh = "水温高"}}
point = "temp"
when = {{type = "high", limit = {limit}, deadband = 2}}
on_delay_s = 30
off_delay_s = {off_delay}
priority = 2
hazard = "overtemperature"
category = "hazard"
procedure = "cool"
"""


def changed(site: Site, text: str) -> tuple[Site, tuple[RuleChange, ...]]:
    after, touched, problems = put_over(site, "draft.toml", text)
    assert after is not None, problems
    return after, rule_changes(site, after, touched)


def test_a_change_is_told_field_by_field_from_old_to_new() -> None:
    _, found = changed(plant(), ROW.format(id="temp_high", limit=85, off_delay=20))

    assert found == (
        RuleChange(
            "boiler", "temp_high", False, False,
            (FieldChange("when.limit", 90.0, 85.0), FieldChange("off_delay_s", 10.0, 20.0)),
        ),
    )  # fmt: skip


def test_a_condition_of_another_type_tells_what_went_and_what_came() -> None:
    text = ROW.format(id="temp_high", limit=1, off_delay=10).replace(
        'type = "high", limit = 1, deadband = 2', 'type = "rate", window_s = 60, above_per_min = 5'
    )

    _, (found,) = changed(plant(), text)

    fields = {each.field: (each.old, each.new) for each in found.fields}
    assert fields["when.type"] == ("high", "rate")
    assert fields["when.limit"] == (90.0, None)
    assert fields["when.above_per_min"] == (None, 5.0)


def test_a_new_rule_has_all_its_fields_and_a_row_that_says_what_is_in_force_is_no_change() -> None:
    site = plant()

    _, found = changed(site, ROW.format(id="warm", limit=60, off_delay=10))
    _, nothing = changed(site, ROW.format(id="temp_high", limit=90, off_delay=10))

    assert (found[0].is_new, nothing) == (True, ())
    assert FieldChange("when.limit", None, 60.0) in found[0].fields


def test_the_fingerprint_follows_every_rule_as_it_watches_and_nothing_else() -> None:
    site = plant()
    after, _ = changed(site, ROW.format(id="temp_high", limit=85, off_delay=20))
    back, _ = changed(after, ROW.format(id="temp_high", limit=90, off_delay=10))

    assert rules_digest(site) == rules_digest(plant()) == rules_digest(back)
    assert rules_digest(after) != rules_digest(site)
    assert rules_digest(plant(boilers=1)) != rules_digest(site), "other equipment is watched"
    assert text_digest("a") != text_digest("a ")
