"""Pure. What would have kept an alarm calm, computed from its own history, with the arithmetic shown.

The law of this file
1. A suggestion is a guess from a log, not a proof: the log knows when the alarm moved, not what the signal did between.
   It is to be backtested before it is used, and every text says what it would cost.
2. A condition that raised an alarm for `d` was true for on-delay + d - off-delay, since an alarm is dated at the end of
   its delays. An on-delay longer than that would have kept it silent.
3. A condition that came back `g` after clearing was false for off-delay + g - on-delay. An off-delay longer than that
   would have kept the alarm standing: one call instead of two.
4. An alarm that cleared at `v` before it came back had gone back from its limit by at least |limit - v|; a deadband
   wider than that would have kept it standing. The signal may have gone on falling, so this is a lower bound.
5. Each suggestion is the smallest round number that does `removed_share` of the work.
6. An alarm for life safety is never told to wait longer than `life_safety_on_ms`.
7. A history that the present delays cannot have made (a call shorter than the off-delay, a pause shorter than the
   on-delay) was made by other rules, and nothing is suggested from it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from rules.performance.activations import Activation
from rules.performance.definitions import Definitions, Words
from rules.performance.nuisance import is_short


@dataclass(frozen=True, slots=True)
class Known:
    """What the rules say of an alarm. `priority` None: the alarm is no longer there."""

    asset: str
    rule: str
    kind: str = ""
    priority: int | None = None
    on_delay_ms: int = 0
    off_delay_ms: int = 0
    limit: float | None = None  # of a plain high or low limit
    deadband: float = 0.0
    is_high: bool = True
    unit: str = ""
    is_safety: bool = False


class Attribute(StrEnum):
    """What can be changed of an alarm by an override of the site."""

    ON_DELAY = "on_delay_s"
    OFF_DELAY = "off_delay_s"
    DEADBAND = "deadband"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A change to be backtested. `suggested` None: what the history asks for is not allowed, and `why` says so."""

    attribute: Attribute
    now: float
    suggested: float | None
    removes: int  # calls of this history that it would have spared
    of: int
    why: Words


def suggest(line: Sequence[Activation], known: Known, definitions: Definitions) -> tuple[Suggestion, ...]:
    """What the calls of one alarm in a period ask for."""
    if not _is_of(line, known):
        return ()
    found = (_on_delay(line, known, definitions), *_merging(line, known, definitions))
    return tuple(each for each in found if each is not None)


def _is_of(line: Sequence[Activation], known: Known) -> bool:
    """Law 7. A second call of one condition is no pause."""
    spans = [each.active_ms for each in line if each.active_ms is not None]
    pauses = [b.since_ms - a.cleared_ms for a, b in pairwise(line) if a.cleared_ms is not None]
    return all(span >= known.off_delay_ms for span in spans) and all(
        pause >= known.on_delay_ms for pause in pauses if pause >= 0
    )


