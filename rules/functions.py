"""Pure. What a book calls of the kernel: plain, or compiled (rules.compiled)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rules import kernel, observing, passing
from rules.columns import Tables


@dataclass(frozen=True, slots=True)
class Functions:
    """The kernel, plain or compiled."""

    observe: Callable[..., None] = observing.observe
    pass_time: Callable[..., None] = passing.pass_time
    order: Callable[..., None] = kernel.order
    handle: Callable[[Tables], Any] = lambda tables: tables  # what these functions take instead of tables


PLAIN = Functions()
