"""The API against its own description: whatever is asked, no answer is a server error or one that is not described.

Schemathesis asks a real alerts process and a real ingest: every boundary of every parameter, and seeded random orders.
CI takes a few per address; `ANLAN_SCHEMATHESIS=200` asks each that often, and every boundary from outside too.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from alerts.access.door import ACT_AS, Door
from alerts.access.rights import Action
from alerts.database import connect, writing
from runtime.clock import Clock
from runtime.files import load_site, shipped
from tests.brokers import Nats
from tests.conftest import take_port
from tests.processes import ServiceProcess
from tests.unit.alerts.paper.campaign import kept

EXAMPLES = int(os.environ.get("ANLAN_SCHEMATHESIS", "2"))
IS_DEEP = "ANLAN_SCHEMATHESIS" in os.environ
CHECKS = (
    "not_a_server_error", "status_code_conformance", "content_type_conformance", "response_headers_conformance",
    "response_schema_conformance",
)  # fmt: skip
READY_WITHIN_S = 300.0  # the duties of the months since the campaign are gone through first, in one transaction
STREAM = "/api/v1/events"  # never ends: test_alerts_service.py reads it


class Part(ServiceProcess):
    """A part of the demo, as people start it."""

    def __init__(self, log: Path, port: int, *command: str) -> None:
        super().__init__(log, port, "anlan", *command, "--port")


@dataclass(frozen=True, slots=True)
class Running:
    """A site with a campaign behind it, and somebody who may do everything."""

    alerts: str
    ingest: str
    token: str


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("openapi")
    url = f"sqlite:///{folder}/tickets.sqlite"
    database, site = connect(url), load_site(shipped("sites") / "demo")
    with writing(database) as connection:
        kept(connection)
    door = Door(database, site, Clock(), folder)
    _, token = door.add_token("openapi", "test", (*(action.value for action in Action), ACT_AS), "*", None)
    database.dispose()
    with ExitStack() as stack:
        broker = Nats(folder / "nats", take_port())
        broker.start()
        stack.callback(broker.kill)
        readings = ("ingest", "run", "demo", "--broker", broker.url, "--store", str(folder / "readings.duckdb"))
        ingest = stack.enter_context(Part(folder / "ingest.log", take_port(), *readings))
        orders = ("alerts", "run", "demo", "--broker", broker.url, "--database", url, "--ingest", ingest.base_url)
        alerts = stack.enter_context(Part(folder / "alerts.log", take_port(), *orders, "--kernel", "plain"))
        end = time.monotonic() + READY_WITHIN_S
        while httpx.get(f"{alerts.base_url}/readyz", trust_env=False, timeout=20).status_code != 200:
            assert time.monotonic() < end, "it never became ready"
            time.sleep(0.2)
        yield Running(alerts.base_url, ingest.base_url, token)


def ask(url: str, folder: Path, *more: str, token: str = "") -> str:
    """What it found; empty: nothing."""
    who = ("-H", f"Authorization: Bearer {token}") if token else ()
    command = (
        sys.executable, "-m", "schemathesis.cli", "run", url, "--checks", ",".join(CHECKS), "--exclude-path", STREAM,
        "--seed", "1", "--generation-database", "none", "--no-color", "--no-shrink", "--continue-on-failure",
        "--request-timeout", "30", "--warnings", "off", "-w", "2", *who, *more,
    )  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder, timeout=1800)
    assert "Tested:" in done.stdout, done.stdout[-5000:] + done.stderr[-5000:]
    return "" if done.returncode == 0 else done.stdout[-20_000:]


def test_whoever_may_everything_never_meets_a_fault_of_the_server_or_an_answer_that_is_not_described(
    running: Running, tmp_path: Path
) -> None:
    for phase in (("coverage", "-m", "all" if IS_DEEP else "positive"), ("fuzzing", "-n", str(EXAMPLES))):
        found = ask(f"{running.alerts}/api/openapi.json", tmp_path, "--phases", *phase, token=running.token)
        if found:
            pytest.fail(found, pytrace=False)
    answer = httpx.get(f"{running.alerts}/healthz", trust_env=False, timeout=20)
    assert answer.status_code == 200, "and it has survived all of it"


def test_who_is_nobody_is_refused_as_described(running: Running, tmp_path: Path) -> None:
    found = ask(f"{running.alerts}/api/openapi.json", tmp_path, "--phases", "fuzzing", "-n", str(min(EXAMPLES, 10)))

    if found:
        pytest.fail(found, pytrace=False)


def test_ingest_answers_as_described(running: Running, tmp_path: Path) -> None:
    whole = f"{running.ingest}/api/v1/history/frames?site=demo&first=0&last={2**53}"
    assert httpx.get(whole, trust_env=False, timeout=20).status_code == 200, "of frames that are not there it says so"
    found = ask(f"{running.ingest}/openapi.json", tmp_path, "--phases", "coverage,fuzzing", "-n", str(EXAMPLES * 3))

    if found:
        pytest.fail(found, pytrace=False)
