"""Pure. The same kernel, compiled with numba: one source, two speeds.

The functions of the kernel are copied into one namespace in which every name they call is the compiled one. Nothing is
rewritten. Importing numba takes half a second and the first call compiles for some more, so only long-lived processes
with much to judge do this. The columns go in as one pointer (rules.handles). Nothing counts references, since the
kernel allocates nothing (numba refuses to compile it if it does), and other threads may run meanwhile.
"""

from __future__ import annotations

from functools import cache
from types import FunctionType
from typing import Any

from rules import calc, conditions, kernel, memory, observing, passing, states, truth
from rules.columns import F8, I8, I32, I64
from rules.functions import Functions

_CALLEES_FIRST = (
    (states, ("move", "cover", "is_active", "hide", "show", "realarm")),
    (kernel, ("end_hold", "elapse", "hold", "again", "drop", "schedule", "thaw", "judge", "worst", "acknowledge")),
    (kernel, ("reset", "veil", "order_away", "order", "step")),
    (truth, ("remember", "join", "vote", "evaluate", "combine", "hides")),
    (calc, ("reading", "extreme", "joined", "number")),
    (memory, ("in_state", "held_before", "rate", "forecast", "spread", "baseline", "changed", "triggered")),
    (memory, ("count_ends", "count", "happening")),
    (conditions, ("bad_signal", "compare", "stuck", "remembered", "sense", "of_alarm", "shown")),
    (passing, ("last_start", "inside", "next_turn", "next_end", "leaf_due", "missed", "turn", "follows", "row_due")),
    (passing, ("touch", "settle", "tell", "settle_cluster", "ripen", "advance", "pass_time")),
    (observing, ("hear", "wake", "attend", "decide", "observe")),
)

_OPTIONS: dict[str, Any] = {"_nrt": False, "nogil": True}


@cache
def namespace() -> dict[str, Any]:
    """Every function of the kernel, compiled, by name; they take a handle where the plain ones take tables."""
    import numba

    names: dict[str, Any] = {}
    for module, _ in _CALLEES_FIRST:
        names |= vars(module)
    for module, functions in _CALLEES_FIRST:
        for name in functions:
            plain: FunctionType = getattr(module, name)
            names[name] = numba.njit(**_OPTIONS)(FunctionType(plain.__code__, names, name, plain.__defaults__))
    return names


@cache
def compiled() -> Functions:
    """What a Book takes instead of PLAIN."""
    import numba

    from rules.handles import addresses, tables_at

    names = namespace()
    observe, pass_time, order = names["observe"], names["pass_time"], names["order"]
    door = numba.njit(**_OPTIONS)

    def observed(a: Any, groups: I32, cells: I32, values: F8, qualities: I8, reasons: I8, ats: I64) -> None:  # noqa: PLR0913, PLR0917
        observe(tables_at(a), groups, cells, values, qualities, reasons, ats)

    def passed(a: Any, clusters: I32, source: int, until: int) -> None:
        pass_time(tables_at(a), clusters, source, until)

    def ordered(a: Any, row: int, what: int, at: int, until: int) -> None:
        order(tables_at(a), row, what, at, until)

    return Functions(door(observed), door(passed), door(ordered), addresses)
