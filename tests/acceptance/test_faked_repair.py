"""The simulator fakes a repair: closing is refused. Then it repairs: the ticket closes, verified. Real processes."""

from __future__ import annotations

import contextlib
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from runtime.files import shipped
from tests.acceptance.running import Demo, demo

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(300)]

Json = dict[str, Any]
# Shorter than in life, so that it can be watched; the whole times are tried in virtual time.
SLA = """
[[proof]]
priorities = [1, 2, 3, 4]
settle = "5min"
verify = "3min"
reopen = "1d"
"""


class Office:
    """People of the demo, each signed in."""

    def __init__(self, running: Demo) -> None:
        self._running = running
        self._clients: dict[str, httpx.Client] = {}

    def order(self, who: str, ticket: str, verb: str, **told: Any) -> httpx.Response:
        if who not in self._clients:
            client = httpx.Client(base_url=self._running.wall, trust_env=False, timeout=20)
            password = self._running.access()["accounts"][who]
            client.post("/api/v1/session", json={"account": who, "password": password}).raise_for_status()
            client.headers["Origin"] = self._running.wall
            self._clients[who] = client
        return self._clients[who].post(f"/api/v1/tickets/{ticket}/{verb}", json={"by": who, **told})

    def close(self) -> None:
        for client in self._clients.values():
            client.close()


def until(running: Demo, fits: Callable[[list[Json]], Any], within_s: float = 90) -> Any:
    """What fits among the tickets, as soon as something does."""
    end = time.monotonic() + within_s
    found: list[Json] = []
    while time.monotonic() < end:
        with contextlib.suppress(httpx.HTTPError):  # it may be starting again
            found = running.get("/api/v1/tickets")
            if answer := fits(found):
                return answer
        time.sleep(0.5)
    raise AssertionError(found)


def one(number: str, **told: Any) -> Callable[[list[Json]], Json | None]:
    """The ticket of that id when its work is as told."""

    def fits(found: list[Json]) -> Json | None:
        for each in found:
            if each["id"] == number and all(each.get(name, each["work"].get(name)) == at for name, at in told.items()):
                return each
        return None

    return fits


def test_a_faked_repair_is_refused_and_a_real_one_closes_verified(tmp_path: Path) -> None:
    site = tmp_path / "site"
    shutil.copytree(shipped("sites") / "demo", site)
    (site / "sla.toml").write_text(SLA, encoding="utf-8")
    arguments = ("--site", str(site), "--scenario", "quiet-day", "--speed", "60", "--for", "220")
    with demo(tmp_path, *arguments) as running:
        office = Office(running)
        simulator = httpx.Client(base_url=running.simulator, trust_env=False, timeout=20)
        until(running, lambda _: running.get("/api/v1/snapshot")["latest"].get("lift-2/drive"))
        fault = simulator.post("/inject", json={"asset": "lift-2", "fault": "drive_trip"}).raise_for_status().json()
        ticket = until(running, lambda found: [each for each in found if each["hazard"] == "drive_trip"])[0]["id"]
        try:
            assert office.order("duty-a", ticket, "begin").status_code == 200
            assert office.order("duty-a", ticket, "repaired").json()["work"]["verification"] == "pending"
            assert office.order("supervisor-a", ticket, "accept").status_code == 200
            refused = office.order("supervisor-a", ticket, "write_off")
            assert (refused.status_code, refused.json()["why"]) == (409, "not_verified")
            back = until(running, one(ticket, state="rectifying"))
            assert (back["alarm_active"], back["evidence"][-1]["text"]["zh"]) == (True, "传感器未确认：告警仍未解除")

            simulator.post(f"/clear/{fault['id']}").raise_for_status()
            until(running, one(ticket, alarm_active=False))
            running.kill("alerts")  # in the middle of it
            until_up(office, ticket)
            closed = until(running, one(ticket, state="written_off"))
        finally:
            office.close()
            simulator.close()
        assert (closed["work"]["verification"], closed["work"]["reopened"]) == ("verified", 0)
        verbs = [each["verb"] for each in running.get(f"/api/v1/tickets/{ticket}/events") if each["verb"] != "overdue"]
        assert verbs[-5:] == ["accept", "refuted", "repaired", "verified", "write_off"]


def until_up(office: Office, ticket: str) -> None:
    """Mark it as repaired as soon as the killed alerts is back."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            if office.order("duty-a", ticket, "repaired").status_code == 200:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.5)
    raise AssertionError("alerts did not come back")
