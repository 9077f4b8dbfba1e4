"""Checkpoints: what cameras say of people never gets as far as a queue, a store, a ticket, a log or an answer."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import duckdb
import httpx
import pytest
from sqlalchemy import create_engine, inspect, text

import alerts.service
import edge.service
import ingest.service
from runtime.clock import Clock
from runtime.files import load_packs
from tests.brokers import RunningBroker
from tests.conftest import take_port
from vocab import site_load
from vocab.instant import from_ms
from vocab.site import Site
from wire.address import Address
from wire.publisher import Publisher

PEOPLE = {
    "name": "Zhang-Secret-Person",
    "personName": "欧阳某某某",
    "employeeNoString": "E-77-SECRET",
    "cardNo": "CARD-5550001",
    "idNumber": "990101199001011234",
    "plateNo": "贵H·Z9X8Y",
    "licensePlate": "Z9X8Y7W",
    "phone": "19900000000",
    "pictureURL": "http://10.1.1.1/face-secret.jpg",
    "faceUrl": "http://10.1.1.1/face-other.jpg",
    "thermalPicUrl": "http://10.1.1.1/thermal-secret.jpg",
    "visibleLightPicUrl": "http://10.1.1.1/visible-secret.jpg",
    "faceData": "/9j/4AAQSkZJRgABAQ-SECRET-FACE",
    "RegionCoordinates": {"note": "REGION-SECRET"},
    "somethingNew": {"deep": ["NEW-FIELD-SECRET"]},
}
SECRETS = sorted(
    {word for word in json.dumps(PEOPLE, ensure_ascii=False).split('"') if len(word) > 6 and word not in PEOPLE}
)
SITE = """
id = "gatehouse"
name = {{ en = "Gate", zh = "哨卡" }}
[[grid]]
id = "g"
name = {{ en = "G", zh = "格" }}
[[edge]]
id = "cab"
name = {{ en = "Cabinet", zh = "柜" }}
grid = "g"
flush_s = 0.2
[[edge.bus]]
id = "radio"
type = "mqtt"
port = {port}
[[asset]]
id = "gate"
kind = "thermometer"
name = {{ en = "Gate", zh = "门" }}
grid = "g"
location = {{ en = "Here", zh = "此处" }}
[[asset.device]]
id = "hik"
make = "hikvision"
edge = "cab"
bus = "radio"
serial = "DS1"
[[asset]]
id = "gate-b"
kind = "thermometer"
name = {{ en = "Gate B", zh = "门乙" }}
grid = "g"
location = {{ en = "Here", zh = "此处" }}
[[asset.device]]
id = "ez"
make = "ezviz"
edge = "cab"
bus = "radio"
serial = "EZ1"
"""


def site(broker: RunningBroker) -> Site:
    found, problems = site_load.load("site.toml", SITE.format(port=broker.port), load_packs())
    assert found is not None, problems
    return found


def hikvision(now_ms: int) -> dict[str, Any]:
    event = {"currTemperature": 39.4, "isAbnomalTemperature": True, "mask": "no", **PEOPLE}
    return {"dateTime": from_ms(now_ms).isoformat(), "AccessControllerEvent": event, **PEOPLE}


def ezviz(now_ms: int) -> dict[str, Any]:
    data = json.dumps({"currTemperature": 102.9, "isAbnomalTemperature": True, **PEOPLE})
    body = json.dumps({"data": data, **PEOPLE})
    return {"header": {"messageTime": now_ms, **PEOPLE}, "body": body, **PEOPLE}


@contextlib.asynccontextmanager
async def chain(place: Site, broker: RunningBroker, folder: Path) -> AsyncIterator[httpx.AsyncClient]:
    """Edge, ingest and alerts over one broker, ended in that order; the client asks alerts."""
    clock, ports = Clock(), (take_port(), take_port())
    ingest_url = f"http://127.0.0.1:{ports[0]}"
    parts = (
        ingest.service.serve(
            (place,),
            ingest.service.Settings(broker=broker.url, database=str(folder / "readings.duckdb"), port=ports[0]),
            clock,
        ),
        alerts.service.serve(
            place,
            alerts.service.Settings(
                broker=broker.url, database=f"sqlite:///{folder / 'tickets.sqlite'}", port=ports[1], ingest=ingest_url
            ),
            clock,
        ),
        edge.service.serve(
            place,
            "cab",
            edge.service.Settings(broker=broker.url, data_dir=folder / "edge", ledger=folder / "l.csv"),
            clock,
        ),
    )
    tasks = [asyncio.create_task(part) for part in parts]
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{ports[1]}", trust_env=False) as client:
            async with asyncio.timeout(60):
                for url in (ingest_url, f"http://127.0.0.1:{ports[1]}"):
                    while not await _answers(client, f"{url}/healthz"):  # noqa: ASYNC110 - the other side has no event
                        await asyncio.sleep(0.05)
            yield client
    finally:
        for task in reversed(tasks):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task


async def _answers(client: httpx.AsyncClient, url: str) -> bool:
    with contextlib.suppress(httpx.HTTPError):
        return (await client.get(url)).status_code == 200
    return False


async def test_no_name_face_plate_or_id_number_gets_from_a_payload_into_anything_of_ours(
    nats_broker: RunningBroker, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    place = site(nats_broker)
    async with chain(place, nats_broker, tmp_path) as client:
        address = Address(nats_broker.host, nats_broker.port)
        async with Publisher(address, "camera") as camera, asyncio.timeout(60):
            told: dict[str, Any] = {}
            while told.get("gate/body_temp") is None or told.get("gate-b/body_temp") is None:
                now_ms = Clock().now_ms()
                await camera.publish("hik/DS1/event", json.dumps(hikvision(now_ms), ensure_ascii=False).encode())
                await camera.publish("ezviz/EZ1/msg", json.dumps(ezviz(now_ms), ensure_ascii=False).encode())
                broken = json.dumps(hikvision(now_ms), ensure_ascii=False)[:-9].encode()
                await camera.publish("hik/DS1/event", broken)
                await asyncio.sleep(0.5)
                told = (await client.get("/api/v1/snapshot")).json()["latest"]
            while not (tickets := (await client.get("/api/v1/tickets")).json()):  # noqa: ASYNC110 - as above
                await asyncio.sleep(0.1)
        answers = [
            (await client.get(f"/api/v1/{name}")).text for name in ("snapshot", "tickets", "transitions", "site")
        ]

    assert {ticket["hazard"] for ticket in tickets} == {"fever"}, "the measurement itself arrived"
    logged = capfd.readouterr()
    kept = _files(tmp_path)
    assert len(kept) >= 3
    found = {
        f"{name}: {secret}"
        for name, content in [
            *((str(file.relative_to(tmp_path)), file.read_bytes()) for file in kept),
            ("answers", "".join(answers).encode()),
            ("log", (logged.out + logged.err).encode()),
            ("readings", _duckdb(tmp_path / "readings.duckdb").encode()),
            ("tickets", _sqlite(tmp_path / "tickets.sqlite").encode()),
        ]
        for secret in SECRETS
        if secret.encode() in content or json.dumps(secret)[1:-1].encode() in content
    }
    assert len(SECRETS) >= 14
    assert found == set()


def _files(folder: Path) -> list[Path]:
    """Ours: the field's own broker, which holds the cameras' messages for us, is not."""
    return [file for file in folder.rglob("*") if file.is_file() and "broker" not in file.parts]


def _duckdb(file: Path) -> str:
    """Every row of every table: inside the file they are compressed."""
    with duckdb.connect(str(file), read_only=True) as connection:
        names = [name for (name,) in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()]
        rows = "".join(repr(connection.execute(f'SELECT * FROM "{name}"').fetchall()) for name in names)  # noqa: S608 - names of tables
    assert "body_temp" in rows
    return rows


def _sqlite(file: Path) -> str:
    engine = create_engine(f"sqlite:///{file}")
    names = inspect(engine).get_table_names()
    with engine.connect() as connection:
        rows = "".join(repr(connection.execute(text(f'SELECT * FROM "{name}"')).all()) for name in names)  # noqa: S608 - as above
    assert "fever" in rows
    return rows
