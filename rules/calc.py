"""Pure. Numbers of conditions: a cell as a leaf may use it, and arithmetic over several, in postfix form."""

from __future__ import annotations

from rules.codes import LENIENT, Calc
from rules.columns import Tables
from vocab.quality import Quality

_CELL, _CONST = int(Calc.CELL), int(Calc.CONST)
_ADD, _SUBTRACT, _MULTIPLY, _DIVIDE = int(Calc.ADD), int(Calc.SUBTRACT), int(Calc.MULTIPLY), int(Calc.DIVIDE)
_NEGATE, _ABS, _MIN, _MAX = int(Calc.NEGATE), int(Calc.ABS), int(Calc.MIN), int(Calc.MAX)
_GOOD, _UNCERTAIN = int(Quality.GOOD), int(Quality.UNCERTAIN)
_LENIENT = LENIENT


def reading(t: Tables, leaf: int, cell: int) -> float:
    """The value that a leaf may use; nan if there is none."""
    quality = t.senses.quality[cell]
    if quality == _GOOD:
        return float(t.senses.value[cell])
    if quality == _UNCERTAIN and t.forms.flags[t.leaves.form[leaf]] & _LENIENT:
        return float(t.senses.shown[cell])
    return float("nan")


def number(t: Tables, leaf: int) -> float:
    """What a comparison looks at: its cell, or what its program makes of several; nan if one of them is unknown."""
    first, n = t.leaves.arg_at[leaf], t.forms.arg_n[t.leaves.form[leaf]]
    if n == 0:
        return reading(t, leaf, t.leaves.cell[leaf])
    stack, depth = t.numbers, 0
    for i in range(first, first + n, 2):
        code, operand = t.leaves.args[i], t.leaves.args[i + 1]
        if code == _CELL:
            stack[depth] = reading(t, leaf, operand)
            depth += 1
        elif code == _CONST:
            stack[depth] = t.leaves.consts[operand]
            depth += 1
        elif code == _NEGATE:
            stack[depth - 1] = -stack[depth - 1]
        elif code == _ABS:
            stack[depth - 1] = abs(stack[depth - 1])
        elif code in (_MIN, _MAX):
            depth -= operand - 1
            stack[depth - 1] = extreme(t, depth - 1, operand, code)
        else:
            depth -= 1
            stack[depth - 1] = joined(float(stack[depth - 1]), float(stack[depth]), code)
    return float(stack[0])


def extreme(t: Tables, first: int, n: int, code: int) -> float:
    """The least or greatest of n numbers; nan if one is."""
    found = float(t.numbers[first])
    for i in range(first + 1, first + n):
        other = float(t.numbers[i])
        if other != other:  # noqa: PLR0124 - not a number
            return other
        if (code == _MIN and other < found) or (code == _MAX and other > found):
            found = other
    return found


def joined(left: float, right: float, code: int) -> float:
    """Two numbers; nothing is known of a quotient by zero."""
    if code == _ADD:
        return left + right
    if code == _SUBTRACT:
        return left - right
    if code == _MULTIPLY:
        return left * right
    if code == _DIVIDE and right != 0.0:
        return left / right
    return float("nan")
