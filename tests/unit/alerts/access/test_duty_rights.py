"""Duties, reports and lists behind the gate: everybody acts and looks where their right reaches, and nowhere else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import insert

from alerts.database import writing
from alerts.duties.subjects import subjects
from alerts.duties.tables import duty_instances, duty_triggers, modes, reports
from alerts.edge_tables import edge_events
from alerts.tables import outages, transitions
from runtime.clock import Clock
from tests.unit.alerts.access.house import SITE, House, house
from vocab.instant import from_ms
from vocab.org import Access

API = "/api/v1"
REPORT_PATHS = ("approve", "return", "received")


def put(here: House, table: Any, **values: Any) -> int:
    with writing(here.engine.database) as connection:
        return int(connection.execute(insert(table).values(site=SITE.id, **values).returning(table.c.id)).scalar_one())


def duty(here: House, schedule: str, subject: str = "", number: int = 0) -> int:
    """One that is asked for now."""
    now_ms = Clock().now_ms() + number
    times = {"due_from_ms": now_ms - 1000, "due_to_ms": now_ms + 3_600_000, "overdue_ms": now_ms + 7_200_000}
    return put(here, duty_instances, schedule=schedule, subject=subject, state="open", **times)


def report(here: House, schedule: str, unit: str, instance: int) -> int:
    told = {"from_ms": 1, "to_ms": 2, "zero": True, "texts": "{}", "numbers": "{}", "note": "", "review_note": ""}
    return put(
        here, reports, schedule=schedule, unit=unit, instance=instance, state="submitted", prepared_by="x",
        submitted_ms=2, **told,
    )  # fmt: skip


def refusals(answers: list[httpx.Response]) -> set[tuple[int, str]]:
    return {(each.status_code, each.json()["reason"]) for each in answers}


FOREIGN = {(403, "foreign_place")}


async def test_nobody_does_a_duty_or_touches_a_report_outside_their_place(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        own, theirs = duty(here, "thursday-cleanup"), duty(here, "round-market")
        asked = duty(here, "report-duty")
        told = report(here, "report-duty", "duty-room", asked)
        worker, director = await here.signed_in("riverside-grid"), await here.signed_in("riverside-director")
        body = {"note": "x", "zero": True, "unit": "street-office", "receipt": "No. 1"}
        foreign = [
            await worker.get(f"{API}/duties/{theirs}"),
            *[await worker.post(f"{API}/duties/{theirs}/{verb}", json={}) for verb in ("begin", "done")],
            await director.post(f"{API}/duties/{theirs}/waive", json=body),
            await worker.get(f"{API}/reports/template", params={"instance": asked}),
            await worker.post(f"{API}/reports", json=body | {"instance": asked}),
            await worker.get(f"{API}/reports/{told}"),
            await director.get(f"{API}/paper/report/{told}.docx"),
            *[await director.post(f"{API}/reports/{told}/{verb}", json=body) for verb in REPORT_PATHS],
        ]
        mine = [
            await worker.get(f"{API}/duties/{own}"),
            await worker.post(f"{API}/duties/{own}/begin", json={}),
            await director.post(f"{API}/duties/{own}/waive", json=body),
        ]
        beyond = await worker.post(f"{API}/duties/{own}/waive", json=body)
        missing = await worker.get(f"{API}/duties/99999")
        room = await here.signed_in("duty-a")
        theirs_too = [await room.get(f"{API}/reports/{told}"), await room.get(f"{API}/paper/report/{told}.docx")]

    assert refusals(foreign) == FOREIGN, [each.text for each in foreign]
    assert foreign[0].json()["words"]["zh"] == "您的权限范围不包括：市集网格。"
    assert [each.status_code for each in (*mine, *theirs_too)] == [200] * 5
    assert (beyond.status_code, beyond.json()["reason"], missing.status_code) == (403, "not_your_work", 404)


async def test_a_number_that_is_written_otherwise_or_twice_opens_no_other_door(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        own, theirs = duty(here, "thursday-cleanup"), duty(here, "report-duty")
        ticket = here.ticket("north", "gas-canteen")
        worker = await here.signed_in("riverside-grid")
        bodies = [{"instance": each, "zero": True} for each in (str(theirs), float(theirs), f"+{theirs}", True)]
        answers = [
            await worker.post(f"{API}/tickets/+{ticket}/acknowledge", json={}),
            await worker.get(f"{API}/tickets/%20{ticket}"),
            await worker.post(f"{API}/duties/+{theirs}/done", json={}),
            await worker.get(f"{API}/reports/template?instance={own}&instance={theirs}"),
            await worker.get(f"{API}/reports/template?instance=%2B{theirs}"),
            *[await worker.post(f"{API}/reports", json=each) for each in bodies],
            await worker.get(f"{API}/trend?asset=pool-1&asset=gas-canteen&point=ch4"),
            await worker.post(
                f"{API}/tickets", json={"grid": "village", "asset": " gas-canteen", "category": "hazard", "text": "x"}
            ),
        ]

    assert refusals(answers) == FOREIGN, [each.text for each in answers]


async def test_triggers_modes_areas_and_supplies_are_for_those_of_their_place(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        case = put(here, duty_triggers, trigger="case_found", label="1 case", at_ms=1, by="x", note="")
        on = put(
            here, modes, mode="epidemic", level=1, why="x", asked_ms=1, begun_ms=2, agreed="[]", end_agreed="[]",
            end_why="", summary='{"tickets": {}}',
        )  # fmt: skip
        count = {"day": from_ms(Clock().now_ms()).date().isoformat(), "cases": 1}
        director = await here.signed_in("riverside-director")
        foreign = [
            await director.post(f"{API}/duty-triggers", json={"trigger": " case_found ", "label": "x"}),
            await director.post(f"{API}/duty-triggers/{case}/end", json={}),
            await director.post(f"{API}/modes", json={"mode": "epidemic", "level": 1, "why": "x"}),
            *[await director.post(f"{API}/modes/{on}/{verb}", json={"note": "x"}) for verb in ("agree", "end")],
            await director.post(f"{API}/zones/market/counts", json=count),
            await director.post(f"{API}/zones/market/confirm", json={"risk": "low", "note": "x"}),
            await director.post(f"{API}/stock/masks", json={"counted": 1}),
        ]
        counted = await director.post(f"{API}/zones/village/counts", json=count)
        moved = await director.post(f"{API}/stock/handcarts", json={"counted": 3})
        shown = {name: (await director.get(f"{API}/{name}")).json() for name in ("duty-triggers", "stock", "zones")}
        (mode,) = (await director.get(f"{API}/modes")).json()
        room = await here.signed_in("duty-a")
        whole = {name: (await room.get(f"{API}/{name}")).json() for name in ("duty-triggers", "stock")}

    assert refusals(foreign) == FOREIGN, [each.text for each in foreign]
    assert {row["place"] for row in counted.json()} == {row["place"] for row in shown["zones"]} == {"village"}
    assert [row["item"] for row in moved.json()] == [row["item"] for row in shown["stock"]] == ["tractors", "handcarts"]
    assert (shown["duty-triggers"], len(whole["duty-triggers"]), len(whole["stock"])) == ([], 1, 4)
    assert (mode["last"]["state"], mode["last"]["summary"]) == ("on", None), "that it is on is for all, the counts not"


async def test_every_page_is_full_although_others_have_newer_rows(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        for number, (asset, schedule) in enumerate([("pool-1", "round-village")] * 3 + [("bin-4", "round-market")] * 5):
            duty(here, schedule, number=number)
            with writing(here.engine.database) as connection:
                times = {"at_ms": number, "recorded_ms": number, "because": "raised", "late": False}
                log = {"alarm": f"{asset}.x", "asset": asset, "rule": "x", "old": "normal", "new": "unacked"}
                connection.execute(insert(transitions).values(site=SITE.id, **times, **log))
                event = {"edge": "edge-a", "alarm": f"{asset}.x", "new": "unacked", "old": "normal", "epoch": 1}
                told = {"told_ms": 1, "frame_epoch": 1, "frame_seq": 1, "action": "[]", "received_ms": 1, "seq": number}
                connection.execute(
                    insert(edge_events).values(
                        site=SITE.id, at_ms=number, because="raised", state="pending", **event, **told
                    )
                )
        for edge in ("edge-c", *["edge-a"] * 3):
            put(
                here,
                outages,
                parent=edge,
                alarm=f"{edge}.x",
                began_ms=1,
                raised_ms=2,
                closed_ms=3,
                before='{"children": []}',
            )
        report(here, "report-x", "riverside-committee", duty(here, "round-village", number=99))
        report(here, "report-x", "duty-room", duty(here, "round-village", number=98))
        worker = await here.signed_in("village-a")
        pages = {
            name: (await worker.get(f"{API}/{name}", params={"limit": 2})).json()
            for name in ("duties", "transitions", "edge-events", "outages", "reports", "ticket-counts")
        }
        coming = (await worker.get(f"{API}/duties/coming", params={"for_s": 172_800})).json()

    assert [len(pages[name]) for name in ("duties", "transitions", "edge-events")] == [2, 2, 2]
    assert {row["schedule"] for row in pages["duties"]} == {"round-village"}
    assert {row["alarm"] for name in ("transitions", "edge-events") for row in pages[name]} == {"pool-1.x"}
    seen = {asset.id for asset in SITE.assets if asset.grid == "village"}
    assert {row["parent"] for row in pages["outages"]} == {"edge-c", "edge-a"} & seen
    assert [row["unit"] for row in pages["reports"]] == ["riverside-committee"]
    assert coming
    assert {row["grid"] for row in coming} <= {"village", "riverside"}


async def test_what_is_of_the_whole_site_is_narrowed_or_refused(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        for number, asset in enumerate(("pool-1", "gas-canteen", "gas-canteen")):
            with writing(here.engine.database) as connection:
                log = {"alarm": f"{asset}.x", "asset": asset, "rule": "x", "old": "normal", "new": "unacked"}
                at = {"at_ms": 1_790_000_000_000 + number, "recorded_ms": 1, "because": "raised", "late": False}
                connection.execute(insert(transitions).values(site=SITE.id, **at, **log))
        here.ticket("village", "pool-1", "bin_full")
        here.ticket("north", "gas-canteen")
        span = {"from_ms": 1_789_990_000_000, "to_ms": 1_790_010_000_000}
        worker, room = await here.signed_in("village-a"), await here.signed_in("duty-a")
        narrow = (await worker.get(f"{API}/performance", params=span)).json()
        whole = (await room.get(f"{API}/performance", params=span)).json()
        counts = [(await each.get(f"{API}/ticket-counts")).json()["states"]["filed"] for each in (worker, room)]
        paths = ("", "/1", "/1/backtest", "/1/shadow")
        refused = [await worker.get(f"{API}/rules/versions{path}") for path in paths]
        allowed = await room.get(f"{API}/rules/versions")

    assert (narrow["calls"], whole["calls"], counts) == (1, 3, [1, 2])
    assert refusals(refused) == FOREIGN
    assert refused[0].json()["words"]["en"] == "Your role does not reach as far as: the whole site."
    assert allowed.status_code == 200


@pytest.mark.parametrize("schedule", SITE.duties.file.schedule, ids=lambda each: each.id)
def test_whoever_a_duty_is_given_to_has_the_right_to_do_it(schedule: Any) -> None:
    for subject in subjects(SITE, schedule):
        unit = SITE.org.units[subject.unit]
        assert subject.within is not None
        reach = [place for place in (unit.place, *unit.also) if SITE.org.within(subject.within, place)]
        assert reach, f"{schedule.id}/{subject.id} of {unit.id} lies outside of it"
        members = SITE.org.members(unit.id)
        able = {SITE.org.roles[role].access for person in members for role in person.roles} - {
            Access.VIEWER,
            Access.AUDITOR,
        }
        assert able or not members, f"{unit.id} has nobody who may do {schedule.id}"
