"""Shapes that other tests need."""

from __future__ import annotations

import json

import msgspec

from alerts.views import Both, TicketView


def ticket(number: int) -> TicketView:
    return TicketView(
        id=str(number), number=f"PLANT-20260326-{number:04d}", asset="b1", kind="boiler", hazard="h", category="hazard",
        grade="general", priority=2, state="filed", title=Both("t", "题"), grid="g1", grid_name=None,
        location=Both("", ""), opened_ms=1, raised_ms=1, acked_ms=None, acked_by=None, alarm_active=True, late=False,
        procedure=None, evidence=(), evidence_count=0,
    )  # fmt: skip


def test_a_ticket_travels_with_plain_keys_and_both_languages() -> None:
    told = json.loads(msgspec.json.encode(ticket(1)))

    assert (told["title"], told["acked_by"], told["late"]) == ({"en": "t", "zh": "题"}, None, False)
