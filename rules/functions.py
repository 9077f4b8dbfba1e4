"""Pure. What a book calls of the kernel: plain, or compiled (rules.compiled)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rules import kernel, observing, passing
from rules.columns import Tables


@dataclass(frozen=True, slots=True)
class Functions:
    """The kernel, plain or compiled."""

    observe: Callable[..., int] = observing.observe
    pass_time: Callable[..., None] = passing.pass_time
    order: Callable[..., None] = kernel.order
    handle: Callable[[Tables], Any] = lambda tables: tables  # what these functions take instead of tables
    is_plain: bool = True  # a call costs so much that leaving out what changes nothing pays (rules.quiet)


PLAIN = Functions()


def fitting(column: NDArray[Any]) -> NDArray[Any]:
    """A column of the kind that was compiled for: of an array that is a view or must not be written, numba would
    compile everything anew."""
    column = np.ascontiguousarray(column)
    return column if column.flags.writeable else column.copy()
