"""Pure. Which readings were measured together."""

from __future__ import annotations

import numpy as np

from rules import quiet
from rules.columns import I32, I64


def groups(cells: I32, ats: I64) -> I32:
    """Numbers for what was measured together, in order of time; a cell that comes twice at a moment starts anew."""
    found = np.zeros(len(cells), np.int32)
    if len(cells) < 2:
        return found
    np.cumsum(ats[1:] != ats[:-1], out=found[1:])
    if not quiet.repeated(cells, int(cells.max()) + 1).any():
        return found
    seen: set[int] = set()
    number = 0
    for i, cell in enumerate(cells.tolist()):
        if i and (ats[i] != ats[i - 1] or cell in seen):
            seen = set()
            number += 1
        seen.add(cell)
        found[i] = number
    return found
