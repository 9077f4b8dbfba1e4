"""Pure. A roster as an iCalendar (RFC 5545, RFC 7986), for the calendar of a phone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from icalendar import Calendar, Event

from vocab.instant import from_ms

_AGAIN = timedelta(hours=1)  # how often a calendar should ask again, as far as it listens


@dataclass(frozen=True, slots=True)
class Turn:
    """One event: somebody is on call from `begin_ms` until `end_ms`. `key` is the same for the same turn."""

    key: str
    begin_ms: int
    end_ms: int
    title: str
    note: str = ""


def written(name: str, site: str, turns: Iterable[Turn], now_ms: int) -> bytes:
    """The file. A turn keeps its UID, so that a calendar moves its event and does not add another."""
    calendar = Calendar()
    calendar.add("prodid", "-//Anlan//on-call//")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("name", name)
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", _AGAIN, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    for turn in turns:
        event = Event()
        event.add("uid", f"{turn.key}@{site}.anlan")
        event.add("dtstamp", from_ms(now_ms))
        event.add("dtstart", from_ms(turn.begin_ms))
        event.add("dtend", from_ms(turn.end_ms))
        event.add("summary", turn.title)
        event.add("transp", "TRANSPARENT")  # who is on call can have meetings
        if turn.note:
            event.add("description", turn.note)
        calendar.add_component(event)
    return bytes(calendar.to_ical())
