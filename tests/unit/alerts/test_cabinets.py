"""A cabinet's silence is judged by the server's clock, as one alarm; what hangs on it stays as it was."""

from __future__ import annotations

from alerts.engine import Engine
from alerts.ledger import Options
from tests.unit.alerts.asking import log, tickets
from tests.unit.alerts.conftest import MakeEngine
from tests.unit.alerts.plant import Cabinet, at, speaker


def watch(engine: Engine, start: int, end: int, every: int = 5) -> None:
    for now in range(start, end, every):
        engine.tick(at(now))


def test_a_lost_cabinet_is_one_alarm_and_nothing_behind_it_moves(make_engine: MakeEngine) -> None:
    engine = make_engine(boilers=50)
    cabinet = speaker(engine.site)
    for number in range(1, 51):
        engine.apply([cabinet.frame(number / 10, f"b{number}", temp=97.0 if number == 7 else 80.0, burner=1.0)], at(5))
    engine.apply([cabinet.frame(18, "b7", temp=97.0)], at(18))
    before = log(engine)

    watch(engine, 20, 4000)

    assert log(engine)[len(before) :] == [(78, "e1.edge_lost", "unacked")], "dated when the silence was complete"
    states = {alarm.id: alarm.state for alarm in engine.alarms()}
    assert states == {"b7.temp_very_high": "unacked", "e1.edge_lost": "unacked"}
    assert len(tickets(engine)) == 2


def test_a_cabinet_that_is_back_is_no_longer_lost_and_nobody_behind_it_was_silent(
    engine: Engine, cabinet: Cabinet
) -> None:
    engine.apply([cabinet.frame(0, temp=80.0, burner=1.0)], at(0))
    watch(engine, 5, 1000)
    engine.apply([cabinet.frame(1000, temp=80.0, burner=1.0)], at(1000))
    watch(engine, 1000, 1030)

    assert log(engine) == [(60, "e1.edge_lost", "unacked"), (1000, "e1.edge_lost", "rtn_unacked")]


def test_a_cabinet_that_never_spoke_is_lost_too(make_engine: MakeEngine) -> None:
    engine = make_engine("e1", "e2")
    cabinet = speaker(engine.site)
    for now in range(0, 200, 10):
        engine.apply([cabinet.frame(now, temp=80.0, burner=1.0)], at(now))
        engine.apply([cabinet.frame(now, "b2", temp=80.0, burner=1.0)], at(now))

    engine.tick(at(200))

    assert log(engine) == [(60, "e2.edge_lost", "unacked")]


def test_while_we_are_deaf_nobody_is_silent(engine: Engine, cabinet: Cabinet) -> None:
    engine.apply([cabinet.frame(0, temp=80.0)], at(0))
    engine.listening(False, at(10))
    watch(engine, 10, 900)
    engine.listening(True, at(900))
    watch(engine, 900, 955)
    assert log(engine) == []

    watch(engine, 955, 1000)
    assert log(engine) == [(960, "e1.edge_lost", "unacked")]


def test_a_restart_of_ours_is_not_a_silence_of_theirs(make_engine: MakeEngine, cabinet: Cabinet) -> None:
    engine = make_engine()
    engine.apply([cabinet.frame(0, temp=80.0)], at(0))
    engine.close()

    again = make_engine()
    again.tick(at(3000))
    assert log(again) == []
    again.tick(at(3061))
    assert log(again) == [(3060, "e1.edge_lost", "unacked")]


def test_a_lost_cabinet_stays_lost_through_a_restart(make_engine: MakeEngine, cabinet: Cabinet) -> None:
    engine = make_engine()
    engine.apply([cabinet.frame(0, temp=80.0)], at(0))
    engine.tick(at(100))
    engine.close()

    again = make_engine()
    watch(again, 120, 600)

    assert log(again) == [(60, "e1.edge_lost", "unacked")]


def test_a_cabinet_that_said_goodbye_has_longer_to_come_back(engine: Engine, cabinet: Cabinet) -> None:
    engine.apply([cabinet.frame(0, temp=80.0)], at(0))
    engine.edge_said("e1", "stopped", 1, at(10), at(10))
    watch(engine, 10, 960)
    assert (log(engine), engine.edges()[0].state) == ([], "stopped")

    watch(engine, 960, 1000)
    assert log(engine) == [(970, "e1.edge_lost", "unacked")]


def test_a_last_will_is_shown_at_once_and_is_not_yet_an_alarm(engine: Engine, cabinet: Cabinet) -> None:
    engine.apply([cabinet.frame(0, temp=80.0)], at(0))
    engine.edge_said("e1", "lost", 1, at(0), at(20))
    assert (engine.edges()[0].state, log(engine)) == ("lost", [])

    engine.apply([cabinet.frame(25, temp=80.0)], at(25))
    assert (engine.edges()[0].state, log(engine)) == ("online", [])


def test_a_status_of_an_older_spool_or_an_unknown_cabinet_is_passed_over(engine: Engine, cabinet: Cabinet) -> None:
    engine.apply([cabinet.frame(0, temp=80.0)], at(0))

    engine.edge_said("e1", "lost", 0, at(0), at(20))
    engine.edge_said("e9", "lost", 1, at(0), at(20))

    assert [edge.state for edge in engine.edges()] == ["online"]


def test_no_silence_is_judged_faster_than_a_link_can_recover(make_engine: MakeEngine, cabinet: Cabinet) -> None:
    engine = make_engine(options=Options(silence_floor_ms=400_000))
    engine.apply([cabinet.frame(0, temp=80.0)], at(0))
    watch(engine, 5, 500)

    assert log(engine) == [(400, "e1.edge_lost", "unacked")]


def test_an_asset_on_two_cabinets_is_watched_through_both(make_engine: MakeEngine) -> None:
    engine = make_engine("e1", "e2", boilers=2, shared=True)
    first, second = speaker(engine.site, "e1"), speaker(engine.site, "e2")
    for now in range(0, 60, 10):
        engine.apply([first.frame(now, temp=80.0, burner=1.0), second.frame(now, "b2", burner=3.0)], at(now))

    assert log(engine) == [(0, "b2.lockout", "unacked")]
