"""What a drill proves of each channel, what an old proof becomes, and that a drill is in no count."""

from __future__ import annotations

from pathlib import Path

import pytest

from alerts.database import reading
from alerts.duties import drills, paths, reports
from alerts.duties.look import look
from alerts.duties.views import reader
from alerts.outbox import store
from alerts.outbox.digest import Bundle, Waiting
from alerts.outbox.port import Receipt
from alerts.outbox.views import time_line
from alerts.paper import facts
from alerts.performance import performance
from alerts.tickets.counts import ticket_counts
from alerts.views import Both
from rules.performance.report import Period
from tests.unit.alerts.duties.place import DAY, MINUTE, Place
from tests.unit.alerts.duties.test_drills import DRILL, START, begun, frame

pytestmark = pytest.mark.usefixtures("database")
LIMIT_MS = 35 * DAY  # of the demo


def raised(place: Place) -> int:
    """A drill whose hazard is raised and whose pages are ordered; its ticket."""
    letter = begun(place)
    drills.sent(place.engine, letter, DRILL + 1000)
    place.engine.apply([frame(1, DRILL + 2000, 0.0)], DRILL + 2100)
    place.engine.apply([frame(2, DRILL + 9000, 1.0)], DRILL + 9400)
    place.engine.tick(DRILL + 10_000)
    drills.step(place.engine, DRILL + 10_500)
    return int(place.tickets(hazard="drill")[0]["id"])


def deliver(place: Place, ticket: int, at_ms: int) -> list[str]:
    """What the outbox does by the channel `log`; whom it reached."""
    with reading(place.engine.database) as connection:
        (call,) = time_line(connection, place.site, ticket)
    log = [page for page in call.pages if page.channel == "log"]
    for page in log:
        ((attempt, _),) = store.claim(place.engine, "log", [[page.id]], at_ms)
        waiting = Waiting(page.id, 0, 0, 0, page.person, page.person, Both("", ""), 2, 0, ticket)
        store.record(place.engine, [store.Outcome(attempt, "log", Bundle((waiting,)), Receipt("ok"), at_ms)])
    return [page.person for page in log]


def path(place: Place, now_ms: int) -> dict[str, object]:
    (found,) = paths.listed(place.engine, now_ms)["paths"]
    return dict(found)


def test_the_way_by_a_channel_is_proven_by_whom_it_reached_and_by_nobody_else(place: Place) -> None:
    ticket = raised(place)
    (person,) = deliver(place, ticket, DRILL + 12_000)
    place.engine.acknowledge_ticket(ticket, "somebody-else", "", DRILL + 20_000)
    drills.step(place.engine, DRILL + 21_000)

    told = path(place, DRILL + 21_000)
    assert (told["channel"], told["tried_ms"], told["proven_ms"]) == ("log", DRILL + 12_000, None)
    assert drills.listed(place.engine)[0]["outcome"] == "proven", "the drill itself was answered"
    assert person != "somebody-else"


def test_a_proof_tells_its_cabinet_its_person_and_how_long_it_took_and_ends_the_drill_at_the_cabinet(
    place: Place,
) -> None:
    ticket = raised(place)
    (person,) = deliver(place, ticket, DRILL + 12_000)
    place.engine.acknowledge_ticket(ticket, person, "", DRILL + 20_000)
    drills.step(place.engine, DRILL + 21_000)

    told = path(place, DRILL + 5 * MINUTE)
    assert (told["proven_ms"], told["edge"], told["person"], told["how"]) == (DRILL + 20_000, "edge-a", person, "api")
    assert isinstance(told["person_name"], dict)
    assert (told["took_ms"], told["age_ms"], told["is_over"]) == (3000, 5 * MINUTE - 20_000, False)
    (letter,) = drills.letters(place.engine, DRILL + 22_000)
    assert (letter.is_end, letter.until_ms) == (True, DRILL + 21_000)
    drills.sent(place.engine, letter, DRILL + 23_000)
    assert drills.letters(place.engine, DRILL + 23_000) == []


def test_what_was_not_proven_for_too_long_becomes_work_once_until_a_drill_proves_it(place: Place) -> None:
    look(place.engine, START)
    drills.step(place.engine, START)
    drills.step(place.engine, START + LIMIT_MS)
    assert place.tickets(hazard="path_unproven") == []
    assert not path(place, START + LIMIT_MS)["is_over"]
    for later in (1, MINUTE, DAY):
        drills.step(place.engine, START + LIMIT_MS + later)

    (work,) = place.tickets(hazard="path_unproven")
    assert (work["asset"], work["priority"], work["lead_unit"]) == ("path:log", 3, "duty-room")
    assert path(place, START + LIMIT_MS + DAY)["is_over"]
    assert len([line for line in place.lines(work["id"]) if "No drill has ever proven it" in line]) == 1


def test_a_drill_that_failed_leaves_a_void_ticket_and_the_next_has_one_of_its_own(place: Place) -> None:
    first = raised(place)
    drills.step(place.engine, DRILL + 11 * MINUTE)

    (told,) = drills.listed(place.engine)
    assert told["outcome"] == "page"
    assert place.tickets(id=first)[0]["state"] == "void"
    with reading(place.engine.database) as connection:
        (call,) = time_line(connection, place.site, first)
    assert {page.state for page in call.pages} <= {"cancelled", "failed"}, "nobody is called about it any more"
    place.engine.apply([frame(3, DRILL + 12 * MINUTE, 0.0)], DRILL + 12 * MINUTE)
    place.engine.apply([frame(4, DRILL + 20 * MINUTE, 1.0)], DRILL + 20 * MINUTE)
    tickets = place.tickets(hazard="drill")
    assert [each["id"] > first for each in tickets if each["closed_ms"] is None] == [True]


def test_a_drill_is_in_no_count_register_or_report(place: Place, tmp_path: Path) -> None:
    ticket = raised(place)
    now_ms = DRILL + MINUTE
    period = Period(START, now_ms, 1)
    with reading(place.engine.database) as connection:
        (view,) = place.engine.queries.some(connection, [ticket])
        found = facts.cases(connection, place.site.id, facts.Wanted(0, now_ms))
        known = facts.earlier(connection, place.site.id, now_ms)
        report = performance(connection, place.site, period)
        numbers = reports.numbers_of(reader(connection, place.engine, now_ms), START, now_ms)

    assert view.drill
    assert [case.id for case in found if case.id == ticket] == []
    assert ("edge-a", "drill") not in known
    assert sum(ticket_counts(place.engine)["sources"].values()) == len(place.tickets()) - 1
    assert report.calls == 0
    assert numbers["alarms"]["raised"] == 0
    assert numbers["tickets"]["open_now"] == len([row for row in place.tickets() if row["id"] != ticket])
