"""What has to happen: a duties.toml with its references, and every fault of one."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from runtime.files import load_site, shipped
from vocab import duties_load
from vocab.duties import Duties
from vocab.oncall import OnCall
from vocab.problem import Code, ConfigurationError, Problem
from vocab.site import Site

DEMO = shipped("sites") / "demo"
MISS = 'miss = { category = "sanitation", hazard = "round_missed", priority = 3 }\n'
WINDOWS = 'when = { type = "windows", at = [{ hours = "06:30-09:00" }] }\n'
ROUND = '[[schedule]]\nid = "r"\nkind = "round"\nname = { en = "Round", zh = "线路" }\n' + WINDOWS + MISS


@cache
def demo() -> Site:
    return load_site(DEMO)


def faults(text: str) -> list[tuple[Code, str, int]]:
    found, problems = duties_load.load("duties.toml", text, demo())
    assert found is None
    return [(each.code, each.key, each.line) for each in problems]


def test_the_demo_has_duties_and_they_are_read_with_the_site() -> None:
    assert demo().duties
    assert [each.id for each in demo().duties.of_trigger("case_found")] == [
        "disinfection-concurrent",
        "case-list",
        "transfer",
    ]


def test_a_site_without_the_file_has_no_duties() -> None:
    assert not Duties()
    assert not replace(demo(), duties=Duties()).duties


def test_a_sound_schedule_needs_an_owner_a_time_and_what_a_miss_becomes() -> None:
    found, problems = duties_load.load("duties.toml", ROUND + 'unit = "duty-room"\n', demo())
    assert problems == ()
    assert found is not None
    assert list(found.schedules) == ["r"]


@pytest.mark.parametrize(
    ("text", "code", "key"),
    [
        (ROUND, Code.CONTRADICTION, "schedule[1].unit"),
        (ROUND + 'unit = "nobody"\n', Code.UNKNOWN_REFERENCE, "schedule[1].unit"),
        (ROUND + 'unit = "duty-room"\nrole = "king"\n', Code.UNKNOWN_REFERENCE, "schedule[1].role"),
        (ROUND + 'unit = "duty-room"\ncovers = ["bin-99"]\n', Code.UNKNOWN_REFERENCE, "schedule[1].covers"),
        (ROUND + 'each = { units = ["x"] }\n', Code.UNKNOWN_REFERENCE, "schedule[1].each.units"),
        (ROUND + 'unit = "duty-room"\neach = { spots = ["x"] }\n', Code.UNKNOWN_REFERENCE, "schedule[1].each.spots"),
        (ROUND + 'unit = "duty-room"\nreview = "duty-room"\n', Code.CONTRADICTION, "schedule[1].kind"),
        (ROUND.replace("round", "report", 1) + 'unit = "duty-room"\n', Code.CONTRADICTION, "schedule[1].review"),
        (ROUND + 'unit = "duty-room"\ndormant = true\n', Code.CONTRADICTION, "schedule[1].dormant"),
        (
            ROUND + 'unit = "duty-room"\ncovers = ["gate-1"]\nproof = { point = "fill", fall = 30, share = 0.5 }\n',
            Code.CONTRADICTION,
            "schedule[1].proof",
        ),
        (
            ROUND.replace(WINDOWS, 'when = { type = "gap" }\n') + 'unit = "duty-room"\n',
            Code.BAD_VALUE,
            "schedule[1].when",
        ),
        (
            ROUND.replace(WINDOWS, 'when = { type = "sometimes" }\n') + 'unit = "duty-room"\n',
            Code.BAD_VALUE,
            "schedule[1].when",
        ),
        (
            ROUND.replace(WINDOWS, 'when = { type = "slots", every_s = 7000, due_s = 60 }\n') + 'unit = "duty-room"\n',
            Code.BAD_VALUE,
            "schedule[1].when",
        ),
    ],
)
def test_a_fault_is_told_where_it_stands(text: str, code: Code, key: str) -> None:
    assert [(found, where) for found, where, _ in faults(text)] == [(code, key)]


def test_all_faults_come_at_once() -> None:
    text = (
        ROUND + 'unit = "duty-room"\n' + ROUND + 'unit = "nobody"\nsurprise = 1\n' + '[[spot]]\nid = "s"\nplace = 1\n'
    )
    assert {code for code, _, _ in faults(text)} == {Code.UNKNOWN_KEY, Code.WRONG_TYPE, Code.MISSING_KEY}


def test_a_mode_that_names_what_always_runs_has_no_effect() -> None:
    text = ROUND + 'unit = "duty-room"\n[[mode]]\nid = "m"\nname = { en = "M", zh = "模" }\n'
    text += 'levels = [{ en = "I", zh = "Ⅰ" }]\nschedules = ["r"]\n'
    assert faults(text) == [(Code.CONTRADICTION, "mode[1].schedules", 12)]


def test_a_drill_plan_names_a_drill_and_a_cabinet() -> None:
    text = ROUND + 'unit = "duty-room"\n[[drill]]\nschedule = "r"\nedge = "edge-z"\nwithin_s = 600\n'
    assert {(code, key) for code, key, _ in faults(text)} == {
        (Code.CONTRADICTION, "drill[1].schedule"),
        (Code.UNKNOWN_REFERENCE, "drill[1].edge"),
    }


def test_faults_of_the_site_and_of_its_duties_come_at_once(tmp_path: Path) -> None:
    site = (DEMO / "site.toml").read_text(encoding="utf-8").replace('grid = "north"', 'grid = "nowhere"', 1)
    (tmp_path / "site.toml").write_text(site, encoding="utf-8")
    (tmp_path / "duties.toml").write_text(ROUND, encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        load_site(tmp_path)
    files = {Path(each.file).name for each in caught.value.problems if isinstance(each, Problem)}
    assert files == {"site.toml", "duties.toml"}


DRILL = ROUND.replace('kind = "round"', 'kind = "drill"') + 'unit = "duty-room"\n'
DRILL += '[[drill]]\nschedule = "r"\nedge = "edge-a"\nwithin_s = 600\n'
PATH = '[path]\nat_most_s = 3600\nunit = "duty-room"\n' + MISS


def test_a_proof_of_ways_needs_drills_and_channels_that_are_there() -> None:
    assert duties_load.load("duties.toml", DRILL + PATH, demo())[1] == ()
    assert [key for _, key, _ in faults(PATH)] == ["path"]
    unknown = DRILL + 'channel = "none"\n' + PATH + 'channels = ["nobody"]\n'
    assert {(code, key) for code, key, _ in faults(unknown)} == {
        (Code.UNKNOWN_REFERENCE, "drill[1].channel"),
        (Code.UNKNOWN_REFERENCE, "path.channels"),
    }


def test_a_drill_about_which_nobody_would_be_called_in_time_is_told() -> None:
    file = demo().oncall.file
    assert file is not None
    nobody = replace(demo(), oncall=OnCall(file.model_copy(update={"drill": ()})))
    (first,) = duties_load.load("duties.toml", DRILL, nobody)[1]
    late = file.policy[-1].model_copy(update={"priorities": (1, 2, 3, 4)})
    digests = replace(demo(), oncall=OnCall(file.model_copy(update={"policy": (late,)})))
    (second,) = duties_load.load("duties.toml", DRILL, digests)[1]

    assert first.message == "oncall.toml names nobody who is called in drills"
    assert second.message == "by oncall.toml nobody is called about a drill within 600 s"


AREA = """[[area]]
grade = "high"
name = { en = "Sealed", zh = "封控" }
"""
GATES = 'unit = "duty-room"\ndormant = true\neach = { assets = ["gate-1"] }\n'
MODE = (
    '[[mode]]\nid = "m"\nname = { en = "M", zh = "M" }\nlevels = [{ en = "I", zh = "I" }]\ncheckpoints = ["gate-1"]\n'
)
RULE = """[zone_rule]
reading = "and"
window_days = 14
cumulative = 5
high_clusters = 2
medium_clusters = 1
quiet_days = 14
source = "x"
"""


def test_a_grade_names_dormant_schedules_of_checkpoints_once() -> None:
    sound = ROUND + GATES + MODE + RULE + AREA + 'attended = ["r"]\n'
    found, problems = duties_load.load("duties.toml", sound, demo())
    assert (found is not None, problems) == (True, ())

    def codes(text: str) -> list[tuple[Code, str]]:
        return [(code, key) for code, key, _ in faults(text)]

    assert codes(sound + AREA) == [(Code.DUPLICATE_ID, "area[2].grade")]
    assert codes(sound.replace(MODE, "")) == [(Code.CONTRADICTION, "area[1].attended")]
    assert codes(sound.replace("dormant = true\n", "")) == [(Code.CONTRADICTION, "area[1].attended")]
    assert codes(sound.replace(RULE, "")) == [(Code.CONTRADICTION, "area[1]")]
    assert codes(sound.replace('attended = ["r"]', 'closed = ["s", "r"]')) == [
        (Code.UNKNOWN_REFERENCE, "area[1].closed")
    ]
