"""Shell. The ledger: every reading the edge decided to report, as CSV, for whoever audits the rest of the chain.

Columns: measured_ms, asset, point, value, quality, reason. A batch is appended right after it is safe in the journal.
"""

from __future__ import annotations

import os
from pathlib import Path

from edge.batch import WORDS, Batch
from edge.number import GOOD, QUALITY


class Ledger:
    """An append-only CSV file."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)

    def write(self, batch: Batch) -> None:
        """Append a batch in one write, so that a kill cannot leave half a line of it behind a whole one."""
        reasons = batch.reasons or [GOOD] * len(batch.points)
        lines = [
            f"{batch.measured_ms},{batch.asset},{point},{'' if value is None else repr(float(value))},"
            f"{int(QUALITY[reason])},{WORDS[reason]}\n"
            for point, value, reason in zip(batch.points, batch.values, reasons, strict=True)
        ]
        os.write(self._file, "".join(lines).encode())

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._file)