def share_rank(values: Sequence[float], share: float) -> float:
    """The smallest of the values that at least `share` of them do not exceed (nearest rank)."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def _seconds_above(span_ms: float) -> int:
    return math.floor(span_ms / 1000) + 1


def _on_delay(line: Sequence[Activation], known: Known, definitions: Definitions) -> Suggestion | None:
    held = {place: known.on_delay_ms - known.off_delay_ms + (each.active_ms or 0) for place, each in enumerate(line)}
    short = [held[place] for place, each in enumerate(line) if is_short(each, definitions)]
    if len(short) < definitions.suggest_from:
        return None
    longest = share_rank(short, definitions.removed_share)
    wanted = max(_seconds_above(longest), known.on_delay_ms // 1000 + 1)
    now = known.on_delay_ms / 1000
    removed = sum(each.active_ms is not None and held[place] < wanted * 1000 for place, each in enumerate(line))
    kept = math.ceil(definitions.removed_share * len(short))
    en = (
        f"{len(short)} of {len(line)} calls lasted less than {definitions.fleeting_ms / 1000:g} s. {kept} of these "
        f"{len(short)} conditions held for {longest / 1000:g} s at most (on-delay {now:g} s + time active - off-delay "
        f"{known.off_delay_ms / 1000:g} s)."
    )
    zh = (
        f"{len(line)}次报警中有{len(short)}次持续不足{definitions.fleeting_ms / 1000:g}秒，其中{kept}次的条件最长维持"
        f"{longest / 1000:g}秒（触发延时{now:g}秒＋报警时长－恢复延时{known.off_delay_ms / 1000:g}秒）。"
    )
    if known.is_safety and wanted * 1000 > definitions.life_safety_on_ms:
        most = definitions.life_safety_on_ms / 1000
        en += f" An on-delay of {wanted} s would do, but life safety waits {most:g} s at most: look for the cause."
        zh += f"需要触发延时{wanted}秒，但涉及生命安全的报警最多延时{most:g}秒：应查找原因。"
        return Suggestion(Attribute.ON_DELAY, now, None, 0, len(line), Words(en, zh))
    en += f" On-delay {wanted} s: {removed} of {len(line)} calls fewer; every other one {wanted - now:g} s later."
    zh += f"触发延时取{wanted}秒：{len(line)}次中减少{removed}次；其余各次推迟{wanted - now:g}秒。"
    return Suggestion(Attribute.ON_DELAY, now, float(wanted), removed, len(line), Words(en, zh))


def _merging(line: Sequence[Activation], known: Known, definitions: Definitions) -> tuple[Suggestion | None, ...]:
    """What would have made one call of a call and its repeat."""
    pairs = [(a, b.raised_ms - a.cleared_ms) for a, b in pairwise(line) if a.cleared_ms is not None]
    repeats = [(a, gap) for a, gap in pairs if 0 <= gap < definitions.repeat_ms]
    if len(repeats) < definitions.suggest_from:
        return ()
    gaps = [gap for _, gap in pairs if gap >= 0]
    off = _off_delay(gaps, [gap for _, gap in repeats], len(line), known, definitions)
    return off, _deadband([each for each, _ in repeats], len(line), known, definitions)


def _off_delay(
    gaps: Sequence[int], repeats: Sequence[int], calls: int, known: Known, definitions: Definitions
) -> Suggestion:
    shift = known.off_delay_ms - known.on_delay_ms
    longest = share_rank(repeats, definitions.removed_share) + shift
    wanted = max(_seconds_above(longest), known.off_delay_ms // 1000 + 1)
    now = known.off_delay_ms / 1000
    merged = sum(gap + shift < wanted * 1000 for gap in gaps)
    kept = math.ceil(definitions.removed_share * len(repeats))
    en = (
        f"{len(repeats)} of {calls} calls came back within {definitions.repeat_ms / 1000:g} s. {kept} of these "
        f"{len(repeats)} conditions were false for {longest / 1000:g} s at most (off-delay {now:g} s + gap - on-delay "
        f"{known.on_delay_ms / 1000:g} s). Off-delay {wanted} s: {calls - merged} instead of {calls} calls; every end "
        f"is told {wanted - now:g} s later."
    )
    zh = (
        f"{calls}次报警中有{len(repeats)}次在{definitions.repeat_ms / 1000:g}秒内重复，其中{kept}次的条件最长中断"
        f"{longest / 1000:g}秒（恢复延时{now:g}秒＋间隔－触发延时{known.on_delay_ms / 1000:g}秒）。"
        f"恢复延时取{wanted}秒：{calls}次合并为{calls - merged}次；恢复推迟{wanted - now:g}秒。"
    )
    return Suggestion(Attribute.OFF_DELAY, now, float(wanted), merged, calls, Words(en, zh))


def _deadband(repeated: Sequence[Activation], calls: int, known: Known, definitions: Definitions) -> Suggestion | None:
    values = [each.cleared_value for each in repeated if each.cleared_value is not None]
    if known.limit is None or len(values) < definitions.suggest_from:
        return None
    depths = [known.limit - value if known.is_high else value - known.limit for value in values]
    deepest = share_rank(depths, definitions.removed_share)
    wanted = _round_above(deepest)
    if wanted <= known.deadband:
        return None  # the end came by something else than the value
    merged = sum(depth < wanted for depth in depths)
    kept = math.ceil(definitions.removed_share * len(depths))
    unit = f" {known.unit}" if known.unit else ""
    side = ("below", "低") if known.is_high else ("above", "高")
    en = (
        f"{len(depths)} calls cleared and came back within {definitions.repeat_ms / 1000:g} s; {kept} of them cleared "
        f"at most {deepest:g}{unit} {side[0]} the limit {known.limit:g}{unit}. Deadband at least {wanted:g}{unit} (now "
        f"{known.deadband:g}): up to {merged} of {calls} calls fewer. The value may have gone on after it cleared, so "
        f"this is a lower bound."
    )
    zh = (
        f"{len(depths)}次报警恢复后在{definitions.repeat_ms / 1000:g}秒内重复，其中{kept}次恢复时"
        f"比限值{known.limit:g}{unit}最多{side[1]}{deepest:g}{unit}。回差至少取{wanted:g}{unit}"
        f"（现为{known.deadband:g}）：{calls}次中最多减少{merged}次。恢复之后数值可能继续变化，因此这是下限。"
    )
    return Suggestion(Attribute.DEADBAND, known.deadband, wanted, merged, calls, Words(en, zh))


def _round_above(value: float) -> float:
    """The next number of two digits that is greater."""
    if value <= 0:
        return 0.0
    places = 1 - math.floor(math.log10(value))
    return round((math.floor(round(value * 10.0**places, 6)) + 1) / 10.0**places, places)
