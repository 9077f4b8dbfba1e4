"""A backup of a demo that goes on running, restored elsewhere on each kind of database, and started again there."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from alerts.dump import dump
from anlan.archive import unpack
from ingest.duckdb_copy import rows_of
from tests.acceptance.running import ANLAN, Demo, demo
from tests.conftest import take_port
from tests.databases import Postgres

pytestmark = pytest.mark.acceptance


def anlan(*arguments: str) -> str:
    done = subprocess.run((*ANLAN, *arguments), capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@contextlib.contextmanager
def started(data: Path, log: Path, database: str | None) -> Iterator[int]:
    """`anlan up` on what was restored; the wall's port, once it answers."""
    port, broker_port = take_port(), take_port()
    more = () if database is None else ("--database", database)
    command = (*ANLAN, "up", str(data / "site"), "--data", str(data), "--port", str(port))
    with log.open("w", encoding="utf-8") as output:
        process = subprocess.Popen(
            (*command, "--broker-port", str(broker_port), *more), stdout=output, stderr=output, env=dict(os.environ)
        )
        try:
            end = time.monotonic() + 90
            while "wall" not in log.read_text():
                assert process.poll() is None, log.read_text()
                assert time.monotonic() < end, log.read_text()
                time.sleep(0.1)
            yield port
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(40)


def tickets(base: str, token: str) -> dict[str, Any]:
    answer = httpx.get(
        f"{base}/api/v1/tickets", headers={"Authorization": f"Bearer {token}"}, trust_env=False, timeout=20
    )
    found = answer.raise_for_status().json()
    return {ticket["number"]: ticket for ticket in (found["tickets"] if isinstance(found, dict) else found)}


def until_tickets(running: Demo) -> None:
    end = time.monotonic() + 120
    while time.monotonic() < end:
        if len(tickets(running.wall, running.access()["token"])) >= 2:
            return
        time.sleep(0.5)
    raise AssertionError("the demo opened no tickets")


def rows(folder: Path, table: str) -> list[Any]:
    return [json.loads(line) for line in (folder / "tickets" / f"{table}.jsonl").read_text().splitlines()[1:]]


@pytest.mark.parametrize("backend", ["sqlite", "postgresql"])
def test_a_demo_that_runs_is_backed_up_and_lives_on_elsewhere(
    backend: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    out, data = tmp_path / "b.tar.zst", tmp_path / "again"
    with demo(tmp_path, "--for", "300") as running:
        until_tickets(running)
        said = anlan("backup", "--data", str(tmp_path / "run"), "-o", str(out))
        assert "copied by ingest, while it ran" in said
        token = running.access()["token"]
        later = tickets(running.wall, token)
        metrics = httpx.get(
            f"{running.wall}/metrics", headers={"Authorization": f"Bearer {token}"}, trust_env=False
        ).text
        assert "anlan_alerts_last_backup_age_seconds" in metrics
    manifest = unpack(out, tmp_path / "inside", lambda _more: None)
    assert manifest["readings"]["counts"]["readings"] > 100

    database = None
    if backend == "postgresql":
        server: Postgres = request.getfixturevalue("postgres")
        database = server.create("restored")
    more = () if database is None else ("--database", database)
    anlan("restore", str(out), "--data", str(data), *more)
    with started(data, tmp_path / "up.log", database) as port:
        found = tickets(f"http://127.0.0.1:{port}", token)
        ingest = json.loads((data / "places.json").read_text())["ingest"]
        counts = httpx.get(f"{ingest}/api/v1/counts", trust_env=False).json()
        (tmp_path / "now").mkdir()
        dump(database or f"sqlite:///{data}/tickets.sqlite", tmp_path / "now", lambda _table, _more: None)

    # It wakes up months later, and says which duties were missed meanwhile: those tickets are new.
    last_ms = max(ticket["opened_ms"] for ticket in later.values())
    restored = {number: ticket["opened_ms"] for number, ticket in found.items() if ticket["opened_ms"] <= last_ms}
    assert len(restored) >= 2
    assert restored.items() <= {number: ticket["opened_ms"] for number, ticket in later.items()}.items()
    assert "readings" in json.dumps(counts)
    kept = rows_of(data / "readings.duckdb")
    assert all(kept[table] == manifest["readings"]["counts"][table] for table in ("readings", "frames", "series"))
    for table in ("tickets", "evidence", "transitions", "audit"):
        before = rows(tmp_path / "inside", table)
        now = [json.loads(line) for line in (tmp_path / "now" / f"{table}.jsonl").read_text().splitlines()[1:]]
        assert len(now) >= len(before)
        if table in {"evidence", "audit"}:
            assert now[: len(before)] == before, table
