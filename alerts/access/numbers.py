"""Pure. A number as somebody wrote it: plainly, or not at all."""

from __future__ import annotations

from typing import Any

SQL_MOST = 2**63 - 1


def number(told: Any) -> int | None:
    """Digits and nothing else, or a JSON number; None for `+5`, ` 5`, `5.0`, true: readers differ about them."""
    if isinstance(told, str):
        return min(int(told), SQL_MOST) if told.isascii() and told.isdigit() and len(told) < 40 else None
    return min(told, SQL_MOST) if isinstance(told, int) and not isinstance(told, bool) and told >= 0 else None
