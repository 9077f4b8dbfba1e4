"""A cabinet or a bus is lost: its children are unknown, and when they are back it is told what changed meanwhile."""

from __future__ import annotations

from alerts.database import reading
from alerts.engine import Engine
from alerts.outages import listed
from alerts.views import OutageView, UnknownView
from rules.codes import Input
from tests.unit.alerts.asking import log, tickets, transitions
from tests.unit.alerts.conftest import MakeEngine
from tests.unit.alerts.plant import Cabinet, Value, at, speaker
from vocab.quality import Quality, Reason
from wire.frame import AssetColumns, Frame, encode

GONE = Reason.COMM_TIMEOUT


def say(
    engine: Engine, cabinet: Cabinet, at_s: float, bus: float | None = None, **boilers: tuple[Value, Value]
) -> None:
    """A frame with temp and burner of some boilers, and the state of the bus."""
    cabinet.seq += 1
    blocks = [AssetColumns(cabinet.id, ["heartbeat", "spool_frames"], [float(cabinet.seq), 0.0])]
    if bus is not None:
        blocks.append(AssetColumns(f"{cabinet.id}-bus", ["state"], [bus]))
    for name, pair in boilers.items():
        values = [None if isinstance(value, Reason) else value for value in pair]
        doubts = [(i, int(Quality.BAD), value.wire) for i, value in enumerate(pair) if isinstance(value, Reason)]
        blocks.append(AssetColumns(name, ["temp", "burner"], values, None, doubts))
    ts = at(at_s)
    payload = encode(Frame(1, cabinet.site, cabinet.id, cabinet.epoch, cabinet.seq, ts, blocks))
    engine.apply([cabinet.judged(payload, at_s)], ts)


def outages(engine: Engine) -> list[OutageView]:
    with reading(engine.database) as connection:
        return listed(connection, engine.site, None, 100)


def evidence(engine: Engine, hazard: str) -> list[str]:
    ticket = next(ticket for ticket in tickets(engine) if ticket.hazard == hazard)
    return [line.text.en for line in ticket.evidence]


def lose_the_cabinet(engine: Engine, cabinet: Cabinet) -> None:
    """Boiler 1 too hot, boiler 2 locked out, then silence from 40 s on; the alarm is due at 100 s."""
    for now in (0, 20, 40):
        say(engine, cabinet, now, b1=(97.0, 1.0), b2=(60.0, 3.0))
    for now in range(45, 400, 5):
        engine.tick(at(now))


def test_children_of_a_lost_cabinet_are_unknown_since_it_fell_silent(make_engine: MakeEngine) -> None:
    engine = make_engine()
    lose_the_cabinet(engine, speaker(engine.site))

    told = UnknownView("edge_lost", "e1", "e1.edge_lost", at(40))
    assert engine.unknown() == {"b1": told, "b2": told, "e1": told}
    assert {alarm.id for alarm in engine.alarms()} == {
        "b1.temp_high", "b1.temp_very_high", "b2.lockout", "e1.edge_lost"
    }, "none is resolved by the silence"  # fmt: skip


def test_what_changed_meanwhile_is_told_once_on_the_ticket_of_the_cabinet(make_engine: MakeEngine) -> None:
    engine = make_engine()
    cabinet = speaker(engine.site)
    lose_the_cabinet(engine, cabinet)
    say(engine, cabinet, 400, b1=(80.0, 1.0), b2=(60.0, 1.0))
    for now in range(405, 480, 5):
        say(engine, cabinet, now, b1=(80.0, 1.0), b2=(60.0, 1.0))

    (outage,) = outages(engine)
    assert (outage.parent, outage.children, outage.began_ms, outage.back_ms) == ("e1", 2, at(40), at(400))
    assert outage.difference is not None
    assert outage.difference["cleared"] == ["b1.temp_high", "b1.temp_very_high", "b2.lockout"]
    assert outage.closed_ms == at(410), "the off-delay of one of them was waited for"
    assert outage.difference["changed"] == [
        {"asset": "b1", "point": "temp", "before": 97.0, "after": 80.0},
        {"asset": "b2", "point": "burner", "before": 3.0, "after": 1.0},
    ]
    assert (outage.difference["new"], outage.difference["silent"]) == ([], [])
    assert [line for line in evidence(engine, "edge_lost") if "Back after 6 min" in line] == evidence(
        engine, "edge_lost"
    )[-1:]
    assert engine.unknown() == {}


