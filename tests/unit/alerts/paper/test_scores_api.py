"""Score cards for a screen: the numbers of the bulletin."""

from __future__ import annotations

from pathlib import Path

from alerts.database import writing
from alerts.paper.bulletin import ranked
from alerts.paper.scores import Score
from tests.unit.alerts.access.house import house
from tests.unit.alerts.paper.campaign import at, kept
from tests.unit.alerts.paper.opened import tables_of

SPRING = {"from_ms": at(3, 23, 0), "to_ms": at(4, 1, 0)}


async def test_the_score_cards_tell_what_the_bulletin_tells(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        with writing(here.engine.database) as connection:
            kept(connection)
        cards = (await here.client().get("/api/v1/score-cards", params=SPRING)).json()
        bulletin = await here.client().get("/api/v1/paper/bulletin.docx", params=SPRING)
        bound = (await (await here.signed_in("riverside-grid")).get("/api/v1/score-cards", params=SPRING)).json()
        signed_in = await here.signed_in("duty-a")
        empty = await signed_in.get("/api/v1/score-cards", params={"from_ms": 2, "to_ms": 1})
        nobody = await here.client().get("/api/v1/score-cards", params=SPRING)

    table = [row[:5] for row in tables_of(bulletin.content)[0][1:-1]]
    counts = ("rank", "name", "found", "major", "closed")
    told = [[str(card[each]["zh"] if each == "name" else card[each]) for each in counts] for card in cards]
    assert told == table
    assert sum(card["found"] for card in cards) > 3
    assert [card["name"]["zh"] for card in bound] == ["河畔村村民委员会"]
    assert (empty.status_code, empty.json()["reason"]) == (422, "no_time")
    assert (nobody.status_code, nobody.json()["reason"]) == (401, "not_signed_in")


def test_who_did_equally_well_has_the_same_rank() -> None:
    rows = [Score("a"), Score("b"), Score("c", overdue=1), Score("d", overdue=2)]

    assert [rank for rank, _ in ranked(rows)] == [1, 1, 3, 4]
