"""The people of a demo do what is asked for, over the real API and each in their own name; not what they cannot."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import select

from alerts.access.door import ACT_AS
from alerts.access.rights import Action
from alerts.database import reading
from alerts.duties.look import look as look_at_duties
from alerts.duties.tables import duty_instances, reports
from alerts.tables import tickets
from anlan.demo_staff import Staff, look
from firmware_sim.files import load_scenario
from runtime.clock import Clock
from runtime.files import shipped
from tests.unit.alerts.access.house import SITE, House, house
from tests.unit.alerts.duties.place import ms
from vocab.duties import DutyKind

SCOPES = (Action.SEE, Action.WORK, Action.OPERATE, ACT_AS)


@dataclass(frozen=True, slots=True)
class Hand(Clock):
    """A clock that the test turns."""

    at: list[int] = field(default_factory=lambda: [0])

    def now_ms(self) -> int:
        return self.at[0]


def staff(clock: Clock, scenario: str = "first-day") -> Staff:
    return Staff.of(SITE, load_scenario(shipped("sites") / "demo" / "scenarios" / f"{scenario}.toml", SITE), clock)


async def day(here: House, of: Staff, clock: Hand, hours: range) -> None:
    """A look every half an hour, as the demo takes many more."""
    client = here.client(here.door.add_token("staff", "test", SCOPES)[1])
    for half in range(hours.start * 2, hours.stop * 2):
        clock.at[0] = ms("2026-03-26 00:00") + half * 1_800_000
        look_at_duties(here.engine, clock.now_ms())
        await look(of, client)


def rows(here: House, table: Any) -> list[Any]:
    with reading(here.engine.database) as connection:
        return list(connection.execute(select(table).where(table.c.site == SITE.id)).all())


async def test_a_day_of_the_demo_ends_with_everything_done_and_reported_and_no_ticket(tmp_path: Path) -> None:
    clock = Hand()
    async with house(tmp_path, clock=clock) as here:
        await day(here, staff(clock), clock, range(6, 24))
        done, (report,) = rows(here, duty_instances), rows(here, reports)
        opened = [each.hazard for each in rows(here, tickets) if each.kind == "duty"]

    states = {each.schedule: each.state for each in done if each.state != "open"}
    assert opened == []
    assert set(states.values()) == {"done"}
    assert {"round-market", "round-village", "inspection-village", "report-duty", "patrol-night"} <= states.keys()
    assert (report.state, report.prepared_by, report.reviewed_by) == ("approved", "duty-a", "supervisor-a")
    assert not report.zero, "no cabinet speaks here, and each is an alarm of the day that it reports"
    units = {each.schedule: each.done_by for each in done if each.done_by}
    assert (units["round-market"], units["round-village"]) == ("sanitation-a", "village-a")


def test_a_round_is_left_to_the_sensors_first_and_one_without_its_lorry_stays_undone() -> None:
    duty = {"schedule": "round-court", "due_from_ms": 0, "due_to_ms": 1000}
    usual, prevented = staff(Hand()), Staff(SITE, Hand(), frozenset({"bin-2"}))
    (drill,) = [each for each in SITE.duties.file.schedule if each.kind is DutyKind.DRILL]

    assert [usual.is_to_do(duty, now) for now in (0, 799, 800)] == [False, False, True]
    assert not prevented.is_to_do(duty, 900)
    assert not usual.is_to_do(duty | {"schedule": drill.id}, 900)
    assert staff(Hand(), "slow").prevented
    assert usual.who("riverside-committee") == "riverside-director"
    assert usual.who("county-office") == "county-office", "org.toml names nobody there"
