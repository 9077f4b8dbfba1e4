"""Gaps, catch-ups, frames that overtake each other, and restarts (the law stands in alerts/position.py)."""

from __future__ import annotations

import sqlite3

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from alerts.engine import Engine
from alerts.errors import DatabaseError
from alerts.ledger import Options
from tests.unit.alerts.asking import boiler_alarms, boiler_log, boiler_tickets, log, tickets, transitions
from tests.unit.alerts.conftest import MakeEngine
from tests.unit.alerts.plant import Cabinet, at, plant, speaker
from vocab.topics import Kind
from wire.verdict import Accepted


def run(engine: Engine, *frames: Accepted) -> None:
    for frame in frames:
        engine.apply([frame], frame.received_ms)


def cut(cabinet: Cabinet, *values: tuple[float, float], back_s: float) -> list[Accepted]:
    """Frames that were made while the uplink was down and arrive from `back_s` on."""
    return [
        cabinet.frame(moment, lane=Kind.BACKFILL, received_s=back_s + step, temp=value)
        for step, (moment, value) in enumerate(values)
    ]


def test_a_hazard_found_in_the_back_fill_is_a_late_ticket(engine: Engine, cabinet: Cabinet) -> None:
    run(engine, cabinet.frame(0, temp=80.0))
    missed = cut(cabinet, *[(10.0 * step, 97.0 if step < 30 else 80.0) for step in range(1, 60)], back_s=600)
    run(engine, cabinet.frame(600, temp=80.0), *missed)

    (ticket,) = boiler_tickets(engine)
    assert (ticket.late, ticket.alarm_active) == (True, False)
    assert (ticket.raised_ms, ticket.opened_ms) == (at(20), missed[1].received_ms)
    assert [line.text.en.split(":")[0] for line in ticket.evidence] == [
        "Found afterwards. Far too hot", "Found afterwards. Too hot",
        "Found afterwards. Back to normal", "Found afterwards. Back to normal",
    ]  # fmt: skip
    assert all(each.late for each in transitions(engine) if each.asset == "b1")
    assert boiler_alarms(engine) == [], "the present was never disturbed"


def test_a_gap_freezes_what_was_pending_and_the_cabinet_is_watched_again_at_once(
    engine: Engine, cabinet: Cabinet
) -> None:
    run(engine, cabinet.frame(0, temp=92.0), cabinet.frame(10, temp=92.0))
    cut(cabinet, (20, 92.0), back_s=600)
    run(engine, cabinet.frame(600))
    assert boiler_log(engine) == [], "30 s above the limit are not over only because ten minutes passed"

    run(engine, cabinet.frame(610, temp=92.0), cabinet.frame(620, temp=92.0), cabinet.frame(630, temp=92.0))
    assert boiler_log(engine) == [(630, "b1.temp_high", "unacked")], "10 s before the gap and 20 s after"


def test_the_catch_up_begins_where_the_gap_began(engine: Engine, cabinet: Cabinet) -> None:
    run(engine, cabinet.frame(0, temp=92.0), cabinet.frame(10, temp=92.0))
    missed = cut(cabinet, (20, 92.0), (30, 92.0), (40, 80.0), (60, 80.0), back_s=601)
    run(engine, cabinet.frame(600, temp=80.0), *missed)

    assert boiler_log(engine) == [(30, "b1.temp_high", "unacked"), (50, "b1.temp_high", "rtn_unacked")]


def test_live_and_catch_up_frames_may_come_mixed(engine: Engine, cabinet: Cabinet) -> None:
    run(engine, cabinet.frame(0, temp=80.0))
    missed = cut(cabinet, *[(step * 10.0, 97.0) for step in range(1, 5)], *[(50, 80.0), (60, 80.0)], back_s=600)
    live = [cabinet.frame(600 + step * 5, temp=80.0) for step in range(6)]
    run(engine, *[frame for pair in zip(live, missed, strict=True) for frame in pair])

    assert [(when, state) for when, name, state in boiler_log(engine) if name == "b1.temp_very_high"] == [
        (20, "unacked"), (50, "latched_unacked"),
    ]  # fmt: skip
    assert boiler_alarms(engine) == []
    assert not engine.edges()[0].catching_up


def test_a_late_hazard_adds_to_the_ticket_that_is_open_already(engine: Engine, cabinet: Cabinet) -> None:
    run(engine, cabinet.frame(0, temp=80.0))
    missed = cut(cabinet, (10, 97.0), (20, 97.0), (30, 97.0), back_s=700)
    run(engine, *[cabinet.frame(600 + step * 10, temp=97.0) for step in range(2)], *missed)

    (ticket,) = boiler_tickets(engine)
    assert (ticket.late, ticket.raised_ms, ticket.alarm_active) == (False, at(20), True)


