"""The photo that proves a duty: handed in, kept under its hash, shown again; over the real API."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from alerts import api
from alerts.access.door import Door
from alerts.board import Board
from alerts.ingest_link import IngestLink
from alerts.metrics import Metrics
from alerts.stream import Stream
from alerts.tickets.attachments import Cellar
from alerts.writer import Writer
from tests.unit.alerts.duties.place import Hand, Place, ms
from tests.unit.alerts.tickets.test_images import jpeg, png

THURSDAY = "2026-03-26 09:00"
PATH = "/api/v1/duties/{}/photo"


def built(place: Place, folder: Path, door: Door | None = None) -> tuple[object, IngestLink]:
    engine, clock = place.engine, Hand(at=[ms(THURSDAY)])
    board = Board(engine.alarms(), [], engine.edges(), engine.latest(), engine.unknown())
    ingest, stream = IngestLink("http://127.0.0.1:1"), Stream(board, clock.now_ms, "test")
    metrics, cellar = Metrics(dict, dict, dict, lambda: ()), Cellar(folder / "attachments", 4096, 5)
    parts = api.Parts(
        engine, Writer(engine), board, stream, ingest, metrics, clock, lambda: True, door=door, cellar=cellar
    )
    return api.build(parts), ingest


@pytest.fixture
async def client(place: Place, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    app, ingest = built(place, tmp_path)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as made:  # type: ignore[arg-type]
        yield made
    await ingest.close()


def cleanup(place: Place) -> int:
    """The Thursday clean-up, which is done only with a photo."""
    place.look("2026-03-25 12:00")
    place.look(THURSDAY)
    return int(place.duties("thursday-cleanup")[0]["id"])


async def test_a_photo_is_kept_without_what_tells_who_took_it_and_proves_the_duty(
    client: httpx.AsyncClient, place: Place, tmp_path: Path
) -> None:
    duty = cleanup(place)
    assert (await client.get(PATH.format(duty))).status_code == 404
    kept = await client.post(PATH.format(duty), content=jpeg())
    sha256 = kept.json()["sha256"]
    assert kept.status_code == 201
    assert hashlib.sha256((tmp_path / "attachments" / sha256[:2] / sha256).read_bytes()).hexdigest() == sha256

    for other in ("ab" * 32, Cellar(tmp_path / "attachments", 4096, 5).put(b"%PDF-1.7 no picture")):
        wrong = await client.post(f"/api/v1/duties/{duty}/done", json={"by": "riverside-director", "photo": other})
        assert (wrong.status_code, wrong.json()["reason"]) == (422, "photo_unknown")
    done = await client.post(f"/api/v1/duties/{duty}/done", json={"by": "riverside-director", "photo": sha256})
    shown = await client.get(PATH.format(duty))
    assert (done.status_code, done.json()["photo"]) == (200, sha256)
    assert shown.headers["content-type"] == "image/jpeg"
    assert hashlib.sha256(shown.content).hexdigest() == sha256
    assert "sandbox" in shown.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("data", "status"), [(b"%PDF-1.7 x", 422), (b"plain words", 422), (b"GIF89a\x01", 422), (bytes(5000), 413)]
)
async def test_only_pictures_of_a_decent_size_are_taken(
    client: httpx.AsyncClient, place: Place, data: bytes, status: int
) -> None:
    duty = cleanup(place)
    answer = await client.post(PATH.format(duty), content=data)
    assert answer.status_code == status
    assert (await client.post(PATH.format(duty), content=png())).status_code == 201
    assert (await client.post(PATH.format(10**6), content=png())).status_code == 404


async def test_who_may_only_look_hands_in_no_photo(place: Place, tmp_path: Path) -> None:
    door = Door(place.engine.database, place.site, Hand(at=[ms(THURSDAY)]), tmp_path / "state")
    _, token = door.add_token("screen", "test", ("see",))
    app, ingest = built(place, tmp_path, door)
    duty = cleanup(place)
    headers = {"Authorization": f"Bearer {token}"}
    transport = httpx.ASGITransport(app)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1", headers=headers) as client:
        answer = await client.post(PATH.format(duty), content=png())
    await ingest.close()

    assert (answer.status_code, answer.json()["reason"]) == (403, "not_your_work")
