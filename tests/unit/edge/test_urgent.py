"""Which readings are an alarm's, and that they travel apart from the others."""

from __future__ import annotations

from edge.batch import Batch, Origin, Pending, decode, encode
from edge.urgent import Urgent
from runtime.files import load_site, shipped
from tests.edge_places import PLAIN, site, tcp_bus

RULES = """
[[rule]]
id = "hot"
name = { en = "Hot", zh = "热" }
point = "temperature"
when = { type = "high", limit = 90, deadband = 2 }
on_delay_s = 60
priority = 1
hazard = "hot"
category = "hazard"
basis = { source = "test", confidence = "design" }
[[rule]]
id = "worn"
name = { en = "Worn", zh = "磨损" }
point = "pressure"
when = { type = "low", limit = 0.1 }
priority = 3
hazard = "worn"
category = "maintenance"
basis = { source = "test", confidence = "design" }
"""
ORIGIN = Origin("demo", "e1", 7, simulated=True)


def batch(asset: str, point: str, value: float | None) -> Batch:
    return Batch(asset, 1000, 1000, [point], [value])


def urgent() -> Urgent:
    return Urgent(site({"one": PLAIN}, [("one", "unit = 1"), ("one", "unit = 2")], tcp_bus(1), rules=RULES), "e1")


def test_a_reading_beyond_a_hazards_limit_is_an_alarms_before_its_delay_is_over_and_maintenance_is_not() -> None:
    asked = urgent()
    assert not asked.is_urgent(batch("m0", "temperature", 89.9))
    assert asked.is_urgent(batch("m0", "temperature", 90.0))
    assert not asked.is_urgent(batch("m1", "pressure", 0.0))
    assert not asked.is_urgent(batch("e1", "uplink", 0.0))


def test_everything_of_that_asset_is_an_alarms_until_it_is_back_and_the_reading_that_says_so_is_too() -> None:
    asked = urgent()
    asked.is_urgent(batch("m0", "temperature", 95.0))
    assert asked.is_urgent(batch("m0", "pressure", 0.5))
    assert not asked.is_urgent(batch("m1", "pressure", 0.5)), "another asset is not concerned"
    assert asked.is_urgent(batch("m0", "temperature", None)), "no value is no end"
    assert asked.is_urgent(batch("m0", "temperature", 20.0))
    assert not asked.is_urgent(batch("m0", "temperature", 20.0))


def test_every_cabinet_of_the_demo_has_hazards_to_look_for() -> None:
    demo = load_site(shipped("sites") / "demo")
    for edge in demo.file.edge:
        assert Urgent(demo, edge.id)._tests


def test_an_alarms_assets_stand_first_in_their_frame_and_a_restart_closes_the_same() -> None:
    batches = [batch("m1", "temperature", 20.0), batch("m0", "temperature", 95.0), batch("m0", "pressure", 0.5)]
    batches[1].is_urgent = True
    pending, again = Pending(ORIGIN, 30_000), Pending(ORIGIN, 30_000)
    for each in batches:
        pending.add(each)
        again.add(decode(encode(each)))  # through the journal
    (frame,) = pending.close(5, 2000, even_empty=False)
    assert [each.asset for each in frame.assets] == ["m0", "m1"]
    assert pending.urgent == {5: 1}
    assert again.close(5, 2000, even_empty=False) == [frame]
    assert again.urgent == {5: 1}
