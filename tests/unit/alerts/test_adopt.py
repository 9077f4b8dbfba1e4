"""The engine goes over to other rules while it runs: just as a start with them would, without losing a hold."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection

from alerts.engine import Engine
from alerts.law import Law, law_of
from tests.unit.alerts.asking import boiler_alarms, boiler_log, transitions
from tests.unit.alerts.plant import Cabinet, at, plant
from vocab.draft import put_over

WARM = """
[[rule]]
kind = "boiler"
id = "{id}"
name = {{en = "Warm", zh = "偏热"}}
point = "temp"
when = {{type = "high", limit = {limit}, deadband = 2}}
on_delay_s = {on_delay}
priority = 2
hazard = "overtemperature"
category = "hazard"
enabled = {enabled}
"""


def drafted(engine: Engine, id_: str = "temp_high", limit: int = 90, on_delay: int = 30, enabled: bool = True) -> Law:
    text = WARM.format(id=id_, limit=limit, on_delay=on_delay, enabled=str(enabled).lower())
    site, _, problems = put_over(engine.site, "draft.toml", text)
    assert site is not None, problems
    return law_of(site, engine.options)


def nothing_else(_connection: Connection) -> None:
    """There is nothing else to write."""


def test_a_delay_that_runs_goes_on_under_the_new_rules(engine: Engine, cabinet: Cabinet) -> None:
    engine.apply([cabinet.frame(0, temp=92.0)], at(0))
    engine.apply([cabinet.frame(20, temp=92.0)], at(20))

    engine.adopt(drafted(engine, "lukewarm", 60), nothing_else)
    engine.apply([cabinet.frame(30, temp=92.0), cabinet.frame(50), cabinet.frame(70)], at(70))

    assert boiler_log(engine) == [(30, "b1.temp_high", "unacked"), (60, "b1.lukewarm", "unacked")]


def test_a_new_limit_counts_from_the_next_reading(engine: Engine, cabinet: Cabinet) -> None:
    engine.apply([cabinet.frame(0, temp=70.0)], at(0))

    engine.adopt(drafted(engine, limit=60, on_delay=0), nothing_else)
    engine.apply([cabinet.frame(5, temp=70.0)], at(5))

    assert boiler_log(engine) == [(5, "b1.temp_high", "unacked")]


def test_an_alarm_that_stands_stays_and_who_acknowledged_it_is_known(engine: Engine, cabinet: Cabinet) -> None:
    engine.apply([cabinet.frame(0, burner=3.0)], at(0))
    engine.acknowledge_alarm("b1.lockout", "duty", "", at(1))

    changes = engine.adopt(drafted(engine, "lukewarm"), nothing_else)

    (alarm,) = changes.alarms
    assert (alarm.id, alarm.state, alarm.acked_by) == ("b1.lockout", "acked", "duty")


def test_the_alarm_of_a_rule_that_is_switched_off_is_withdrawn_and_the_wall_is_told(
    engine: Engine, cabinet: Cabinet
) -> None:
    engine.apply([cabinet.frame(0, temp=92.0)], at(0))
    engine.apply([cabinet.frame(30, temp=92.0)], at(30))

    changes = engine.adopt(drafted(engine, enabled=False), nothing_else)

    assert [(alarm.id, alarm.state) for alarm in changes.alarms] == [("b1.temp_high", "normal")]
    assert boiler_alarms(engine) == []
    assert transitions(engine)[-1].because == "withdrawn"


def test_if_what_belongs_to_it_cannot_be_written_the_old_rules_go_on(engine: Engine, cabinet: Cabinet) -> None:
    engine.apply([cabinet.frame(0, temp=92.0)], at(0))
    before = engine.site

    def refuse(_connection: Connection) -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        engine.adopt(drafted(engine, enabled=False), refuse)
    engine.apply([cabinet.frame(30, temp=92.0)], at(30))

    assert engine.site is before
    assert boiler_log(engine) == [(30, "b1.temp_high", "unacked")]


def test_a_gap_that_was_open_is_still_filled_afterwards(engine: Engine, cabinet: Cabinet) -> None:
    engine.apply([cabinet.frame(0, temp=60.0)], at(0))
    missing = [cabinet.frame(second, temp=97.0) for second in (5, 15)]
    engine.apply([cabinet.frame(25, temp=60.0)], at(25))

    engine.adopt(drafted(engine, "lukewarm", 98), nothing_else)
    engine.apply(missing, at(26))

    assert (15, "b1.temp_very_high", "unacked") in boiler_log(engine)


def test_rows_of_another_name_never_touch_those_of_the_site(engine: Engine, cabinet: Cabinet) -> None:
    engine.apply([cabinet.frame(0, burner=3.0)], at(0))
    apart = law_of(plant(), engine.options, "shadow:1")

    changes = engine.adopt(apart, nothing_else)

    assert changes.alarms[0].state == "normal", "it knows nothing of the other rows"
    engine.adopt(law_of(plant(), engine.options), nothing_else)
    assert boiler_alarms(engine) == ["b1.lockout"]
