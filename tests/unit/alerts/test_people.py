"""What people do to alarms: shelve, suppress by a window, take out of service; with a restart in every hidden state."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from alerts import people
from alerts.board import Board
from alerts.engine import Engine
from alerts.errors import NothingToDoError, RefusedError, WrongOrderError
from alerts.ledger import Order
from alerts.orders import How
from alerts.windows import Scope, Window
from tests.unit.alerts.asking import boiler_tickets, transitions
from tests.unit.alerts.conftest import MakeEngine
from tests.unit.alerts.plant import Cabinet, at

HOT, FAR_TOO_HOT, LOCKOUT = "b1.temp_high", "b1.temp_very_high", "b1.lockout"
WANG, LI = Order("Wang", "sensor is being changed"), Order("Li")
HOUR = 3600.0

Restart = Callable[[Engine], Engine]


@pytest.fixture(params=[False, True], ids=["without a restart", "with restarts"])
def restart(request: pytest.FixtureRequest, make_engine: MakeEngine) -> Restart:
    """The same engine, or a new process on its database."""

    def again(engine: Engine) -> Engine:
        if not request.param:
            return engine
        engine.close()
        return make_engine()

    return again


def told(engine: Engine, alarm: str) -> list[tuple[float, str, str, str | None]]:
    """When, into which state, why, by whom."""
    return [
        ((each.at_ms - at(0)) / 1000, each.new, each.because, each.by)
        for each in transitions(engine)
        if each.alarm == alarm
    ]


def lock(engine: Engine, cabinet: Cabinet, seconds: float, value: float = 3.0) -> None:
    engine.apply([cabinet.frame(seconds, burner=value)], at(seconds))


def refusal(act: Callable[[], object]) -> str:
    with pytest.raises(RefusedError) as caught:
        act()
    assert len(str(caught.value)) > 20, "it says why in words"
    return caught.value.reason


def window(engine: Engine, now: float, start: float, end: float, **scope: tuple[str, ...]) -> Window:
    return people.order_window(engine, WANG, Scope(**scope), (at(start), at(end)), at(now))[0]


# --- shelves ----------------------------------------------------------------------------------------------------------


def test_a_shelved_alarm_opens_no_ticket_until_its_time_is_up(
    engine: Engine, cabinet: Cabinet, restart: Restart
) -> None:
    view, _ = people.shelve(engine, LOCKOUT, WANG, 3600_000, at(0))
    assert (view.state, view.hidden and view.hidden.how, view.hidden and view.hidden.by) == (
        "shelved",
        "shelved",
        "Wang",
    )
    lock(engine, cabinet, 10)
    assert boiler_tickets(engine) == []

    engine = restart(engine)
    engine.tick(at(HOUR + 7))

    (ticket,) = boiler_tickets(engine)
    assert ticket.alarm_active
    assert told(engine, LOCKOUT) == [
        (0, "shelved", "shelved", "Wang"),
        (10, "shelved", "hidden_raised", None),
        (HOUR, "unacked", "shelf_ended", None),
    ]
    assert not transitions(engine)[-1].late, "it stands now"
    assert engine.alarm(LOCKOUT).hidden is None


def test_the_shelf_ends_although_the_cabinet_is_silent(engine: Engine, cabinet: Cabinet, restart: Restart) -> None:
    lock(engine, cabinet, 0)
    people.shelve(engine, LOCKOUT, WANG, 600_000, at(5))

    engine = restart(engine)
    engine.tick(at(604.9))
    assert engine.alarm(LOCKOUT).state == "shelved"
    engine.tick(at(605))

    assert engine.alarm(LOCKOUT).state == "unacked"
    (ticket,) = boiler_tickets(engine)
    assert [line.text.en for line in ticket.evidence] == [
        "Burner locked out: Burner locked out, since 2026-03-26 08:00:00",
        "Shelved: Burner locked out, by Wang, until 2026-03-26 08:10:05 (sensor is being changed)",
        "No longer shelved: Burner locked out: Burner locked out, since 2026-03-26 08:10:05",
    ]
    assert ticket.evidence[1].text.zh.startswith("搁置：燃烧器锁定，Wang，至2026-03-26 08:10:05")


def test_an_alarm_taken_off_the_shelf_is_annunciated_by_name_of_whoever_did_it(
    engine: Engine, cabinet: Cabinet, restart: Restart
) -> None:
    lock(engine, cabinet, 0)
    engine.acknowledge_alarm(LOCKOUT, "duty", "", at(1))
    people.shelve(engine, LOCKOUT, WANG, 600_000, at(2))
    engine = restart(engine)

    view, changes = people.unshelve(engine, LOCKOUT, LI, at(60))

    assert (view.state, view.acked_by, view.acked_ms) == ("unacked", None, None), "never straight to acknowledged"
    assert changes.tickets[0].asset == "b1"
    assert told(engine, LOCKOUT)[-1] == (60, "unacked", "unshelved", "Li")
    with pytest.raises(NothingToDoError):
        people.unshelve(engine, LOCKOUT, LI, at(61))


def test_life_safety_and_what_the_policy_does_not_name_are_never_shelved(engine: Engine) -> None:
    assert refusal(lambda: people.shelve(engine, FAR_TOO_HOT, WANG, 1000, at(0))) == "life_safety"
    with pytest.raises(WrongOrderError, match="at most 2 h") as caught:
        people.shelve(engine, LOCKOUT, WANG, 7_200_001, at(0))
    assert caught.value.reason == "too_long"
    assert transitions(engine) == []


def test_a_shelf_is_renewed_three_times_and_then_it_has_to_be_mended(
    engine: Engine, cabinet: Cabinet, restart: Restart
) -> None:
    lock(engine, cabinet, 0)
    for number in range(4):
        view, _ = people.shelve(engine, LOCKOUT, WANG, 7_200_000, at(10 + number))
        assert view.hidden is not None
        assert (view.hidden.renewals, view.hidden.until_ms) == (number, at(10 + number + 7200))
    engine = restart(engine)
    assert refusal(lambda: people.shelve(engine, LOCKOUT, WANG, 1000, at(20))) == "renewals_used_up"

    people.unshelve(engine, LOCKOUT, WANG, at(21))
    assert refusal(lambda: people.shelve(engine, LOCKOUT, LI, 1000, at(22))) == "renewals_used_up", "the same trouble"

    lock(engine, cabinet, 30, 1.0)
    lock(engine, cabinet, 40)
    view, _ = people.shelve(engine, LOCKOUT, WANG, 1000, at(50))
    assert view.hidden is not None
    assert view.hidden.renewals == 0, "it went away and came again"


# --- windows ----------------------------------------------------------------------------------------------------------


def test_a_window_hides_what_it_covers_and_shows_what_still_stands_when_it_ends(
    engine: Engine, cabinet: Cabinet, restart: Restart
) -> None:
    ordered = window(engine, 0, 60, 660, assets=("b1",), carve_outs=("temp_high",))
    engine.tick(at(59))
    assert engine.alarm(LOCKOUT).state == "normal"

    engine = restart(engine)
    engine.tick(at(63))
    engine = restart(engine)
    view = engine.alarm(LOCKOUT)
    assert view.hidden is not None
    assert (view.state, view.hidden.how, view.hidden.why) == ("suppressed", "window", WANG.note)
    assert view.hidden.until_ms == at(660)
    assert engine.alarm(HOT).state == "normal", "carved out"
    assert engine.alarm(FAR_TOO_HOT).state == "normal", "life safety"
    assert engine.alarm("b2.lockout").state == "normal", "another boiler"
    lock(engine, cabinet, 100)
    assert boiler_tickets(engine) == []

    engine = restart(engine)
    engine.tick(at(1000))

    assert told(engine, LOCKOUT) == [
        (60, "suppressed", "window_began", "Wang"),
        (100, "suppressed", "hidden_raised", None),
        (660, "unacked", "window_ended", None),
    ]
    assert {each.window for each in transitions(engine) if "window" in each.because} == {ordered.id}
    assert [ticket.hazard for ticket in boiler_tickets(engine)] == ["lockout"]


def test_a_window_that_came_and_went_while_we_were_away_is_in_the_log_at_its_moments(
    engine: Engine, restart: Restart
) -> None:
    window(engine, 0, 60, 120, assets=("b1",))
    engine = restart(engine)

    engine.tick(at(500))
    engine.tick(at(501))

    assert told(engine, LOCKOUT) == [
        (60, "suppressed", "window_began", "Wang"),
        (120, "normal", "window_ended", None),
    ]


def test_life_safety_needs_a_second_different_person_and_to_be_named(engine: Engine, restart: Restart) -> None:
    broad = window(engine, 0, 0, 600, assets=("b1",))
    assert refusal(lambda: people.confirm_window(engine, broad.id, "Li", at(1))) == "nothing_to_confirm"
    named = window(engine, 2, 2, 600, assets=("b1",), rules=("temp_very_high",))
    assert engine.alarm(FAR_TOO_HOT).state == "normal"
    for same in ("Wang", " wang ", "ＷＡＮＧ"):
        with pytest.raises(RefusedError, match="somebody else has to agree"):
            people.confirm_window(engine, named.id, same, at(3))

    engine = restart(engine)
    people.confirm_window(engine, named.id, "Li", at(4))

    view = engine.alarm(FAR_TOO_HOT)
    assert view.hidden is not None
    assert (view.state, view.hidden.by, view.hidden.second) == ("suppressed", "Wang", "Li")
    assert told(engine, FAR_TOO_HOT) == [(4, "suppressed", "window_began", "Wang + Li")]
    assert refusal(lambda: people.confirm_window(engine, named.id, "Zhao", at(5))) == "confirmed"
    engine = restart(engine)
    engine.tick(at(10))
    assert engine.alarm(FAR_TOO_HOT).state == "suppressed", "a restart does not forget that two agreed"


def test_the_end_of_one_window_does_not_end_another(engine: Engine, restart: Restart) -> None:
    window(engine, 0, 0, 100, assets=("b1",))
    second = window(engine, 0, 50, 300, kinds=("boiler",))
    engine = restart(engine)
    engine.tick(at(150))
    assert engine.alarm(LOCKOUT).state == "suppressed"

    engine = restart(engine)
    ended, _ = people.end_window(engine, second.id, "Li", at(200))

    assert (ended.ended_by, ended.end_ms) == ("Li", at(200))
    assert told(engine, LOCKOUT) == [
        (0, "suppressed", "window_began", "Wang"),
        (200, "normal", "window_ended", "Li"),
    ]
    assert refusal(lambda: people.end_window(engine, second.id, "Li", at(201))) == "over"


def test_a_window_can_be_called_off_before_it_begins(engine: Engine, restart: Restart) -> None:
    ordered = window(engine, 0, 100, 200, grids=("g1",))
    people.end_window(engine, ordered.id, "Wang", at(50))
    engine = restart(engine)

    engine.tick(at(150))
    engine.tick(at(250))

    assert told(engine, LOCKOUT) == []


@pytest.mark.parametrize(
    ("scope", "span", "reason"),
    [
        ({}, (0, 60), "no_scope"),
        ({"rules": ("lockout",)}, (0, 60), "no_scope"),
        ({"assets": ("b1",)}, (60, 60), "no_time"),
        ({"assets": ("b1",)}, (-60, -1), "in_the_past"),
        ({"assets": ("b1",)}, (0, 43_201), "too_long"),
        ({"assets": ("b9",)}, (0, 60), "unknown_name"),
        ({"assets": ("b1",), "carve_outs": ("temp_hihg",)}, (0, 60), "unknown_name"),
        ({"assets": ("b1",), "rules": ("edge_lost",)}, (0, 60), "covers_nothing"),
    ],
)
def test_a_window_that_makes_no_sense_is_refused(
    scope: dict[str, tuple[str, ...]], span: tuple[float, float], reason: str, engine: Engine
) -> None:
    with pytest.raises(WrongOrderError) as caught:
        people.order_window(engine, WANG, Scope(**scope), (at(span[0]), at(span[1])), at(0))

    assert caught.value.reason == reason


# --- out of service ---------------------------------------------------------------------------------------------------


def test_out_of_service_hides_until_it_is_returned_and_asks_every_day(
    engine: Engine, cabinet: Cabinet, restart: Restart
) -> None:
    lock(engine, cabinet, 0)
    hiding, _ = people.remove(engine, LOCKOUT, WANG, "PTW-17", at(10))
    assert (hiding.waits, hiding.until_ms) == (False, at(10 + 86_400))
    assert refusal(lambda: people.remove(engine, LOCKOUT, LI, "PTW-18", at(11))) == "already_out"
    assert refusal(lambda: people.shelve(engine, LOCKOUT, LI, 1000, at(11))) == "out_of_service"

    engine = restart(engine)
    confirmed, changes = people.confirm(engine, LOCKOUT, WANG, at(86_000))
    assert confirmed.until_ms == at(86_000 + 86_400)
    assert changes.alarms[0].hidden is not None
    assert changes.alarms[0].hidden.until_ms == confirmed.until_ms

    engine = restart(engine)
    view, _ = people.put_back(engine, LOCKOUT, LI, at(90_000))

    assert view.state == "unacked"
    assert [line[1:] for line in told(engine, LOCKOUT)[1:]] == [
        ("out_of_service", "removed", "Wang"),
        ("unacked", "returned", "Li"),
    ]
    with pytest.raises(NothingToDoError):
        people.put_back(engine, LOCKOUT, LI, at(90_001))


def test_life_safety_is_taken_out_of_service_by_two(engine: Engine, restart: Restart) -> None:
    hiding, changes = people.remove(engine, FAR_TOO_HOT, WANG, "PTW-17", at(0))
    assert hiding.waits
    assert (changes.alarms, engine.alarm(FAR_TOO_HOT).state) == ((), "normal")
    assert refusal(lambda: people.remove(engine, FAR_TOO_HOT, LI, "PTW-17", at(1))) == "second_person"
    assert refusal(lambda: people.confirm(engine, FAR_TOO_HOT, Order("WANG"), at(2))) == "same_person"

    engine = restart(engine)
    people.confirm(engine, FAR_TOO_HOT, LI, at(3))

    assert told(engine, FAR_TOO_HOT) == [(3, "out_of_service", "removed", "Wang + Li")]
    engine = restart(engine)
    view = engine.alarm(FAR_TOO_HOT)
    assert view.hidden is not None
    assert (view.hidden.permit, view.hidden.second, view.hidden.since_ms) == ("PTW-17", "Li", at(3))


def test_what_nobody_confirmed_in_time_is_forgotten_or_taken_back(engine: Engine, restart: Restart) -> None:
    people.remove(engine, FAR_TOO_HOT, WANG, "PTW-1", at(0))
    assert refusal(lambda: people.confirm(engine, FAR_TOO_HOT, LI, at(3601))) == "too_late"
    engine = restart(engine)
    hiding, _ = people.remove(engine, FAR_TOO_HOT, LI, "PTW-2", at(3602))
    assert hiding.waits
    people.put_back(engine, FAR_TOO_HOT, LI, at(3603))

    assert refusal(lambda: people.confirm(engine, FAR_TOO_HOT, WANG, at(3604))) == "not_out"
    assert told(engine, FAR_TOO_HOT) == []


def test_one_reason_to_hide_may_end_while_another_goes_on(engine: Engine, restart: Restart) -> None:
    window(engine, 0, 0, 1000, assets=("b1",))
    people.shelve(engine, LOCKOUT, WANG, 100_000, at(1))
    people.remove(engine, LOCKOUT, LI, "PTW-3", at(2))
    states = []

    def note(engine: Engine) -> Engine:
        view = engine.alarm(LOCKOUT)
        states.append((view.state, view.hidden and view.hidden.how))
        return restart(engine)

    engine.tick(at(200))  # the shelf ends
    engine = note(engine)
    people.put_back(engine, LOCKOUT, LI, at(300))
    engine = note(engine)
    engine.tick(at(1000))
    note(engine)

    assert states == [("out_of_service", How.OUT_OF_SERVICE), ("suppressed", How.WINDOW), ("normal", None)]


# --- called again -----------------------------------------------------------------------------------------------------


def test_what_was_acknowledged_and_forgotten_is_called_again(
    engine: Engine, cabinet: Cabinet, restart: Restart
) -> None:
    lock(engine, cabinet, 0)
    engine.acknowledge_alarm(LOCKOUT, "duty", "", at(40))

    engine = restart(engine)
    engine.tick(at(40 + 1799))
    assert engine.alarm(LOCKOUT).state == "acked"
    changes = engine.tick(at(40 + 1802))

    assert told(engine, LOCKOUT)[-1] == (40 + 1800, "unacked", "realarmed", None)
    assert engine.alarm(LOCKOUT).acked_by is None
    assert changes.alarms[0].state == "unacked"
    assert changes.tickets[0].evidence[-1].text.en.startswith("Still so, annunciated again: Burner locked out")
    engine.acknowledge_alarm(LOCKOUT, "duty", "", at(2000))
    lock(engine, cabinet, 2001, 1.0)
    engine.tick(at(9000))
    assert told(engine, LOCKOUT)[-1][2] == "cleared", "what is over is not called again"


def test_the_board_counts_what_is_hidden_and_what_is_overdue(engine: Engine) -> None:
    people.shelve(engine, HOT, WANG, 7_200_000, at(0))
    people.remove(engine, LOCKOUT, WANG, "PTW-17", at(0))
    window(engine, 0, 0, 43_000, assets=("b2",))
    board = Board(engine.alarms(), [], [], {}, {})

    assert board.counts(at(86_400)) == {
        "alarms": 0, "shelved": 1, "suppressed": 4, "out_of_service": 1, "service_overdue": 0,
    }  # fmt: skip
    assert board.counts(at(86_401))["service_overdue"] == 1
