"""The way from pool to plant: what was emptied has to arrive, by the time that its route may take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.database import reading
from alerts.duties.emptied import Emptied, Heard
from alerts.duties.haul_views import HaulsWanted, haul_views
from alerts.duties.hauling import Load, Waiting, arrivals
from alerts.paper import make
from alerts.paper.context import Context
from alerts.paper.model import Table, shown
from tests.unit.alerts.duties.place import MINUTE, Place, demo, ms
from vocab.duties import Duties
from vocab.hauls import Haul, Plant
from vocab.inspection import Miss
from vocab.rule import Category
from vocab.strict_toml import Text
from wire.catalogue import Catalogue

BRIDGE = "station-1"  # stands for a weighbridge: only the names of points count here
LOST = Miss(category=Category.SANITATION, hazard="load_lost", priority=3)
NOTHING = Miss(category=Category.SANITATION, hazard="no_load", priority=3)
PLANT = Plant(
    id="plant", name=Text(en="Plant", zh="处理厂"), asset=BRIDGE, point="load", least=50,
    rounds=("round-village",), grace_s=7200, unit="sanitation-station", miss=NOTHING,
)  # fmt: skip
HAUL = Haul(
    id="village", name=Text(en="Village to the plant", zh="河畔村至处理厂"), pools=("pool-1", "bin-4"), fall=30,
    round="round-village", plant="plant", early_s=600, within_s=5400, grace_s=1800, unit="riverside-sanitation",
    miss=LOST,
)  # fmt: skip


def at(text: str) -> int:
    return ms(f"2026-03-26 {text}")


@pytest.fixture
def yard(place: Place) -> Place:
    file = demo().duties.file.model_copy(update={"plant": (PLANT,), "haul": (HAUL,)})
    place.site = replace(demo(), duties=Duties(file))
    place.start()
    place.look("2026-03-25 20:00")
    return place


def tell(place: Place, *heard: Heard) -> None:
    Emptied(place.site, Catalogue([place.site])).take(place.engine.database, heard)


def empty(place: Place, when: str, pool: str = "pool-1") -> None:
    tell(place, Heard(at(when) - MINUTE, pool, "fill", 90.0), Heard(at(when), pool, "fill", 5.0))


def weigh(place: Place, when: str, weight: float = 840.0) -> None:
    tell(place, Heard(at(when), BRIDGE, "load", weight))


def told(place: Place, when: str) -> list[tuple[str, str]]:
    found = haul_views(place.engine, HaulsWanted(at("00:00"), 100, None), at(when))["hauls"]
    return [(row["pool"], row["state"]) for row in reversed(found)]


def paper(place: Place, now: str) -> list[list[str]]:
    """The table of the bulletin."""
    context = Context(place.site, ms(now), "zh")
    with reading(place.engine.database) as connection:
        document = make.the_bulletin(connection, context, make.Asked(at("00:00"), ms("2026-03-29 00:00")))
    table = document.blocks[-1]
    assert isinstance(table, Table)
    return [[shown(cell, "zh") for cell in row] for row in table.rows]


def test_one_record_tells_the_way_from_pool_to_plant(yard: Place) -> None:
    yard.look(at("06:30"))
    empty(yard, "07:00")
    empty(yard, "07:20", "bin-4")
    yard.look(at("07:30"))
    assert told(yard, "07:30") == [("pool-1", "on_its_way"), ("bin-4", "on_its_way")]
    weigh(yard, "08:10")
    weigh(yard, "08:20", 20.0)  # somebody stands on the bridge
    yard.start()
    yard.look(at("08:30"))

    found = haul_views(yard.engine, HaulsWanted(at("00:00"), 100, None), at("08:30"))
    assert told(yard, "12:00") == [("pool-1", "arrived"), ("bin-4", "arrived")], "one tractor empties several"
    first = found["hauls"][-1]
    assert (first["emptied_ms"], first["arrived_ms"], first["weight"]) == (at("07:00"), at("08:10"), 840.0)
    assert (first["round"], first["plant"], first["ticket"]) == ("round-village", "plant", None)
    assert [(day["day"], day["loads"], day["weight"]) for day in found["days"]] == [("2026-03-26", 1, 840.0)]
    elsewhere = haul_views(yard.engine, HaulsWanted(at("00:00"), 100, frozenset({"north"})), at("08:30"))
    assert elsewhere == {"hauls": [], "days": []}
    yard.look(at("12:00"))
    assert yard.tickets(hazard="load_lost") == []


def test_a_load_that_never_arrives_is_a_ticket_and_the_next_one_is_not_taken_for_it(yard: Place) -> None:
    yard.look(at("06:30"))
    empty(yard, "07:00")
    yard.look(at("09:00"))
    assert yard.tickets(hazard="load_lost") == [], "it may still be late"
    weigh(yard, "11:00")
    yard.look(at("11:30"))
    (ticket,) = yard.tickets(hazard="load_lost")
    assert (ticket["asset"], ticket["lead_unit"], ticket["closed_ms"]) == ("pool-1", "riverside-sanitation", None)
    assert told(yard, "11:30") == [("pool-1", "lost")]
    assert yard.lines(ticket["id"]) == [
        "Village garbage pool 1 was emptied at 2026-03-26 07:00; "
        "no load was weighed for it by 2026-03-26 08:30 (Village to the plant)"
    ]

    weigh(yard, "08:50")  # the plant's cabinet was cut off
    yard.look(at("11:40"))
    assert told(yard, "11:40") == [("pool-1", "late")]
    assert yard.tickets(hazard="load_lost")[0]["closed_ms"] == at("11:40")


def test_a_day_of_rounds_without_a_load_is_work_until_one_is_told_after_all(yard: Place) -> None:
    yard.look(at("06:30"))
    empty(yard, "07:00")  # proves the round
    yard.look(at("12:00"))
    assert "done" in yard.states("round-village")
    yard.look(ms("2026-03-27 01:59"))
    assert yard.tickets(hazard="no_load") == []
    yard.start()
    yard.look(ms("2026-03-27 02:01"))
    (ticket,) = yard.tickets(hazard="no_load")
    assert (ticket["asset"], ticket["lead_unit"]) == (BRIDGE, "sanitation-station")
    (day,) = haul_views(yard.engine, HaulsWanted(at("00:00"), 9, None), ms("2026-03-27 02:01"))["days"]
    assert (day["day"], day["rounds"], day["loads"], day["ticket"]) == ("2026-03-26", 1, 0, str(ticket["id"]))

    assert paper(yard, "2026-03-27 02:01")[1:] == [["2026-03-26", "处理厂", "1", "0", "0.0", "", "无垃圾运抵"]]

    weigh(yard, "08:00", 700.0)
    yard.look(ms("2026-03-27 03:00"))
    assert paper(yard, "2026-03-27 03:00")[1:] == [["2026-03-26", "处理厂", "1", "1", "700.0", "", ""]]
    assert yard.tickets(hazard="no_load")[0]["closed_ms"] == ms("2026-03-27 03:00")
    yard.look(ms("2026-03-28 03:00"))
    assert len(yard.tickets(hazard="no_load")) == 1, "without a round nothing has to arrive"


# --- the law ---------------------------------------------------------------------------------------------------------


def test_a_load_belongs_to_the_route_that_has_waited_longest() -> None:
    east, west = Waiting(1, "east", 10, 5, 100), Waiting(2, "west", 20, 15, 100)
    assert arrivals([west, east], [Load(30, 1.0), Load(40, 2.0)]) == [(east, Load(30, 1.0)), (west, Load(40, 2.0))]
    assert arrivals([west, east], [Load(30, 1.0, "west")]) == [(west, Load(30, 1.0, "west"))], "it is known whose"
    assert arrivals([west, east], [Load(4, 1.0), Load(101, 1.0)]) == []


waits = st.builds(
    lambda number, route, at_ms, lag, span: Waiting(number, route, at_ms, at_ms - lag, at_ms + span),
    st.integers(1, 10_000), st.sampled_from("ab"), st.integers(0, 500), st.integers(0, 30), st.integers(1, 200),
)  # fmt: skip


@given(
    st.lists(waits, max_size=8, unique_by=lambda each: each.id),
    st.lists(st.integers(0, 800), max_size=8, unique=True),
)
def test_nothing_arrives_twice_or_outside_its_time_and_a_load_serves_one_route(
    waiting: Sequence[Waiting], moments: Sequence[int]
) -> None:
    found = arrivals(waiting, [Load(moment, 1.0) for moment in moments])

    assert len({each.id for each, _ in found}) == len(found)
    assert all(each.from_ms <= load.at_ms <= each.until_ms for each, load in found)
    for moment in moments:
        assert len({each.route for each, load in found if load.at_ms == moment}) <= 1
