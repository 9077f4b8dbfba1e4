"""What a cabinet judged by itself beside what the server finds: one episode, one ticket, one line, in any order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import msgspec
import pytest

from alerts.edge_events import EdgeEvents, views
from alerts.engine import Engine
from edge.vigil import Vigil
from rules.episodes import Event, episodes
from tests.unit.alerts.asking import boiler_tickets, transitions
from tests.unit.alerts.plant import Cabinet, at, speaker
from tests.unit.edge.safe_plant import safe_plant
from vocab.topics import Kind, build
from wire import event as wire_event
from wire.event import EdgeEvent
from wire.message import Message
from wire.verdict import Accepted


class Desk:
    """An engine, its ear for events, and a cabinet that judges what it says."""

    def __init__(self, database: str) -> None:
        self.engine = Engine(safe_plant(), database)
        self.refused: Counter[str] = Counter()
        self.events = EdgeEvents(self.refused)
        self.cabinet: Cabinet = speaker(safe_plant())
        self.vigil = Vigil(safe_plant(), "e1")
        self.told: list[EdgeEvent] = []

    def say(self, at_s: float, *, lane: Kind = Kind.TELE, received_s: float | None = None, temp: float) -> Accepted:
        """A frame; what the cabinet itself makes of it is in `told`."""
        frame = self.cabinet.frame(at_s, lane=lane, received_s=received_s, temp=temp)
        for each in self.vigil.safety.take(frame):
            number = (7, len(self.told) + 1)
            self.told.append(
                EdgeEvent(
                    1, "plant", "e1", *number, frame.ts_ms, each.alarm, each.old.value, each.new.value,
                    each.because.word, each.at_ms, (frame.source.epoch, frame.seq), each.value, ["siren"],
                )
            )  # fmt: skip
        return frame

    def apply(self, *frames: Accepted) -> None:
        for frame in frames:
            self.engine.apply([frame], frame.received_ms)

    def hear(self, *events: EdgeEvent, now_s: float = 0.0) -> None:
        topic = build("plant", "e1", Kind.EVENT)
        messages = [Message(topic, wire_event.encode(event)) for event in events]
        self.events.take(self.engine, self.events.read(self.engine.site, messages), at(now_s))

    def states(self) -> list[tuple[str, str]]:
        """Oldest first: what happened, and what became of it."""
        return [(each.because, each.state) for each in views(self.engine, None, None, 100)[::-1]]

    def lines(self) -> list[str]:
        return [line.text.en for ticket in boiler_tickets(self.engine) for line in ticket.evidence]

    def own_lines(self) -> list[str]:
        return [line for line in self.lines() if "judged this by itself" in line]


@pytest.fixture
def desk(database: str) -> Iterator[Desk]:
    made = Desk(database)
    yield made
    made.engine.close()


HOT = [(0.0, 80.0), (10.0, 97.0), (20.0, 97.0), (30.0, 80.0)]


def test_a_local_event_is_one_line_on_the_ticket_that_the_frames_open(desk: Desk) -> None:
    desk.apply(*[desk.say(moment, temp=value) for moment, value in HOT])
    desk.hear(*desk.told, now_s=31)

    (ticket,) = boiler_tickets(desk.engine)
    assert desk.states() == [("raised", "confirmed"), ("cleared", "confirmed")]
    assert desk.own_lines() == ["Cabinet judged this by itself at 2026-03-26 08:00:20"]
    assert ticket.raised_ms == desk.told[0].at_ms == at(20)
    assert views(desk.engine, "confirmed", "b1", 10)[0].ticket == ticket.id


def test_an_event_that_comes_before_its_frame_waits_for_it(desk: Desk) -> None:
    frames = [desk.say(moment, temp=value) for moment, value in HOT]
    desk.apply(*frames[:1])
    desk.hear(*desk.told, now_s=31)
    assert (desk.states(), boiler_tickets(desk.engine)) == ([("raised", "pending"), ("cleared", "pending")], [])

    desk.apply(*frames[1:])
    desk.events.settle(desk.engine, at(32))

    assert desk.states() == [("raised", "confirmed"), ("cleared", "confirmed")]
    assert len(desk.own_lines()) == len(boiler_tickets(desk.engine)) == 1
    desk.events.settle(desk.engine, at(33))
    assert not desk.events.is_waiting


@pytest.mark.parametrize("times", [1, 3])
def test_however_often_it_comes_it_is_kept_and_told_once(desk: Desk, times: int) -> None:
    desk.apply(*[desk.say(moment, temp=value) for moment, value in HOT])
    for _ in range(times):
        desk.hear(*desk.told, *desk.told, now_s=31)

    assert len(desk.own_lines()) == 1
    assert (desk.events.counts["edge_events"], desk.events.counts["edge_events_duplicate"]) == (2, 4 * times - 2)


def test_after_hours_without_an_uplink_it_is_the_same_episode_and_late(desk: Desk) -> None:
    desk.apply(desk.say(0, temp=80.0))
    back = 3 * 3600.0
    cut = [
        desk.say(10.0 * step, lane=Kind.BACKFILL, received_s=back + 1, temp=97.0 if step < 6 else 80.0)
        for step in range(1, 12)
    ]
    live = desk.say(back, temp=80.0)
    desk.hear(*desk.told, now_s=back)
    desk.apply(live, *cut)
    desk.events.settle(desk.engine, at(back + 2))

    (ticket,) = boiler_tickets(desk.engine)
    log = [
        Event(each.alarm, each.old, each.new, each.at_ms, each.because, late=each.late)
        for each in transitions(desk.engine)
        if each.alarm == "b1.temp_very_high"
    ]
    (episode,) = episodes(log)
    assert (episode.raised_ms, episode.late, ticket.late) == (desk.told[0].at_ms, True, True)
    assert desk.states() == [("raised", "confirmed"), ("cleared", "confirmed")]
    assert len(desk.own_lines()) == 1


def test_what_our_own_rules_do_not_say_is_kept_as_unconfirmed_and_opens_nothing(desk: Desk) -> None:
    desk.apply(*[desk.say(moment, temp=80.0) for moment in (0.0, 10.0, 20.0)])
    odd = EdgeEvent(1, "plant", "e1", 7, 1, at(20), "b1.temp_very_high", "normal", "unacked", "raised", at(15), (1, 3))
    unknown = msgspec.structs.replace(odd, alarm="b1.flood", seq=2)
    desk.hear(odd, unknown, now_s=21)
    desk.events.settle(desk.engine, at(100))
    assert desk.states() == [("raised", "pending")] * 2, "there may still be something to find"

    desk.events.settle(desk.engine, at(21 + 121))

    assert desk.states() == [("raised", "unconfirmed")] * 2
    assert (boiler_tickets(desk.engine), desk.events.counts["edge_events_unconfirmed"]) == ([], 2)


def test_an_unconfirmed_event_speaks_on_the_ticket_of_its_hazard_if_there_is_one(desk: Desk) -> None:
    desk.apply(*[desk.say(float(moment), temp=92.0) for moment in range(0, 60, 10)])
    odd = EdgeEvent(1, "plant", "e1", 7, 1, at(50), "b1.temp_very_high", "normal", "unacked", "raised", at(45), (1, 6))
    desk.hear(odd, now_s=51)
    desk.events.settle(desk.engine, at(300))

    assert len(boiler_tickets(desk.engine)) == 1
    assert desk.own_lines() == [
        "Cabinet judged this by itself at 2026-03-26 08:00:45. The server's own rules do not confirm it"
    ]


def test_a_hold_over_the_end_of_a_gap_is_the_same_alarm_dated_otherwise(desk: Desk) -> None:
    desk.apply(desk.say(0, temp=80.0))
    missing = [desk.say(moment, lane=Kind.BACKFILL, received_s=610, temp=97.0) for moment in (590.0, 595.0)]
    live = [desk.say(moment, temp=97.0) for moment in (600.0, 605.0, 610.0)]
    assert [each.at_ms for each in desk.told] == [at(600)]
    desk.apply(*live, *missing)
    desk.hear(*desk.told, now_s=611)
    desk.events.settle(desk.engine, at(612))

    assert desk.states() == [("raised", "otherwise")]
    assert (len(boiler_tickets(desk.engine)), len(desk.own_lines())) == (1, 1)


def test_what_makes_no_sense_is_counted_with_its_reason(desk: Desk) -> None:
    desk.apply(*[desk.say(moment, temp=value) for moment, value in HOT])
    good, topic = desk.told[0], build("plant", "e1", Kind.EVENT)
    bad = [
        Message(topic, b"{"),
        Message(topic, b"x" * 5000),
        Message(topic, wire_event.encode(good), True),
        Message(topic, wire_event.encode(msgspec.structs.replace(good, v=2))),
        Message(topic, wire_event.encode(msgspec.structs.replace(good, edge="e2"))),
        Message(build("plant", "e9", Kind.EVENT), wire_event.encode(msgspec.structs.replace(good, edge="e9"))),
        Message(topic, wire_event.encode(msgspec.structs.replace(good, alarm="lift-1.overtravel"))),
        Message(topic, wire_event.encode(msgspec.structs.replace(good, sim=True))),
    ]

    assert desk.events.read(desk.engine.site, bad) == []
    assert desk.refused == {
        "event_malformed": 1, "event_oversized": 1, "event_retained": 1, "event_wrong_version": 1,
        "event_wrong_topic": 1, "event_unknown_edge": 1, "event_foreign_asset": 1, "event_simulated": 1,
    }  # fmt: skip
