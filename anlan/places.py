"""Shell. Where a run keeps its files, and which loopback ports it may have."""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from vocab.site import Site
from wire.address import Address

LOOPBACK = "127.0.0.1"
VARIABLE = "ANLAN_DATABASE"  # the ticket database's URL: who holds a password may not want it among our arguments


@dataclass(frozen=True, slots=True)
class RunDir:
    """The folder of one run: everything that it writes is in here."""

    root: Path

    @property
    def truth(self) -> Path:
        """The simulator's ground truth, JSON lines."""
        return self.root / "truth.jsonl"

    @property
    def endpoints(self) -> Path:
        """Where the buses are, JSON."""
        return self.root / "endpoints.json"

    @property
    def store(self) -> Path:
        """The time-series store."""
        return self.root / "readings.duckdb"

    @property
    def tickets(self) -> Path:
        """The alarm and ticket database."""
        return self.root / "tickets.sqlite"

    @property
    def places(self) -> Path:
        """Where what runs on it is: `site`, `ingest`, `database` (without its password), JSON."""
        return self.root / "places.json"

    @property
    def access(self) -> Path:
        """A demo's passwords and tokens, JSON, for its owner only."""
        return self.root / "access.json"

    def edge(self, edge_id: str) -> Path:
        """An edge's spool and journal."""
        return self.root / "edges" / edge_id

    def ledger(self, edge_id: str) -> Path:
        """An edge's own record of what it polled, CSV."""
        return self.root / "ledgers" / f"{edge_id}.csv"


class Ports:
    """Free loopback ports, each handed out once.

    They stay bound until `release`, so that two of one run can never be the same.
    """

    def __init__(self) -> None:
        self._held: list[socket.socket] = []

    def take(self, wish: int = 0) -> int:
        """A free port, `wish` if it is to be had."""
        held = socket.socket()
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            held.bind((LOOPBACK, wish))
        except OSError:
            held.bind((LOOPBACK, 0))
        self._held.append(held)
        return int(held.getsockname()[1])

    def release(self) -> None:
        """Let go of all, just before those who will listen are started."""
        for held in self._held:
            held.close()
        self._held.clear()


def place_buses(site: Site, ports: Ports, run: RunDir, broker: tuple[str, int]) -> Mapping[str, Mapping[str, object]]:
    """An address for every bus whose address the site leaves open, keyed `EDGE/BUS`; also written to the run folder."""
    placed: dict[str, dict[str, object]] = {}
    for edge in site.file.edge:
        for bus in edge.bus:
            key = f"{edge.id}/{bus.id}"
            if bus.type == "modbus-rtu" and not bus.device:
                placed[key] = {"device": str(run.root / f"tty-{edge.id}-{bus.id}")}
            elif bus.type == "modbus-tcp" and bus.port == 0:
                placed[key] = {"host": LOOPBACK, "port": ports.take()}
            elif bus.type == "mqtt" and bus.port == 0:
                placed[key] = {"host": broker[0], "port": broker[1]}
    run.endpoints.write_text(json.dumps(placed, indent=1), encoding="utf-8")
    return placed


def address_of(broker: str) -> tuple[str, int]:
    """Host and port of a broker, of a cluster its first server; ValueError for what is no mqtt:// address."""
    return Address.parse(broker).servers[0]


def session(part: str, worker: str = "") -> str:
    """Under which name a part is known to the broker: two of one name would take turns in throwing each other out."""
    return f"anlan-{part}-{worker}" if worker else f"anlan-{part}"