def test_two_servers_that_both_see_a_cabinet_fall_silent_have_one_outage_and_tell_its_end_once(
    make_engine: MakeEngine,
) -> None:
    engines = make_engine(), make_engine()
    cabinets = [speaker(engine.site) for engine in engines]
    for engine, cabinet in zip(engines, cabinets, strict=True):
        lose_the_cabinet(engine, cabinet)
    for now in range(400, 480, 5):
        for engine, cabinet in zip(engines, cabinets, strict=True):
            say(engine, cabinet, now, b1=(80.0, 1.0), b2=(60.0, 1.0))

    (outage,) = outages(engines[0])
    assert outage.closed_ms is not None
    assert len([line for line in evidence(engines[0], "edge_lost") if "Back after 6 min" in line]) == 1
    assert [engine.unknown() for engine in engines] == [{}, {}]


def test_an_alarm_whose_condition_began_in_the_dark_is_new(make_engine: MakeEngine) -> None:
    engine = make_engine()
    cabinet = speaker(engine.site)
    say(engine, cabinet, 0, b1=(60.0, 1.0), b2=(60.0, 1.0))
    for now in range(5, 400, 5):
        engine.tick(at(now))
    for now in range(400, 480, 5):
        say(engine, cabinet, now, b1=(92.0, 1.0), b2=(60.0, 1.0))

    (outage,) = outages(engine)
    assert outage.difference is not None
    assert (outage.difference["new"], outage.closed_ms) == (["b1.temp_high"], at(430))


def test_a_child_is_known_again_at_its_first_word_and_the_others_are_not(make_engine: MakeEngine) -> None:
    engine = make_engine()
    cabinet = speaker(engine.site)
    lose_the_cabinet(engine, cabinet)
    say(engine, cabinet, 400, b1=(80.0, 1.0))

    assert set(engine.unknown()) == {"b2"}
    assert outages(engine)[0].closed_ms is None


def test_a_child_that_does_not_come_back_within_two_heartbeats_is_counted_as_silent(make_engine: MakeEngine) -> None:
    engine = make_engine()
    cabinet = speaker(engine.site)
    lose_the_cabinet(engine, cabinet)
    for now in range(400, 545, 5):
        say(engine, cabinet, now, b1=(97.0, 1.0))

    (outage,) = outages(engine)
    assert outage.difference is not None
    assert outage.difference["silent"] == ["b2"]
    assert outage.closed_ms == at(520)
    assert evidence(engine, "edge_lost")[-1].endswith("1 unit still silent")


def test_a_restart_in_the_middle_of_an_outage_keeps_how_it_was_before(make_engine: MakeEngine) -> None:
    engine = make_engine()
    cabinet = speaker(engine.site)
    lose_the_cabinet(engine, cabinet)
    engine.close()

    again = make_engine()
    again.tick(at(400))
    assert set(again.unknown()) == {"b1", "b2", "e1"}
    for now in range(400, 480, 5):
        say(again, cabinet, now, b1=(97.0, 1.0), b2=(75.0, 3.0))

    (outage,) = outages(again)
    assert outage.difference is not None
    assert [(each["before"], each["after"]) for each in outage.difference["changed"]] == [(60.0, 75.0)]


def test_a_parent_that_is_lost_again_before_its_children_were_heard_is_one_outage(make_engine: MakeEngine) -> None:
    engine = make_engine()
    cabinet = speaker(engine.site)
    lose_the_cabinet(engine, cabinet)
    say(engine, cabinet, 400)
    for now in range(405, 600, 5):
        engine.tick(at(now))

    assert len(outages(engine)) == 1
    assert set(engine.unknown()) == {"b1", "b2", "e1"}
    assert engine.unknown()["b1"].since_ms == at(40)
    assert [line[1] for line in log(engine)].count("e1.edge_lost") == 3