def test_a_backlog_in_order_advances_the_live_book_and_is_late_until_it_has_caught_up(
    engine: Engine, cabinet: Cabinet
) -> None:
    run(engine, cabinet.frame(0, temp=80.0))
    backlog = cut(cabinet, *[(10.0 * step, 97.0) for step in range(1, 30)], back_s=600)
    run(engine, *backlog)
    (ticket,) = boiler_tickets(engine)
    assert (ticket.late, ticket.raised_ms) == (True, at(20))

    run(engine, cabinet.frame(650, temp=97.0))

    (ticket,) = boiler_tickets(engine)
    assert ticket.late is False, "it still stands, so it is the present"
    assert ticket.evidence[-1].text.en.startswith("Still so: ")


def test_frames_of_a_gap_that_nobody_remembers_are_counted(engine: Engine, cabinet: Cabinet) -> None:
    old = [cabinet.frame(second, temp=97.0) for second in range(3)]
    run(engine, cabinet.frame(60, temp=80.0))
    run(engine, *old)

    assert (boiler_log(engine), engine.counts["not_judged"]) == ([], 3)


def test_a_new_spool_is_a_gap_too(engine: Engine, cabinet: Cabinet) -> None:
    run(engine, cabinet.frame(0, temp=92.0))
    last = cabinet.frame(10, lane=Kind.BACKFILL, received_s=700, temp=97.0)
    cabinet.epoch, cabinet.seq = 2, 0
    run(engine, cabinet.frame(600, temp=80.0), last)

    assert engine.edges()[0].epoch == 2
    assert engine.counts["not_judged"] == 0


def test_a_cabinet_whose_clock_was_set_back_is_still_watched(engine: Engine, cabinet: Cabinet) -> None:
    run(engine, cabinet.frame(7200, temp=80.0), cabinet.frame(3600, temp=97.0), cabinet.frame(3610, temp=97.0))

    assert boiler_log(engine) == [(3610, "b1.temp_very_high", "unacked")]


def test_a_pause_without_a_missing_frame_is_not_vouched_for_either(engine: Engine, cabinet: Cabinet) -> None:
    run(engine, cabinet.frame(0, temp=97.0), cabinet.frame(400, temp=80.0))

    assert boiler_log(engine) == [], "the agent was down; nobody knows how long it stayed hot, and nobody fell silent"


def test_frames_that_overtake_each_other_are_put_in_order(make_engine: MakeEngine, cabinet: Cabinet) -> None:
    engine = make_engine(options=Options(patience_ms=20_000))
    frames = [cabinet.frame(10 * step, temp=97.0 if 1 <= step <= 4 else 80.0) for step in range(8)]
    order = [0, 4, 2, 1, 3, 7, 6, 5]
    for place in order:
        engine.apply([frames[place]], at(75))

    assert [(when, state) for when, _, state in log(engine)][:2] == [(20, "unacked"), (40, "unacked")]
    assert not any(each.late for each in transitions(engine))
    assert engine.counts["not_judged"] == 0


def test_waiting_ends_when_patience_does(make_engine: MakeEngine, cabinet: Cabinet) -> None:
    engine = make_engine(options=Options(patience_ms=20_000))
    run(engine, cabinet.frame(0, temp=80.0))
    cabinet.frame(10, temp=80.0)  # this one is lost for good
    run(engine, cabinet.frame(20, burner=3.0))
    assert log(engine) == []

    engine.tick(at(39))
    assert log(engine) == []
    engine.tick(at(40))
    assert log(engine) == [(20, "b1.lockout", "unacked")]


def test_frames_of_a_gap_that_overtake_each_other_are_judged_in_order(
    make_engine: MakeEngine, cabinet: Cabinet
) -> None:
    engine = make_engine(options=Options(patience_ms=20_000))
    run(engine, cabinet.frame(0, temp=80.0))
    missed = cut(cabinet, *[(10.0 * step, 97.0 if step < 30 else 80.0) for step in range(1, 60)], back_s=600)
    run(engine, cabinet.frame(600, temp=80.0))
    engine.tick(at(625))  # its patience is over: the present goes on, the gap is open

    for first, others in ((missed[30:40], missed[:30]), (missed[40:], [])):
        engine.apply(first, at(700))
        engine.apply(others, at(710))

    (ticket,) = boiler_tickets(engine)
    assert (ticket.late, ticket.raised_ms) == (True, at(20))
    assert engine.counts["not_judged"] == 0


