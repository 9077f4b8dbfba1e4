"""Tickets over real HTTP: every verb, files, the bundle, Open311, and what is refused."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from alerts.tickets.bodies import BODIES
from runtime.clock import Clock
from tests.brokers import RunningBroker
from tests.integration.test_alerts_service import answer, running, uplink
from tests.unit.alerts.tickets.test_images import GPS, exif, jpeg

Json = dict[str, Any]
PATROL = {
    "by": "patrol",
    "grid": "g1",
    "category": "sanitation",
    "hazard": "exposed_rubbish",
    "text": "bags at the gate",
}


@pytest.fixture
async def client(nats_broker: RunningBroker, tmp_path: Path, free_port: int) -> AsyncIterator[httpx.AsyncClient]:
    async with running(nats_broker, tmp_path / "t.sqlite", free_port) as found, uplink(nats_broker) as edge:
        await edge.send(burner=3.0)
        await answer(found, "/api/v1/tickets", lambda tickets: tickets != [])
        yield found


async def do(client: httpx.AsyncClient, number: str, verb: str, by: str = "worker", **told: Any) -> Json:
    found = await client.post(f"/api/v1/tickets/{number}/{verb}", json={"by": by, **told})
    assert found.status_code == 200, found.text
    body: Json = found.json()
    return body


async def refused(client: httpx.AsyncClient, ticket: str, verb: str, status: int = 409, **told: Any) -> str:
    found = await client.post(f"/api/v1/tickets/{ticket}/{verb}", json={"by": "worker", **told})
    assert found.status_code == status, found.text
    body = found.json()
    if status == 409:
        assert body["why"] == body["reason"]
        assert set(body["words"]) == {"en", "zh"}
        assert all(body["words"].values())
        return str(body["why"])
    return str(body["detail"])


async def test_every_verb_is_there_and_refuses_with_a_reason_in_both_languages(client: httpx.AsyncClient) -> None:
    later = Clock().now_ms() + 10**9
    major = (await client.post("/api/v1/tickets", json=PATROL | {"asset": "b2", "grade": "major"})).json()["id"]
    assert await refused(client, major, "begin") == "not_here"
    await do(client, major, "classify", category="hazard")
    assert await refused(client, major, "grade", grade="general") == "approver_missing"
    await do(client, major, "grade", grade="major")
    assert await refused(client, major, "dispatch", unit="x") == "plan_incomplete"
    await do(client, major, "report_upward", unit="county")
    assert await refused(client, major, "received", receipt=" ") == "no_receipt"
    await do(client, major, "received", receipt="no. 5", person="county duty officer")
    five: Json = {"responsibility": "a", "measures": "b", "funds": "c", "time_limit_ms": later, "emergency_plan": "d"}
    assert (await do(client, major, "plan", **five))["work"]["plan"]["missing"] == []
    await do(client, major, "dispatch", unit="boiler-house")
    assert await refused(client, major, "return") == "note_missing"
    await do(client, major, "return", note="not ours")
    await do(client, major, "dispatch")
    await do(client, major, "begin")
    assert await refused(client, major, "relieve", note="ill") == "person_missing"
    await do(client, major, "relieve", person="second shift", note="end of the shift")
    await do(client, major, "interim", note="fenced off")
    await do(client, major, "extend", due_ms=later + 1, approver="chief", note="part missing")
    await do(client, major, "escalate", unit="county")
    await do(client, major, "defer", due_ms=later, approver="chief", note="winter")
    assert await refused(client, major, "repaired") == "not_here"
    await do(client, major, "resume")
    await do(client, major, "repaired")
    assert await refused(client, major, "supervise", note="seen") == "rectifier_accepts"
    await do(client, major, "supervise", "inspector", note="seen")
    await do(client, major, "reject", "inspector", note="it still drips")
    await do(client, major, "repaired")
    assert await refused(client, major, "accept", level="city") == "rectifier_accepts"
    await do(client, major, "accept", "district officer", level="district")
    assert await refused(client, major, "write_off") == "not_accepted"
    await do(client, major, "accept", "city officer", level="city")
    assert (await do(client, major, "write_off", "city officer"))["state"] == "written_off"
    await do(client, major, "evaluate", "office")
    await do(client, major, "reopen", "inspector", note="again")
    await do(client, major, "merge", ticket=1, approver="chief", note="the same")
    other = (await client.post("/api/v1/tickets", json=PATROL)).json()["id"]
    await do(client, other, "discard", approver="chief", note="nothing there")

    steps = (await client.get(f"/api/v1/tickets/{major}/events")).json() + (
        await client.get(f"/api/v1/tickets/{other}/events")
    ).json()
    assert {each["verb"] for each in steps} == {verb.value for verb in BODIES} | {"open"}
    assert steps[-1]["new_word"] == {"en": "Void", "zh": "已作废"}
    listed = (await client.get("/api/v1/tickets", params={"open": "true"})).json()
    assert {each["id"] for each in listed if each["category"] == "hazard"} == {"1"}


async def test_what_makes_no_sense_is_refused(client: httpx.AsyncClient) -> None:
    assert await refused(client, "99", "begin", 404)
    for verb in ("verified", "refuted", "acknowledged"):
        assert (await client.post(f"/api/v1/tickets/1/{verb}", json={"by": "x"})).status_code in (404, 405)
    assert await refused(client, "1", "begin", by="system") == "reserved_name"
    for body in (PATROL | {"grid": "moon"}, PATROL | {"asset": "b9"}, PATROL | {"source": "sensor"}, {"by": "x"}):
        assert (await client.post("/api/v1/tickets", json=body)).status_code == 422
    assert (await client.get("/api/v1/tickets/99/events")).status_code == 404
    assert (await client.get("/api/v1/tickets/99/verbs")).status_code == 404
    assert (await client.post("/api/v1/tickets/99/note", json={"by": "x", "note": "x"})).status_code == 404
    assert (await client.post("/api/v1/tickets/1/note", json={"by": "x", "note": " "})).status_code == 422
    assert await refused(client, "1", "note", by="system", note="x") == "reserved_name"
    offered = (await client.get("/api/v1/tickets/1/verbs")).json()
    assert {"begin", "note"} <= {each["verb"] for each in offered["offers"]}
    assert offered["others"] == [], "without a door everybody may do everything"
    table = (await client.get("/api/v1/workflow")).json()
    assert table["possible"]["begin"] == ["dispatched"]
    assert (await client.get("/api/v1/ticket-counts")).json()["sources"]["sensor"] >= 1
    assert "anlan_alerts_tickets_closed_unverified 0.0" in (await client.get("/metrics")).text


async def test_a_photo_is_kept_without_its_place_and_served_so_that_it_can_do_nothing(
    client: httpx.AsyncClient, tmp_path: Path
) -> None:
    path, who = "/api/v1/tickets/1/attachments", {"by": "worker", "name": '../../阀门".jpg', "note": "new valve"}
    made = await client.post(path, params=who, content=jpeg(exif(6)), headers={"Content-Type": "image/jpeg"})
    assert made.status_code == 201, made.text
    told = made.json()
    assert (told["media_type"], told["name"], told["by"]) == ("image/jpeg", "....阀门.jpg", "worker")
    got = await client.get(f"{path}/{told['id']}")
    assert (got.status_code, GPS in got.content, got.headers["x-content-type-options"]) == (200, False, "nosniff")
    assert "sandbox" in got.headers["content-security-policy"]
    (kept,) = (tmp_path / "attachments").rglob(told["sha256"])
    assert kept.read_bytes() == got.content

    assert (await client.post(path, params=who, content=b"MZ\x90\0\0")).status_code == 422
    assert (await client.post(path, params=who, content=b"x" * (10 * 2**20 + 1))).status_code == 413
    assert (await client.post(path, params={"by": " "}, content=b"text")).status_code == 422
    assert (await client.post("/api/v1/tickets/99/attachments", params=who, content=b"text")).status_code == 404
    assert (await client.get(f"{path}/77")).status_code == 404
    assert [each["id"] for each in (await client.get(path)).json()] == [told["id"]]

    bundle = await client.get("/api/v1/tickets/1/bundle")
    assert bundle.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(bundle.content)) as archive:
        manifest = json.loads(archive.read("manifest.json"))
        names = set(archive.namelist())
        assert names == set(manifest["files"]) | {"manifest.json"}
        assert {"ticket.json", "events.json", "transitions.json", "rule.json"} < names
        assert manifest["missing"] == ["signal.csv: the history is not available"], "ingest is away here"
        (photo,) = [name for name in names if name.startswith("attachments/")]
        assert archive.read(photo) == got.content
        assert json.loads(archive.read("rule.json"))["rules"][0]["id"] == "lockout"
        assert json.loads(archive.read("events.json"))[-1]["verb"] == "attach"
    assert (await client.get("/api/v1/tickets/99/bundle")).status_code == 404


async def test_a_resident_reports_follows_and_rates(client: httpx.AsyncClient) -> None:
    services = (await client.get("/open311/v2/services.json")).json()
    assert [each["service_code"] for each in services] == ["garbage", "boiler"]
    assert (services[0]["group"], services[0]["keywords"]) == ("其他", "sanitation,other"), "a site without sectors"
    assert (await client.get("/open311/v2/services.json?sector=food")).json() == []
    assert (await client.get("/open311/v2/requests.json?sector=food")).json() == []
    form = {
        "service_code": "garbage",
        "lat": "31.2",
        "long": "121.5",
        "description": "垃圾三天没清",
        "phone": "13800000000",
    }
    first = await client.post("/open311/v2/requests.json", data=form)
    assert first.status_code == 201, first.text
    number = first.json()[0]["service_request_id"]
    near = await client.post("/open311/v2/requests.json", data=form | {"lat": "31.2002"})
    assert near.json()[0]["service_request_id"] == number, "22 m away"
    far = await client.post("/open311/v2/requests.json", json=form | {"lat": "31.21"})
    assert far.json()[0]["service_request_id"] != number, "1.1 km away"
    boiler = await client.post("/open311/v2/requests.json", data={"service_code": "boiler", "address_id": "b1"})
    assert boiler.json()[0]["service_request_id"] == "1", "the sensor's open ticket of that boiler"

    (told,) = (await client.get(f"/open311/v2/requests/{number}.json")).json()
    assert (told["status"], told["service_code"], told["lat"], told["description"]) == (
        "open", "garbage", 31.2, "垃圾三天没清",
    )  # fmt: skip
    assert "13800000000" not in (await client.get(f"/api/v1/tickets/{number}")).text
    listed = (await client.get("/open311/v2/requests.json", params={"service_code": "garbage"})).json()
    assert len(listed) == 2
    assert (await client.post(f"/api/v1/tickets/{number}/rate", json={"by": "r", "stars": 5})).status_code == 409
    for verb, more in (("classify", {"category": "sanitation"}), ("grade", {"grade": "general"}), ("dispatch", {})):
        await do(client, number, verb, **more)
    for verb, who in (("begin", "crew"), ("repaired", "crew"), ("accept", "duty"), ("write_off", "duty")):
        await do(client, number, verb, who)
    rated = await client.post(f"/api/v1/tickets/{number}/rate", json={"by": "r", "stars": 4, "note": "quick"})
    assert rated.json()["work"]["rating"] == 4
    assert (await client.post(f"/api/v1/tickets/{number}/rate", json={"by": "r", "stars": 4})).status_code == 409
    closed = (await client.get("/open311/v2/requests.json", params={"status": "closed"})).json()
    assert [each["service_request_id"] for each in closed] == [number]


@pytest.mark.parametrize(
    "form",
    [{}, {"service_code": "ufo"}, {"service_code": "garbage"}, {"service_code": "garbage", "lat": "x", "long": "1"},
     {"service_code": "garbage", "lat": "91", "long": "1"}, {"service_code": "garbage", "lat": "nan", "long": "1"}],
)  # fmt: skip
async def test_a_report_that_says_nothing_is_told_what_is_wrong(client: httpx.AsyncClient, form: Json) -> None:
    found = await client.post("/open311/v2/requests.json", data=form)
    assert (found.status_code, found.json()[0]["code"]) == (400, 400)
    for query in ("status=maybe", "start_date=now", "start_date=2026-03-26T08:00:00", "service_request_id=x"):
        assert (await client.get(f"/open311/v2/requests.json?{query}")).status_code == 400
    assert (await client.get("/open311/v2/requests/99.json")).status_code == 404
    assert (await client.get("/open311/v2/requests/x.json")).status_code == 404
