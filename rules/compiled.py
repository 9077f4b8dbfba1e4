"""Pure. The same kernel, compiled with numba: one source, two speeds.

The functions of the kernel are copied into one namespace in which every name they call is the compiled one. Nothing is
rewritten. Importing numba takes half a second and the first call compiles for some more, so only long-lived processes
with much to judge do this. The columns go in as one pointer (rules.handles). Nothing counts references, since the
kernel allocates nothing (numba refuses to compile it if it does), and other threads may run meanwhile.
"""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from types import CodeType, FunctionType
from typing import Any

from rules import calc, columns, conditions, kernel, memory, observing, passing, states, truth
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
    (observing, ("hear", "wake", "attend", "decide", "together", "observe")),
)

_OPTIONS: dict[str, Any] = {"_nrt": False, "nogil": True}


@cache
def namespace() -> dict[str, Any]:
    """Every function of the kernel, compiled, by name; they take a handle where the plain ones take tables."""
    import numba

    names = _plain()
    for module, functions in _CALLEES_FIRST:
        for name in functions:
            plain: FunctionType = getattr(module, name)
            copy = FunctionType(plain.__code__, names, name, plain.__defaults__)
            names[name] = numba.njit(**_OPTIONS)(copy)
    return names


@cache
def compiled(cached: bool = False) -> Functions:
    """What a Book takes instead of PLAIN; `cached`: numba keeps it where its configuration says."""
    import numba

    from rules import doors, handles

    names = namespace() | {"tables_at": handles.tables_at}
    door = numba.njit(**_OPTIONS, cache=cached)
    observe, pass_time, order = (
        door(FunctionType(each.__code__, names, each.__name__))
        for each in (doors.observed, doors.passed, doors.ordered)
    )
    return Functions(observe, pass_time, order, handles.addresses, is_plain=False)


def _plain() -> dict[str, Any]:
    names: dict[str, Any] = {}
    for module, _ in _CALLEES_FIRST:
        names |= vars(module)
    return names


def fingerprint() -> str:
    """Names all that is compiled. What numba itself looks at, one function's own source, misses those that it calls."""
    from rules import doors, handles

    modules = (doors, handles, *(module for module, _ in _CALLEES_FIRST))
    told: list[object] = [sorted((name, each) for name, each in _plain().items() if isinstance(each, int | float))]
    for module in modules:
        for name, each in sorted(vars(module).items()):
            if isinstance(each, FunctionType) and each.__module__ == module.__name__:
                code = each.__code__
                told.append((name, code.co_code, _lasting(code.co_consts), code.co_names, code.co_varnames))
    told += [sorted(kind.__annotations__.items()) for kind in vars(columns).values() if hasattr(kind, "_fields")]
    return sha256(repr((told, _OPTIONS)).encode()).hexdigest()[:16]


def _lasting(constants: tuple[Any, ...]) -> list[Any]:
    """Without the addresses in what Python says of inner functions."""
    return [each.co_code if isinstance(each, CodeType) else each for each in constants]
