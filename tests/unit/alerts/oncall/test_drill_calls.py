"""Who is called in a drill: those who are named for drills, by the way that is to be proven, and nobody else."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from alerts.oncall.crew import Crew
from alerts.oncall.escalation import due
from alerts.oncall.model import Call, Done, Order
from rules.codes import FAR
from tests.unit.alerts.oncall.people import ONCALL, staffed
from tests.unit.alerts.plant import at


def orders(oncall: str, second: float, **more: object) -> list[Order]:
    """Everything that is due of a drill that began at 08:00, when `e` has the day and `f` is the deputy."""
    site = staffed(oncall=oncall)
    crew = Crew(site.org, site.oncall, site.channels, ZoneInfo("Asia/Shanghai"))
    call = Call(1, at(0), 2, "safety", grid="g1", lead_unit="room", drill=True, **more)  # type: ignore[arg-type]
    found = due(call, Done({}), crew, at(second))
    assert found.next_ms < FAR
    return [order for order in found.orders if order.person]


def test_only_those_named_for_drills_are_called_on_every_step() -> None:
    assert [order.person for order in orders(ONCALL, 7200)] == ["e"], "of e, f and the office above only e is named"


def test_a_first_step_that_would_call_none_of_them_calls_them_all() -> None:
    named = ONCALL.replace('drill = ["person:e"]', 'drill = ["person:a", "person:g"]')

    assert [(order.person, order.step) for order in orders(named, 0)] == [("a", 0), ("g", 0)]


def test_a_drill_that_is_to_prove_a_channel_takes_that_way_first() -> None:
    (order,) = orders(ONCALL, 0, channels=("hook",))

    assert [channel for channel, _ in order.ways] == ["hook", "robot"]


def test_without_anybody_named_a_drill_calls_nobody() -> None:
    assert orders(ONCALL.replace('drill = ["person:e"]\n', ""), 7200) == []
