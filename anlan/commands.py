"""Shell. How each part is started: one place for the arguments of every process."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from alerts.database_url import without_password
from anlan.places import LOOPBACK, VARIABLE, RunDir, session
from anlan.supervisor import Command
from runtime.lean import allocator
from runtime.steady import SHIFT


@dataclass(frozen=True, slots=True)
class System:
    """What the processes of one run share."""

    site: Path
    run: RunDir
    broker: str  # mqtt://host:port
    ingest_port: int
    alerts_port: int
    environment: Mapping[str, str]
    database: str | None = None  # instead of SQLite in the run's folder
    clocks: Path | None = None  # a folder with what each part's clock is wrong by, for tests

    @property
    def ingest_url(self) -> str:
        """Where ingest answers queries."""
        return f"http://{LOOPBACK}:{self.ingest_port}"

    @property
    def wall_url(self) -> str:
        """Where people look."""
        return f"http://{LOOPBACK}:{self.alerts_port}"

    def _part(self, name: str, module: str, *arguments: str) -> Command:
        own = {} if self.clocks is None else {SHIFT: str(self.clocks / name)}
        argv = (sys.executable, "-m", module, *arguments)
        return Command(name, argv, {**allocator(os.environ), **self.environment, **own})

    def ingest(self) -> Command:
        """The memory."""
        return self._part(
            "ingest", "ingest", str(self.site), "--broker", self.broker,
            "--store", str(self.run.store), "--port", str(self.ingest_port), "--client-id", session("ingest"),
        )  # fmt: skip

    def alerts(self, host: str = LOOPBACK) -> Command:
        """Alarms, tickets and the front door."""
        # Through the environment, since it may hold a password and anybody may read our arguments.
        part = self._part(
            "alerts", "alerts", str(self.site), "--broker", self.broker, "--ingest", self.ingest_url,
            "--host", host, "--port", str(self.alerts_port), "--state", str(self.run.root),
            "--client-id", session("alerts"), "--backtest", *backtest_command(self.site, self.ingest_url),
        )  # fmt: skip
        return replace(part, environment={**part.environment, VARIABLE: self.database_url})

    @property
    def database_url(self) -> str:
        """The ticket database."""
        return self.database or f"sqlite:///{self.run.tickets}"

    def write_places(self) -> None:
        """For `anlan backup`, which is started by somebody else."""
        told = {
            "site": str(self.site.resolve()), "ingest": self.ingest_url, "database": without_password(self.database_url)
        }  # fmt: skip
        self.run.places.write_text(json.dumps(told, indent=1), encoding="utf-8")

    def simulator(
        self, scenario: Path, *, start_ms: int, control_port: int, seed: int, wan: Mapping[str, int]
    ) -> Command:
        """Every device of the site, and the WAN between its edges and the broker.

        With its start and seed given, a simulator that died goes on with the same day.
        """
        proxies = [word for edge, port in wan.items() for word in ("--wan", f"{edge}={port}")]
        part = self._part(
            "sim", "anlan", "sim", "run", str(self.site), "--scenario", str(scenario), "--broker", self.broker,
            "--endpoints", str(self.run.endpoints), "--truth", str(self.run.truth),
            "--control-port", str(control_port), "--seed", str(seed), "--start-ms", str(start_ms), *proxies,
        )  # fmt: skip
        return replace(part, environment=self.environment)  # the truth knows what time it is

    def edge(self, edge_id: str, broker: str, *, ledger: bool, endpoints: bool) -> Command:
        """One cabinet's agent, whose way to the broker is `broker`."""
        extra = ["--ledger", str(self.run.ledger(edge_id))] if ledger else []
        extra += ["--endpoints", str(self.run.endpoints)] if endpoints else []
        return self._part(
            edge_id, "edge", str(self.site), edge_id, "--broker", broker,
            "--data", str(self.run.edge(edge_id)), *extra,
        )  # fmt: skip


def backtest_command(site: Path, ingest: str) -> tuple[str, ...]:
    """How alerts has a draft backtested: by our own command, in a process of its own, over ingest's history."""
    return (sys.executable, "-m", "anlan", "backtest", "--site", str(site.resolve()), "--store", ingest)
