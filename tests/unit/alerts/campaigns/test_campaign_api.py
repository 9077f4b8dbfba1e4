"""Campaigns over HTTP behind the real door: who may draw, who stands in the audit log, what papers tell of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from alerts.database import writing
from alerts.duties import orders, views
from alerts.duties.look import look
from tests.unit.alerts.access.house import House, house
from tests.unit.alerts.duties.place import Hand, ms
from tests.unit.alerts.duties.test_scoring import BAD, GOOD
from tests.unit.alerts.paper.campaign import at, kept
from tests.unit.alerts.paper.opened import tables_of, text_of

NAME = "major-hazards-2026"
BASE = f"/api/v1/campaigns/{NAME}"
SPRING = {"from_ms": at(3, 23, 0), "to_ms": at(4, 10, 0)}


def lived(here: House, clock: Hand) -> None:
    """The campaign's first days: everybody has checked themselves, and the village was inspected twice."""
    engine = here.engine
    for when in ("2026-03-20 08:00", "2026-03-24 08:00", "2026-03-24 15:00"):
        look(engine, ms(when))
    for schedule, points in (("campaign-self-check", [{}] * 3), ("inspection-village", [BAD, GOOD])):
        for row, given in zip(_open(here, schedule), points, strict=True):
            orders.done(engine, row, orders.Done("duty-a", points=given), ms("2026-03-24 15:30"))
    with writing(engine.database) as connection:
        kept(connection)
    clock.at[0] = ms("2026-04-01 09:00")
    look(engine, clock.now_ms())


def _open(here: House, schedule: str) -> list[int]:
    found = views.listed(here.engine, views.Asked(schedule=schedule), ms("2026-03-24 15:00"))
    return [each["id"] for each in found if each["state"] == "open"]


def as_(
    here: House, name: str, place: str = "*", scopes: tuple[str, ...] = ("see", "work", "operate", "supervise")
) -> Any:
    """Somebody with a token of their name."""
    return here.client(here.door.add_token(name, "test", scopes, place)[1])


async def test_a_sample_is_drawn_by_whoever_may_supervise_all_of_it_and_stands_in_the_audit_log(tmp_path: Path) -> None:
    clock = Hand(at=[ms("2026-03-20 08:00")])
    async with house(tmp_path, clock=clock) as here:
        lived(here, clock)
        here.door.add_account(
            "z", "test", rights=(("administrator", "*"),)
        )  # from now on nobody comes in without a proof
        office, village = as_(here, "supervisor-a"), as_(here, "riverside-director", "riverside")
        worker = as_(here, "court-worker", scopes=("see", "work"))
        nobody = await here.client().get("/api/v1/campaigns")
        refused = [await each.post(f"{BASE}/samples", json={}) for each in (village, worker)]
        made = await office.post(f"{BASE}/samples", json={"by": "supervisor-a", "note": "first"})
        sample = made.json()
        items = {each["unit"]: each for each in sample["items"]}
        path = f"/api/v1/duties/{items['riverside-committee']['instance']}"
        by_worker = await worker.post(f"{path}/checked", json={"by": "court-worker", "outcome": "consistent"})
        bare = await office.post(f"{path}/checked", json={"by": "supervisor-a", "outcome": "wrong"})
        odd = await office.post(f"{path}/checked", json={"by": "supervisor-a", "outcome": "perhaps"})
        order = {"by": "supervisor-a", "outcome": "wrong", "note": "no list was made"}
        checked = await office.post(f"{path}/checked", json=order)
        twice = await office.post(f"{path}/checked", json=order)
        lost = [await office.get(f"{BASE}/samples/99"), await office.get("/api/v1/campaigns/none")]
        lost.append(await office.post("/api/v1/campaigns/none/samples", json={"by": "supervisor-a"}))
        clock.at[0] += 1000
        again = (await office.get(f"{BASE}/samples/{sample['id']}")).json()
        mine = (await village.get(BASE)).json()
        hidden = await village.get(f"{BASE}/samples/{sample['id']}")
        cards = {each["unit"]: each for each in (await office.get("/api/v1/score-cards", params=SPRING)).json()}
        bulletin = await office.get("/api/v1/paper/bulletin.docx", params=SPRING)
        chief = as_(here, "chief", scopes=("audit",))
        log = (await chief.get("/api/v1/audit", params={"limit": 200})).json()

    assert (nobody.status_code, [each.status_code for each in refused]) == (401, [403, 403])
    assert [each.json()["reason"] for each in refused] == ["foreign_place", "not_your_work"]
    assert (made.status_code, sample["redrawn"], sample["drawn_by"], len(sample["seed"])) == (
        201,
        True,
        "supervisor-a",
        16,
    )
    assert set(items) == {"court-committee", "old-town-committee", "riverside-committee"}
    assert (by_worker.status_code, bare.status_code, odd.status_code) == (403, 422, 422)
    assert bare.json()["reason"] == "finding_missing"
    assert (checked.status_code, checked.json()["state"], twice.status_code) == (200, "done", 409)
    assert [each.status_code for each in lost] == [404, 404, 404]
    assert [each["outcome"] for each in again["items"] if each["unit"] == "riverside-committee"] == ["wrong"]
    assert [each["unit"] for each in mine["committees"]] == ["riverside-committee"]
    assert (hidden.status_code, hidden.json()["reason"]) == (403, "foreign_place")
    assert _ordered(log, f"{BASE}/samples") == ["supervisor-a"]

    riverside = cards["riverside-committee"]
    assert (riverside["inspections"], round(riverside["inspection_rate"], 3)) == (2, round((0.41667 + 0.88333) / 2, 3))
    assert (riverside["checked"], riverside["consistent"], riverside["consistent_rate"]) == (1, 0, 0.0)
    assert cards["court-committee"]["consistent_rate"] is None
    table = next(each for each in tables_of(bulletin.content) if each[0][1] == "检查次数")
    assert ["河畔村村民委员会", "2", "65.0%", "1", "0", "0.0%"] in table


