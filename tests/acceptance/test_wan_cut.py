"""The way to the broker is cut for longer than anybody would wait: nothing is lost, nothing pages as if it were now."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from tests.acceptance.running import demo, explain

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(400)]

SECONDS = 90


def test_a_cut_of_twelve_minutes_loses_nothing_and_comes_back_as_back_fill(tmp_path: Path) -> None:
    with demo(tmp_path, "--scenario", "wan-cut", "--for", str(SECONDS)) as running:
        assert running.wall
        verdict = running.verdict(SECONDS + 150)
    tickets = {(each["asset"], each["hazard"]): each for each in _tickets(tmp_path)}
    cut = next(row for row in verdict["faults"] if row["fault"] == "wan_cut")

    assert verdict["readings"]["lost"] == 0, explain(verdict)
    assert verdict["readings"]["duplicated"] == 0, explain(verdict)
    assert verdict["unexpected_tickets"] == [], explain(verdict)
    assert cut["tickets"] == 1, explain(verdict)

    with duckdb.connect(str(tmp_path / "run" / "readings.duckdb"), read_only=True) as store:
        rows = store.execute(
            "SELECT lane, count(*), (max(measured_ms) - min(measured_ms)) / 60000 "
            "FROM history WHERE edge = ? GROUP BY lane", [cut["equipment"]]
        ).fetchall()  # fmt: skip
    minutes = {str(lane): span for lane, _, span in rows}
    assert minutes["backfill"] >= 10, rows

    # Over before the link came back: found, recorded, and marked as found late, so that nobody is called out now.
    assert tickets["line-2", "line_break"]["late"], tickets
    # Still there when the link came back: it is the present. And the other cabinet was never late.
    assert not tickets["line-1", "line_overpressure"]["late"], tickets
    assert not tickets["boiler-1", "flame_failure"]["late"], tickets
    assert [row for row in verdict["faults"] if not row["found"]] == [], explain(verdict)


def _tickets(root: Path) -> list[dict[str, object]]:
    import sqlite3

    with sqlite3.connect(root / "run" / "tickets.sqlite") as database:
        database.row_factory = sqlite3.Row
        return [dict(row) for row in database.execute("SELECT * FROM tickets")]
