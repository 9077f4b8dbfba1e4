"""A drill goes from the cabinet to an acknowledgement through rule and ticket, or names the hop it missed."""

from __future__ import annotations

from sqlalchemy import select

from alerts.database import reading
from alerts.duties import drills
from alerts.duties.look import look
from alerts.outbox.tables import calls, pages
from tests.unit.alerts.duties.place import DAY, MINUTE, Place, demo, ms
from vocab import topics
from vocab.topics import Kind
from wire.frame import AssetColumns, Frame, encode
from wire.gate import Gate
from wire.verdict import Accepted

START = ms("2026-03-26 08:00")
DRILL = START + 23 * DAY + MINUTE  # it opens a week before a month is over


def frame(seq: int, at_ms: int, value: float) -> Accepted:
    """What the cabinet says of itself."""
    made = Frame(1, "demo", "edge-a", 1, seq, at_ms, [AssetColumns("edge-a", ["heartbeat", "drill"], [seq, value])])
    verdict = Gate([demo()]).judge(topics.build("demo", "edge-a", Kind.TELE), encode(made), at_ms)
    assert isinstance(verdict, Accepted), verdict
    return verdict


def begun(place: Place) -> drills.Letter:
    look(place.engine, START)
    drills.step(place.engine, START + MINUTE)
    assert drills.listed(place.engine) == [], "nothing is due yet"
    look(place.engine, DRILL)
    drills.step(place.engine, DRILL)
    place.start()
    drills.step(place.engine, DRILL + 1)
    (letter,) = drills.letters(place.engine, DRILL + 2)
    assert (letter.edge, letter.until_ms) == ("edge-a", DRILL + 10 * MINUTE)
    return letter


def test_a_drill_is_proven_by_an_acknowledgement_and_each_hop_has_its_latency(place: Place) -> None:
    letter = begun(place)
    drills.sent(place.engine, letter, DRILL + 1000)
    assert drills.letters(place.engine, DRILL + 1000) == []
    place.engine.apply([frame(1, DRILL + 2000, 0.0)], DRILL + 2100)
    place.engine.apply([frame(2, DRILL + 9000, 1.0)], DRILL + 9400)
    drills.step(place.engine, DRILL + 9500)
    (ticket,) = place.tickets(hazard="drill")
    assert (ticket["asset"], ticket["source"]) == ("edge-a", "sensor")
    assert "DRILL" in ticket["title_en"]
    assert "演练" in ticket["title_zh"]
    place.engine.acknowledge_ticket(ticket["id"], "duty-a", "heard", DRILL + 60_000)
    drills.step(place.engine, DRILL + 61_000)
    (told,) = drills.listed(place.engine)
    assert (told["outcome"], told["acked_by"]) == ("proven", "duty-a")
    assert told["took_ms"] == {"sent": 1000, "measured": 8000, "opened": 400, "acked": 50_600}
    (duty,) = place.duties("drill-a")
    assert (duty["state"], duty["proof"], duty["done_by"]) == ("done", "drill", "duty-a")
    assert place.tickets(hazard="drill_overdue") == []


def test_a_drill_that_stops_on_the_way_names_the_hop_and_becomes_overdue_work(place: Place) -> None:
    letter = begun(place)
    drills.sent(place.engine, letter, DRILL + 1000)
    drills.step(place.engine, DRILL + 10 * MINUTE)
    assert drills.listed(place.engine)[0]["outcome"] is None
    drills.step(place.engine, DRILL + 10 * MINUTE + 1)
    assert drills.listed(place.engine)[0]["outcome"] == "ticket"
    assert place.states("drill-a") == ["open"]
    look(place.engine, START + 32 * DAY)
    (ticket,) = place.tickets(hazard="drill_overdue")
    assert ticket["asset"] == "drill-a"


def test_an_order_that_the_broker_never_took_is_told_as_such(place: Place) -> None:
    begun(place)
    drills.step(place.engine, DRILL + 11 * MINUTE)
    assert drills.listed(place.engine)[0]["outcome"] == "order"
    assert drills.letters(place.engine, DRILL + 11 * MINUTE) == []


def test_a_drill_calls_those_named_for_drills_and_its_page_says_drill(place: Place) -> None:
    begun(place)
    place.engine.apply([frame(1, DRILL + 2000, 0.0)], DRILL + 2100)
    place.engine.apply([frame(2, DRILL + 9000, 1.0)], DRILL + 9400)
    place.engine.tick(DRILL + 10_000)
    with reading(place.engine.database) as connection:
        of_ticket = place.tickets(hazard="drill")[0]["id"]
        rows = connection.execute(select(calls.c.kind, calls.c.drill).where(calls.c.ticket == of_ticket)).all()
        texts = select(pages.c.text_zh, pages.c.drill).where(pages.c.ticket == of_ticket)
        paged = connection.execute(texts).all()
    assert [(row.kind, row.drill) for row in rows] == [("ticket", True)]
    assert paged, "somebody is paged"
    assert all(row.drill and "演练" in row.text_zh for row in paged)
