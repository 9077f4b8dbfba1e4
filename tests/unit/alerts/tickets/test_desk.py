"""Commands on tickets in the database: what is written, what is refused, what a restart finds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from alerts.access import store
from alerts.access.store import Account
from alerts.database import reading, writing
from alerts.engine import Engine
from alerts.errors import AlertsError, NoSuchTicketError, NothingToDoError, TicketRefusedError, WrongOrderError
from alerts.tables import tickets as table
from alerts.tickets import desk
from alerts.tickets.commands import SYSTEM, Command, Verb
from alerts.tickets.desk import Report
from alerts.tickets.model import Level, Source
from alerts.tickets.tables import ticket_events
from tests.databases import database_url
from tests.unit.alerts.asking import tickets
from tests.unit.alerts.oncall.people import staffed
from tests.unit.alerts.plant import at, plant, speaker
from tests.unit.alerts.tickets.house import FULL, House
from vocab.rule import Grade
from vocab.strict_toml import Text


@pytest.fixture
def house(database: str, tmp_path: Path) -> Iterator[House]:
    assert database == database_url(tmp_path), "on SQLite, and on PostgreSQL"
    made = House(tmp_path)
    yield made
    made.engine.close()


def rubbish(**changes: object) -> Report:
    usual: dict[str, object] = {
        "by": "patrol", "source": Source.PATROL, "grid": "g1", "category": "sanitation", "hazard": "exposed_rubbish",
        "text": "bags beside the gate", "title": ("Rubbish", "垃圾"),
    }  # fmt: skip
    return Report(**usual | changes)  # type: ignore[arg-type]


def test_a_general_hazard_waits_for_one_button_only(house: House) -> None:
    house.hear(5, burner=3.0)

    ticket = house.ticket()
    assert (ticket.state, ticket.work.lead_unit, "begin" in ticket.work.possible) == ("dispatched", "plant", True)
    assert (ticket.work.hazard_word.zh, ticket.work.city_step.zh) == ("已交办", "任务派遣")
    assert house.steps() == ["open", "classify", "grade", "dispatch"]
    assert [each.actor for each in house.events()] == [SYSTEM] * 4
    assert (ticket.work.ack_due_ms, ticket.work.due_ms) == (at(5 + 1800), at(5 + 86_400))


def test_a_major_hazard_waits_for_a_person_who_confirms_it(house: House) -> None:
    house.hear(30, temp=97.0)

    ticket = house.ticket()
    assert (ticket.state, ticket.grade, ticket.work.lead_unit) == ("classified", "major", "plant")
    assert house.steps() == ["open", "classify"]
    house.do(1, Verb.GRADE, "chief", grade=Grade.MAJOR)
    with pytest.raises(TicketRefusedError, match="five elements") as refused:
        house.do(1, Verb.DISPATCH, "chief")
    assert (refused.value.reason, refused.value.zh) == (
        "plan_incomplete",
        "重大隐患须落实责任、措施、资金、时限、预案五项",
    )
    assert house.ticket().state == "graded", "what is refused changes nothing"
    assert house.steps() == ["open", "classify", "grade"]


def test_a_plan_brings_its_own_time_limit(house: House) -> None:
    house.planned()

    ticket = house.ticket()
    assert (ticket.work.due_ms, ticket.work.plan and ticket.work.plan["missing"]) == (FULL.time_limit_ms, ())
    assert ticket.work.upward is not None
    assert ticket.work.upward["receipt"] == "no. 17"
    assert house.events()[-3].payload["plan"]["measures"] == "new relief valve"


def test_who_begins_has_taken_note(house: House) -> None:
    house.begun()

    ticket = house.ticket()
    assert (ticket.acked_by, ticket.work.rectifier, ticket.work.begun_ms) == ("worker", "worker", at(10))
    with pytest.raises(NothingToDoError):
        house.engine.acknowledge_ticket(1, "b", "", at(11))


def test_to_acknowledge_is_a_step_that_moves_nothing(house: House) -> None:
    house.hear(5, burner=3.0)
    view, _ = house.engine.acknowledge_ticket(1, "duty", "on the way", at(6))

    assert (view.state, view.acked_by, view.evidence[-1].text.zh) == ("dispatched", "duty", "duty：on the way")
    last = house.events()[-1]
    assert (last.verb, last.actor, last.old, last.new, last.note) == (
        "acknowledge", "duty", "dispatched", "dispatched", "on the way",
    )  # fmt: skip


def test_nobody_speaks_for_the_sensor(house: House) -> None:
    house.begun()
    house.do(1, Verb.REPAIRED)
    for actor in (SYSTEM, "System "):
        with pytest.raises(TicketRefusedError):
            house.do(1, Verb.VERIFIED, actor)
    with pytest.raises(TicketRefusedError, match="only the sensor"):
        house.do(1, Verb.VERIFIED, "worker")


def test_a_deferred_ticket_stands_still_and_goes_on_with_a_later_limit(house: House) -> None:
    house.begun()
    due = house.ticket().work.due_ms or 0
    house.do(1, Verb.DEFER, note="waits for a part", approver="chief", due_ms=at(9_000))
    house.now += 600
    ticket = house.do(1, Verb.RESUME)

    assert (ticket.state, ticket.work.due_ms) == ("rectifying", due + 600_000)


def test_a_report_of_a_patrol_goes_the_whole_way_without_a_sensor(house: House) -> None:
    view, _ = desk.file(house.engine, rubbish(), at(0))
    one = int(view.id)
    assert (view.state, view.asset, view.work.source, view.work.verification) == ("filed", "", "patrol", "none")
    assert view.work.due_ms == at(6 * 3600), "4 working hours from half past eight, with lunch: two o'clock"

    house.do(one, Verb.CLASSIFY, "duty", category="sanitation")
    house.do(one, Verb.GRADE, "duty", grade=Grade.GENERAL)
    house.do(one, Verb.DISPATCH, "duty", unit="sanitation-station")
    house.do(one, Verb.BEGIN, "crew")
    house.do(one, Verb.REPAIRED, "crew")
    house.do(one, Verb.SUPERVISE, "duty", note="clean")
    with pytest.raises(TicketRefusedError):
        house.do(one, Verb.ACCEPT, "crew")
    house.do(one, Verb.ACCEPT, "duty")
    house.do(one, Verb.WRITE_OFF, "duty")
    view = house.do(one, Verb.EVALUATE, "office")
    assert (view.state, view.closed_ms, view.work.verification) == ("evaluated", at(0), "none")


def test_two_reports_of_a_place_are_two_tickets_and_of_one_hazard_of_equipment_one(house: House) -> None:
    for _ in range(2):
        desk.file(house.engine, rubbish(), at(0))
    house.hear(5, burner=3.0)
    view, _ = desk.file(house.engine, rubbish(asset="b1", hazard="lockout", category="hazard", text="dark"), at(6))

    assert [each.asset for each in tickets(house.engine)] == ["", "", "b1"]
    assert (view.id, view.evidence[-1].text.en) == ("3", "patrol: dark")


def test_what_is_merged_or_void_is_closed_and_what_comes_then_is_new(house: House) -> None:
    house.hear(5, burner=3.0)
    view, _ = desk.file(house.engine, rubbish(), at(5))
    with pytest.raises(TicketRefusedError, match="into itself"):
        house.do(1, Verb.MERGE, ticket=1, note="the same")
    with pytest.raises(NoSuchTicketError):
        house.do(1, Verb.MERGE, ticket=77, note="the same")
    merged = house.do(int(view.id), Verb.MERGE, ticket=1, note="the same")
    assert (merged.state, merged.work.merged_into, merged.closed_ms) == ("merged", 1, at(5))
    void = house.do(1, Verb.DISCARD, "duty", approver="chief", note="a test")
    assert (void.state, house.engine.alarm("b1.lockout").ticket) == ("void", None)

    house.hear(60, burner=1.0)
    house.hear(65, burner=3.0)
    assert [each.state for each in tickets(house.engine)] == ["void", "merged", "dispatched"]


@pytest.mark.parametrize(
    ("approver", "why"),
    [
        ("nobody-known", "approver_unknown"),
        ("a", "approver_has_no_right"),  # an officer works, and approves nothing
        ("far", "approver_has_no_right"),  # a supervisor of another place
        ("gone", "approver_unknown"),  # an account that is disabled
        ("g", None),  # the safety officer, by org.toml
        ("guest", None),  # by an account with the right there
    ],
)
def test_who_approves_is_somebody_with_the_right_and_not_a_name(tmp_path: Path, approver: str, why: str | None) -> None:
    engine = Engine(staffed(), database_url(tmp_path))
    with writing(engine.database) as connection:
        for name, place, disabled in (("guest", "town", False), ("far", "elsewhere", False), ("gone", "*", True)):
            account = Account(name, Text(en=name, zh=name), "x", (("supervisor", place),), False, disabled)
            store.add_account(connection, engine.site.id, account, at(0))
    view, _ = desk.file(engine, rubbish(), at(0))
    ticket, before = int(view.id), tickets(engine)

    def ask(now: int) -> Command:
        return Command(Verb.DISCARD, "b", now, "a test", approver)

    if why is None:
        assert desk.order(engine, ticket, ask, at(1))[0].state == "void"
    else:
        with pytest.raises(TicketRefusedError) as refused:
            desk.order(engine, ticket, ask, at(1))
        assert refused.value.reason == why
        assert refused.value.zh
        assert tickets(engine) == before, "what is refused changes nothing"
    engine.close()


def test_names_that_are_none_are_refused(house: House) -> None:
    with pytest.raises(WrongOrderError):
        desk.file(house.engine, rubbish(grid="moon"), at(0))
    with pytest.raises(WrongOrderError):
        desk.file(house.engine, rubbish(asset="b9"), at(0))
    with pytest.raises(NoSuchTicketError):
        house.do(5, Verb.BEGIN)
    with pytest.raises(NoSuchTicketError):
        house.events(5)


def test_limits_that_pass_are_told_once_each_through_a_restart(house: House) -> None:
    house.hear(5, burner=3.0)
    for moment in (1805, 1806, 7300, 7301):
        house.engine.tick(at(moment))
        house.restart()
        house.engine.tick(at(moment))
    late = [each for each in house.events() if each.verb == "overdue"]
    assert [(each.payload["level"], each.at_ms) for each in late] == [("acknowledge", at(1805)), ("arrive", at(7300))]
    assert house.ticket().work.overdue == ("acknowledge", "arrive")

    house.now = 7400
    house.do(1, Verb.BEGIN)
    house.do(1, Verb.DEFER, note="part", approver="chief", due_ms=at(10**6))
    house.engine.tick(at(90_000))
    assert house.steps().count("overdue") == 2, "a deferred ticket is not late"
    house.now = 90_000
    house.do(1, Verb.RESUME)
    house.engine.tick(at(5 + 86_400 + 82_600))
    assert house.steps().count("overdue") == 3, "its clock stood still for 82 600 s"


STEPS = [
    Command(Verb.BEGIN, "worker", 0), Command(Verb.REPAIRED, "worker", 0), Command(Verb.SUPERVISE, "b", 0, "seen"),
    Command(Verb.ACCEPT, "b", 0), Command(Verb.REJECT, "b", 0, "no"), Command(Verb.RETURN, "worker", 0, "not ours"),
    Command(Verb.DISPATCH, "b", 0, unit="other"), Command(Verb.DEFER, "b", 0, "part", "c", due_ms=at(10**6)),
    Command(Verb.RESUME, "b", 0), Command(Verb.ESCALATE, "b", 0, unit="county"), Command(Verb.INTERIM, "b", 0, "rope"),
    Command(Verb.WRITE_OFF, "b", 0, "no sensor", unverified=True), Command(Verb.EVALUATE, "b", 0),
    Command(Verb.REOPEN, "b", 0, "again"), Command(Verb.DISCARD, "b", 0, "test", "c"),
    Command(Verb.EXTEND, "b", 0, "rain", "c", due_ms=at(10**6)), Command(Verb.ACCEPT, "c", 0, level=Level.CITY),
    Command(Verb.GRADE, "b", 0, grade=Grade.MAJOR), Command(Verb.PLAN, "b", 0, plan=FULL),
]  # fmt: skip


@settings(
    max_examples=10, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture],  # each example has a database of its own
)  # fmt: skip
@given(st.lists(st.tuples(st.integers(0, 1), st.integers(-3, len(STEPS) - 1)), max_size=14))
def test_two_engines_and_any_orders_never_leave_two_open_tickets_and_a_restart_changes_nothing(
    database: str, tmp_path_factory: pytest.TempPathFactory, orders: list[tuple[int, int]]
) -> None:
    url = database_url(tmp_path_factory.mktemp("two"))
    engines = [Engine(plant(), url), Engine(plant(), url)]
    cabinets = [speaker(plant()), speaker(plant())]
    now = 0.0
    for which, what in orders:
        now += 10
        engine = engines[which]
        if what < 0:  # both hear of it, as two servers on one broker would, and once more
            frames = [each.frame(now, burner=3.0 if what == -1 else 1.0) for each in cabinets]
            for one, frame in zip(engines, frames, strict=True):
                one.apply([frame, frame], at(now))
            if what == -3:
                engine.close()
                engines[which] = Engine(plant(), url)
            continue
        newest = max((int(each.id) for each in tickets(engine)), default=1)
        before = (tickets(engine), _steps(engine))
        command = STEPS[what]
        try:
            desk.order(engine, newest, lambda moment, told=command: _at(told, moment), at(now))  # type: ignore[misc]
        except AlertsError:
            assert (tickets(engine), _steps(engine)) == before, "what is refused changes nothing"
        else:
            assert _steps(engine) > before[1], "every step is a row"
    with reading(engines[0].database) as connection:
        still = select(func.count()).where(table.c.closed_ms.is_(None), table.c.asset != "")
        per = connection.execute(still.group_by(table.c.asset, table.c.hazard)).scalars().all()
    assert set(per) <= {1}
    seen = tickets(engines[0])
    for engine in engines:
        engine.close()
    again = Engine(plant(), url)
    assert tickets(again) == seen
    again.close()


def _at(command: Command, now_ms: int) -> Command:
    return replace(command, at_ms=now_ms)


def _steps(engine: Engine) -> int:
    with reading(engine.database) as connection:
        return int(connection.execute(select(func.count()).select_from(ticket_events)).scalar_one())
