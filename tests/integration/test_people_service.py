"""What people order over real HTTP: shelve, windows, out of service, and the report of what was hidden."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx

from runtime.clock import Clock
from tests.brokers import RunningBroker
from tests.integration.test_alerts_service import answer, running, stream, uplink

Json = dict[str, Any]
LOCKOUT, FAR_TOO_HOT = "/api/v1/alarms/b1.lockout", "/api/v1/alarms/b1.temp_very_high"
WANG, LI = {"by": "Wang", "note": "new burner"}, {"by": "Li"}


async def refused(client: httpx.AsyncClient, path: str, body: Json) -> tuple[int, str]:
    found = await client.post(path, json=body)
    told = found.json()
    assert isinstance(told["detail"], str), told
    return found.status_code, told["reason"]


async def test_a_shelf_ends_by_itself_although_the_cabinet_is_silent(
    nats_broker: RunningBroker, tmp_path: Path, free_port: int
) -> None:
    async with running(nats_broker, tmp_path / "t.sqlite", free_port) as client, uplink(nats_broker) as edge:
        shelved = await client.post(f"{LOCKOUT}/shelve", json=WANG | {"for_s": 60})
        assert (shelved.status_code, shelved.json()["state"], shelved.json()["hidden"]["by"]) == (
            200,
            "shelved",
            "Wang",
        )
        await edge.send(burner=3.0)
        (listed,) = await answer(client, "/api/v1/shelved", lambda found: found and found[0]["active"])
        assert listed["id"] == "b1.lockout"
        assert (await client.get("/api/v1/tickets")).json() == [], "raised behind it, and nobody was called"

        async with stream(client) as events:
            await events.next()
            again = await client.post(f"{LOCKOUT}/shelve", json=WANG | {"for_s": 0.5})
            assert again.json()["hidden"]["renewals"] == 1
            delta = await events.until("tickets")

        assert [each["state"] for each in delta["alarms"]] == ["unacked"]
        assert (await client.get("/api/v1/shelved")).json() == []
        report = (await client.get("/api/v1/hidden", params={"to_ms": Clock().now_ms() + 60_000})).json()
        (told,) = report["hidden"]
        assert (told["how"], told["by"], told["why"], told["raised"], told["stood"]) == (
            "shelved", "Wang", "new burner", 1, True,
        )  # fmt: skip
        assert (await client.get("/api/v1/hidden", params={"from_ms": 5, "to_ms": 5})).status_code == 422


async def test_a_window_hides_life_safety_only_when_two_agree(
    nats_broker: RunningBroker, tmp_path: Path, free_port: int
) -> None:
    async with running(nats_broker, tmp_path / "t.sqlite", free_port) as client:
        now = Clock().now_ms()
        body = {"by": "Wang", "reason": "inspection", "assets": ["b1"], "from_ms": now, "to_ms": now + 60_000}
        broad = (await client.post("/api/v1/windows", json=body)).json()
        assert (broad["state"], broad["waits_for"]) == ("running", [])
        assert "b1.temp_very_high" in broad["never"]
        named = (await client.post("/api/v1/windows", json=body | {"rules": ["temp_very_high"]})).json()
        assert (named["waits_for"], named["alarms"]) == (["b1.temp_very_high"], [])
        confirm = f"/api/v1/windows/{named['id']}/confirm"
        assert await refused(client, confirm, WANG) == (409, "same_person")
        agreed = (await client.post(confirm, json=LI)).json()
        assert (agreed["alarms"], agreed["confirmed_by"]) == (["b1.temp_very_high"], "Li")

        hidden = (await client.get("/api/v1/alarms", params={"state": "suppressed"})).json()
        assert {each["id"] for each in hidden} > {"b1.temp_very_high", "b1.lockout"}
        assert f"anlan_alerts_suppressed {len(hidden)}.0" in (await client.get("/metrics")).text
        for each in (broad, named):
            ended = await client.post(f"/api/v1/windows/{each['id']}/end", json=LI)
            assert (ended.status_code, ended.json()["state"], ended.json()["ended_by"]) == (200, "over", "Li")
        assert (await client.get("/api/v1/windows")).json() == []
        assert len((await client.get("/api/v1/windows", params={"past": True})).json()) == 2
        assert (await client.get("/api/v1/alarms", params={"state": "suppressed"})).json() == []
        assert await refused(client, "/api/v1/windows", body | {"assets": ["b7"]}) == (422, "unknown_name")
        assert (await client.post("/api/v1/windows/99/end", json=LI)).status_code == 404


async def test_out_of_service_needs_a_permit_and_for_life_safety_two_people(
    nats_broker: RunningBroker, tmp_path: Path, free_port: int
) -> None:
    async with running(nats_broker, tmp_path / "t.sqlite", free_port) as client:
        assert (await client.post(f"{FAR_TOO_HOT}/remove", json=WANG)).status_code == 422, "no permit"
        asked = await client.post(f"{FAR_TOO_HOT}/remove", json=WANG | {"permit": "PTW-4"})
        assert (asked.status_code, asked.json()["waits"]) == (202, True)
        assert await refused(client, f"{FAR_TOO_HOT}/confirm", {"by": "wang"}) == (409, "same_person")
        agreed = await client.post(f"{FAR_TOO_HOT}/confirm", json=LI)
        assert (agreed.status_code, agreed.json()["second"], agreed.json()["overdue"]) == (200, "Li", False)
        (out,) = (await client.get("/api/v1/out-of-service")).json()
        assert (out["alarm"], out["permit"], out["waits"]) == ("b1.temp_very_high", "PTW-4", False)
        (shown,) = (await client.get("/api/v1/alarms", params={"state": "out_of_service"})).json()
        assert (shown["hidden"]["permit"], shown["protected"], shown["active"]) == ("PTW-4", True, False)

        back = await client.post(f"{FAR_TOO_HOT}/return", json=LI)
        assert (back.status_code, back.json()["state"]) == (200, "normal")
        assert (await client.post(f"{FAR_TOO_HOT}/return", json=LI)).status_code == 409
        assert await refused(client, f"{FAR_TOO_HOT}/shelve", WANG | {"for_s": 1}) == (409, "life_safety")
        assert await refused(client, f"{LOCKOUT}/shelve", WANG | {"for_s": 7201}) == (422, "too_long")
        assert (await client.post(f"{LOCKOUT}/shelve", json={"by": "Wang", "note": " ", "for_s": 1})).status_code == 422
        assert (await client.post("/api/v1/alarms/b1.flood/shelve", json=WANG | {"for_s": 1})).status_code == 404
