"""The report of what was hidden, over a real database."""

from __future__ import annotations

from alerts import people
from alerts.database import reading
from alerts.engine import Engine
from alerts.hidden import HiddenAlarm, HiddenReport, hidden_report, hidden_times
from alerts.ledger import Order
from alerts.performance import performance
from alerts.windows import Scope
from rules.performance.report import Period
from tests.unit.alerts.plant import Cabinet, at

HOT, LOCKOUT = "b1.temp_high", "b1.lockout"
WANG, LI = Order("Wang", "new sensor"), Order("Li")


def heat(engine: Engine, cabinet: Cabinet, start: float, *temps: float) -> None:
    for step, temp in enumerate(temps):
        engine.apply([cabinet.frame(start + 30 * step, temp=temp)], at(start + 30 * step))


def report(engine: Engine, start: float = -10, end: float = 100_000) -> HiddenReport:
    with reading(engine.database) as connection:
        return hidden_report(connection, engine.site, at(start), at(end))


def of(engine: Engine, alarm: str, start: float = -10, end: float = 100_000) -> list[HiddenAlarm]:
    return [each for each in report(engine, start, end).hidden if each.stretch.alarm == alarm]


def test_it_tells_who_why_how_long_how_often_and_the_worst_value(engine: Engine, cabinet: Cabinet) -> None:
    people.shelve(engine, HOT, WANG, 600_000, at(0))
    heat(engine, cabinet, 10, 91, 94.5, 93, 50, 50, 92, 92, 93)
    engine.tick(at(700))

    (found,) = of(engine, HOT)

    told = found.stretch
    assert (told.how, told.by, told.why, told.ended_by) == ("shelved", "Wang", "new sensor", None)
    assert (told.from_ms, told.to_ms, told.until_ms) == (at(0), at(600), at(600))
    assert (told.raised, told.worst, told.stood) == (2, 94.5, True)
    assert (found.unit, found.priority, found.protected) == ("°C", 2, False)


def test_what_is_hidden_now_has_the_worst_value_of_now(engine: Engine, cabinet: Cabinet) -> None:
    people.remove(engine, HOT, WANG, "PTW-9", at(0))
    heat(engine, cabinet, 10, 91, 92, 93, 94)

    (found,) = of(engine, HOT)

    assert (found.stretch.how, found.stretch.to_ms, found.stretch.why) == ("out_of_service", None, "PTW-9: new sensor")
    assert (found.stretch.raised, found.stretch.worst, found.stretch.stood) == (1, 94.0, True)


def test_reasons_that_overlap_are_told_each(engine: Engine, cabinet: Cabinet) -> None:
    heat(engine, cabinet, 0, 95, 95)
    people.order_window(engine, WANG, Scope(assets=("b1",)), (at(40), at(500)), at(40))
    people.shelve(engine, HOT, LI, 100_000, at(50))
    people.shelve(engine, HOT, WANG, 200_000, at(60))
    heat(engine, cabinet, 70, 50, 50)
    engine.tick(at(600))

    shelf, window = sorted(of(engine, HOT), key=lambda each: each.stretch.how)

    assert (shelf.stretch.from_ms, shelf.stretch.to_ms, shelf.stretch.renewals) == (at(50), at(260), 1)
    assert (window.stretch.from_ms, window.stretch.to_ms, window.stretch.window) == (at(40), at(500), 1)
    assert {each.stretch.worst for each in (shelf, window)} == {95.0}, "it stood at 95 when it was hidden"
    assert not shelf.stretch.stood
    (told,) = report(engine).windows
    assert (told.by, told.reason) == ("Wang", "new sensor")


def test_a_period_knows_what_was_hidden_before_it_began(engine: Engine, cabinet: Cabinet) -> None:
    people.shelve(engine, HOT, WANG, 7_000_000, at(0))
    people.shelve(engine, LOCKOUT, WANG, 100_000, at(0))
    heat(engine, cabinet, 10, 91, 92, 99, 50, 50)
    engine.tick(at(3000))
    heat(engine, cabinet, 3000, 91, 92)

    (found,) = of(engine, HOT, 2000, 4000)

    assert (found.stretch.from_ms, found.stretch.raised, found.stretch.worst) == (at(0), 2, 99.0)
    assert of(engine, LOCKOUT, 2000, 4000) == []
    with reading(engine.database) as connection:
        (shelved,) = hidden_times(connection, engine.site, (at(2000), at(3800)))
        kpi = performance(connection, engine.site, Period(at(2000), at(3800)))
    assert (shelved.how, shelved.count, shelved.hours) == ("shelved", 0, 0.5)
    assert kpi.hidden == (shelved,)
    assert kpi.calls == 0, "hidden raises are no load"


def test_two_who_agreed_to_hide_life_safety_are_both_named(engine: Engine, cabinet: Cabinet) -> None:
    people.order_window(engine, WANG, Scope(assets=("b1",), rules=("temp_very_high",)), (at(0), at(500)), at(0))
    people.confirm_window(engine, 1, "Li", at(1))
    heat(engine, cabinet, 10, 97, 98)

    (found,) = of(engine, "b1.temp_very_high")

    assert (found.protected, found.stretch.by, found.stretch.raised, found.stretch.worst) == (
        True,
        "Wang + Li",
        1,
        98.0,
    )
