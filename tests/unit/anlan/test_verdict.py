"""The verdict is only worth something if it can be negative."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from anlan.audit import audit
from anlan.verdict import Expected, Raised, Readings, TicketSeen, Verdict, fault_rows, unexpected
from ingest.duckdb_store import DuckDbStore
from ingest.intake import Intake
from tests.samples import NOW_MS, level, tiny_site
from tests.samples import frame as encoded
from vocab.rule import Category
from wire.frame import AssetColumns, Frame, encode
from wire.message import Message

LEAK = Expected("f1", "gas", "gas-1", "leak", 100_000, "ch4_high", "gas_leak", Category.HAZARD, frozenset({"fire"}), 60)
COOKING = Expected("f2", "gas", "gas-2", "cooking", 100_000, None, None, None, frozenset(), None)


def ticket(equipment: str = "gas-1", hazard: str = "gas_leak", category: Category = Category.HAZARD) -> TicketSeen:
    return TicketSeen(f"T-{equipment}-{hazard}", equipment, hazard, category, 130_000)


def test_a_fault_is_found_by_its_own_alarm_and_one_ticket() -> None:
    (row,) = fault_rows([LEAK], [Raised("gas-1", "ch4_high", 130_000)], [ticket()])

    assert (row.found, row.delay_s, row.tickets) == (True, 30.0, 1)


@pytest.mark.parametrize(
    ("raised", "tickets"),
    [
        ([], [ticket()]),
        ([Raised("gas-1", "ch4_high", 99_000)], [ticket()]),  # before it was injected
        ([Raised("gas-2", "ch4_high", 130_000)], [ticket()]),
        ([Raised("gas-1", "co_high", 130_000)], [ticket()]),
        ([Raised("gas-1", "ch4_high", 130_000)], []),
        ([Raised("gas-1", "ch4_high", 130_000)], [ticket(), ticket()]),
        ([Raised("gas-1", "ch4_high", 130_000)], [ticket(category=Category.MAINTENANCE)]),
    ],
)
def test_anything_less_is_not_found(raised: list[Raised], tickets: list[TicketSeen]) -> None:
    (row,) = fault_rows([LEAK], raised, tickets)

    assert not row.found


def test_an_alarm_of_a_clock_that_was_set_back_may_be_dated_before_its_fault() -> None:
    (slow,) = fault_rows([replace(LEAK, slow_ms=1_000)], [Raised("gas-1", "ch4_high", 99_000)], [ticket()])
    (slower,) = fault_rows([replace(LEAK, slow_ms=1_000)], [Raised("gas-1", "ch4_high", 98_999)], [ticket()])

    assert (slow.found, slower.found) == (True, False)


def test_a_run_that_was_interrupted_cannot_tell_of_what_was_not_due() -> None:
    (early,) = fault_rows([LEAK], [], [], interrupted_ms=159_000)
    (late,) = fault_rows([LEAK], [], [], interrupted_ms=161_000)
    (planned,) = fault_rows([LEAK], [], [])

    assert [row.open for row in (early, late, planned)] == [True, False, False]


def test_a_ticket_needs_a_fault_that_accounts_for_it() -> None:
    wrong = unexpected([LEAK, COOKING], [ticket(), ticket(hazard="fire"), ticket("gas-2"), ticket("gas-3")])

    assert [each.equipment for each in wrong] == ["gas-2", "gas-3"]


def test_a_second_ticket_of_one_hazard_is_unexpected() -> None:
    assert len(unexpected([LEAK], [ticket(), ticket()])) == 1


@pytest.mark.parametrize(
    ("readings", "holds"),
    [
        (Readings(10, 10, 0, 0, 0), True),
        (Readings(10, 9, 1, 0, 0), False),
        (Readings(10, 11, 0, 1, 0), False),
        (Readings(0, 0, 0, 0, 0), False),
    ],
)
def test_a_verdict_holds_only_if_every_reading_is_there_once(readings: Readings, holds: bool) -> None:
    verdict = Verdict(["gas"], 1, 1, [], [], readings, {}, {"done": 2})
    assert verdict.holds is holds
    assert json.loads(json.dumps(verdict.as_json()))["duties"] == {"done": 2}


LEDGER = ["1000,a,t,1.5,0,none", "2000,a,t,2.5,0,none", "3000,a,t,,2,comm_timeout"]


@pytest.mark.parametrize(
    ("stored", "expected"),
    [
        ([(1000, 1.5), (2000, 2.5), (3000, None)], Readings(3, 3, 0, 0, 0)),
        ([(1000, 1.5), (3000, None)], Readings(3, 2, 1, 0, 0)),
        ([(1000, 1.5), (2000, 9.9), (3000, None)], Readings(3, 3, 1, 0, 0)),  # the value counts
        ([(1000, 1.5), (2000, 2.5), (2000, 2.5), (3000, None)], Readings(3, 4, 0, 1, 0)),
        ([(1000, 1.5), (2000, 2.5), (3000, None), (4000, 7.0)], Readings(3, 4, 0, 0, 0)),  # killed before the ledger
    ],
)
def test_ledger_and_store_are_compared_reading_by_reading(
    tmp_path: Path, stored: list[tuple[int, float | None]], expected: Readings
) -> None:
    ledger, store = tmp_path / "edge.csv", tmp_path / "store.duckdb"
    ledger.write_text("\n".join(LEDGER) + "\n40", encoding="utf-8")  # a torn last line
    with duckdb.connect(str(store)) as connection:
        connection.execute("CREATE TABLE history (asset VARCHAR, point VARCHAR, measured_ms BIGINT, value DOUBLE)")
        connection.executemany("INSERT INTO history VALUES ('a', 't', ?, ?)", stored)

    assert audit([ledger, tmp_path / "missing.csv"], store, rejected=0) == expected


def test_readings_of_closed_periods_are_held_too(tmp_path: Path) -> None:
    ledger, place = tmp_path / "edge.csv", tmp_path / "store.duckdb"
    rows = [f"{NOW_MS},p1,level,{float(seq)},0,none" for seq in range(1, 6)]
    ledger.write_text("\n".join(rows) + "\n", encoding="utf-8")
    store, intake = DuckDbStore(str(place)), Intake([tiny_site()])
    for seq in range(1, 6):
        message = Message("anlan/v1/tiny/e1/tele", encoded(level(float(seq)), seq=seq))
        store.commit(intake.batch(intake.judge([message], NOW_MS)), NOW_MS)
        store.roll_up()
        if seq == 3:
            packed = store.pack(NOW_MS + 10 * 86_400_000)
            assert packed is not None
            assert store.settle(packed) == 3
    store.close()

    assert audit([ledger], place, rejected=0) == Readings(5, 5, 0, 0, 0)


def test_a_reading_on_the_shelf_for_an_excused_reason_is_no_loss(tmp_path: Path) -> None:
    """A cabinet's clock was wrong by hours: what it sent is kept and told, but it is no history."""
    ledger, store = tmp_path / "edge.csv", tmp_path / "store.duckdb"
    ledger.write_text("\n".join(LEDGER) + "\n", encoding="utf-8")
    frame = Frame(1, "demo", "e1", 1, 1, 2000, [AssetColumns("a", ["t"], [2.5])])
    with duckdb.connect(str(store)) as connection:
        connection.execute("CREATE TABLE history (asset VARCHAR, point VARCHAR, measured_ms BIGINT, value DOUBLE)")
        connection.execute("INSERT INTO history VALUES ('a', 't', 1000, 1.5)")
        connection.execute("CREATE TABLE rejects (payload BLOB, reason VARCHAR)")
        connection.executemany("INSERT INTO rejects VALUES (?, ?)", [(encode(frame), "future"), (b"{", "future")])
    assert audit([ledger], store, rejected=0) == Readings(3, 1, 2, 0, 0)
    assert audit([ledger], store, rejected=0, excused="future") == Readings(3, 1, 1, 0, 0, 1)
    assert audit([ledger], store, rejected=0, excused="malformed") == Readings(3, 1, 2, 0, 0)


def test_a_graver_level_that_came_first_tells_of_the_fault_too() -> None:
    leak = replace(LEAK, graver=frozenset({"ch4_very_high"}))
    rows = fault_rows([leak], [Raised("gas-1", "ch4_very_high", 130_000)], [ticket()])

    assert [row.found for row in rows] == [True]
    assert [row.found for row in fault_rows([LEAK], [Raised("gas-1", "ch4_very_high", 130_000)], [ticket()])] == [False]
