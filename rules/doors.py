"""Pure. How compiled code is entered: by a handle instead of tables. Only rules.compiled uses it, for it needs numba.

They are functions of a module and not closures, because numba cannot keep a closure from one process to the next.
"""

from __future__ import annotations

from typing import Any

from rules.columns import F8, I8, I32, I64
from rules.handles import tables_at
from rules.kernel import order
from rules.observing import observe
from rules.passing import pass_time


def observed(  # noqa: PLR0913, PLR0917
    a: Any, limits: tuple[int, int, int], cells: I32, values: F8, qualities: I8, reasons: I8, ats: I64
) -> int:
    """`rules.observing.observe`."""
    return observe(tables_at(a), limits, cells, values, qualities, reasons, ats)


def passed(a: Any, clusters: I32, source: int, until: int) -> None:
    """`rules.passing.pass_time`."""
    pass_time(tables_at(a), clusters, source, until)


def ordered(a: Any, row: int, what: int, at: int, until: int) -> None:
    """`rules.kernel.order`."""
    order(tables_at(a), row, what, at, until)
