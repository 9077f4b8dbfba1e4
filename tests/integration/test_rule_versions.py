"""A rule is changed on a running system: real broker, ingest and alerts as processes, orders over HTTP and by hand."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from runtime.clock import Clock
from tests.brokers import RunningBroker
from tests.conftest import take_port
from tests.patience import eventually
from tests.processes import ROOT, ServiceProcess
from vocab.instant import from_ms
from vocab.topics import Kind, build
from wire.address import Address
from wire.frame import AssetColumns, Frame, encode
from wire.publisher import Publisher

SITE = """
id = "house"
name = { en = "Boiler house", zh = "锅炉房" }
[rule_change]
min_backtest_days = 0.003
[[grid]]
id = "g1"
name = { en = "Grid", zh = "网格" }
[[edge]]
id = "e1"
name = { en = "Cabinet", zh = "采集柜" }
grid = "g1"
[[edge.bus]]
id = "b1"
type = "modbus-tcp"
[[asset]]
id = "boiler-1"
kind = "boiler"
name = { en = "Boiler 1", zh = "1号锅炉" }
grid = "g1"
location = { en = "Cellar", zh = "地下室" }
variant = "hot_water"
[[asset.device]]
id = "box"
make = "sola"
edge = "e1"
bus = "b1"
unit = 1
"""
DRAFT = """
[[rule]]
kind = "boiler"
id = "supply_temp_high"
name = { en = "Supply temperature high", zh = "供水温度高" }
point = "supply_temp"
variants = ["hot_water"]
when = { type = "high", limit = 65, deadband = 2 }
on_delay_s = 1
off_delay_s = 5
priority = 2
hazard = "overtemperature"
category = "hazard"
"""
ALARM = "boiler-1.supply_temp_high"
BACKLOG, STEP_MS = 60, 10_000
VERSIONS = "/api/v1/rules/versions"
Json = dict[str, Any]


class Cabinet:
    """Speaks for the edge: first the last ten minutes, then the present."""

    def __init__(self, broker: RunningBroker) -> None:
        self._broker = broker
        self._seq = 0

    async def send(self, temps: list[float], first_ms: int | None = None, step_ms: int = 0) -> None:
        async with Publisher(Address(self._broker.host, self._broker.port), "edge-e1") as publisher:
            for place, temp in enumerate(temps):
                self._seq += 1
                now_ms = Clock().now_ms() if first_ms is None else first_ms + place * step_ms
                blocks = [
                    AssetColumns("e1", ["heartbeat"], [float(self._seq)]),
                    AssetColumns("boiler-1", ["supply_temp"], [temp]),
                ]
                payload = encode(Frame(1, "house", "e1", 1, self._seq, now_ms, blocks))
                await publisher.publish(build("house", "e1", Kind.TELE), payload)
                await asyncio.sleep(0.5 if first_ms is None else 0)


@dataclass
class System:
    """Everything that runs."""

    folder: Path
    cabinet: Cabinet
    ingest: ServiceProcess
    alerts: ServiceProcess

    @property
    def store(self) -> Path:
        return self.folder / "readings.duckdb"

    def rules(self, *words: str) -> subprocess.CompletedProcess[str]:
        return anlan("rules", *words, "--url", self.alerts.base_url)

    def post(self, path: str, **body: Any) -> httpx.Response:
        told = {"by": "ann", **body}
        return httpx.post(f"{self.alerts.base_url}{VERSIONS}{path}", json=told, trust_env=False, timeout=60)

    def state(self, version: int = 1) -> str:
        return str(self.alerts.get(f"{VERSIONS}/{version}")["state"])

    def alarms(self) -> list[str]:
        return [each["id"] for each in self.alerts.get("/api/v1/alarms")]

    def limit(self) -> float:
        (boiler,) = (each for each in self.alerts.get("/api/v1/site")["assets"] if each["id"] == "boiler-1")
        (point,) = (each for each in boiler["points"] if each["id"] == "supply_temp")
        return float(next(each["limit"] for each in point["limits"] if each["rule"] == "supply_temp_high"))

    def kill(self) -> None:
        self.alerts.end(signal.SIGKILL)
        self.alerts.start()

    async def with_a_past(self) -> None:
        """Ten minutes of history: 60 °C, and two minutes of 70 °C in it."""
        warm = [70.0] * 12
        temps = [*[60.0] * 20, *warm, *[60.0] * (BACKLOG - 20 - len(warm))]
        await self.cabinet.send(temps, Clock().now_ms() - BACKLOG * STEP_MS, STEP_MS)
        await eventually(lambda: self.ingest.get("/api/v1/counts")["frames"] == BACKLOG)

    def backtested(self) -> None:
        """Version 1 has a backtest."""
        assert self.post("", text=DRAFT, reason="burns more gas than it should").status_code == 201
        done = self.rules("backtest", "1")
        assert done.returncode == 0, done.stderr


def anlan(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "anlan", *words], capture_output=True, text=True, timeout=120, check=False, cwd=ROOT
    )


@pytest.fixture
def system(nats_broker: RunningBroker, tmp_path: Path) -> Iterator[System]:
    site = tmp_path / "site"
    site.mkdir()
    (site / "site.toml").write_text(SITE, encoding="utf-8")
    broker = ("--broker", nats_broker.url)
    ports = take_port(), take_port()
    ingest = ServiceProcess(
        tmp_path / "ingest.log", ports[0], "anlan", "ingest", "run", str(site), *broker,
        "--store", str(tmp_path / "readings.duckdb"), "--port",
    )  # fmt: skip
    alerts = ServiceProcess(
        tmp_path / "alerts.log", ports[1], "anlan", "alerts", "run", str(site), *broker,
        "--database", f"sqlite:///{tmp_path}/tickets.sqlite", "--ingest", ingest.base_url,
        "--open-on-loopback", "--port",
    )  # fmt: skip
    with ingest, alerts:
        yield System(tmp_path, Cabinet(nats_broker), ingest, alerts)


async def test_a_draft_with_faults_is_refused_with_every_one_of_them(system: System, tmp_path: Path) -> None:
    file = tmp_path / "bad.toml"
    file.write_text(
        DRAFT.replace('"supply_temp"', '"supply"') + DRAFT.replace("priority = 2", "priority = 7"), encoding="utf-8"
    )

    done = await asyncio.to_thread(system.rules, "draft", str(file), "--why", "a try")
    over_http = await asyncio.to_thread(
        system.post, "", text=file.read_text(encoding="utf-8"), file="bad.toml", reason="a try"
    )

    assert done.returncode == 1
    assert "E006 bad.toml:6" in done.stderr
    assert "E005 bad.toml:24" in done.stderr
    assert over_http.status_code == 422
    assert [(each["code"], each["line"]) for each in over_http.json()["problems"]] == [("E006", 6), ("E005", 24)]
    assert {"file", "line", "code", "key", "message", "hint"} == over_http.json()["problems"][0].keys()
    assert system.alerts.get(VERSIONS)["versions"] == []
    assert system.post("", text=DRAFT, reason=" ").status_code == 422, "nobody changes a rule without a reason"


async def test_a_backtest_over_the_api_equals_that_of_the_command_over_the_file(system: System, tmp_path: Path) -> None:
    await system.with_a_past()
    start_ms = Clock().now_ms() - 3_600_000
    assert system.post("", text=DRAFT, reason="a try").status_code == 201

    started = system.post("/1/backtest", from_ms=start_ms)
    second = system.post("/1/backtest")
    seen: list[float] = []
    while (told := await asyncio.to_thread(system.alerts.get, f"{VERSIONS}/1/backtest"))["state"] == "running":
        seen.append(told["progress"])
        await asyncio.sleep(0.05)

    assert (started.status_code, started.json()["state"]) == (202, "running")
    assert second.status_code == 409
    assert "one at a time" in second.json()["detail"]
    assert told["state"] == "done", told["error"]
    assert (told["progress"], seen) == (1.0, sorted(seen))
    assert system.state() == "backtested"
    system.ingest.end()
    draft, out = tmp_path / "draft.toml", tmp_path / "out.json"
    draft.write_text(DRAFT, encoding="utf-8")
    done = anlan(
        "backtest", str(draft), "--site", str(tmp_path / "site"), "--store", str(system.store), "--json", str(out),
        "--database", str(tmp_path / "tickets.sqlite"), "--from", from_ms(start_ms).isoformat(),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    by_hand = json.loads(out.read_text(encoding="utf-8"))
    assert ALARM in {each["alarm"] for each in told["result"]["transitions"]}
    assert told["result"] == by_hand


async def test_a_rule_is_changed_from_draft_to_live_and_back(system: System) -> None:
    await system.with_a_past()
    await asyncio.to_thread(system.backtested)
    too_early = system.post("/1/live", why="at once")
    assert (too_early.status_code, system.limit()) == (409, 90)
    assert "only a version in shadow goes live" in too_early.json()["detail"]

    gone = await asyncio.to_thread(system.rules, "shadow", "1", "--why", "two days beside the old one")
    assert gone.returncode == 0, gone.stderr
    await system.cabinet.send([70.0] * 8)
    await eventually(lambda: bool(system.alerts.get(f"{VERSIONS}/1/shadow")["difference"]["added"]))
    told = system.alerts.get(f"{VERSIONS}/1/shadow")
    assert [each["alarm"] for each in told["difference"]["added"]] == [ALARM]
    assert told["difference"]["lost"] == []
    assert ALARM not in system.alarms(), "a shadow is silent"
    assert "added" in (await asyncio.to_thread(system.rules, "shadow", "1")).stdout

    live = await asyncio.to_thread(system.rules, "live", "1", "--why", "as the shadow showed")
    assert live.returncode == 0, live.stderr
    await system.cabinet.send([70.0] * 8)
    await eventually(lambda: ALARM in system.alarms())
    assert system.limit() == 65
    assert "live" in (await asyncio.to_thread(system.rules, "list")).stdout
    assert "when.limit" in (await asyncio.to_thread(system.rules, "show", "1")).stdout

    back = await asyncio.to_thread(system.rules, "retire", "1", "--why", "the boiler was changed")
    assert back.returncode == 0, back.stderr
    assert system.limit() == 90
    whole = system.alerts.get(f"{VERSIONS}/1")
    assert [each["new"] for each in whole["moves"]] == ["draft", "backtested", "shadow", "live", "retired"]
    assert system.post("/1/live", why="again").status_code == 409


async def test_killed_in_every_state_alerts_goes_on_where_it_was(system: System) -> None:
    await system.with_a_past()
    assert system.post("", text=DRAFT, reason="a try").status_code == 201
    system.kill()
    assert system.state() == "draft"

    assert system.post("/1/backtest").status_code == 202
    system.kill()
    told = system.alerts.get(f"{VERSIONS}/1/backtest")
    assert (told["state"], system.state()) == ("interrupted", "draft")
    assert "start it again" in told["error"]

    assert system.rules("backtest", "1").returncode == 0
    system.kill()
    assert system.state() == "backtested"

    assert system.post("/1/shadow", why="watch it").status_code == 200
    await system.cabinet.send([70.0] * 2)
    system.kill()
    assert system.state() == "shadow"
    await system.cabinet.send([70.0] * 6)
    await eventually(lambda: bool(system.alerts.get(f"{VERSIONS}/1/shadow")["difference"]["added"]))

    assert system.post("/1/live", why="it was right").status_code == 200
    await system.cabinet.send([70.0] * 6)
    await eventually(lambda: ALARM in system.alarms())
    system.kill()
    assert (system.state(), system.limit()) == ("live", 65)
    assert ALARM in system.alarms()

    assert system.post("/1/retire", why="done").status_code == 200
    system.kill()
    assert (system.state(), system.limit()) == ("retired", 90)
    assert "Traceback" not in system.alerts.log.read_text(encoding="utf-8")


async def test_a_backtest_that_cannot_be_made_says_why_and_moves_nothing(system: System) -> None:
    assert system.post("", text=DRAFT, reason="a try").status_code == 201

    done = await asyncio.to_thread(system.rules, "backtest", "1")

    assert done.returncode == 1
    assert "The store holds nothing of this site and period" in done.stderr
    assert system.state() == "draft"
    shadow = await asyncio.to_thread(system.rules, "shadow", "1", "--why", "anyway")
    assert shadow.returncode == 1
    assert "only a backtested version goes to shadow" in shadow.stderr


def test_that_nobody_is_there_is_told_in_a_line() -> None:
    done = anlan("rules", "list", "--url", f"http://127.0.0.1:{take_port()}")

    assert done.returncode == 2
    assert "Traceback" not in done.stderr
