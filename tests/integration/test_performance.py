"""Alarm performance from end to end: frames, a real database, the API over HTTP, and `anlan kpi` over both."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from alerts import api
from alerts.board import Board
from alerts.engine import Engine
from alerts.ingest_link import IngestLink
from alerts.metrics import Metrics
from alerts.stream import Stream
from alerts.tickets import desk
from alerts.tickets.commands import Command, Verb
from alerts.writer import Writer
from anlan.cli import app
from runtime.clock import Clock
from runtime.web import serve_http
from tests.unit.alerts.plant import T0, at, plant, speaker

HOUR_S = 3600
SITE = """
id = "plant"
name = {en = "Plant", zh = "厂"}
edge = []
asset = []
[[grid]]
id = "g1"
name = {en = "Grid 1", zh = "一网格"}
"""


def lived(database: Path) -> Engine:
    """Two hours: a burner that flickers, boiler 2 that is really too hot, and somebody who acknowledges."""
    engine = Engine(plant(), f"sqlite:///{database}")
    cabinet = speaker(engine.site)
    flickers = {at_s: code for start in range(600, 1000, 20) for at_s, code in ((start, 3.0), (start + 4, 1.0))}
    frames = []
    for second in sorted({*range(0, 2 * HOUR_S, 10), *flickers}):
        frames.append(cabinet.frame(second, "b1", burner=flickers.get(second, 1.0), temp=60.0))
        if second % 10 == 0:
            hot = 92.0 if HOUR_S <= second < HOUR_S + 300 else 60.0
            frames.append(cabinet.frame(second + 1, "b2", temp=hot, burner=1.0))
        if second % 50 == 0:  # a cabinet must not seem silent
            engine.apply(frames, at(second + 1))
            frames = []
        if second == HOUR_S + 100:
            engine.acknowledge_alarm("b2.temp_high", "duty", "", at(second))
    engine.apply(frames, at(2 * HOUR_S))
    told = {"note": "the burner was exchanged", "unverified": True}
    for verb, actor in ((Verb.BEGIN, "worker"), (Verb.REPAIRED, "worker"), (Verb.ACCEPT, "b"), (Verb.WRITE_OFF, "b")):
        given = told if verb is Verb.WRITE_OFF else {}
        make = partial(_order, verb, actor, given)
        desk.order(engine, 1, make, at(2 * HOUR_S - 1))  # at once: the sensor could not agree yet
    return engine


def _order(verb: Verb, actor: str, given: dict[str, Any], now_ms: int) -> Command:
    return Command(verb, actor, now_ms, **given)


@contextlib.asynccontextmanager
async def served(engine: Engine, port: int) -> AsyncIterator[httpx.AsyncClient]:
    clock, writer, ingest = Clock(), Writer(engine), IngestLink("http://127.0.0.1:9")
    board = Board([], [], [], {}, {})
    stream = Stream(board, clock.now_ms, "boot")
    metrics = Metrics(lambda: {}, lambda: {}, lambda: {})
    parts = api.Parts(engine, writer, board, stream, ingest, metrics, clock, lambda: True)
    task = asyncio.create_task(serve_http(api.build(parts), "127.0.0.1", port))
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=20) as client:
        try:
            async with asyncio.timeout(20):
                while True:
                    with contextlib.suppress(httpx.TransportError):
                        await client.get("/healthz")
                        break
                    await asyncio.sleep(0.05)
            yield client
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
            await ingest.close()
            await asyncio.to_thread(writer.close)


def kpi(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["kpi", *arguments], env={"COLUMNS": "200"})
    return result.exit_code, result.output


def values(report: dict[str, Any]) -> dict[str, Any]:
    return {metric["id"]: metric["value"] for metric in report["metrics"]}


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "tickets.sqlite"


async def test_the_api_and_the_command_tell_the_same(database: Path, tmp_path: Path, free_port: int) -> None:
    engine = await asyncio.to_thread(lived, database)
    period = {"from_ms": T0, "to_ms": at(2 * HOUR_S)}
    async with served(engine, free_port) as client:
        answer = (await client.get("/api/v1/performance", params=period)).raise_for_status().json()
        shared = (await client.get("/api/v1/performance", params={**period, "operators": 2})).json()
        refused = [
            (await client.get("/api/v1/performance", params=wrong)).status_code
            for wrong in ({"from_ms": 5, "to_ms": 5}, {**period, "operators": 0}, {"from_ms": 0, "to_ms": at(0)})
        ]
        url, file = f"http://127.0.0.1:{free_port}", tmp_path / "kpi.json"
        span = ("--from", "2026-03-26T08:00", "--to", "2026-03-26T10:00:00+08:00", "--json", str(file))
        code, text = await asyncio.to_thread(kpi, url, *span)
        over_http = json.loads(file.read_text(encoding="utf-8"))

    # Twenty flickers of 4 s, 16 s apart, and one boiler that was too hot. All but one acknowledgement are missing.
    assert answer["calls"] == 21
    assert [(row["alarm"], row["count"]) for row in answer["chattering"]] == [("b1.lockout", 20)]
    assert answer["fleeting"] == []
    assert [(row["alarm"], row["count"], row["priority"]) for row in answer["top"]] == [
        ("b1.lockout", 20, 2), ("b2.temp_high", 1, 2),
    ]  # fmt: skip
    assert values(answer)["alarms_per_operator_hour"] == 10.5
    assert values(shared)["alarms_per_operator_hour"] == 5.25
    # The eleventh comes at 800 s; at 1500 s that of 900 s leaves the window and four are left.
    assert [((row["start_ms"] - T0) / 1000, (row["end_ms"] - T0) / 1000) for row in answer["floods"]] == [(800, 1500)]
    assert [(row["answered"], row["unanswered"]) for row in answer["answers"]] == [(1, 1), (1, 1)]
    # Raised at 3631 s (30 s of delay), acknowledged at 3700 s.
    assert answer["answers"][0]["longest_s"] == 69.0
    assert [(each["attribute"], each["suggested"], each["removes"]) for each in answer["top"][0]["suggestions"]] == [
        ("on_delay_s", 5.0, 20), ("off_delay_s", 17.0, 19),
    ]  # fmt: skip
    assert answer["closed"] == {"tickets": 1, "verified": 0, "unverified": 1, "without_sensor": 0}
    assert "1 closed, unverified" in text
    assert refused == [422, 422, 422]
    assert (code, over_http) == (0, answer)
    assert "b1.lockout" in text
    assert "on_delay_s 0 → 5" in text


def test_a_database_is_read_without_its_system_and_nothing_is_written(database: Path, tmp_path: Path) -> None:
    lived(database).close()
    folder = tmp_path / "plant"
    folder.mkdir()
    (folder / "site.toml").write_text(SITE, encoding="utf-8")
    before = database.read_bytes()

    code, text = kpi(str(database), "--site", str(folder), "--operators", "2")

    assert code == 0, text
    assert "2 operators: 21 annunciated alarms" in text
    assert "no longer there" in text, "this plant has no such alarms any more"
    assert database.read_bytes() == before
    assert kpi(str(database))[0] == 2, "the demo's alarms are not here"
    assert kpi(str(tmp_path / "nothing.sqlite"))[0] == 2
    assert not (tmp_path / "nothing.sqlite").exists()
    assert kpi(str(database), "--from", "yesterday")[0] == 2
