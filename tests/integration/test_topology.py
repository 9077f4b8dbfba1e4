"""A gateway with fifty detectors is lost, or their cabinet: one alarm, one ticket, and none of them looks good."""

from __future__ import annotations

import re
import signal
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.brokers import RunningBroker
from tests.browser import chromium_page
from tests.integration.town import LEAKING, LEAKS_LATER, LEAKS_LATER_S, Town, town
from wall import build

pytestmark = [pytest.mark.timeout(240), pytest.mark.alone]  # at 15 times the speed of life a busy machine is too slow


def lost_and_back(place: Town, part: str, alarm: str, reason: str) -> None:
    """Lose a part of the way by SIGKILL, look, start it again, look."""
    place.all_heard()
    place.leak_found()
    before, tickets_before = place.alarms(), {each["id"] for each in place.get("/api/v1/tickets")}
    victim = place.gateway if part == "gateway" else place.agent
    assert place.elapsed_s() < LEAKS_LATER_S - 20, "the machine is too slow for this test"
    victim.end(signal.SIGKILL)
    place.until("/api/v1/alarms", lambda found: any(each["id"] == alarm for each in found), 700)
    place.sleep(250)  # more than any child's delay

    assert place.alarms() - before == {alarm}
    assert before <= place.alarms(), "none is resolved by the silence"
    new = [each for each in place.get("/api/v1/tickets") if each["id"] not in tickets_before]
    assert [each["hazard"] for each in new] == [reason], [each["title"] for each in new]
    told = {each["asset"]: each for each in place.get("/api/v1/latest")}
    children = {f"gas-{number:02}" for number in range(1, place.detectors + 1)}
    assert {told[name]["state"] for name in children} == {"unknown"}
    assert {told[name]["unknown"]["reason"] for name in children} == {reason}
    leak = next(each for each in place.get("/api/v1/alarms") if each["id"] == f"{LEAKING}.ch4_level1")
    assert leak["unknown_since_ms"] == told[LEAKING]["unknown"]["since_ms"]

    place.sleep(LEAKS_LATER_S + 90 - place.elapsed_s())
    victim.start()
    (outage,) = place.until("/api/v1/outages", lambda found: found[0]["closed_ms"] is not None, 900)
    difference = outage["difference"]
    assert difference["silent"] == []
    assert LEAKS_LATER in {name.split(".")[0] for name in difference["new"]}, "it began in the dark"
    assert {name.split(".")[0] for name in difference["new"]} <= {LEAKING, LEAKS_LATER}
    assert difference["cleared"] == []
    moved = {(each["asset"], each["point"]): each for each in difference["changed"]}
    assert moved[LEAKS_LATER, "ch4"]["after"] > moved[LEAKS_LATER, "ch4"]["before"] + 5
    place.until("/api/v1/snapshot", lambda found: found["unknown"] == {}, 60)
    (ticket,) = [each for each in place.get("/api/v1/tickets") if each["hazard"] == reason]
    line = ticket["evidence"][-1]["text"]
    assert " new, 0 cleared, " in line["en"]
    assert "silent" not in line["en"]
    assert "新增报警" in line["zh"]
    assert {each["hazard"] for each in place.get("/api/v1/tickets")} == {reason, "gas_leak"}


def test_a_lost_gateway_with_fifty_children_is_one_alarm_and_one_ticket(
    nats_broker: RunningBroker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with town(tmp_path, nats_broker, monkeypatch) as place:
        lost_and_back(place, "gateway", "cab-gw.bus_lost", "bus_lost")


@pytest.mark.needs("chromium")
def test_children_of_a_lost_gateway_are_question_marks_on_the_wall(
    nats_broker: RunningBroker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build.ensure(Path(build.__file__).parent)
    with (
        town(tmp_path, nats_broker, monkeypatch, detectors=25) as place,
        chromium_page(tmp_path / "profile") as page,
    ):
        place.all_heard()
        place.leak_found()
        page.goto(f"{place.alerts.base_url}/?lang=zh")
        expect(page.get_by_test_id("tile-gas-03")).to_have_attribute("data-quality", "good", timeout=15_000)
        place.gateway.end(signal.SIGKILL)
        for number in range(1, 26):
            tile = page.get_by_test_id(f"tile-gas-{number:02}")
            expect(tile).to_have_attribute("data-quality", "unknown", timeout=30_000)
        expect(page.get_by_test_id("tile-gas-03")).to_contain_text("所属总线失联")
        expect(page.get_by_test_id("tile-gas-03")).to_have_attribute("data-abnormal", "0")
        expect(page.get_by_test_id(re.compile(f"unknown-{LEAKING}.ch4_level")).first).to_contain_text("起情况不明")
        place.gateway.start()
        expect(page.get_by_test_id("tile-gas-03")).to_have_attribute("data-quality", "good", timeout=30_000)


def test_a_killed_agent_with_fifty_children_is_one_alarm_and_one_ticket(
    nats_broker: RunningBroker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with town(tmp_path, nats_broker, monkeypatch) as place:
        lost_and_back(place, "agent", "cab.edge_lost", "edge_lost")
