"""Pure. What conditions and alarms of many assets share: how they ask, their delays, and the words of their names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from rules.calendar import Calendar
from rules.codes import FAR, LeafKind
from rules.columns import F8, Forms, Rules
from rules.leaf import Leaf
from vocab.condition import Condition, High, Low
from vocab.instant import seconds_ms
from vocab.leaves import leaves
from vocab.rule import Rule

TIMED = (LeafKind.NO_DATA, LeafKind.COUNT, LeafKind.SCHEDULE, LeafKind.MUST_HAPPEN)
KEPT = (  # what remembers more than its verdict
    LeafKind.RATE, LeafKind.FORECAST, LeafKind.SPREAD, LeafKind.BASELINE, LeafKind.COUNT, LeafKind.MUST_HAPPEN,
    LeafKind.SCHEDULE,
)  # fmt: skip
_Number = int | float | None


class Shared:
    """Numbers for what is the same; each is kept once."""

    def __init__(self) -> None:
        self._forms: dict[tuple[_Number, ...], int] = {}
        self._rules: dict[tuple[tuple[int, ...], ...], int] = {}
        self._words: dict[str, int] = {}
        self._calendars: dict[Calendar, int] = {}
        self._consts: dict[float, int] = {}

    def word(self, word: str) -> int:
        """The number of a rule's or a point's id."""
        return self._words.setdefault(word, len(self._words))

    def const(self, number: float) -> int:
        """The place of a number of a program."""
        return self._consts.setdefault(number, len(self._consts))

    def form(self, leaf: Leaf, args: int) -> int:
        """The row of `Forms` for a condition with so many arguments."""
        calendar = -1
        if leaf.calendar is not None:
            calendar = self._calendars.setdefault(leaf.calendar, len(self._calendars))
        numbers = tuple(None if each != each else each for each in (leaf.limit, leaf.lower, leaf.slack))  # noqa: PLR0124
        key = (
            int(leaf.kind), int(leaf.trigger), leaf.flags, *numbers, leaf.mask, leaf.span_ms, leaf.ahead_ms,
            leaf.samples, leaf.ring, calendar, args,
        )  # fmt: skip
        return self._forms.setdefault(key, len(self._forms))

    def rule(self, rule: Rule, found: Sequence[Leaf], ops: Sequence[int], veil: Sequence[int]) -> int:
        """The row of `Rules` for an alarm with these conditions, joined by `ops`, and by `veil` to suppress it.

        Alarms of one row have conditions of the same kinds, so what they begin with is the same too.
        """
        times = (
            seconds_ms(rule.on_delay_s), seconds_ms(rule.off_delay_s), rule.on_samples, rule.off_samples,
            int(rule.latching), int(rule.safety), seconds_ms(rule.suppress_linger_s),
            FAR if rule.realarm_s is None else seconds_ms(rule.realarm_s), _sign(rule.when),
        )  # fmt: skip
        key = (times, tuple(int(leaf.kind) for leaf in found), tuple(ops), tuple(veil))
        return self._rules.setdefault(key, len(self._rules))

    @property
    def words(self) -> tuple[str, ...]:
        """By number."""
        return tuple(self._words)

    @property
    def calendars(self) -> tuple[Calendar, ...]:
        """By number."""
        return tuple(self._calendars)

    @property
    def consts(self) -> F8:
        """By place."""
        return np.array(list(self._consts), np.float64)

    def forms(self) -> Forms:
        """All of them."""
        i8, i32, i64, f8 = np.int8, np.int32, np.int64, np.float64
        types = (i8, i8, i8, f8, f8, f8, i64, i64, i64, i32, i32, i32, i32)
        columns = zip(*self._forms, strict=True) if self._forms else [()] * len(types)
        filled = ([np.nan if each is None else each for each in column] for column in columns)
        return Forms(*(np.array(column, dtype) for column, dtype in zip(filled, types, strict=True)))

    def rules(self) -> Rules:
        """All of them."""
        i8, i32, i64, flag = np.int8, np.int32, np.int64, np.bool_
        types = (i64, i64, i32, i32, flag, flag, i64, i64, i8)
        times = zip(*(each[0] for each in self._rules), strict=True) if self._rules else [()] * len(types)
        joined = [(*ops, *veil) for _, _, ops, veil in self._rules]
        lengths = np.array([len(each) for each in joined], i32)
        op_at = (np.cumsum(lengths) - lengths).astype(i32)
        op_n = np.array([len(ops) for _, _, ops, _ in self._rules], i32)
        leaf_n = np.array([len(kinds) for _, kinds, _, _ in self._rules], i32)
        timed = np.array([any(kind in TIMED for kind in kinds) for _, kinds, _, _ in self._rules], flag)
        ops = np.array([op for each in joined for op in each], i32)
        columns: list[Any] = [np.array(column, dtype) for column, dtype in zip(times, types, strict=True)]
        columns += [leaf_n, timed, op_at, op_n, op_at + op_n, lengths - op_n, ops]
        return Rules(*columns)


def _sign(condition: Condition) -> int:
    """Which way is worse: that of the first limit found."""
    for leaf in leaves(condition):
        if isinstance(leaf, High):
            return 1
        if isinstance(leaf, Low):
            return -1
    return 0
