"""An open major hazard tightens the watch of its equipment: from the confirmation to the end, through restarts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from alerts.database import reading
from alerts.engine import Engine
from alerts.ledger import Options
from alerts.recorded import recorded, recorded_people
from alerts.replay import Replay
from alerts.tickets.commands import Verb
from alerts.tickets.tightening import open_spans
from rules.codes import FAR
from tests.databases import database_url
from tests.unit.alerts.asking import transitions
from tests.unit.alerts.plant import at, plant, speaker
from tests.unit.alerts.tickets.house import House
from vocab import draft
from vocab.rule import Grade
from vocab.site import Site

WATCHED = """
[[rule]]
kind = "boiler"
id = "temp_watched"
name = {en = "Warm, under close watch", zh = "水温偏高（重点监控）"}
point = "temp"
when = {type = "high", limit = 80, deadband = 2}
on_delay_s = 10
while_tightened = true
escalates_to = "temp_high"
priority = 2
hazard = "overtemperature"
category = "hazard"
"""


def watched_plant() -> Site:
    site, _, problems = draft.put_over(plant(), "draft.toml", WATCHED)
    assert site is not None, problems
    return site


class Watched(House):
    """The same house, with a rule that sleeps."""

    def __init__(self, folder: Path) -> None:
        self.url = database_url(folder)
        self.engine = Engine(watched_plant(), self.url)
        self.cabinet = speaker(self.engine.site)
        self.now = 0.0

    def restart(self) -> None:
        self.engine.close()
        self.engine = Engine(watched_plant(), self.url)

    @property
    def state(self) -> str:
        return self.engine.alarm("b1.temp_watched").state

    def confirmed(self) -> None:
        """Far too hot, cooled to what is a little warm; then somebody says that it is a major hazard."""
        self.hear(30, temp=97.0)
        self.hear(60, temp=84.0)
        self.do(1, Verb.GRADE, "chief", grade=Grade.MAJOR)


@pytest.fixture
def house(database: str, tmp_path: Path) -> Iterator[Watched]:
    assert database == database_url(tmp_path), "on SQLite, and on PostgreSQL"
    made = Watched(tmp_path)
    yield made
    made.engine.close()


def test_what_a_rule_proposes_tightens_nothing_and_what_a_person_confirms_does(house: Watched) -> None:
    house.hear(30, temp=97.0)
    house.hear(120, temp=84.0)
    assert (house.state, house.ticket().closer_ms, house.ticket().grade) == ("normal", None, "major")

    house.do(1, Verb.GRADE, "chief", grade=Grade.MAJOR)
    since_ms = at(house.now)
    house.hear(house.now + 20, temp=84.0)

    raised = next(each for each in transitions(house.engine) if each.alarm == "b1.temp_watched")
    assert (raised.because, raised.at_ms) == ("raised", since_ms + 10_000)
    assert house.ticket().closer_ms == since_ms
    assert house.engine.judge.agenda.closer.of("b1") == [{"ticket": "1", "since_ms": since_ms}]
    assert house.engine.judge.agenda.closer.of("b2") == []
    assert len(house.engine.alarms()) == 2, "the other boiler is watched as ever"


def test_a_replay_tightens_at_the_same_moments_and_finds_the_same(house: Watched) -> None:
    house.confirmed()
    house.hear(100, temp=84.0)
    house.hear(140, temp=92.0)
    house.hear(160, temp=84.0)
    house.do(1, Verb.DISCARD, "chief", approver="deputy", note="the sensor lied")
    house.hear(200, temp=84.0)
    lived = recorded(house.url, "plant", 0, FAR)

    again = Replay(watched_plant(), Options(), recorded_people(house.url, "plant", 0, FAR))
    again.take(house.cabinet.made, is_opening=True)
    again.finish(at(house.now))
    untold = Replay(watched_plant(), Options())
    untold.take(house.cabinet.made, is_opening=True)

    assert again.events == lived
    watched = [each.because for each in lived if each.alarm == "b1.temp_watched"]
    assert watched == ["raised", "suppressed", "unsuppressed", "cleared"], "ninety is said louder"
    assert not any(each.alarm == "b1.temp_watched" for each in untold.events)


def test_it_lasts_through_restarts_and_ends_with_the_ticket(house: Watched) -> None:
    house.confirmed()
    house.restart()
    house.hear(75, temp=84.0)
    assert house.state == "unacked"

    house.do(1, Verb.DISCARD, "chief", approver="deputy", note="the sensor lied")
    house.restart()
    house.hear(95, temp=84.0)

    assert house.state == "rtn_unacked"
    assert (house.ticket().closer_ms, house.engine.judge.agenda.closer.of("b1")) == (None, [])
    with reading(house.engine.database) as connection:
        assert open_spans(connection, "plant") == []
    house.hear(200, temp=84.0)
    assert house.state == "rtn_unacked", "it sleeps again"


def test_interim_control_tightens_a_general_hazard_and_grading_it_general_ends_that(house: Watched) -> None:
    house.hear(40, temp=91.0)
    house.do(1, Verb.INTERIM, note="somebody stands beside it")
    assert house.ticket().closer_ms == at(house.now)

    house.do(1, Verb.GRADE, "chief", grade=Grade.GENERAL)

    assert house.ticket().closer_ms is None


def test_a_rule_that_is_new_is_awake_at_once_where_a_hazard_is_open(house: Watched) -> None:
    house.engine.close()
    house.engine = Engine(plant(), house.url)
    house.hear(30, temp=97.0)
    house.hear(60, temp=84.0)
    house.do(1, Verb.GRADE, "chief", grade=Grade.MAJOR)

    house.restart()
    house.hear(90, temp=84.0)

    assert house.engine.alarm("b1.temp_watched").state == "unacked"
