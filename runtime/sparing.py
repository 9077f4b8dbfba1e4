"""Pure. Which of many equal events is worth a line in the log: the first, the tenth, the hundredth."""

from __future__ import annotations


def is_worth_a_line(before: int, now: int) -> bool:
    """Whether a count passed a power of ten on its way from `before` to `now`."""
    return len(str(now)) > len(str(before)) or (before == 0 and now > 0)
