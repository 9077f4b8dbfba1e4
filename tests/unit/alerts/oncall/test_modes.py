"""Rosters of an emergency: on call while its mode is on, and no rung that finds nobody while it is not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from alerts.database import reading
from alerts.duties import modes
from alerts.duties.emergency_api import changed
from alerts.engine import Engine
from alerts.oncall import views
from tests.databases import database_url
from tests.unit.alerts.asking import boiler_tickets
from tests.unit.alerts.oncall.people import ONCALL, staffed
from tests.unit.alerts.oncall.test_calls import hot, paged
from tests.unit.alerts.plant import Cabinet, at
from vocab.duties import Duties, DutiesFile, Mode
from vocab.strict_toml import Text

pytestmark = pytest.mark.usefixtures("database")

CRISIS = """
[[roster]]
id = "crisis"
name = {en = "Emergency group", zh = "应急专班"}
dormant = true
[[roster.rotation]]
type = "weekly"
people = ["g"]
start = 2026-01-05
"""
STEPS = """[[policy.step]]
who = ["roster:crisis"]
after_s = 60
[[policy.step]]
who = ["roster:deputy"]
after_s = 300"""


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    oncall = ONCALL.replace('[[policy.step]]\nwho = ["roster:deputy"]\nafter_s = 300', STEPS)
    oncall = oncall.replace("[[policy]]", f"{CRISIS}[[policy]]", 1).replace("repeat_s = 120\ntimes = 2\n", "")
    mode = Mode(id="m", name=Text(en="M", zh="M"), levels=(Text(en="I", zh="I"),), persons=1, rosters=("crisis",))
    made = Engine(replace(staffed(oncall=oncall), duties=Duties(DutiesFile(mode=(mode,)))), database_url(tmp_path))
    yield made
    made.close()


def is_on(engine: Engine, second: float) -> bool:
    with reading(engine.database) as connection:
        found = views.rosters(engine, connection, (at(second), at(second + 60)), at(second))
    return next(each.on for each in found if each.id == "crisis")


def test_a_roster_is_on_call_only_while_its_mode_is_on_also_for_a_call_that_is_open(
    engine: Engine, cabinet: Cabinet
) -> None:
    hot(engine, cabinet, until_s=30)
    engine.tick(at(150))
    assert paged(engine) == [(0.0, "e", 0, 0)], "the step of the emergency is passed over"
    assert not is_on(engine, 150)

    number, _ = changed(engine, lambda book: modes.ask(book, "m", 1, "f", "a case"), at(160))
    assert is_on(engine, 160)
    assert paged(engine) == [(0.0, "e", 0, 0), (60.0, "g", 1, 0)], "the open call goes to it at once"
    changed(engine, lambda book: modes.end(book, number, "f", "over"), at(170))
    engine.tick(at(400))

    assert not is_on(engine, 400)
    assert paged(engine)[2:] == [(300.0, "f", 2, 0)], "and after it the others as ever"
    lines = [line.text.en for line in boiler_tickets(engine)[0].evidence]
    assert not [line for line in lines if "Nobody to call" in line]


def test_a_new_process_knows_that_an_emergency_is_on(engine: Engine, cabinet: Cabinet, tmp_path: Path) -> None:
    changed(engine, lambda book: modes.ask(book, "m", 1, "f", "a case"), at(0))
    again = Engine(engine.site, database_url(tmp_path))
    hot(again, cabinet, until_s=100)

    assert [who for _, who, *_ in paged(again)] == ["e", "g"]
    again.close()
