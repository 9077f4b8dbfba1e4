"""Pure. What a run wrote with --json, back as rows; and the goals in it as numbers."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from anlan.bench.frame import Row

_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
_NAMES = {each.name for each in fields(Row)}


@dataclass(frozen=True, slots=True)
class Run:
    """A whole run."""

    rows: tuple[Row, ...]
    machine: Mapping[str, Any]
    versions: Mapping[str, str]

    @property
    def benches(self) -> tuple[str, ...]:
        """Their names, in the order in which they ran."""
        return tuple(dict.fromkeys(row.bench for row in self.rows))

    def of(self, bench: str) -> tuple[Row, ...]:
        """The rows of one."""
        return tuple(row for row in self.rows if row.bench == bench)


def run_of(told: Mapping[str, Any]) -> Run:
    """The run that was written; KeyError or TypeError if it is none."""
    rows = tuple(Row(**{name: value for name, value in row.items() if name in _NAMES}) for row in told["rows"])
    return Run(rows, told["machine"], told["versions"])


def joined(runs: Sequence[Run]) -> Run:
    """Several runs of one machine as one; of a bench that is in two the later counts."""
    of: dict[str, tuple[Row, ...]] = {}
    versions: dict[str, str] = {}
    for run in runs:
        of |= {bench: run.of(bench) for bench in run.benches}
        versions |= run.versions
    return Run(tuple(row for rows in of.values() for row in rows), runs[-1].machine, versions)


def goal_of(row: Row) -> float | None:
    """The goal in the unit of the figure; None where there is none. "≥ 0.6 of it" is a share of the reference."""
    found = _NUMBER.search(row.goal)
    if found is None:
        return None
    number = float(found.group().replace(",", ""))
    if not row.goal.endswith("of it"):
        return number
    return None if row.reference is None else number * row.reference