def test_children_of_a_lost_bus_are_unknown_and_the_bus_itself_is_known(make_engine: MakeEngine) -> None:
    engine = make_engine(bus=True)
    cabinet = speaker(engine.site)
    for now in (0, 10, 20):
        say(engine, cabinet, now, 1.0, b1=(97.0, 1.0), b2=(60.0, 1.0))
    for now in range(25, 100, 5):
        say(engine, cabinet, now, 0.0, b1=(GONE, GONE), b2=(GONE, GONE))

    told = UnknownView("bus_lost", "e1-bus", "e1-bus.bus_lost", at(25))
    assert engine.unknown() == {"b1": told, "b2": told}
    assert engine.latest()["e1-bus/state"][0] == 0.0

    for now in range(100, 200, 5):
        say(engine, cabinet, now, 1.0, b1=(97.0, 1.0), b2=(GONE, GONE))
    assert set(engine.unknown()) == {"b2"}, "b1 answered, though the bus's off-delay still ran"
    for now in range(200, 260, 5):
        say(engine, cabinet, now, 1.0, b1=(97.0, 1.0), b2=(60.0, 1.0))

    (outage,) = outages(engine)
    assert (outage.began_ms, outage.back_ms) == (at(25), at(100))
    assert outage.difference is not None
    assert outage.difference["changed"] == []
    assert outage.difference["cleared"] == []


def test_equipment_with_a_device_on_another_cabinet_is_unknown_only_when_both_are_lost(
    make_engine: MakeEngine,
) -> None:
    engine = make_engine("e1", "e2", shared=True)
    first, second = speaker(engine.site, "e1"), speaker(engine.site, "e2")
    for now in range(0, 30, 10):
        say(engine, first, now, b1=(60.0, 1.0), b2=(60.0, 1.0))
        say(engine, second, now)
    for now in range(30, 200, 10):
        say(engine, second, now)
        engine.tick(at(now))
    assert set(engine.unknown()) == {"b1", "e1"}

    for now in range(200, 300, 10):
        engine.tick(at(now))
    assert set(engine.unknown()) == {"b1", "b2", "e1", "e2"}
    assert engine.unknown()["b2"].since_ms == at(190)


def test_equipment_that_does_not_answer_is_unknown_by_itself(make_engine: MakeEngine) -> None:
    engine = make_engine()
    cabinet = speaker(engine.site)
    say(engine, cabinet, 0, b1=(60.0, 1.0), b2=(60.0, 1.0))
    for now in range(5, 60, 5):
        say(engine, cabinet, now, b1=(GONE, GONE), b2=(GONE, 1.0))

    assert engine.unknown() == {"b1": UnknownView("device_lost", "b1", "b1.no_contact", at(5))}, "b2 says something"

    say(engine, cabinet, 60, b1=(60.0, 1.0), b2=(60.0, 1.0))
    assert engine.unknown() == {}


def raised(engine: Engine) -> list[tuple[float, str]]:
    return [((each.at_ms - at(0)) / 1000, each.alarm) for each in transitions(engine) if each.because == "raised"]


def test_children_of_a_lost_bus_raise_nothing_even_if_their_delays_end_first(make_engine: MakeEngine) -> None:
    engine = make_engine(bus=True)
    cabinet = speaker(engine.site)
    say(engine, cabinet, 0, 1.0, b1=(60.0, 1.0), b2=(60.0, 1.0))
    say(engine, cabinet, 5, None, b1=(GONE, GONE), b2=(GONE, GONE))  # their delay of 20 s runs before it is known why
    say(engine, cabinet, 24, 0.0)  # the bus's own of 10 s ends after theirs
    for now in range(25, 400, 5):
        say(engine, cabinet, now, 0.0, b1=(GONE, GONE), b2=(GONE, GONE))

    assert raised(engine) == [(34.0, "e1-bus.bus_lost")]
    assert [ticket.hazard for ticket in tickets(engine)] == ["bus_lost"]


