"""Ingest or alerts for one site of several: `python -m tests.shard_process PART SITE BROKER DATABASE PORT`."""

from __future__ import annotations

import sys
from pathlib import Path

from alerts import service as alerts
from alerts.kernel import Kernel
from ingest import service as ingest
from runtime.clock import Clock
from runtime.process import run
from tests.processes import ServiceProcess
from tests.unit.alerts.plant import plant


class Shard(ServiceProcess):
    """It, started and ended from a test."""

    def __init__(self, part: str, site: str, broker: str, folder: Path, port: int) -> None:
        self.database = folder / f"{part}-{site}.db"
        super().__init__(
            folder / f"{part}-{site}.log", port, "tests.shard_process", part, site, broker, str(self.database)
        )


if __name__ == "__main__":
    part, site, broker, database, port = sys.argv[1:]
    client = f"anlan-{part}-{site}"
    if part == "ingest":
        store = ingest.Settings(broker=broker, database=database, port=int(port), client_id=client)
        raise SystemExit(run(lambda: ingest.serve((plant(site_id=site),), store, Clock())))
    settings = alerts.Settings(
        broker=broker, database=f"sqlite:///{database}", port=int(port), client_id=client, settle_real_s=12.0,
        kernel=Kernel.PLAIN,
    )  # fmt: skip
    raise SystemExit(run(lambda: alerts.serve(plant(site_id=site), settings, Clock())))
