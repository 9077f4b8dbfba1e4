"""Pure. Verdicts joined: three-valued AND, OR, NOT and N of M, in postfix form.

AND: false if one is false, else unknown if one is unknown, else true. OR: true if one is true, else unknown if one is
unknown, else false. A vote is true when enough are true, false when even every unknown voter could not make it enough,
else unknown; rules may state instead that an unknown voter is taken for true or false, or that it leaves the vote and
takes one of the needed voices with it.
"""

from __future__ import annotations

import numpy as np

from rules.codes import Op, Verdict, Voter
from rules.columns import I8, Memory, Tables

_FALSE, _TRUE, _UNKNOWN = int(Verdict.FALSE), int(Verdict.TRUE), int(Verdict.UNKNOWN)
_AND, _OR, _NOT, _VOTE = int(Op.AND), int(Op.OR), int(Op.NOT), int(Op.VOTE)
_AS_TRUE, _AS_FALSE, _DEGRADE = int(Voter.TRUE), int(Voter.FALSE), int(Voter.DEGRADE)


def remember(memory: Memory, leaf: int, verdict: int) -> None:
    """Write a leaf's verdict; a known one also arms or disarms its deadband."""
    memory.verdict[leaf] = verdict
    if verdict != _UNKNOWN:
        memory.armed[leaf] = verdict


def join(stack: I8, first: int, n: int, deciding: int) -> int:
    """OR is decided by TRUE, AND by FALSE; otherwise one UNKNOWN makes it unknown."""
    verdict = _TRUE - deciding
    for i in range(first, first + n):
        if stack[i] == deciding:
            return deciding
        if stack[i] == _UNKNOWN:
            verdict = _UNKNOWN
    return verdict


def vote(stack: I8, first: int, n: int, needed: int, unknown: int) -> int:
    """N of M; see Voter for what an unknown one is taken for."""
    trues, doubts = 0, 0
    for i in range(first, first + n):
        if stack[i] == _TRUE:
            trues += 1
        elif stack[i] == _UNKNOWN:
            doubts += 1
    if doubts == n and unknown not in (_AS_TRUE, _AS_FALSE):
        return _UNKNOWN
    if unknown == _AS_TRUE:
        trues, doubts = trues + doubts, 0
    elif unknown == _AS_FALSE:
        doubts = 0
    elif unknown == _DEGRADE:
        needed, doubts = max(1, needed - doubts), 0
    if trues >= needed:
        return _TRUE
    return _UNKNOWN if trues + doubts >= needed else _FALSE


def evaluate(t: Tables, row: int, first: int, n: int) -> int:
    """The verdict of the expression in `ops` that begins at `first`, from those of the row's leaves."""
    leaf, depth, i = t.alarms.leaf_at[row], 0, first
    stack, ops = t.stack, t.rules.ops
    if n == 1:  # one condition, as most alarms have
        return int(t.memory.verdict[leaf + ops[first]])
    while i < first + n:
        op = ops[i]
        i += 1
        if op >= 0:
            stack[depth] = t.memory.verdict[leaf + op]
            depth += 1
            continue
        if op == _NOT:
            if stack[depth - 1] != _UNKNOWN:
                stack[depth - 1] = _TRUE - stack[depth - 1]
            continue
        m = ops[i]
        i += 1
        depth -= m
        if op == _VOTE:
            stack[depth] = vote(stack, depth, m, ops[i], ops[i + 1])
            i += 2
        else:
            stack[depth] = join(stack, depth, m, _TRUE if op == _OR else _FALSE)
        depth += 1
    return int(stack[0])


def combine(t: Tables, row: int) -> int:
    """The verdict of an alarm."""
    rule = t.alarms.rule[row]
    return evaluate(t, row, t.rules.op_at[rule], t.rules.op_n[rule])


def hides(t: Tables, row: int) -> int:
    """Whether the alarm is to be suppressed by design."""
    rule = t.alarms.rule[row]
    return evaluate(t, row, t.rules.veil_at[rule], t.rules.veil_n[rule])


def at_first(t: Tables) -> I8:
    """The verdict of every alarm before anything was heard; alarms of one rule have the same."""
    rules, first = np.unique(t.alarms.rule, return_index=True)
    of_rule = np.zeros(int(rules.max(initial=0)) + 1, np.int8)
    of_rule[rules] = [combine(t, row) for row in first.tolist()]
    found: I8 = of_rule[t.alarms.rule]
    return found
