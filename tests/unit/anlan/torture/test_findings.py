"""What counts as broken."""

from __future__ import annotations

from dataclasses import replace

from anlan.torture import findings
from anlan.torture.findings import Done, Findings, Page
from anlan.verdict import FaultRow
from vocab.rule import Category

ROW = FaultRow(
    "f", "boiler", "boiler-1", "low_water", "2026-03-26T01:30:00Z", "low_water", None, None, 60.0, 0, found=False,
    category=Category.HAZARD,
)  # fmt: skip
PAGE = Page(1, 7, "sent", 1_000, 1_000, receipt=True, is_over=False, is_written=True)
FINE = Findings(1, 0, 0, [], [], [], [], [], {}, {})


def ticket(number: str, asset: str = "boiler-1", hazard: str = "low_water", kind: str = "boiler") -> dict[str, object]:
    return {"number": number, "asset": asset, "hazard": hazard, "kind": kind, "opened_ms": int(number)}


def test_a_hazard_without_its_alarm_is_missed_however_late_the_alarm_may_be() -> None:
    late = replace(ROW, id="late", alarm_at="2026-03-26T03:30:00Z", delay_s=7200.0)
    dust = replace(ROW, id="dust", category=Category.SANITATION)
    cut = replace(ROW, id="cut", nature="link")
    assert findings.missed([ROW, late, dust, cut]) == ["f"]


def test_a_hazard_with_two_tickets_is_told_and_duties_are_not_looked_at() -> None:
    assert findings.double_tickets([ticket("1"), ticket("2", asset="boiler-2"), ticket("3", hazard="leak")]) == []
    assert findings.double_tickets([ticket("2"), ticket("1")]) == ["2: boiler-1 low_water has 1"]
    assert findings.double_tickets([ticket("1", kind="duty"), ticket("2", kind="duty")]) == []


def lost(page: Page) -> list[str]:
    return findings.lost_pages([page], [], now_ms=100_000, patience_ms=20_000)


def test_a_due_page_needs_a_receipt_or_a_next_attempt() -> None:
    assert lost(PAGE) == []
    waiting = replace(PAGE, state="due", receipt=False, is_written=None)
    assert lost(waiting) != []
    assert lost(replace(waiting, next_ms=120_000)) == []
    assert lost(replace(waiting, state="sending", next_ms=90_000)) == []
    assert lost(replace(waiting, state="sending")) != []
    assert lost(replace(waiting, due_ms=95_000, next_ms=95_000)) == []
    assert lost(replace(waiting, is_over=True)) == []
    assert lost(replace(waiting, state="failed")) == []


def test_a_receipt_for_what_the_messenger_never_got_is_a_lost_page() -> None:
    assert lost(replace(PAGE, is_written=False)) == [
        "page 1 of ticket 7: a receipt, but the messenger has no such message"
    ]


def test_an_urgent_ticket_for_which_nobody_was_called_is_a_lost_page() -> None:
    assert findings.lost_pages([], ["H-1"], 100_000, 20_000) == ["ticket H-1: nobody was called"]


def test_the_sums_of_all_runs_have_the_promised_keys_and_one_broken_run_breaks_the_whole() -> None:
    broken = replace(FINE, seed=2, lost=3, missed=["a", "b"])
    told = findings.as_json([FINE, broken], {})
    assert {key: told[key] for key in (*findings.KEYS, "holds")} == {
        "lost": 3, "doubled": 0, "missed": 2, "double_tickets": 0, "lost_pages": 0, "holds": False,
    }  # fmt: skip
    assert told["faults"] == []
    assert findings.as_json([FINE], {})["holds"] is True


def test_only_a_clock_that_was_set_back_a_little_dates_alarms_too_early() -> None:
    def clock(target: str, seconds: float) -> Done:
        return Done(
            1, "2026-01-01T00:00:00Z", 0.0, "clock", f"{seconds:+g}s", target, 5.0, {"seconds": seconds}, "done"
        )

    done = [clock("edge-a", -1.0), clock("edge-b", 1.0), clock("edge-c", -28_800.0)]

    assert findings.slow_ms(done, speed=10.0) == {"edge-a": 10_000}
