"""Shell. Every reading the edges say they polled, against every reading the store holds.

The two records never met: a ledger is written by an edge the moment a reading is safe in its journal; the store is
the far end of spool, uplink, broker, gate and commit. A crash may fall between a journal and its ledger, so a stored
reading that the ledger lacks is no loss and, while it is stored once, no duplicate.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb

from anlan.verdict import Readings
from ingest.duckdb_closed import put_closed_history
from wire import frame as wire_frame
from wire.frame import FrameError

_COLUMNS = "asset, point, measured_ms, value"

# A reading that the gate turned away counts as lost here: rejects are told beside it, since some may be strangers'.
_COMPARE = f"""
WITH polled AS (SELECT {_COLUMNS}, count(*) AS n FROM ledger GROUP BY ALL),
     held AS (
        SELECT {_COLUMNS}, count(*) AS n
        FROM (SELECT {_COLUMNS} FROM store.history UNION ALL SELECT {_COLUMNS} FROM closed_history) GROUP BY ALL),
     shelf AS (SELECT DISTINCT asset, point, measured_ms, value FROM refused),
     both_sides AS (
        SELECT coalesce(polled.n, 0) AS polled, coalesce(held.n, 0) AS held, shelf.asset IS NOT NULL AS is_refused
        FROM polled FULL JOIN held
          ON polled.asset = held.asset AND polled.point = held.point AND polled.measured_ms = held.measured_ms
         AND polled.value IS NOT DISTINCT FROM held.value
        LEFT JOIN shelf
          ON polled.asset = shelf.asset AND polled.point = shelf.point AND polled.measured_ms = shelf.measured_ms
         AND polled.value IS NOT DISTINCT FROM shelf.value)
SELECT coalesce(sum(polled), 0)::BIGINT,
       coalesce(sum(held), 0)::BIGINT,
       coalesce(sum(greatest(0, polled - held)) FILTER (NOT is_refused), 0)::BIGINT,
       coalesce(sum(greatest(0, held - greatest(1, polled))), 0)::BIGINT,
       coalesce(sum(greatest(0, polled - held)) FILTER (is_refused), 0)::BIGINT
FROM both_sides
"""  # noqa: S608 - the text is made of constants


def audit(ledgers: Sequence[Path], store: Path, rejected: int, excused: str = "") -> Readings:
    """Compare ledgers (CSV: measured_ms,asset,point,value,quality,reason) with a store that nobody has open.

    A reading is no loss whose frame lies on the store's shelf of rejects for the reason `excused`.
    """
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH '{store}' AS store (READ_ONLY)")
        connection.execute(
            "CREATE TABLE ledger (measured_ms BIGINT, asset VARCHAR, point VARCHAR, value DOUBLE, "
            "quality INTEGER, reason VARCHAR)"
        )
        for path in ledgers:
            if path.exists():
                # A kill may tear the last line.
                connection.execute("INSERT INTO ledger SELECT * FROM read_csv(?, header=false, ignore_errors=true, "
                    "columns={'measured_ms': 'BIGINT', 'asset': 'VARCHAR', 'point': 'VARCHAR', 'value': 'DOUBLE', "
                    "'quality': 'INTEGER', 'reason': 'VARCHAR'})", [str(path)])  # fmt: skip
        _put_refused(connection, excused)
        put_closed_history(connection, "store", store)
        row = connection.execute(_COMPARE).fetchone()
    polled, stored, lost, duplicated, on_the_shelf = row or (0, 0, 0, 0, 0)
    return Readings(polled, stored, lost, duplicated, rejected, on_the_shelf)


def _put_refused(connection: duckdb.DuckDBPyConnection, reason: str) -> None:
    """The readings of the frames that were refused for a reason, as the table `refused`."""
    connection.execute("CREATE TABLE refused (asset VARCHAR, point VARCHAR, measured_ms BIGINT, value DOUBLE)")
    if not reason:
        return
    for (payload,) in connection.execute("SELECT payload FROM store.rejects WHERE reason = ?", [reason]).fetchall():
        try:
            readings = wire_frame.readings(wire_frame.decode(payload))
        except FrameError:
            continue
        if readings:
            rows = [(each.asset, each.point, each.measured_ms, each.value) for each in readings]
            connection.executemany("INSERT INTO refused VALUES (?, ?, ?, ?)", rows)
