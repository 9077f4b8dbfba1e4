"""Pure. The same kernel, compiled with numba: one source, two speeds.

The functions of kernel.py and conditions.py are copied into one namespace in which every name they call is the compiled
one. Nothing is rewritten. Importing numba takes half a second and the first call compiles for many more, so only
long-lived processes with much to judge do this.

A book's columns are some ninety arrays, and every function takes them all. So
1. nothing counts references to them: the kernel allocates nothing (numba refuses to compile it if it does), and
   counting made it a hundred times slower;
2. every function is put into its caller: a call that hands over ninety arrays costs more than most functions do;
3. other threads may run meanwhile: nothing here touches an object of Python.
"""

from __future__ import annotations

from functools import cache
from types import FunctionType
from typing import Any

from rules import conditions, kernel, states
from rules.book import Functions

_CALLEES_FIRST = (
    (states, ("move", "cover", "is_active", "hide", "show", "realarm")),
    (kernel, ("end_hold", "elapse", "hold", "again", "drop", "schedule", "thaw", "judge", "worst", "acknowledge")),
    (kernel, ("reset", "veil", "order_away", "order", "step")),
    (conditions, ("bad_signal", "in_state", "rate", "limit", "stuck", "sense", "remember", "join", "combine", "shown")),
    (conditions, ("hush", "hear", "wake", "attend", "decide", "observe", "pass_time")),
)

_OPTIONS: dict[str, Any] = {"_nrt": False, "forceinline": True, "nogil": True}


@cache
def namespace() -> dict[str, Any]:
    """Every function of the kernel, compiled, by name."""
    import numba

    names: dict[str, Any] = {**vars(states), **vars(kernel), **vars(conditions)}
    for module, functions in _CALLEES_FIRST:
        for name in functions:
            plain: FunctionType = getattr(module, name)
            names[name] = numba.njit(**_OPTIONS)(FunctionType(plain.__code__, names, name, plain.__defaults__))
    return names


def compiled() -> Functions:
    """What a Book takes instead of PLAIN."""
    names = namespace()
    return Functions(names["observe"], names["pass_time"], names["order"])
