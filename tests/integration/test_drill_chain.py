"""A drill, whole and real: alerts orders it, the agent plays it, broker, rule, ticket, page, link, acknowledgement.

Two people can be called. Only one is named for drills, and the way by the second channel is what the drill is to prove.
"""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from runtime.clock import Clock
from runtime.files import shipped
from tests.brokers import RunningBroker
from tests.carrier import Carrier, Taken
from tests.conftest import take_port
from tests.duty_room import ORG, duty_room
from tests.processes import PartProcess, ServiceProcess

START_MS = 1_774_484_100_000  # 2026-03-26 08:15:00 in Shanghai
SPEED = 15.0
DUTIES = """
[[schedule]]
id = "drill"
kind = "drill"
name = { en = "Drill", zh = "演练" }
when = { type = "gap", at_most_s = 2592000, opens_s = 2591990 }
unit = "room"
grace_s = 86400
miss = { category = "maintenance", hazard = "drill_overdue", priority = 3 }
[[drill]]
schedule = "drill"
edge = "cab"
within_s = 3600
channel = "second"
[path]
at_most_s = 36000
unit = "room"
miss = { category = "maintenance", hazard = "path_unproven", priority = 3 }
"""


class Room:
    """The parts, and what they tell."""

    def __init__(self, alerts: ServiceProcess, agent: PartProcess, carrier: Carrier) -> None:
        self.alerts, self.agent, self.carrier = alerts, agent, carrier

    def until(self, path: str, fits: Callable[[Any], Any]) -> Any:
        """What `path` answers as soon as it fits."""
        end = time.monotonic() + 90
        while True:
            found = self.alerts.get(path)
            if fits(found):
                return found
            assert time.monotonic() < end, (path, str(found)[:1500], self.alerts.log.read_text()[-1500:])
            time.sleep(0.1)

    def pages(self, *, drill: bool) -> list[Taken]:
        return [taken for taken in self.carrier.taken if taken.body["drill"] is drill]


@contextmanager
def room(folder: Path, broker: RunningBroker, carrier: Carrier) -> Iterator[Room]:
    both = '{ channel = "hook", address = "b" }, { channel = "second", address = "b2" }'
    org = ORG.replace('{ channel = "hook", address = "b" }', both)
    site = duty_room(folder / "site", carrier.url, broker.port, duties=DUTIES, org=org)
    rules = (shipped("packs") / "edge" / "rules.toml").read_text(encoding="utf-8")
    (site / "packs" / "edge").mkdir(parents=True)  # lost after one minute instead of five: nobody here has the time
    (site / "packs" / "edge" / "rules.toml").write_text(rules.replace("min_s = 300", "min_s = 60"), encoding="utf-8")
    agent = PartProcess(
        folder / "edge.log", "anlan", "edge", "run", str(site), "cab", "--broker", broker.url, "--data",
        str(folder / "spool"),
    )  # fmt: skip
    alerts = ServiceProcess(
        folder / "alerts.log", take_port(), "anlan", "alerts", "run", str(site), "--broker", broker.url, "--database",
        f"sqlite:///{folder}/tickets.sqlite", "--ingest", "http://127.0.0.1:9", "--kernel", "plain",
        "--open-on-loopback", "--port",
    )  # fmt: skip
    with agent:
        subscribed_by(agent)
        with alerts:
            yield Room(alerts, agent, carrier)
    for part in (agent, alerts):
        assert "Traceback" not in part.log.read_text(), part.log.read_text()[-3000:]


def subscribed_by(agent: PartProcess) -> None:
    """Wait until the agent takes orders: one that comes before its first session is nobody's."""
    end = time.monotonic() + 60
    while '"subscribed"' not in agent.log.read_text():
        assert time.monotonic() < end, agent.log.read_text()[-2000:]
        time.sleep(0.1)


def test_a_drill_goes_the_real_way_calls_only_its_own_and_hides_no_hazard(
    nats_broker: RunningBroker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in Clock.starting(START_MS, SPEED).to_environment().items():
        monkeypatch.setenv(name, value)
    with Carrier() as carrier, room(tmp_path, nats_broker, carrier) as here:
        (ticket,) = here.until("/api/v1/tickets?open=true", lambda found: found)
        assert (ticket["asset"], ticket["hazard"], ticket["drill"]) == ("cab", "drill", True)
        assert "DRILL" in ticket["title"]["en"]
        (call,) = here.until(
            f"/api/v1/tickets/{ticket['id']}/pages", lambda found: found and found[0]["pages"][0]["state"] == "sent"
        )
        assert call["drill"]
        (page,) = here.pages(drill=True)
        assert page.path == "/second", "by the channel that this drill is to prove"
        assert (page.body["people"], page.body["to"]) == (["b"], ["b2"])
        assert page.body["text"].startswith("[DRILL")

        os.kill(here.agent.pid, signal.SIGSTOP)  # a real hazard of the same cabinet, in the middle of the drill
        real = here.until(
            "/api/v1/tickets?open=true", lambda found: [each for each in found if each["hazard"] == "edge_lost"]
        )
        (lost,) = [each for each in real if each["hazard"] == "edge_lost"]
        assert (lost["asset"], lost["drill"]) == ("cab", False)
        calls = here.until(f"/api/v1/tickets/{lost['id']}/pages", lambda found: found and found[0]["pages"])
        assert not calls[0]["drill"]
        here.until("/api/v1/channels", lambda _: len(here.pages(drill=False)) >= 2)
        assert {taken.body["people"][0] for taken in here.pages(drill=False)} == {"a", "b"}
        os.kill(here.agent.pid, signal.SIGCONT)

        link = re.sub(r"^https?://[^/]+", here.alerts.base_url, page.body["links"][0])
        assert httpx.post(link, trust_env=False, timeout=20).status_code == 200
        (drill,) = here.until("/api/v1/drills", lambda found: found[0]["outcome"])
        assert (drill["outcome"], drill["acked_by"], drill["channel"]) == ("proven", "b", "second")
        assert set(drill["took_ms"]) == {"sent", "measured", "opened", "paged", "acked"}
        paths = {each["channel"]: each for each in here.alerts.get("/api/v1/paths")["paths"]}
        proof = paths["second"]
        assert (proof["person"], proof["how"], proof["edge"], proof["is_over"]) == ("b", "link", "cab", False)
        assert paths["hook"]["proven_ms"] is None
        assert {taken.body["people"][0] for taken in here.pages(drill=True)} == {"b"}, "nobody else was ever called"

        here.until("/api/v1/latest", lambda found: drill_point(found) == 0.0)  # the cabinet was told that it is over
        counts = here.alerts.get("/api/v1/ticket-counts")
        assert (
            counts["sources"]["sensor"]
            == len([each for each in here.alerts.get("/api/v1/tickets") if each["work"]["source"] == "sensor"]) - 1
        )
        metrics = httpx.get(f"{here.alerts.base_url}/metrics", trust_env=False, timeout=20).text
        assert 'anlan_alerts_path_proof_age_seconds{channel="second"}' in metrics


def drill_point(latest: list[dict[str, Any]]) -> float | None:
    cab = next(each for each in latest if each["asset"] == "cab")
    return cab["points"]["drill"]["value"] if "drill" in cab["points"] else None
