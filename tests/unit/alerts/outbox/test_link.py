"""The link of a page over HTTP: expired, tampered with, used twice, of a closed ticket; and that it does only that."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import select

from alerts.database import reading
from alerts.tables import metadata
from tests.carrier import Carrier
from tests.unit.alerts.asking import boiler_tickets
from tests.unit.alerts.oncall.house import House, house
from tests.unit.alerts.oncall.people import staffed
from tests.unit.alerts.plant import Cabinet, at

HOUR = 3600.0
# What an answer by link may change: the ticket with its steps and lines, its alarms, its call and pages, and the log.
MAY_CHANGE = {"tickets", "ticket_events", "evidence", "alarms", "transitions", "calls", "pages", "audit", "alarm_state"}


@asynccontextmanager
async def paged(tmp_path: Path, cabinet: Cabinet) -> AsyncIterator[tuple[House, httpx.AsyncClient, str]]:
    """A house in which somebody was paged, a stranger with a phone, and the path of the link."""
    with Carrier() as carrier:
        async with house(staffed(url=carrier.url), tmp_path) as here, here.client() as phone:
            await here.room.hot(cabinet, 0, 10)
            link = str(carrier.taken[0].body["links"][0]).removeprefix("http://phone")
            yield here, phone, link


def rows(here: House) -> dict[str, list[Any]]:
    """Everything that the database holds."""
    with reading(here.room.engine.database) as connection:
        return {name: sorted(map(repr, connection.execute(select(table)))) for name, table in metadata.tables.items()}


def changed(before: dict[str, list[Any]], after: dict[str, list[Any]]) -> set[str]:
    return {name for name in before if before[name] != after[name]}


async def test_to_look_at_a_link_changes_nothing_and_to_press_its_button_acknowledges_and_does_only_that(
    tmp_path: Path, cabinet: Cabinet
) -> None:
    async with paged(tmp_path, cabinet) as (here, phone, link):
        before = rows(here)
        shown = await phone.get(link)
        head = await phone.head(link)
        assert (shown.status_code, "<button>确认</button>" in shown.text, head.status_code) == (200, True, 405)
        assert shown.headers["content-security-policy"].startswith("default-src 'none'")
        assert (shown.headers["cache-control"], shown.headers["referrer-policy"]) == ("no-store", "no-referrer")
        assert changed(before, rows(here)) == set()

        pressed = await phone.post(link)
        assert (pressed.status_code, "<button>" in pressed.text) == (200, False)
        after = rows(here)
        assert changed(before, after) <= MAY_CHANGE
        (ticket,) = boiler_tickets(here.room.engine)
        assert (ticket.acked_by, ticket.closed_ms) == ("e", None)
        told = here.door.log.rows(None, 1)[0]
        assert (told["what"], told["actor"], told["about"]["state"]) == ("answered_by_link", "e", "answered")


async def test_a_link_opens_nothing_else(tmp_path: Path, cabinet: Cabinet) -> None:
    async with paged(tmp_path, cabinet) as (here, phone, link):
        token = link.rsplit("/", 1)[1]
        (ticket,) = boiler_tickets(here.room.engine)
        bearer = {"Authorization": f"Bearer {token}"}
        asked = [
            await phone.get("/api/v1/tickets", headers=bearer),
            await phone.get("/api/v1/tickets", headers={"Cookie": f"anlan_session={token}"}),
            await phone.post(f"/api/v1/tickets/{ticket.id}/acknowledge", json={"by": "e"}, headers=bearer),
            await phone.post(f"/api/v1/tickets/{ticket.id}/discard", json={"by": "e", "note": "x"}, headers=bearer),
        ]
        others = [await phone.request(method, link) for method in ("PUT", "DELETE", "PATCH")]
        calendar = await phone.get(f"/calendar/{token}.ics")
        body = await phone.post(link, json={"by": "g", "ticket": 99, "note": "x", "close": True})
        (after,) = boiler_tickets(here.room.engine)

    assert {each.status_code for each in asked} == {401}
    assert {each.status_code for each in others} <= {401, 405}
    assert calendar.status_code == 404
    assert (body.status_code, after.acked_by, after.closed_ms) == (200, "e", None), (
        "what a body says counts for nothing"
    )


async def test_used_twice_it_says_who_answered_and_changes_nothing_more(tmp_path: Path, cabinet: Cabinet) -> None:
    async with paged(tmp_path, cabinet) as (here, phone, link):
        first = await phone.post(link)
        once = rows(here)
        here.room.clock.set(60)
        second = await phone.post(link)
        assert (first.status_code, second.status_code) == (200, 200)
        assert "值班员E已于2026-03-26 08:00:10确认" in second.text
        assert changed(once, rows(here)) <= {"audit"}
        (ticket,) = boiler_tickets(here.room.engine)
        assert ticket.acked_ms == at(10)


async def test_expired_it_says_so_and_acknowledges_nothing(tmp_path: Path, cabinet: Cabinet) -> None:
    async with paged(tmp_path, cabinet) as (here, phone, link):
        valid_s = here.room.engine.site.channels.links.valid_s
        here.room.clock.set(10 + valid_s + 60)
        answers = [await phone.get(link), await phone.post(link)]
        assert [each.status_code for each in answers] == [410, 410]
        assert all("此链接已过期" in each.text and "<button>" not in each.text for each in answers)
        assert boiler_tickets(here.room.engine)[0].acked_ms is None


async def test_tampered_with_in_any_part_it_is_no_link(tmp_path: Path, cabinet: Cabinet) -> None:
    async with paged(tmp_path, cabinet) as (here, phone, link):
        before = rows(here)
        parts = link.rsplit("/", 1)[1].split(".")
        for part, whole in enumerate(parts):
            for forged in ("1" + whole, whole[:-1], whole[::-1] + "x", "", "9" * 400, "%2e", "é"):
                token = ".".join([*parts[:part], forged, *parts[part + 1 :]])
                for method in ("GET", "POST"):
                    answer = await phone.request(method, f"/a/{token}")
                    assert (answer.status_code, "<button>" in answer.text) == (404, False), token
        assert changed(before, rows(here)) == set()


async def test_on_a_closed_ticket_it_says_that_nothing_is_left(tmp_path: Path, cabinet: Cabinet) -> None:
    async with paged(tmp_path, cabinet) as (here, phone, link):
        (ticket,) = boiler_tickets(here.room.engine)
        lead = here.as_("lead", ("see", "work", "operate", "supervise"))
        closed = await here.post(lead, f"tickets/{ticket.id}/discard", note="a test of the burner", approver="g")
        assert closed[0] == 200, closed
        before = rows(here)
        answers = [await phone.get(link), await phone.post(link)]
        assert [each.status_code for each in answers] == [410, 410]
        assert all("此呼叫已结束" in each.text for each in answers)
        assert changed(before, rows(here)) <= {"audit"}
        assert boiler_tickets(here.room.engine)[0].acked_ms is None


async def test_the_description_tells_every_answer_of_a_link(tmp_path: Path) -> None:
    async with house(staffed(), tmp_path) as here:
        paths = here.app.openapi()["paths"]["/a/{token}"]

    assert all({"200", "404", "410", "503"} <= told["responses"].keys() for told in paths.values())
