"""Duties over the real API, with a clock that the test turns."""

from __future__ import annotations

import ast
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from alerts import api
from alerts.access.needs import TABLE
from alerts.board import Board
from alerts.ingest_link import IngestLink
from alerts.metrics import Metrics
from alerts.stream import Stream
from alerts.writer import Writer
from tests.unit.alerts.duties.place import HOUR, Hand, Place, ms

HEX = "0123456789abcdef" * 4


@pytest.fixture
def clock() -> Hand:
    return Hand(at=[ms("2026-03-26 08:00")])


@pytest.fixture
async def client(place: Place, clock: Hand) -> AsyncIterator[httpx.AsyncClient]:
    engine = place.engine
    board = Board(engine.alarms(), [], engine.edges(), engine.latest(), engine.unknown())
    writer, ingest = Writer(engine), IngestLink("http://127.0.0.1:1")
    metrics = Metrics(dict, dict, dict, lambda: ())
    stream = Stream(board, clock.now_ms, "test")
    app = api.build(api.Parts(engine, writer, board, stream, ingest, metrics, clock, lambda: True))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as made:
        yield made
    await ingest.close()


async def get(client: httpx.AsyncClient, path: str, **params: Any) -> Any:
    found = await client.get(path, params=params)
    assert found.status_code == 200, found.text
    return found.json()


async def post(client: httpx.AsyncClient, path: str, **body: Any) -> tuple[int, Any]:
    found = await client.post(path, json=body)
    return found.status_code, found.json()


def turn(place: Place, clock: Hand, to: str) -> None:
    clock.at[0] = ms(to)
    place.look(clock.now_ms())


async def test_what_is_due_overdue_and_done_is_listed_by_unit(
    client: httpx.AsyncClient, place: Place, clock: Hand
) -> None:
    turn(place, clock, "2026-03-26 08:00")
    turn(place, clock, "2026-03-26 16:00")
    rounds = await get(client, "/api/v1/duties", unit="sanitation-station")
    assert {(each["schedule"], each["state"]) for each in rounds} == {("round-court", "open"), ("round-market", "open")}
    court = next(each for each in rounds if each["schedule"] == "round-court")
    assert court["name"] == {"en": "Collection round, courts", "zh": "小区收集线路"}
    path = f"/api/v1/duties/{court['id']}"
    assert (await post(client, f"{path}/begin", by="sanitation-a"))[0] == 200
    status, told = await post(client, f"{path}/done", by="sanitation-a", photo=HEX)
    assert (status, told["reason"]) == (422, "photo_unknown"), "a hash of nothing proves nothing"
    status, told = await post(client, f"{path}/done", by="sanitation-a", note="all four points")
    assert (status, told["state"], told["photo"]) == (200, "done", None)
    assert [each["what"] for each in told["events"]] == ["opened", "began", "done"]
    assert (await post(client, f"{path}/done", by="sanitation-a"))[0] == 409
    turn(place, clock, "2026-03-26 18:10")
    (market,) = await get(client, "/api/v1/duties", schedule="round-market")
    assert (market["state"], market["is_late"]) == ("open", True)
    turn(place, clock, "2026-03-26 19:00")
    missed = await get(client, "/api/v1/duties", state="missed", schedule="round-market")
    ticket = await get(client, f"/api/v1/tickets/{missed[0]['ticket']}")
    assert ticket["kind"] == "duty"
    assert (await post(client, f"/api/v1/duties/{missed[0]['id']}/waive", by="x", note=""))[0] == 422
    done = await get(client, "/api/v1/duties", state=["done", "late"], unit="sanitation-station")
    assert [each["schedule"] for each in done] == ["round-court"]


async def test_what_comes_next_is_told_by_the_calendar(client: httpx.AsyncClient, clock: Hand) -> None:
    coming = await get(client, "/api/v1/duties/coming", for_s=86_400, unit="riverside-sanitation")
    assert [(each["schedule"], each["due_from_ms"] - clock.now_ms()) for each in coming] == [
        ("round-village", 7.5 * HOUR), ("sweeping-village", 22 * HOUR), ("round-village", 22.5 * HOUR),
    ]  # fmt: skip
    assert {each["state"] for each in coming} == {"pending"}


