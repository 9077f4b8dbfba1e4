"""Whatever people do in whatever order: life safety is never hidden by one person, and no worst value is ever lost."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts import people
from alerts.database import reading
from alerts.engine import Engine
from alerts.errors import AlertsError, DatabaseError
from alerts.hidden import hidden_report
from alerts.ledger import Order
from alerts.windows import Scope, is_same_person
from rules.hidden import BEGINS
from tests.databases import database_url
from tests.unit.alerts.asking import transitions
from tests.unit.alerts.plant import Cabinet, at, plant
from wire.gate import Gate

RULES = ("temp_high", "temp_very_high", "lockout")
NAMES = st.sampled_from(("Wang", " wang", "WANG ", "Li", "li"))
ALARMS = st.sampled_from([f"b1.{rule}" for rule in RULES])

deeds = st.one_of(
    st.tuples(st.just("heat"), st.sampled_from((20.0, 91.0, 93.0, 97.0, 99.0))),
    st.tuples(st.just("shelve"), NAMES, ALARMS, st.integers(1, 8000)),
    st.tuples(st.sampled_from(("unshelve", "remove", "confirm", "put_back", "acknowledge")), NAMES, ALARMS),
    st.tuples(st.just("window"), NAMES, st.lists(st.sampled_from(RULES), max_size=2), st.integers(0, 60)),
    st.tuples(st.sampled_from(("confirm_window", "end_window")), NAMES, st.integers(1, 3)),
    st.tuples(st.just("wait"), st.integers(1, 4000)),
    st.just(("restart",)),
)


class House:
    """An engine under test, with a clock."""

    def __init__(self, folder: str) -> None:
        self.url = database_url(folder)
        self.engine = Engine(plant(), self.url)
        self.cabinet = Cabinet(Gate([plant()]))
        self.now = 0.0
        self.seen: list[tuple[int, str, float]] = []  # values at which an alarm was active

    def do(self, deed: tuple[Any, ...]) -> None:  # noqa: C901 - one line for each thing that people do
        self.now += 7.0
        now, engine = at(self.now), self.engine
        engine.tick(now)
        match deed:
            case ("heat", temp):
                for _ in range(3):  # long enough for the on-delay
                    self.now += 16.0
                    engine.apply([self.cabinet.frame(self.now, temp=temp)], at(self.now))
                    self._see(temp)
            case ("shelve", by, alarm, seconds):
                people.shelve(engine, alarm, Order(by, "why"), seconds * 1000, now)
            case ("acknowledge", by, alarm):
                engine.acknowledge_alarm(alarm, by, "", now)
            case ("remove", by, alarm):
                people.remove(engine, alarm, Order(by, "why"), "PTW", now)
            case ("unshelve" | "confirm" | "put_back" as verb, by, alarm):
                getattr(people, verb)(engine, alarm, Order(by), now)
            case ("window", by, rules, start):
                span = (now + start * 1000, now + start * 1000 + 300_000)
                people.order_window(engine, Order(by, "why"), Scope(assets=("b1",), rules=tuple(rules)), span, now)
            case ("confirm_window" | "end_window" as verb, by, number):
                getattr(people, verb)(engine, number, by, now)
            case ("wait", seconds):
                self.now += seconds
                engine.tick(at(self.now))
            case ("restart",):
                engine.close()
                self.engine = Engine(plant(), self.url)

    def _see(self, temp: float) -> None:
        for rule in RULES[:2]:
            book, row = self.engine.judge.find(f"b1.{rule}")
            if book.is_active(row):
                self.seen.append((at(self.now), f"b1.{rule}", temp))

    def must_be_safe(self) -> None:
        for name in self.engine.judge.agenda.protected:
            hidden = self.engine.alarm(name).hidden
            if hidden is not None:
                assert hidden.by is not None
                assert hidden.second is not None
                assert not is_same_person(hidden.by, hidden.second)
                assert hidden.how != "shelved"


@given(st.lists(deeds, max_size=25))
@settings(max_examples=80, deadline=None)
def test_life_safety_is_never_hidden_by_one_person_and_the_worst_value_is_never_lost(deeds: list[Any]) -> None:
    with TemporaryDirectory() as folder:
        assert Path(folder).is_dir()
        house = House(folder)
        for deed in deeds:
            try:
                house.do(deed)
            except DatabaseError:
                raise
            except AlertsError:
                pass
            house.must_be_safe()
        must_name_two(house)
        must_have_the_worst(house)
        house.engine.close()


def must_name_two(house: House) -> None:
    for row in transitions(house.engine):
        if row.alarm in house.engine.judge.agenda.protected and row.because in BEGINS:
            first, second = (row.by or "").split(" + ")
            assert not is_same_person(first, second)


def must_have_the_worst(house: House) -> None:
    with reading(house.engine.database) as connection:
        report = hidden_report(connection, house.engine.site, at(-1), at(house.now + 1))
    for each in report.hidden:
        end = each.stretch.to_ms or at(house.now + 1)
        behind = [
            temp
            for moment, alarm, temp in house.seen
            if alarm == each.stretch.alarm and each.stretch.from_ms <= moment < end
        ]
        assert not behind or (each.stretch.worst or 0.0) >= max(behind), (each.stretch, behind)


@pytest.mark.usefixtures("database")
def test_it_can_find_what_it_looks_for(tmp_path: Path) -> None:
    """The same house, one person alone: the check must see a hidden alarm at all."""
    house = House(str(tmp_path))
    for deed in (("remove", "Wang", "b1.temp_very_high"), ("confirm", "Li", "b1.temp_very_high"), ("heat", 99.0)):
        house.do(deed)
        house.must_be_safe()
    with suppress(AlertsError):
        house.do(("shelve", "Wang", "b1.temp_very_high", 10))

    assert house.engine.alarm("b1.temp_very_high").state == "out_of_service"
    assert house.seen
    must_have_the_worst(house)
    must_name_two(house)
    house.engine.close()
