"""Shell. The people of a demo: they do what duties.toml asks for, over the API and in their own names.

Without them a demo that runs for hours of its own time would fill with work that nobody was there to do. They do not
repair, acknowledge or grade: that is for whoever plays with the demo. A round whose lorry the scenario keeps away stays
undone, and a drill needs somebody who answers.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from firmware_sim.scenario import Scenario
from runtime.clock import Clock
from vocab.duties import MAJOR_TRIGGER, After, DutyKind
from vocab.org import Access, Person
from vocab.site import Site

_LOOK_EVERY_S = 2.0
_LAST_PART = 0.2  # of its window, in which a round is said to be done that no sensor has proven
_GOOD = 0.9  # of the scale: what their inspections find
_DAY_MS = 86_400_000  # what has longer is done on its last day
_NO_LORRY = "round_missed"  # of the packs' faults: nobody comes
_AT_WORK = frozenset(Access) - {Access.VIEWER, Access.AUDITOR}
_WORDS = "按规定值守，情况见系统统计，工单均已交办。"


@dataclass(frozen=True, slots=True)
class Staff:
    """Who does what: from the site's organisation, without what the scenario prevents."""

    site: Site
    clock: Clock
    prevented: frozenset[str] = frozenset()  # assets to which no lorry comes

    @classmethod
    def of(cls, site: Site, scenario: Scenario, clock: Clock) -> Staff:
        """Of a demo."""
        faults = [each for each in scenario.inject if each.fault == _NO_LORRY]
        return cls(site, clock, frozenset(each.target for each in faults))

    def is_to_do(self, duty: Mapping[str, Any], now_ms: int) -> bool:
        """Whether they do this one now."""
        schedule = self.site.duties.schedules.get(duty["schedule"])
        if schedule is None or schedule.kind is DutyKind.DRILL or self.prevented.intersection(schedule.covers):
            return False
        if isinstance(schedule.when, After) and schedule.when.trigger == MAJOR_TRIGGER:
            return False  # whoever grades it reports it
        if schedule.id in self.site.duties.sampled:
            return False  # whoever draws a sample looks at it
        waits = schedule.proof is not None  # the sensors are asked first
        begin_ms, end_ms = int(duty["due_from_ms"]), int(duty["due_to_ms"])
        if end_ms - begin_ms > _DAY_MS:
            return now_ms >= end_ms - _DAY_MS
        return now_ms >= (end_ms - _LAST_PART * (end_ms - begin_ms) if waits else begin_ms)

    def who(self, unit: str | None, role: str | None = None) -> str:
        """Somebody of a unit who may do work; the unit itself where org.toml names nobody."""
        people = [each for each in self.site.org.members(unit or "") if self._works(each)]
        fit = [each for each in people if role is None or role in each.roles]
        return (fit or people)[0].id if people else unit or self.site.id

    def _works(self, person: Person) -> bool:
        return any(self.site.org.roles[role].access in _AT_WORK for role in person.roles)


@asynccontextmanager
async def at_work(staff: Staff, url: str, token: str) -> AsyncIterator[None]:
    """They work as long as this is open."""
    if not staff.site.duties:
        yield
        return
    work = asyncio.create_task(_work(staff, url, token), name="staff of the demo")
    try:
        yield
    finally:
        work.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await work


async def _work(staff: Staff, url: str, token: str) -> None:
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=url, timeout=20, trust_env=False, headers=headers) as client:
        while True:
            with contextlib.suppress(
                httpx.HTTPError, ValueError, KeyError
            ):  # alerts is away, or was killed by somebody
                await look(staff, client)
            await asyncio.sleep(_LOOK_EVERY_S)


async def look(staff: Staff, client: httpx.AsyncClient) -> None:
    """One look at what is asked for: done, handed in, reviewed."""
    asked = await client.get("/api/v1/duties", params={"state": "open", "limit": 1000})
    for duty in asked.raise_for_status().json():  # alerts that is only rising may refuse
        if staff.is_to_do(duty, staff.clock.now_ms()):
            await _do(staff, client, duty)
    handed_in = await client.get("/api/v1/reports", params={"state": "submitted"})
    for report in handed_in.raise_for_status().json():
        schedule = staff.site.duties.schedules.get(report["schedule"])
        by = staff.who(None if schedule is None else schedule.review)
        if by != report["prepared_by"]:
            await client.post(f"/api/v1/reports/{report['id']}/approve", json={"by": by})


async def _do(staff: Staff, client: httpx.AsyncClient, duty: Mapping[str, Any]) -> None:
    by = staff.who(duty["unit"], duty["role"])
    if duty["kind"] != DutyKind.REPORT:
        photo = ""
        if duty["needs_photo"]:
            kept = await client.post(f"/api/v1/duties/{duty['id']}/photo", content=_photo(duty["schedule"]))
            photo = str(kept.json()["sha256"])
        scoring = duty["scoring"] or {"scale": 0, "items": []}
        points = {item["id"]: scoring["scale"] * _GOOD for item in scoring["items"]}
        told = {"by": by, "photo": photo, "points": points}
        await client.post(f"/api/v1/duties/{duty['id']}/done", json=told)
        return
    template = (await client.get("/api/v1/reports/template", params={"instance": duty["id"]})).json()
    numbers = template["numbers"]
    happened = numbers["alarms"]["raised"] + sum(numbers["tickets"]["opened"].values())
    names = [heading["id"] for heading in template["headings"]] or ["text"]
    draft: dict[str, Any] = {"by": by, "instance": duty["id"], "zero": not happened}
    if happened:
        draft["texts"] = dict.fromkeys(names, _WORDS)
    await client.post("/api/v1/reports", json=draft)


def _photo(what: str) -> bytes:
    """A picture that says what it stands for."""
    from PIL import Image, ImageDraw, ImageFont

    image = Image.new("RGB", (640, 480), (206, 214, 196))
    ImageDraw.Draw(image).text((320, 240), f"DEMO\n{what}", (60, 70, 60), ImageFont.load_default(36), anchor="mm")
    out = io.BytesIO()
    image.save(out, "JPEG")
    return out.getvalue()
