"""A town of gas detectors behind one Modbus gateway, as processes: simulator, agent, broker, ingest, alerts."""

from __future__ import annotations

import re
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from runtime.clock import Clock
from tests.brokers import RunningBroker
from tests.conftest import take_port
from tests.processes import PartProcess, ServiceProcess

START_MS = 1_774_484_100_000  # 2026-03-26 08:15:00 in Shanghai
LEAKING = "gas-07"
LEAKS_LATER, LEAKS_LATER_S = "gas-21", 550

_HEAD = """
id = "town"
name = {{ en = "Town", zh = "镇" }}
simulated = true
[[grid]]
id = "g"
name = {{ en = "Grid", zh = "网格" }}
[[edge]]
id = "cab"
name = {{ en = "Cabinet", zh = "采集柜" }}
grid = "g"
[[edge.bus]]
id = "gw"
name = {{ en = "Gateway", zh = "网关" }}
type = "modbus-tcp"
port = {port}
timeout_s = 0.3
"""

_DETECTOR = """
[[asset]]
id = "gas-{number:02}"
kind = "gas"
name = {{ en = "Detector {number}", zh = "{number}号探测器" }}
grid = "g"
location = {{ en = "Kitchen {number}", zh = "{number}号厨房" }}
variant = "detector"
[[asset.device]]
id = "box-{number:02}"
make = "generic-rs485"
edge = "cab"
bus = "gw"
unit = {number}
"""

_SCENARIO = """
name = "town"
title = {{ en = "A leak", zh = "泄漏" }}
speed = 1
start = 2026-03-26T08:15:00+08:00
duration_s = 86400
[[inject]]
id = "leak"
at_s = 30
asset = "{asset}"
fault = "leak"
[[inject]]
id = "leak-later"
at_s = {later_s}
asset = "{later}"
fault = "leak"
"""


@dataclass
class Town:
    """It, while it runs."""

    folder: Path
    clock: Clock
    gateway: PartProcess
    agent: PartProcess
    alerts: ServiceProcess
    detectors: int
    parts: list[PartProcess] = field(default_factory=list)

    def get(self, path: str) -> Any:
        """What alerts answers."""
        return self.alerts.get(path)

    def until(self, path: str, fits: Callable[[Any], bool], site_s: float) -> Any:
        """What `path` answers as soon as it fits, within so much site time."""
        end = time.monotonic() + self.clock.real_seconds(site_s)
        while True:
            found = self.get(path)
            if fits(found):
                return found
            assert time.monotonic() < end, (path, str(found)[:2000], self.alerts.log.read_text()[-2000:])
            time.sleep(0.1)

    def sleep(self, site_s: float) -> None:
        """Let site time pass."""
        time.sleep(max(0.0, self.clock.real_seconds(site_s)))

    def elapsed_s(self) -> float:
        """Site time since the start."""
        return (self.clock.now_ms() - START_MS) / 1000

    def alarms(self) -> set[str]:
        """Those that stand, as a duty room counts them: without what is suppressed by design."""
        return {alarm["id"] for alarm in self.get("/api/v1/alarms") if alarm["state"] != "suppressed"}

    def metric(self, name: str, **labels: str) -> float:
        """One number of alerts' metrics."""
        page = httpx.get(f"{self.alerts.base_url}/metrics", trust_env=False).text
        for line in page.splitlines():
            if re.match(rf"{name}(\{{|\s)", line) and all(f'{key}="{value}"' in line for key, value in labels.items()):
                return float(line.rsplit(" ", 1)[1])
        raise AssertionError(f"no metric {name} {labels}")

    def all_heard(self) -> None:
        """Wait until every detector was heard."""
        names = {f"gas-{number:02}" for number in range(1, self.detectors + 1)}
        self.until("/api/v1/latest", lambda found: names <= {each["asset"] for each in found}, 300)

    def leak_found(self) -> None:
        """Wait for the hazard that stands before anything is lost."""
        self.until("/api/v1/alarms", lambda found: any(alarm["id"] == f"{LEAKING}.ch4_level1" for alarm in found), 400)


@contextmanager
def town(
    folder: Path, broker: RunningBroker, monkeypatch: pytest.MonkeyPatch, *, detectors: int = 50, speed: float = 15
) -> Iterator[Town]:
    """Start everything, end everything."""
    clock = Clock.starting(START_MS, speed)
    for name, value in clock.to_environment().items():
        monkeypatch.setenv(name, value)
    site, ports = folder / "site", [take_port() for _ in range(4)]
    site.mkdir(parents=True)
    text = _HEAD.format(port=ports[0]) + "".join(_DETECTOR.format(number=each + 1) for each in range(detectors))
    (site / "site.toml").write_text(text, encoding="utf-8")
    (site / "town.toml").write_text(
        _SCENARIO.format(asset=LEAKING, later=LEAKS_LATER, later_s=LEAKS_LATER_S), encoding="utf-8"
    )
    gateway = PartProcess(
        folder / "sim.log", "anlan", "sim", "run", str(site), "--scenario", str(site / "town.toml"), "--broker",
        broker.url, "--truth", str(folder / "truth.jsonl"), "--control-port", str(ports[1]), "--seed", "3",
        "--start-ms", str(START_MS),
    )  # fmt: skip
    agent = PartProcess(
        folder / "edge.log", "anlan", "edge", "run", str(site), "cab", "--broker", broker.url, "--data",
        str(folder / "spool"),
    )  # fmt: skip
    ingest = ServiceProcess(
        folder / "ingest.log", ports[2], "anlan", "ingest", "run", str(site), "--broker", broker.url, "--store",
        str(folder / "readings.duckdb"), "--port",
    )  # fmt: skip
    alerts = ServiceProcess(
        folder / "alerts.log", ports[3], "anlan", "alerts", "run", str(site), "--broker", broker.url, "--database",
        f"sqlite:///{folder}/tickets.sqlite", "--ingest", ingest.base_url, "--open-on-loopback", "--port",
    )  # fmt: skip
    found = Town(folder, clock, gateway, agent, alerts, detectors, [agent, gateway, alerts, ingest])
    try:
        for part in (ingest, alerts, gateway, agent):
            part.start()
        yield found
    finally:
        for part in found.parts:
            part.end(signal.SIGKILL)
    for part in found.parts:
        assert "Traceback" not in part.log.read_text(), part.log.read_text()[-3000:]
