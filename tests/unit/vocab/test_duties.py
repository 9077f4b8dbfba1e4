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


def test_a_measure_of_anlan_itself_has_one_row_and_an_owner() -> None:
    row = '[[self]]\nmeasure = "store_away_s"\nlimit = 300\nfor_s = 60\nunit = "nobody"\n' + MISS
    found = {(code, key) for code, key, _ in faults(row + row.replace("nobody", "duty-room"))}
    assert found == {(Code.UNKNOWN_REFERENCE, "self[1].unit"), (Code.DUPLICATE_ID, "self[2].measure")}
    unit = row.replace("nobody", "duty-room")
    assert [code for code, _, _ in faults(unit + "clear = 400\n")] == [Code.BAD_VALUE]
    assert [code for code, _, _ in faults(unit.replace("store_away_s", "mood"))] == [Code.BAD_VALUE]


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


TASK = (
    '[[schedule]]\nid = "c"\nkind = "task"\nname = { en = "Check", zh = "抽查" }\nunit = "community-office"\n'
    'when = { type = "after", trigger = "drawn", within_s = 600 }\n' + MISS
)  # fmt: skip
PHASED = (
    '[[schedule]]\nid = "p"\nkind = "campaign"\nname = { en = "Phase", zh = "阶段" }\n'
    'each = { units = ["court-committee"] }\n'
    'when = { type = "yearly", begins = "03-01", ends = "03-31" }\n' + MISS
)  # fmt: skip
CAMPAIGN = (
    '[[campaign]]\nid = "x"\nname = { en = "X", zh = "行动" }\nyear = 2026\nunits = ["court-committee"]\n'
    'categories = ["hazard"]\nbasis = { name = { en = "Plan", zh = "方案" }, issued = 2026-03-01 }\n'
    '[[campaign.phase]]\nid = "one"\nname = { en = "One", zh = "一" }\nschedules = ["p"]\n'
)  # fmt: skip
SAMPLING = (
    '[campaign.sampling]\nschedule = "c"\nchecks = ["p"]\nshare = 0.5\n'
    'wrong = { category = "hazard", hazard = "w", priority = 2 }\n'
)
AGAIN = '[[campaign.phase]]\nid = "one"\nname = { en = "1", zh = "1" }\nschedules = ["p"]\n'
PHASE, DRAWN = "campaign[1].phase[1].schedules", "campaign[1].sampling.schedule"
WHOLE = PHASED + TASK + CAMPAIGN + SAMPLING
SCORE = (
    'unit = "duty-room"\nscore = { scale = 100, pass_mark = 60, '
    'items = [{ id = "a", name = { en = "A", zh = "甲" } }], '
    'below = { category = "sanitation", hazard = "failed", priority = 3 } }\n'
)


def test_a_campaign_with_spot_checks_and_a_score_are_sound() -> None:
    assert duties_load.load("duties.toml", WHOLE, demo())[1] == ()
    found, problems = duties_load.load("duties.toml", ROUND + SCORE, demo())
    assert problems == ()
    assert found is not None
    assert found.schedules["r"].score is not None


@pytest.mark.parametrize(
    ("text", "code", "key"),
    [
        (
            WHOLE.replace('units = ["court-committee"]\ncat', 'units = ["x"]\ncat'),
            Code.UNKNOWN_REFERENCE,
            "campaign[1].units",
        ),
        (
            WHOLE.replace('schedules = ["p"]', 'schedules = ["q"]'),
            Code.UNKNOWN_REFERENCE,
            PHASE,
        ),
        (WHOLE.replace('schedules = ["p"]', 'schedules = ["c"]'), Code.CONTRADICTION, PHASE),
        (WHOLE.replace("[campaign.s", AGAIN + "[campaign.s"), Code.DUPLICATE_ID, "campaign[1].phase[2].id"),
        (WHOLE.replace('schedule = "c"', 'schedule = "p"'), Code.CONTRADICTION, DRAWN),
        (WHOLE + TASK.replace('id = "c"', 'id = "d"'), Code.CONTRADICTION, DRAWN),
        (WHOLE.replace('checks = ["p"]', 'checks = ["c"]'), Code.CONTRADICTION, "campaign[1].sampling.checks"),
        (WHOLE.replace("share = 0.5\n", ""), Code.BAD_VALUE, "campaign[1].sampling"),
        (WHOLE.replace(TASK, TASK + "photo = true\n"), Code.CONTRADICTION, DRAWN),
        (ROUND + SCORE.replace('"failed"', '"round_missed"'), Code.CONTRADICTION, "schedule[1].score.below.hazard"),
        (ROUND + SCORE.replace("60", "101"), Code.BAD_VALUE, "schedule[1].score"),
        (ROUND.replace("round", "drill", 1) + SCORE, Code.CONTRADICTION, "schedule[1].score"),
        (ROUND + 'unit = "duty-room"\nremind = { days = [3] }\n', Code.CONTRADICTION, "schedule[1].remind"),
        (PHASED + "remind = { days = [3, 3] }\n", Code.BAD_VALUE, "schedule[1].remind.days"),
    ],
)
def test_a_fault_of_a_campaign_a_score_or_a_reminder_is_told_where_it_stands(text: str, code: Code, key: str) -> None:
    assert [(found, where) for found, where, _ in faults(text)] == [(code, key)]