async def test_a_report_goes_from_template_to_receipt(client: httpx.AsyncClient, place: Place, clock: Hand) -> None:
    turn(place, clock, "2026-03-26 14:00")
    turn(place, clock, "2026-03-26 16:00")
    (due,) = await get(client, "/api/v1/duties", schedule="report-duty")
    template = await get(client, "/api/v1/reports/template", instance=due["id"])
    assert template["numbers"]["alarms"] == {"raised": 0}
    status, report = await post(client, "/api/v1/reports", by="duty-a", instance=due["id"], zero=True)
    assert (status, report["state"], report["zero"]) == (201, "submitted", True)
    path = f"/api/v1/reports/{report['id']}"
    status, told = await post(client, f"{path}/approve", by="duty-a")
    assert (status, told["reason"]) == (409, "preparer_reviews")
    assert (await post(client, f"{path}/approve", by="supervisor-b"))[1]["state"] == "approved"
    status, told = await post(client, f"{path}/received", by="clerk", unit="street-office", receipt="No. 5")
    assert (status, told["sent"][0]["receipt"]) == (200, "No. 5")
    assert [each["id"] for each in await get(client, "/api/v1/reports", state="approved")] == [report["id"]]
    assert (await client.get("/api/v1/reports/999")).status_code == 404
    assert (await client.get("/api/v1/duties/999")).status_code == 404


async def test_the_emergency_over_the_api(client: httpx.AsyncClient, clock: Hand, place: Place) -> None:
    turn(place, clock, "2026-03-26 08:00")
    status, (mode,) = await post(client, "/api/v1/modes", by="head-office", mode="epidemic", level=1, why="a case")
    assert (status, mode["last"]["state"]) == (200, "asked")
    number = mode["last"]["id"]
    assert (await post(client, f"/api/v1/modes/{number}/agree", by="head-office"))[1]["reason"] == "same_person"
    await post(client, f"/api/v1/modes/{number}/agree", by="supervisor-a")
    reports = await get(client, "/api/v1/duties", schedule="report-sampling")
    assert [each["due_from_ms"] for each in reports] == [ms("2026-03-26 08:00")]
    zones = "/api/v1/zones/village"
    _, (grade, *_) = await post(client, f"{zones}/counts", by="head-medical", day="2026-03-26", cases=2)
    assert (grade["proposed"], grade["grade"]) == ("medium", None)
    _, (grade, *_) = await post(client, f"{zones}/confirm", by="supervisor-a", risk="medium")
    assert (grade["grade"], grade["confirmed_by"]) == ("medium", "supervisor-a")
    _, items = await post(client, "/api/v1/stock/masks", by="head-supplies", counted=10)
    assert {each["item"]: each["level"] for each in items}["masks"] == 10
    assert (await post(client, "/api/v1/stock/masks", by="x", counted=1, change=1))[0] == 422
    assert await get(client, "/api/v1/hauls") == {"hauls": [], "days": []}
    assert (await client.get("/api/v1/hauls?limit=0")).status_code == 422
    status, told = await post(client, "/api/v1/duty-triggers", by="head-office", trigger="case_found", label="case 1")
    assert status == 201
    (trigger,) = await get(client, "/api/v1/duty-triggers")
    assert trigger["id"] == told["id"]
    assert (await post(client, f"/api/v1/duty-triggers/{told['id']}/end", by="head-office"))[0] == 200
    assert await get(client, "/api/v1/duty-triggers") == []


def test_every_route_of_duties_says_what_it_needs() -> None:
    alerts = Path(__file__).parents[4] / "alerts"
    files = [*(alerts / "duties").glob("*api.py"), *(alerts / "campaigns").glob("*api.py")]
    text = "".join(path.read_text(encoding="utf-8").partition("annotations")[2] + "\n" for path in files)
    routes = sum(
        isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("get", "post")
        and isinstance(node.func.value, ast.Name) and node.func.value.id == "routes"
        for node in ast.walk(ast.parse(text))
    )  # fmt: skip
    prefixes = (
        "duties",
        "duty-triggers",
        "reports",
        "modes",
        "zones",
        "stock",
        "drills",
        "paths",
        "campaigns",
        "hauls",
    )
    listed = [path for _, path in TABLE if path.removeprefix("/api/v1/").split("/")[0] in prefixes]
    assert len(listed) == routes
