"""The edge's word on itself, its ledger, and the plan it shows before anything is wired."""

from __future__ import annotations

import asyncio
import csv
import re
from dataclasses import fields
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from edge.batch import Batch
from edge.breaker import Patience
from edge.check import check
from edge.errors import EdgeError, PlanError
from edge.health import KNOWN, Health, Tally, Vitals
from edge.ledger import Ledger
from edge.service import Settings, serve
from runtime.clock import Clock
from runtime.files import load_packs
from tests.conftest import take_port
from tests.edge_places import PLAIN, mqtt_bus, rtu_bus, site, tcp_bus
from tests.patience import eventually
from vocab.problem import ConfigurationError
from vocab.quality import Reason

EDGE_POINTS = load_packs()["edge"].points_of(None)


def test_every_point_of_the_edge_pack_has_a_source() -> None:
    assert {point.id for point in EDGE_POINTS} <= KNOWN


def test_health_is_told_every_period_and_by_exception() -> None:
    health, vitals, tally = Health("e1", EDGE_POINTS), Vitals(), Tally()
    first = health.pulse(vitals, tally, 0, 0)
    assert first is not None
    assert set(first.points) == {point.id for point in EDGE_POINTS}
    assert health.pulse(vitals, tally, 0, health.period_ms - 1) is None
    second = health.pulse(vitals, tally, 3, health.period_ms)
    assert second is not None
    assert dict(zip(second.points, second.values, strict=True)) == {"heartbeat": 2.0, "slaves_down": 3.0}


def test_the_share_of_answers_is_that_of_the_last_period() -> None:
    tally = Tally(asked=10, answered=5)
    assert tally.ok_percent() == 50
    tally.asked, tally.answered = 20, 15
    assert tally.ok_percent() == 100
    assert tally.ok_percent() == 100  # nothing was asked, nothing failed


def test_the_ledger_holds_every_reading_as_a_line(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "new" / "ledger.csv")
    ledger.write(Batch("m0", 10, 9, ["t", "p"], [0.1 + 0.2, None], [0, int(Reason.COMM_TIMEOUT)]))
    ledger.close()
    with (tmp_path / "new" / "ledger.csv").open(newline="") as file:
        rows = list(csv.reader(file))
    assert rows == [["9", "m0", "t", "0.30000000000000004", "0", "none"], ["9", "m0", "p", "", "2", "comm_timeout"]]


def test_the_plan_shows_requests_and_load() -> None:
    plan = check(site({"plain": PLAIN}, [("plain", f"unit = {i + 1}") for i in range(4)], rtu_bus(Path("tty"))), "e1")
    assert [(block.function, block.address, block.count) for block in plan.blocks] == [(3, 0, 2)] * 4
    (bus,) = plan.buses
    assert (bus.devices, bus.blocks, bus.requests_per_minute) == (4, 4, 240)
    # 8 + 9 characters and two silences are 25 ms at 9 600 baud, and 20 ms for the slave: 4 of them a second.
    assert bus.load_percent == pytest.approx(18, abs=0.5)


def test_the_plan_shows_who_sends_by_himself() -> None:
    text = (
        '[mqtt]\ntopic = "v/{serial}"\ncodec = "json"\ninterval_s = 60\n'
        '[[mqtt.field]]\npoint = "temperature"\npath = "t"\n'
    )
    plan = check(site({"one": text}, [("one", 'serial = "s9"')], mqtt_bus(1)), "e1")
    assert [(topic.topic, topic.points) for topic in plan.topics] == [("v/s9", ("temperature",))]


def test_every_error_of_the_edge_has_one_root() -> None:
    assert issubclass(PlanError, EdgeError)


async def test_settings_that_cannot_work_are_a_configuration_fault(tmp_path: Path) -> None:
    place = site({"plain": PLAIN}, [("plain", "unit = 1")])
    with pytest.raises(ConfigurationError, match="http"):
        await serve(place, "e1", Settings(broker="http://x", data_dir=tmp_path), Clock())


async def test_a_make_that_cannot_be_read_is_a_configuration_fault(tmp_path: Path) -> None:
    text = "[modbus]\nforbidden = [[9, 9]]\n" + PLAIN.split("[modbus]")[1].replace(
        "address = 1", "address = 1\ndecimals_at = 9"
    )
    place = site({"one": text}, [("one", "unit = 1")])
    with pytest.raises(ConfigurationError, match="forbidden"):
        await serve(place, "e1", Settings(data_dir=tmp_path), Clock())


async def test_metrics_are_served_while_nothing_else_can_be_reached(tmp_path: Path) -> None:
    port = take_port()
    settings = Settings(f"mqtt://127.0.0.1:{take_port()}", tmp_path, metrics_port=port)
    place = site({"plain": PLAIN}, [("plain", "unit = 1")], tcp_bus(take_port()))
    task = asyncio.create_task(serve(place, "e1", settings, Clock()))
    found: dict[str, float] = {}

    async def read() -> None:
        async with httpx.AsyncClient(trust_env=False) as client:
            answer = await client.get(f"http://127.0.0.1:{port}/metrics")
        for family in text_string_to_metric_families(answer.text):
            found.update({sample.name: sample.value for sample in family.samples})

    try:
        await asyncio.sleep(0.5)
        for _ in range(20):
            await read()
            if found["anlan_edge_readings_total"]:
                break
            await asyncio.sleep(0.2)
        assert found["anlan_edge_readings_total"] >= 2
        assert found["anlan_edge_uplink"] == 0
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
            ready, health = await client.get("/readyz"), await client.get("/healthz")
        waits = "broker: not connected; frames wait in the spool"
        assert (ready.status_code, ready.json()) == (503, {"ready": False, "reasons": [waits]})
        assert (health.status_code, health.json()) == (200, {"ok": True})
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    await eventually(task.cancelled)


DOCUMENT = (Path(__file__).parents[3] / "docs" / "reference" / "edge.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", [each.name for each in (*fields(Settings), *fields(Patience))])
def test_every_setting_is_documented(name: str) -> None:
    assert f"`{name}`" in DOCUMENT or f".{name}`" in DOCUMENT


@pytest.mark.parametrize("name", sorted(KNOWN))
def test_every_health_point_is_documented(name: str) -> None:
    assert f"`{name}`" in DOCUMENT


def test_every_metric_is_documented() -> None:
    source = (Path(__file__).parents[3] / "edge" / "metrics.py").read_text(encoding="utf-8")
    names = set(re.findall(r'"(anlan_edge_\w+)"', source))
    assert len(names) > 10
    assert [name for name in names if name not in DOCUMENT] == []
