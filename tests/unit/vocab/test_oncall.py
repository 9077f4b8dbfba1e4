"""Every fault of oncall.toml and channels.toml, at once."""

from __future__ import annotations

from dataclasses import replace

from tests.unit.alerts.oncall.people import CHANNELS, ONCALL, org_text
from tests.unit.alerts.plant import plant
from vocab import duties_load, oncall_load, org_load
from vocab.duties import Duties, DutiesFile, Mode
from vocab.problem import Code, Problem
from vocab.strict_toml import Text

SITE = plant()
ORG, _ = org_load.load("org.toml", org_text(), SITE.file, SITE.packs)
WAYS, _ = oncall_load.load_channels("channels.toml", CHANNELS, ORG)


def faults(text: str) -> tuple[Problem, ...]:
    return oncall_load.load("oncall.toml", text, ORG, WAYS, "Asia/Shanghai")[1]


def told(text: str) -> str:
    return "\n".join(problem.message for problem in faults(text))


def test_the_file_of_the_tests_has_no_fault() -> None:
    assert faults(ONCALL) == ()


def test_a_minute_that_nobody_covers_is_a_fault_of_a_roster_around_the_clock() -> None:
    text = ONCALL.replace(
        'cycle = ["day", "night", "off", "off", "off"]', 'cycle = ["day", "off", "off", "off", "off"]'
    )

    assert "nobody is on call from 2026-01-02 00:00 until 2026-01-02 08:00" in told(text)


def test_two_nights_on_end_are_a_fault_unless_the_data_says_so() -> None:
    tiring = ONCALL.replace('"day", "night", "off", "off", "off"', '"night", "night", "day", "day", "off"')

    assert "works two nights on end" in told(tiring)
    assert "works two nights on end" not in told(tiring.replace("cycle =", "consecutive_nights = true\ncycle ="))


def test_every_unknown_name_and_what_fits_no_policy_is_told_at_once() -> None:
    text = ONCALL.replace('who = ["roster:deputy"]', 'who = ["roster:depty", "person:nobody", "role:none"]')
    text = text.replace('id = "ordinary"', 'id = "ordinary"\npriorities = [3]')

    found = told(text)

    for message in ("no roster 'depty'", "no person 'nobody'", "no role 'none'", "priority 4"):
        assert message in found


def test_a_contact_by_a_channel_that_is_none_is_told() -> None:
    _, problems = oncall_load.load_channels("channels.toml", CHANNELS.replace('id = "hook"', 'id = "hok"'), ORG)

    assert any("no channel 'hook', by which 'a'" in problem.message for problem in problems)


DORMANT = """
[[roster]]
id = "crisis"
name = {en = "Crisis", zh = "应急"}
dormant = true
[[roster.rotation]]
type = "weekly"
people = ["g"]
start = 2026-01-05
"""


def test_a_roster_that_no_emergency_switches_on_and_a_policy_of_such_alone_are_told() -> None:
    text = ONCALL.replace("[[policy]]", f"{DORMANT}[[policy]]", 1)
    alone = text.replace('who = ["roster:duty"]', 'who = ["roster:crisis"]')
    alone = alone.replace('who = ["roster:deputy"]', 'who = ["roster:crisis"]')
    found, problems = oncall_load.load("oncall.toml", text, ORG, WAYS, "Asia/Shanghai")
    assert found is not None, problems
    mode = Mode(id="m", name=Text(en="M", zh="M"), levels=(Text(en="I", zh="I"),), rosters=("crisis",))

    assert "calls nobody as long as no emergency is on" in told(alone)
    (never,) = oncall_load.never_on("oncall.toml", text, found, Duties())
    assert (never.code, never.message) == (Code.CONTRADICTION, "no mode names 'crisis'")
    assert oncall_load.never_on("oncall.toml", text, found, Duties(DutiesFile(mode=(mode,)))) == ()


def test_a_mode_names_rosters_that_are_there_and_are_for_emergencies() -> None:
    found, _ = oncall_load.load("oncall.toml", ONCALL, ORG, WAYS, "Asia/Shanghai")
    assert found is not None
    text = (
        '[[mode]]\nid = "m"\nname = {en = "M", zh = "M"}\nlevels = [{en = "I", zh = "I"}]\nrosters = ["duty", "none"]\n'
    )
    _, problems = duties_load.load("duties.toml", text, replace(SITE, oncall=found))

    assert {(each.code, each.key) for each in problems} == {
        (Code.CONTRADICTION, "mode[1].rosters"), (Code.UNKNOWN_REFERENCE, "mode[1].rosters"),
    }  # fmt: skip
