"""One line in the log for each decision, and not one for each time that somebody looks."""

from __future__ import annotations

import msgspec
import pytest
from structlog.testing import capture_logs

from alerts.decisions import Decisions
from alerts.views import Both, Changes, EdgeView, TicketView, TransitionView
from runtime.sparing import is_worth_a_line

TICKET = TicketView(
    "1", "T-1", "gas-1", "gas", "gas_leak", "hazard", "general", 1, "reported", Both("t", "标题"), "g", None,
    Both("", ""), 1, 1, None, None, True, False, None, (), 0,
)  # fmt: skip
ALARM = TransitionView("gas-1.ch4", "gas-1", "ch4", "NORMAL", "UNACKED", 5, 6, "raised", 40.0, None, None, late=False)
EDGE = EdgeView("e1", "online", 1, 1, 1, None, None, 0, catching_up=False)


def lines(decisions: Decisions, changes: Changes) -> list[str]:
    with capture_logs() as told:
        decisions.saw(changes)
    return [each["event"] for each in told]


def test_an_alarm_a_ticket_and_a_cabinet_are_a_line_each_and_only_when_something_was_decided() -> None:
    decisions = Decisions()
    changes = Changes(transitions=(ALARM,), tickets=(TICKET,), edges=(EDGE,))
    assert lines(decisions, changes) == ["alarm", "ticket", "cabinet"]
    assert lines(decisions, Changes(tickets=(TICKET,), edges=(EDGE,))) == [], "nothing but a line of evidence"

    acked = msgspec.structs.replace(TICKET, acked_ms=7, acked_by="a")
    lost = msgspec.structs.replace(EDGE, state="lost")
    assert lines(decisions, Changes(tickets=(acked,), edges=(lost,))) == ["ticket", "cabinet"]
    closed = msgspec.structs.replace(acked, state="written_off", closed_ms=9)
    assert lines(decisions, Changes(tickets=(closed,))) == ["ticket"]


def test_what_stood_at_the_start_is_no_news() -> None:
    assert lines(Decisions([EDGE], [TICKET]), Changes(tickets=(TICKET,), edges=(EDGE,))) == []


def test_a_line_says_what_was_decided_why_and_when() -> None:
    with capture_logs() as told:
        Decisions().saw(Changes(transitions=(ALARM,)))
    assert told == [
        {
            "event": "alarm", "log_level": "info", "alarm": "gas-1.ch4", "was": "NORMAL", "state": "UNACKED",
            "because": "raised", "value": 40.0, "at_ms": 5, "late": False,
        }
    ]  # fmt: skip


def test_a_flood_is_cut_short_and_says_so() -> None:
    told = lines(Decisions(), Changes(transitions=(ALARM,) * 120))
    assert (told.count("alarm"), told[-1]) == (50, "a flood: the rest stands in the database only")


@pytest.mark.parametrize(("before", "now", "worth"), [(0, 1, True), (1, 2, False), (9, 10, True), (10, 99, False)])
def test_of_many_equal_events_few_are_told(before: int, now: int, *, worth: bool) -> None:
    assert is_worth_a_line(before, now) is worth
    assert is_worth_a_line(0, 0) is False
