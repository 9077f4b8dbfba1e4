"""Pure. Plots of a run as SVG, a file a bench: a panel for each unit, a bar for each figure and one for its reference.

Bars are on a logarithmic scale, since figures of one unit differ by thousands; a mark shows the goal.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from anlan.bench.frame import Row, number
from anlan.bench.told import Run, goal_of

WIDTH, LABELS, RIGHT = 980, 430, 110
_BAR, _GAP, _HEAD, _AXIS, _MARGIN = 13, 10, 34, 26, 14
_LETTERS, _LINES = 66, 3  # of a label
_LINE = 14
_FIGURE, _REFERENCE = "#2563a8", "#b7bec8"
_MET, _MISSED, _UNJUDGED = "#1f7a3d", "#c0392b", "#57606a"  # the last: a run that was scaled
_STYLE = (
    "text{font:12px 'DejaVu Sans','Noto Sans',Arial,sans-serif;fill:#1b1f24}.t{font-weight:bold;font-size:14px}"
    ".s{fill:#57606a;font-size:11px;paint-order:stroke;stroke:#fff;stroke-width:3px}.g{stroke:#e4e7eb}"
)


@dataclass(frozen=True, slots=True)
class _Scale:
    """From a value to a place, by its logarithm."""

    low: int  # powers of ten
    high: int

    @classmethod
    def over(cls, values: Sequence[float]) -> _Scale:
        logs = [math.log10(value) for value in values if value > 0 and math.isfinite(value)] or [0.0]
        low, high = math.floor(min(logs)), math.ceil(max(logs))
        return cls(low - 1 if min(logs) - low < 0.2 else low, max(high, low + 1))

    def x(self, value: float) -> float:
        if value <= 0:
            return float(LABELS)
        share = (min(math.log10(value), self.high) - self.low) / (self.high - self.low)
        return LABELS + max(0.0, share) * (WIDTH - LABELS - RIGHT)


def plots(run: Run) -> dict[str, str]:
    """SVG text by file name, for every bench that has a figure."""
    return {f"bench-{bench}.svg": _plot(bench, run.of(bench)) for bench in run.benches}


def _plot(bench: str, rows: Sequence[Row]) -> str:
    units = dict.fromkeys(row.unit for row in rows)
    parts: list[str] = []
    y = _MARGIN + 16.0
    parts.append(f'<text class="t" x="{_MARGIN}" y="{y:g}">{escape(bench)}</text>')
    parts.append(_legend(y))
    y += _MARGIN
    for unit in units:
        panel, y = _panel(unit, [row for row in rows if row.unit == unit], y)
        parts += panel
    height = round(y + _MARGIN)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}" '
        f'role="img" aria-label="Bench {escape(bench)}"><style>{_STYLE}</style>'
        f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>{"".join(parts)}</svg>\n'
    )


def _legend(y: float) -> str:
    items = ((_FIGURE, "reached"), (_REFERENCE, "reference"), (_MET, "goal, met"), (_MISSED, "goal, missed"))
    found, x = [], float(LABELS)
    for colour, word in items:
        wide = 10 if "goal" not in word else 3
        found.append(f'<rect x="{x:g}" y="{y - 10:g}" width="{wide}" height="11" fill="{colour}"/>')
        found.append(f'<text class="s" x="{x + 15:g}" y="{y:g}">{word}</text>')
        x += 105
    return "".join(found)


def _panel(unit: str, rows: Sequence[Row], top: float) -> tuple[list[str], float]:
    marks = [goal_of(row) for row in rows]
    values = [value for row, goal in zip(rows, marks, strict=True) for value in (row.figure, row.reference, goal)]
    scale = _Scale.over([value for value in values if value is not None])
    y = top + _HEAD
    heights = [max(_BAR * (1 + (row.reference is not None)), _LINE * len(_label(row.case))) + _GAP for row in rows]
    end = y + sum(heights)
    parts = [f'<text class="s" x="{LABELS}" y="{top + 16:g}">{escape(unit or "share or count")}, logarithmic</text>']
    parts += _grid(scale, y, end)
    for row, goal, height in zip(rows, marks, heights, strict=True):
        parts += _bars(row, goal, scale, y)
        y += height
    return parts, end + _AXIS


def _grid(scale: _Scale, top: float, end: float) -> Iterator[str]:
    step = max(1, (scale.high - scale.low) // 8)
    for power in range(scale.low, scale.high + 1, step):
        x = scale.x(10.0**power)
        yield f'<line class="g" x1="{x:.1f}" x2="{x:.1f}" y1="{top - 4:g}" y2="{end:g}"/>'
        yield f'<text class="s" x="{x:.1f}" y="{end + 14:g}" text-anchor="middle">{_power(power)}</text>'


def _power(power: int) -> str:
    if 0 <= power <= 3:
        return f"{10**power:,}"
    return {4: "10 k", 5: "100 k", 6: "1 M", 7: "10 M", 8: "100 M", 9: "1 G"}.get(
        power, f"{10.0**power:g}" if -3 <= power < 0 else f"1e{power}"
    )


def _bars(row: Row, goal: float | None, scale: _Scale, y: float) -> Iterator[str]:
    for place, line in enumerate(_label(row.case)):
        yield f'<text x="{_MARGIN}" y="{y + 11 + place * _LINE:g}">{escape(line)}</text>'
    bars = [(row.figure, _FIGURE)] + ([] if row.reference is None else [(row.reference, _REFERENCE)])
    for place, (value, colour) in enumerate(bars):
        width = max(scale.x(value) - LABELS, 1.0)
        yield f'<rect x="{LABELS}" y="{y + place * _BAR:g}" width="{width:.1f}" height="{_BAR - 2}" fill="{colour}"/>'
    if goal is not None and goal > 0:
        colour = _UNJUDGED if row.met is None else _MET if row.met else _MISSED
        high = len(bars) * _BAR + 4
        yield f'<rect x="{scale.x(goal) - 1.5:.1f}" y="{y - 3:g}" width="3" height="{high}" fill="{colour}"/>'
    for place, (value, _) in enumerate(bars):
        x = max(scale.x(value), LABELS + 1.0) + 5
        yield f'<text class="s" x="{x:.1f}" y="{y + place * _BAR + 10:g}">{number(value)}</text>'


def _label(case: str) -> list[str]:
    lines = textwrap.wrap(case, _LETTERS)
    return lines if len(lines) <= _LINES else [*lines[: _LINES - 1], lines[_LINES - 1][: _LETTERS - 2] + " …"]
