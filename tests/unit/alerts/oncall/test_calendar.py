"""Calendars to subscribe to: what stands in them, who makes and revokes them, and what their token does not open."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from icalendar import Calendar

from tests.unit.alerts.oncall.house import LEAD, House, house
from tests.unit.alerts.oncall.people import staffed
from tests.unit.alerts.plant import at

HOUR = 3600.0
NIGHT, MORNING = 12 * HOUR, 24 * HOUR


async def events(here: House, path: str) -> tuple[str, list[Any]]:
    """Name of the calendar and its events, read as a phone reads them: without signing in."""
    async with here.client() as phone:
        found = await phone.get(path)
    assert (found.status_code, found.headers["content-type"]) == (200, "text/calendar; charset=utf-8")
    assert found.headers["cache-control"] == "private, no-store"
    calendar = Calendar.from_ical(found.text)
    assert (calendar["version"], calendar["prodid"]) == ("2.0", "-//Anlan//on-call//")
    return str(calendar["x-wr-calname"]), list(calendar.walk("VEVENT"))


def by_moment(found: list[Any]) -> dict[datetime, Any]:
    assert len({each["dtstart"].dt for each in found}) == len(found)
    return {each["dtstart"].dt: each for each in found}


def moment(second: float) -> datetime:
    return datetime.fromtimestamp(at(second) / 1000, UTC)


async def test_a_persons_calendar_holds_their_turns_and_follows_a_stand_in(tmp_path: Path) -> None:
    async with house(staffed(), tmp_path) as here:
        status, made = await here.post(here.as_("d"), "calendars", of="person:d")
        assert (status, made["url"]) == (201, f"http://phone{made['path']}")
        name, found = await events(here, made["path"])
        mine = by_moment(found)
        assert name == "值班：值班员D"
        turn = mine[moment(NIGHT)]
        assert (turn["summary"], turn["dtend"].dt) == ("值班 · 夜班", moment(MORNING))
        assert moment(NIGHT) - min(mine) >= (moment(NIGHT) - moment(0)) * 8, "a week back"
        assert (max(mine) - moment(0)).days >= 55, "as far ahead as the data says"
        uids = {str(each["uid"]) for each in mine.values()}
        assert len(uids) == len(mine)

        body = {"from_ms": at(NIGHT), "to_ms": at(MORNING), "roster": "duty", "person": "b", "instead_of": "d"}
        await here.post(here.as_("lead", LEAD), "roster-overrides", note="ill", **body)
        after = by_moment((await events(here, made["path"]))[1])
        assert mine.keys() - after.keys() == {moment(NIGHT)}
        assert uids > {str(each["uid"]) for each in after.values()}, "what stays keeps its name"
        _, other = await here.post(here.as_("b"), "calendars", of="person:b")
        theirs = by_moment((await events(here, other["path"]))[1])
        assert (theirs[moment(NIGHT)]["summary"], theirs[moment(NIGHT)]["description"]) == ("值班 · 夜班", "代值班员D")


async def test_a_teams_and_a_rosters_calendar_say_who(tmp_path: Path) -> None:
    async with house(staffed(), tmp_path) as here:
        told = {}
        for of in ("roster:deputy", "unit:room"):
            _, made = await here.post(here.as_("d"), "calendars", of=of)
            name, found = await events(here, made["path"])
            told[name] = [str(each["summary"]) for each in found]
        assert set(told["值班：备勤"]) == {"备勤 · 值班员F"}
        assert len(told["值班：备勤"]) == 10, "a week is one event"
        assert set(told["值班：值班室"]) == {"备勤 · 值班员F"} | {
            f"值班 · {shift} · 值班员{name}" for shift in ("白班", "夜班") for name in "ABCDE"
        }


async def test_a_token_shows_one_calendar_and_nothing_else_until_whoever_made_it_revokes_it(tmp_path: Path) -> None:
    async with house(staffed(), tmp_path) as here, here.client() as phone:
        _, made = await here.post(here.as_("d"), "calendars", of="person:d")
        token = made["path"].removeprefix("/calendar/").removesuffix(".ics")
        bearer = {"Authorization": f"Bearer {token}"}
        assert (await phone.get("/api/v1/rosters", headers=bearer)).status_code == 401
        assert (await phone.post(f"/a/{token}")).status_code == 404
        assert (await phone.get(f"/calendar/{token[:-1]}.ics")).status_code == 404
        session = here.door.add_token("x", "test", ("see",))[1]
        assert (await phone.get(f"/calendar/{session}.ics")).status_code == 404, "another key is no calendar"
        (listed,) = await here.get("calendars")
        assert (listed["of"], listed["by"], "token" in listed) == ("person:d", "d", False)
        for who, of, status in (("d", "person:nobody", 422), ("d", "place:town", 422)):
            assert (await here.post(here.as_(who), "calendars", of=of))[0] == status
        assert (await here.post(here.as_("viewer", ("see",)), "calendars", of="person:d"))[0] == 403
        revoke = f"calendars/{made['id']}/revoke"
        assert (await here.post(here.as_("e"), revoke))[1]["reason"] == "not_yours"
        assert (await here.post(here.as_("d"), revoke))[0] == 200
        assert (await here.post(here.as_("d"), revoke))[0] == 409
        assert (await phone.get(made["path"])).status_code == 404
        logged = [row["what"] for row in here.door.log.rows(None, 100)]
        assert {"calendar_added", "key_revoked"} <= set(logged)
        assert token not in str(here.door.log.rows(None, 100))


async def test_the_calendar_of_somebody_whose_account_was_closed_is_closed_too(tmp_path: Path) -> None:
    async with house(staffed(), tmp_path) as here, here.client() as phone:
        here.door.add_account("d", "test")
        _, made = await here.post(here.as_("d"), "calendars", of="roster:duty")
        assert (await phone.get(made["path"])).status_code == 200
        here.door.set_disabled("d", "test", disabled=True)
        assert (await phone.get(made["path"])).status_code == 404
