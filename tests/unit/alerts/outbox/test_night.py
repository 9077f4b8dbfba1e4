"""A night in virtual time: a hazard, the first on call does not answer, the second acknowledges by link."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from alerts.engine import Engine
from alerts.outbox import answering, store
from tests.carrier import Answer, Carrier, Taken
from tests.unit.alerts.asking import boiler_alarms, boiler_tickets
from tests.unit.alerts.oncall.people import staffed
from tests.unit.alerts.outbox.desk import Room, room
from tests.unit.alerts.plant import Cabinet, at

pytestmark = pytest.mark.usefixtures("database")  # on SQLite, and on PostgreSQL

NIGHT_S = 14 * 3600.0  # 22:00
MakeRoom = Callable[[str], Room]


@pytest.fixture
async def make_room(tmp_path: Path) -> AsyncIterator[MakeRoom]:
    made: list[Room] = []

    def build(url: str) -> Room:
        made.append(room(staffed(url=url), tmp_path, NIGHT_S))
        return made[-1]

    yield build
    for each in made:
        await each.close()


def token(taken: Taken) -> str:
    return str(taken.body["links"][0]).rsplit("/", 1)[1]


async def test_the_second_acknowledges_by_link_and_the_time_line_shows_everything(
    make_room: MakeRoom, cabinet: Cabinet
) -> None:
    with Carrier() as carrier:
        night = make_room(carrier.url)
        await night.hot(cabinet, NIGHT_S, NIGHT_S + 10)
        call_s = NIGHT_S + 10
        await night.through(call_s + 10, call_s + 310)

        assert [each.body["people"] for each in carrier.taken] == [["d"], ["d"], ["f"]], (
            "d has the night; twice, then f"
        )
        asked = answering.ask(night.engine, token(carrier.taken[2]), at(call_s + 320))
        assert asked is not None
        assert (asked.state, asked.name.en, asked.language) == ("open", "Officer F", "en")
        after, _ = answering.answer(night.engine, token(carrier.taken[2]), at(call_s + 330))
        assert after is not None
        assert after.state == "answered"
        await night.through(call_s + 340, call_s + 800)

        assert len(carrier.taken) == 3, "nobody is called after the answer"
        (call,) = night.calls()
        assert (call.acked_by, call.acked_how, call.answer_ms) == ("f", "link", 330_000)
        assert [(page.person, page.state, page.delay_ms) for page in call.pages] == [
            ("d", "acked", 0), ("d", "acked", 0), ("f", "acked", 0),
        ]  # fmt: skip
        assert all(page.receipt and page.receipt["http"] == 200 for page in call.pages)
        (ticket,) = boiler_tickets(night.engine)
        assert (ticket.acked_by, ticket.acked_ms) == ("f", at(call_s + 330))
        told = "\n".join(night.lines())
        assert "Paged Officer D by DingTalk, 0 s after due, receipt HTTP 200" in told
        assert "No answer in 5 min, calling Officer F" in told
        assert "Acknowledged from the phone by Officer F, 5.5 min after the call" in told


async def test_a_link_acknowledges_the_alarms_of_its_ticket_too(make_room: MakeRoom, cabinet: Cabinet) -> None:
    with Carrier() as carrier:
        night = make_room(carrier.url)
        await night.hot(cabinet, NIGHT_S, NIGHT_S + 10)

        answering.answer(night.engine, token(carrier.taken[0]), at(NIGHT_S + 20))

        assert {night.engine.alarm(each).state for each in boiler_alarms(night.engine)} == {"acked"}


async def test_a_used_and_an_expired_link_say_so_and_do_nothing(make_room: MakeRoom, cabinet: Cabinet) -> None:
    with Carrier() as carrier:
        night = make_room(carrier.url)
        await night.hot(cabinet, NIGHT_S, NIGHT_S + 10)
        link = token(carrier.taken[0])

        late, _ = answering.answer(night.engine, link, at(NIGHT_S + 13 * 3600))
        first, _ = answering.answer(night.engine, link, at(NIGHT_S + 20))
        second, changes = answering.answer(night.engine, link, at(NIGHT_S + 30))
        forged = answering.ask(night.engine, link[:-2] + "xx", at(NIGHT_S + 20))
        other = answering.ask(night.engine, link.replace(".d.", ".f."), at(NIGHT_S + 20))

        assert late is not None
        assert late.state == "expired"
        assert first is not None
        assert first.state == "answered"
        assert second is not None
        assert (second.state, changes.tickets) == ("answered", ())
        assert (forged, other) == (None, None)


async def test_a_way_that_fails_is_tried_again_and_then_the_next_is_taken_and_the_ticket_says_so(
    make_room: MakeRoom, cabinet: Cabinet
) -> None:
    def broken(taken: Taken) -> Answer:
        return (200, {}, {}) if taken.path == "/second" else (503, {}, {})

    with Carrier(broken) as carrier:
        night = make_room(carrier.url)
        await night.hot(cabinet, NIGHT_S, NIGHT_S + 10)
        await night.through(NIGHT_S + 11, NIGHT_S + 40, 1)

        assert [each.path for each in carrier.taken] == ["/", "/", "/", "/second"]
        (call,) = night.calls()
        assert [(page.channel, page.state, page.attempts) for page in call.pages] == [
            ("robot", "failed", 3), ("hook", "sent", 1),
        ]  # fmt: skip
        assert "DingTalk did not reach Officer D: HTTP 503; falling back to Web hook" in night.lines()


async def test_a_refusal_for_good_switches_the_channel_off_and_falls_back_at_once(
    make_room: MakeRoom, cabinet: Cabinet
) -> None:
    def refused(taken: Taken) -> Answer:
        return (200, {}, {}) if taken.path == "/second" else (401, {}, {})

    with Carrier(refused) as carrier:
        night = make_room(carrier.url)
        await night.hot(cabinet, NIGHT_S, NIGHT_S + 10)
        await night.through(NIGHT_S + 11, NIGHT_S + 140, 1)

        assert [each.path for each in carrier.taken] == ["/", "/second", "/second"], "it is not asked again"
        assert night.office.health()["off"] == {"robot": "HTTP 401"}
        store.enable(night.engine, "robot")
        await night.through(NIGHT_S + 300, NIGHT_S + 320, 5)
        assert "/" in [each.path for each in carrier.taken[3:]], "somebody mended it, so it is tried again"


async def test_the_last_way_is_tried_until_somebody_answers(make_room: MakeRoom, cabinet: Cabinet) -> None:
    with Carrier(lambda _: None) as carrier:
        night = make_room(carrier.url)
        await night.hot(cabinet, NIGHT_S, NIGHT_S + 10)
        await night.through(NIGHT_S + 11, NIGHT_S + 110, 3)
        carrier.behave = lambda _: (200, {}, {})
        await night.through(NIGHT_S + 111, NIGHT_S + 180, 3)

        (call,) = night.calls()
        assert "sent" in {page.state for page in call.pages if page.step == 0 and page.round == 0}


async def test_what_was_on_its_way_when_we_died_goes_again_unless_it_was_acknowledged(
    make_room: MakeRoom, cabinet: Cabinet
) -> None:
    with Carrier() as carrier:
        night = make_room(carrier.url)
        await night.hot(cabinet, NIGHT_S, NIGHT_S + 5)
        night.engine.apply([cabinet.frame(NIGHT_S + 10, temp=97.0, burner=1.0)], at(NIGHT_S + 10))
        (page,) = night.calls()[0].pages
        store.claim(night.engine, "robot", [[page.id]], at(NIGHT_S + 10))  # and here we die

        again = make_room(carrier.url)
        assert store.restart(again.engine, at(NIGHT_S + 11))[0] == 1
        await again.go(NIGHT_S + 12)
        assert [each.body["pages"] for each in carrier.taken] == [[page.id]]

        again.engine.acknowledge_ticket(int(boiler_tickets(again.engine)[0].id), "a", "", at(NIGHT_S + 14))
        assert store.restart(again.engine, at(NIGHT_S + 14))[0] == 0
        await again.go(NIGHT_S + 15)
        assert len(carrier.taken) == 1


async def test_what_we_took_with_us_when_somebody_had_answered_is_not_said_to_have_been_sent(
    make_room: MakeRoom, cabinet: Cabinet
) -> None:
    with Carrier() as carrier:
        night = make_room(carrier.url)
        await night.hot(cabinet, NIGHT_S, NIGHT_S + 5)
        night.engine.apply([cabinet.frame(NIGHT_S + 10, temp=97.0, burner=1.0)], at(NIGHT_S + 10))
        (page,) = night.calls()[0].pages
        store.claim(night.engine, "robot", [[page.id]], at(NIGHT_S + 10))
        night.engine.acknowledge_ticket(int(boiler_tickets(night.engine)[0].id), "a", "", at(NIGHT_S + 11))
        assert [page.state for page in night.calls()[0].pages] == ["sending"], "nobody knows yet"

        again = make_room(carrier.url)  # it ended between claim and receipt
        count, told = store.restart(again.engine, at(NIGHT_S + 12))
        await again.go(NIGHT_S + 13)

        assert (count, len(carrier.taken)) == (0, 0)
        (page,) = again.calls()[0].pages
        assert (page.state, page.sent_ms, page.reason) == (
            "cancelled",
            None,
            "the server ended while it was on its way",
        )
        line = (
            "Not known whether DingTalk reached Officer D: the server ended meanwhile; not sent again, the call is over"
        )
        assert again.lines()[-1] == line
        assert [each.text.en for each in told.tickets[0].evidence][-1] == line, "whoever watches is told, too"


async def test_what_waits_when_somebody_answers_is_cancelled_and_the_ticket_says_so(
    make_room: MakeRoom, cabinet: Cabinet
) -> None:
    with Carrier(lambda _: (503, {}, {})) as carrier:
        night = make_room(carrier.url)
        await night.hot(cabinet, NIGHT_S, NIGHT_S + 10)
        night.engine.acknowledge_ticket(int(boiler_tickets(night.engine)[0].id), "a", "", at(NIGHT_S + 11))

        (page,) = night.calls()[0].pages
        assert (page.state, page.sent_ms, page.reason) == ("cancelled", None, "HTTP 503")
        assert "Not sent any more, the call is over: Officer D by DingTalk" in night.lines()


async def test_what_did_not_arrive_is_not_said_to_have_been_answered(make_room: MakeRoom, cabinet: Cabinet) -> None:
    with Carrier() as carrier:
        night = make_room(carrier.url)

        def answered_meanwhile(_: Taken) -> Answer:
            ticket = int(boiler_tickets(night.engine)[0].id)
            asyncio.run_coroutine_threadsafe(
                night.writer.call(Engine.acknowledge_ticket, ticket, "a", "", at(NIGHT_S + 11)), loop
            ).result()
            return 503, {}, {}

        loop = asyncio.get_running_loop()
        carrier.behave = answered_meanwhile
        await night.hot(cabinet, NIGHT_S, NIGHT_S + 10)

        (call,) = night.calls()
        assert [(page.state, page.reason, page.sent_ms) for page in call.pages] == [("cancelled", "HTTP 503", None)]
        assert "DingTalk did not reach Officer D: HTTP 503; not sent again, the call is over" in night.lines()