def test_frames_that_wait_survive_a_restart(make_engine: MakeEngine, cabinet: Cabinet) -> None:
    options = Options(patience_ms=20_000, settle_ms=60_000)
    engine = make_engine(options=options)
    run(engine, cabinet.frame(0, temp=80.0))
    missing = cabinet.frame(10, temp=97.0)
    run(engine, cabinet.frame(20, temp=97.0))
    engine.close()

    again = make_engine(options=options)
    again.listening(False, at(100))  # the broker is not yet there
    again.tick(at(500))
    again.listening(True, at(600))
    again.tick(at(601))
    again.apply([missing], at(650))

    assert log(again) == [(20, "b1.temp_very_high", "unacked")]


def test_frames_that_wait_survive_a_database_that_refuses(make_engine: MakeEngine, cabinet: Cabinet) -> None:
    engine = make_engine(options=Options(patience_ms=20_000))
    run(engine, cabinet.frame(0, temp=80.0))
    cabinet.frame(10, temp=80.0)  # this one is lost for good
    run(engine, cabinet.frame(20, burner=3.0))

    def refuse(*_anything: object) -> None:
        raise OperationalError("any", None, sqlite3.OperationalError("disk I/O error"))

    event.listen(engine.database, "before_cursor_execute", refuse)
    for moment in (25, 30):  # it can neither be written nor be read again
        with pytest.raises(DatabaseError):
            engine.edge_said("e1", "lost", 1, at(moment), at(moment))
    event.remove(engine.database, "before_cursor_execute", refuse)

    engine.tick(at(45))
    assert log(engine) == [(20, "b1.lockout", "unacked")]


def test_after_a_restart_we_wait_for_what_comes_again(make_engine: MakeEngine, cabinet: Cabinet) -> None:
    options = Options(settle_ms=60_000)
    engine = make_engine(options=options)
    run(engine, cabinet.frame(0, temp=80.0))
    engine.close()
    missing, later = cabinet.frame(10, temp=97.0, received_s=42), cabinet.frame(20, temp=97.0, received_s=41)

    again = make_engine(options=options)
    again.listening(False, at(40))  # the broker was not yet there; the first frame says that it is
    again.apply([later], at(41))
    assert log(again) == []
    again.apply([missing], at(42))
    assert log(again) == [(20, "b1.temp_very_high", "unacked")]


Step = tuple[int, float | None, float, bool, str]
steps = st.lists(
    st.tuples(
        st.sampled_from((5, 10, 20, 50)),  # pause before the frame
        st.sampled_from((80.0, 89.0, 92.0, 97.0, None)),
        st.sampled_from((0.0, 1.0, 3.0)),
        st.booleans(),  # lost on the way, and handed over as back-fill at the end
        st.sampled_from(("", "", "", "ack", "tick")),
    ),
    min_size=1,
    max_size=20,
)


@given(steps, st.lists(st.integers(0, 30), max_size=4))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_restart_anywhere_gives_the_same_events(
    tmp_path_factory: pytest.TempPathFactory,
    history: list[Step],
    stops: list[int],
) -> None:
    assert play(tmp_path_factory, history, set(stops)) == play(tmp_path_factory, history, set())


def play(paths: pytest.TempPathFactory, history: list[Step], stops: set[int]) -> object:
    url = f"sqlite:///{paths.mktemp('restart')}/tickets.sqlite"
    site = plant()
    cabinet = speaker(site)
    # Our own absence is no silence of theirs (test_cabinets), so that rule is kept out of the comparison.
    options = Options(silence_floor_ms=10**9)
    engine, now = Engine(site, url, options), 0.0
    kept: list[Accepted] = []
    events: list[tuple[Accepted | None, float, str]] = []
    for pause, temp, burner, is_cut, what in history:
        now += pause
        frame = cabinet.frame(now, temp=temp, burner=burner)
        if is_cut:
            kept.append(frame)
        else:
            events.append((frame, now, what))
    events += [(frame, now + place, "") for place, frame in enumerate(kept)]
    for place, (told, moment, what) in enumerate(events):
        if place in stops:
            engine.close()
            engine = Engine(site, url, options)
        if told is not None:
            engine.apply([told], at(moment))
        if what == "ack" and engine.alarms() and engine.alarms()[0].state == "unacked":
            engine.acknowledge_alarm(engine.alarms()[0].id, "keeper", "", at(moment))
        if what == "tick":
            engine.tick(at(moment))
    outcome = (transitions(engine), tickets(engine), engine.alarms(), engine.latest(), engine.edges())
    engine.close()
    return [*outcome[:4], [(edge.id, edge.seq, edge.catching_up) for edge in outcome[4]]]
