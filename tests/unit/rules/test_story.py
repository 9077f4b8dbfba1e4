"""Running a rule's test: it fails when, and only when, something else happens than its table tells."""

from __future__ import annotations

import pytest

from rules.codes import Because
from rules.story import Outcome, run
from tests.unit.vocab.small import good, pack_files
from vocab import pack_load
from vocab.story import EVENTS, ORDERS

RULES = """
[[rule]]
id = "high"
name = { en = "High", zh = "高" }
point = "pressure"
when = { type = "high", limit = { param = "permitted" }, deadband = 50 }
on_delay_s = 10
off_delay_s = 20
latching = true
realarm_s = 600
priority = 2
hazard = "overpressure"
category = "hazard"

[[rule]]
id = "silent"
name = { en = "Silent", zh = "无声" }
point = "*"
when = { type = "no_data", periods = 3 }
priority = 3
hazard = "silent"
category = "maintenance"
"""
TEST = """[[test]]
rule = "{rule}"
story = {{ en = "A story", zh = "故事" }}
variant = "small"
{more}
table = \"\"\"
time | pressure | state | do | expect
{rows}
\"\"\"
"""


def told(rows: str, rule: str = "high", more: str = "") -> Outcome:
    files = pack_files(rules=RULES.replace('"*"', '"pressure"'))
    files["pump/tests.toml"] = TEST.format(rule=rule, rows=rows.strip(), more=more)
    if rule == "silent":  # over every point, it is a common rule
        common = RULES[RULES.index('[[rule]]\nid = "silent"') :]
        head = 'kind = "common"\nname = { en = "Common", zh = "通用" }\nedition = "1"\n'
        files |= {"common/pack.toml": head, "common/rules.toml": common, "pump/rules.toml": good("rules.toml")}
    files["pump/faults.toml"] = ""
    packs, problems = pack_load.load(files)
    assert problems == ()
    (story,) = packs["pump"].stories
    return run(story, packs)


def test_a_story_that_is_told_as_it_happens_passes() -> None:
    outcome = told("""
0s   | 100 |     | | nothing
10s  | 800 |
19s  |     |     | | nothing
20s  |     |     | | raised
1m   | 749 |     | | stands
79s  |     |     | | stands
80s  |     |     | | cleared, latched, over
90s  |     |     | reset | refused
100s |     |     | acknowledge | latched
110s |     |     | reset | over
""")

    assert outcome.failures == ()
    assert [(each.at_ms, each.word) for each in outcome.events] == [
        (20_000, "raised"), (80_000, "cleared"), (100_000, "acknowledged"), (110_000, "reset"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "line", "message"),
    [
        ("0s | 800 | | | nothing\n10s | | | | nothing", 9, "raised at 10s, not nothing"),
        ("0s | 800 | | | nothing\n9s | | | | raised\n10s", 9, "9s: raised was expected, and did not happen"),
        ("0s | 800 | | | nothing\n9s | | | | nothing\n11s", 9, "10s: raised, which no row expects"),
        ("0s | 700 | | | nothing\n1h | | | | stands", 9, "the alarm does not stand at 1h: it is normal"),
        ("0s | 800 | | | raised at 0s", 8, "0s: raised was expected, and did not happen"),
        ("0s | 700 | | | nothing\n1s | | | acknowledge |", 9, "acknowledge was refused"),
        ("0s | 800 | | | nothing\n10s | | | acknowledge | raised, refused", 9, "nothing was refused"),
        ("0s | 800 | | | nothing\n10s | | | | raised, latched", 9, "it is unacked at 10s, not latched"),
        ("0s | 800 | | | nothing\n10s | | | | raised, over", 9, "the alarm still stands at 10s: it is unacked"),
        ("0s | 800 | | | nothing, unknown", 8, "the condition is true at 0s"),
    ],
)
def test_what_does_not_happen_as_told_is_a_failure_with_its_line(rows: str, line: int, message: str) -> None:
    failures = told(rows).failures

    assert any(each.line == line and message in each.message for each in failures), failures


def test_a_rule_over_every_point_sees_only_the_points_of_its_table() -> None:
    outcome = told("0s | 1 | | | nothing\nevery 1m until 10m | 2 | | | nothing\n13m | | | | raised", "silent")

    assert outcome.failures == ()


def test_a_gap_is_time_in_which_nobody_knows() -> None:
    outcome = told(
        "0s | 800 | | | nothing\ngap 5s until 1h | | | | unknown\n1h1m | 800 | | | nothing\n1h1m5s | | | | raised"
    )

    assert outcome.failures == ()


def test_a_site_param_of_the_story_moves_the_limit() -> None:
    assert told("0s | 60 | | | nothing\n10s | | | | raised", more="params = { permitted = 60 }").failures == ()


def test_a_shelf_ends_and_an_acknowledged_alarm_is_annunciated_again_at_their_very_moments() -> None:
    outcome = told("""
0s  | 900 |     |             | nothing
10s |     |     | shelve 5m   | raised
20s | 100 |     |             | stands
40s |     |     |             | hidden cleared
60s | 900 |     |
70s |     |     |             | hidden raised
6m  | 900 |     |             | nothing
7m  |     |     | acknowledge | stands
18m |     |     |             | stands
""")

    assert [each.message for each in outcome.failures] == [
        "5m10s: shelf ended, which no row expects",
        "17m: realarmed, which no row expects",
    ]


GROUP = """
[[rule]]
id = "{id}"
name = {{ en = "High", zh = "高" }}
point = "pressure"
when = {{ type = "high", limit = {limit} }}
first_out = "trip"
priority = 2
hazard = "overpressure"
category = "hazard"
"""


@pytest.mark.parametrize(("word", "passes"), [("first out", True), ("not first", False)])
def test_a_story_may_ask_which_alarm_of_a_trip_was_the_first(word: str, passes: bool) -> None:
    files = pack_files(rules=GROUP.format(id="high", limit=500) + GROUP.format(id="higher", limit=600), faults="")
    files["pump/tests.toml"] = TEST.format(rule="high", rows=f"0s | 550 | | | raised, {word}\n1s | 700", more="")
    packs, problems = pack_load.load(files)

    assert problems == ()
    assert run(packs["pump"].stories[0], packs).passed is passes


def test_a_story_may_tell_of_the_bus_and_of_its_loss() -> None:
    files = pack_files(rules=RULES.replace('"*"', '"pressure"'), faults="")
    head = good("pack.toml").replace('kind = "pump"', 'kind = "bus"').replace('["small", "large"]', '["polled"]')
    lost = GROUP.format(id="bus_lost", limit=500).replace('first_out = "trip"\n', "")
    hides = 'suppress_when = { type = "alarm", rule = "bus_lost", asset = "@bus" }\npriority'
    files |= {"bus/pack.toml": head, "bus/rules.toml": lost}
    files["pump/rules.toml"] = (
        GROUP.format(id="high", limit=500).replace("priority", hides).replace('first_out = "trip"\n', "")
    )
    rows = "0s | 0 | off | 0 | | nothing\n10s | | | 600 | | suppressed\n20s | 600 | | | | hidden raised"
    files["pump/tests.toml"] = TEST.format(rule="high", rows=rows, more="").replace(
        "| state |", "| state | bus/pressure |"
    )
    packs, problems = pack_load.load(files)

    assert problems == ()
    assert run(packs["pump"].stories[0], packs).failures == ()


def test_the_words_of_a_story_are_those_of_the_transition_table() -> None:
    assert {each.word.replace("_", " ") for each in Because} == set(EVENTS)
    assert set(ORDERS.values()) - {""} <= set(EVENTS)
