"""A file with many mistakes gives all of them at once: each with its line, code, key and hint."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from tests.unit.vocab.small import good, pack_files
from vocab import pack_load, site_load
from vocab.draft import put_over
from vocab.problem import Problem

MANY = Path(__file__).parent / "many"
MARK = re.compile(r"#! (E\d+) (\S+)")


def text(name: str) -> str:
    return (MANY / name).read_text(encoding="utf-8")


def wanted(written: str) -> set[tuple[int, str, str]]:
    """What the remarks of a file ask for: line, code, and the key within its row."""
    return {
        (number, code, key)
        for number, line in enumerate(written.splitlines(), start=1)
        for code, key in MARK.findall(line)
    }


def told(problems: Iterable[Problem]) -> set[tuple[int, str, str]]:
    return {(each.line, each.code.value, re.sub(r"^\w+\[\d+\]\.?", "", each.key) or "(row)") for each in problems}


def packs_with(rules: str) -> dict[str, str]:
    return pack_files(pack=text("pack.toml"), rules=rules, faults="", tests="")


def test_a_rule_file_with_many_mistakes_gives_all_of_them_at_once() -> None:
    rules = text("rules.toml")
    _, problems = pack_load.load(packs_with(rules))

    assert len(wanted(rules)) >= 50
    assert told(problems) == wanted(rules)
    assert {each.file for each in problems} == {"packs/pump/rules.toml"}
    assert [each for each in problems if not each.hint or not each.message] == []


def test_every_slip_of_an_expression_is_told_with_its_column() -> None:
    _, problems = pack_load.load(packs_with(text("rules.toml")))
    columns = [match[1] for each in problems if (match := re.match(r"column (\d+): ", each.message))]

    assert sorted(columns, key=int) == ["1", "1", "11", "14", "27", "34", "37", "52"]


def test_the_same_mistakes_in_a_draft_are_told_at_once_too() -> None:
    packs, none = pack_load.load(pack_files(pack=text("pack.toml"), faults="", tests=""))
    assert none == ()
    site, none = site_load.load("site.toml", good("site.toml"), packs)
    assert site is not None
    draft = text("rules.toml").replace("[[rule]]\n", '[[rule]]\nkind = "pump"\n')

    drafted, changes, problems = put_over(site, "draft.toml", draft)

    assert drafted is None
    assert changes == ()
    assert told(problems) == wanted(draft)


def test_a_site_file_with_many_mistakes_gives_all_of_them_at_once() -> None:
    packs, none = pack_load.load(pack_files())
    assert none == ()

    site, problems = site_load.load("site.toml", text("site.toml"), packs)

    assert site is None
    assert len(wanted(text("site.toml"))) >= 20
    assert told(problems) == wanted(text("site.toml"))
    assert [each for each in problems if not each.message] == []


LEVELS = """
[[rule]]
id = "{id}"
name = {{ en = "High", zh = "高" }}
point = "pressure"
when = {{ type = "high", limit = {limit} }}
priority = {priority}
hazard = "overpressure"
category = "hazard"
{more}
"""


def test_an_override_that_turns_two_levels_round_is_told_where_it_stands() -> None:
    rules = LEVELS.format(id="pressure_high", limit=500, priority=2, more='escalates_to = "pressure_higher"')
    rules += LEVELS.format(id="pressure_higher", limit=600, priority=1, more="")
    packs, none = pack_load.load(pack_files(rules=rules))
    assert none == ()
    change = '\n[[override]]\nrule = "pressure_high"\nkind = "pump"\nasset = "pump-1"\nreason = "x"\nlimit = '

    _, problems = site_load.load("site.toml", good("site.toml") + change + "599\n", packs)
    assert problems == ()
    _, problems = site_load.load("site.toml", good("site.toml") + change + "650\n", packs)
    assert [(each.code.value, each.key) for each in problems] == [("E011", "override[1].limit")]


def test_a_date_that_only_looks_like_one_that_a_rule_asks_for_is_told() -> None:
    rule = LEVELS.format(id="inspection", limit=1, priority=3, more="")
    rule = rule.replace('{ type = "high", limit = 1 }', '{ type = "expiry", date = "inspection_due" }')
    packs, none = pack_load.load(pack_files(rules=rule.replace('"pressure"', '"-"'), tests="", faults=""))
    assert none == ()
    dated = good("site.toml").replace('kind = "pump"', 'kind = "pump"\ndates = { inspecton_due = 2027-03-01 }', 1)

    _, problems = site_load.load("site.toml", dated, packs)

    assert [(each.code.value, each.key) for each in problems] == [("E006", "asset[1].dates.inspecton_due")]
    assert "inspection_due" in problems[0].hint


def test_a_row_that_cannot_be_read_is_not_blamed_on_those_who_mention_it_and_hides_nobody_elses_mistake() -> None:
    files = pack_files(
        pack=good("pack.toml").replace('unit = "kPa"\nbounds', 'unit = "kPascal"\nbounds'),
        rules=good("rules.toml") + LEVELS.format(id="other", limit=5, priority=9, more='procedure = "pray"'),
        procedures=good("procedures.toml").replace('zh = "停泵"', "zh = 5"),
        faults=good("faults.toml").replace("bound_s = 60", 'bound_s = 60\npoint = "presure"\nalso = ["other"]'),
        makes=good("make.toml").replace('state = "on"', 'state = "onn"'),
    )

    _, problems = pack_load.load(files)

    assert [(each.file, each.code.value, each.key) for each in problems] == [
        ("packs/pump/faults.toml", "E006", "fault[1].point"),  # but not `also`, whose rule has a slip of its own
        ("packs/pump/makes/acme.toml", "E006", "modbus.register[2].states"),  # but not the point without a unit
        ("packs/pump/pack.toml", "E005", "point[1].unit"),
        ("packs/pump/procedures.toml", "E004", "procedure[1].text.zh"),
        ("packs/pump/rules.toml", "E005", "rule[2].priority"),  # and nothing of its procedure
    ]