def _ordered(log: Any, path: str) -> list[str]:
    rows = log["rows"] if isinstance(log, dict) else log
    return [row["actor"] for row in rows if row["about"].get("path") == path and row["what"] == "order"]


def words(data: bytes) -> str:
    """Everything that a Word file says."""
    return "\n".join([text_of(data), *(cell for table in tables_of(data) for row in table for cell in row)])


async def test_the_ledger_and_the_form_name_the_campaign_and_its_basis(tmp_path: Path) -> None:
    clock = Hand(at=[ms("2026-03-24 10:00")])
    async with house(tmp_path, clock=clock) as here:
        office = as_(here, "supervisor-a")
        body = {"by": "supervisor-a", "source": "campaign", "grid": "village", "category": "hazard", "text": "阀门锈蚀"}
        ticket = (await office.post("/api/v1/tickets", json=body)).json()
        plain = (await office.post("/api/v1/tickets", json=body | {"source": "patrol", "text": "另一处"})).json()
        path = f"/api/v1/tickets/{ticket['id']}"
        await office.post(f"{path}/classify", json={"by": "supervisor-a", "category": "hazard"})
        await office.post(f"{path}/grade", json={"by": "supervisor-a", "grade": "major"})
        form = await office.get(f"/api/v1/paper/major-hazard/{ticket['id']}.docx")
        ledger = await office.get("/api/v1/paper/ledger.docx", params=SPRING | {"campaign": NAME})
        both = await office.get("/api/v1/paper/ledger.docx", params=SPRING)

    assert (ticket["work"]["campaign"], plain["work"]["campaign"]) == (NAME, None)
    basis = "《重大事故隐患排查治理工作方案》，示范社区发〔2026〕8号，2026-03-16"
    for paper in (form, ledger):
        assert basis in words(paper.content)
        assert "2026年重大事故隐患排查治理" in words(paper.content)
    assert "阀门锈蚀" in words(ledger.content)
    assert "另一处" not in words(ledger.content)
    assert "另一处" in words(both.content)
    assert basis not in words(both.content), "not every hazard of it belongs to the campaign"