def test_who_does_not_come_back_with_its_bus_is_called_lost_when_the_bus_is_well(make_engine: MakeEngine) -> None:
    engine = make_engine(bus=True)
    cabinet = speaker(engine.site)
    say(engine, cabinet, 0, 1.0, b1=(60.0, 1.0), b2=(60.0, 1.0))
    for now in range(5, 100, 5):
        say(engine, cabinet, now, 0.0, b1=(GONE, GONE), b2=(GONE, GONE))
    for now in range(100, 300, 5):
        say(engine, cabinet, now, 1.0, b1=(60.0, 1.0), b2=(GONE, GONE))

    assert raised(engine) == [(15.0, "e1-bus.bus_lost")]
    shown = [(each.alarm, each.new) for each in transitions(engine) if each.because == "unsuppressed"]
    assert ("b2.no_contact", "unacked") in shown
    assert ("b1.no_contact", "normal") in shown
    assert sorted((ticket.asset, ticket.hazard) for ticket in tickets(engine)) == [
        ("b2", "comms_lost"),
        ("e1-bus", "bus_lost"),
    ]
    (outage,) = outages(engine)
    assert outage.difference is not None
    assert (outage.difference["silent"], outage.difference["new"]) == (["b2"], ["b2.no_contact"])


def test_a_cabinet_that_says_nothing_of_its_buses_hides_nobody(make_engine: MakeEngine) -> None:
    engine = make_engine(bus=True)
    cabinet = speaker(engine.site)
    say(engine, cabinet, 0, b1=(60.0, 1.0), b2=(60.0, 1.0))
    for now in range(5, 100, 5):
        say(engine, cabinet, now, b1=(GONE, GONE), b2=(60.0, 1.0))

    assert raised(engine) == [(25.0, "b1.no_contact")], "an agent from before buses were assets"


def test_a_cabinet_that_is_lost_while_its_bus_is_keeps_everybody_unknown_and_adds_one_alarm(
    make_engine: MakeEngine,
) -> None:
    engine = make_engine(bus=True)
    cabinet = speaker(engine.site)
    say(engine, cabinet, 0, 1.0, b1=(60.0, 1.0), b2=(60.0, 1.0))
    for now in range(5, 60, 5):
        say(engine, cabinet, now, 0.0, b1=(GONE, GONE), b2=(GONE, GONE))
    for now in range(60, 300, 5):
        engine.tick(at(now))

    assert raised(engine) == [(15.0, "e1-bus.bus_lost"), (115.0, "e1.edge_lost")]
    assert {name: told.reason for name, told in engine.unknown().items()} == {
        "b1": "edge_lost", "b2": "edge_lost", "e1": "edge_lost", "e1-bus": "edge_lost"
    }  # fmt: skip

    for now in range(300, 500, 5):
        say(engine, cabinet, now, 1.0, b1=(60.0, 1.0), b2=(60.0, 1.0))
    assert engine.unknown() == {}
    assert {outage.parent: outage.difference is not None for outage in outages(engine)} == {"e1": True, "e1-bus": True}


def test_an_alarm_that_is_only_hidden_afterwards_has_not_cleared(make_engine: MakeEngine) -> None:
    engine = make_engine(bus=True)
    cabinet = speaker(engine.site)
    lose_the_cabinet(engine, cabinet)
    book, row = engine._judge.find("b2.lockout")
    for now in range(400, 500, 5):
        say(engine, cabinet, now, 1.0, b1=(97.0, 1.0), b2=(60.0, 3.0))
        if now == 400:
            assert book.command(row, Input.SUPPRESS, at(400))

    (outage,) = outages(engine)
    assert outage.difference is not None
    assert (outage.difference["cleared"], outage.difference["new"]) == ([], [])
