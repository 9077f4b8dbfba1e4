"""Pure. A curve of a point as a picture: lowest to highest value of each stretch, limits, and marked moments.

Only digits and Latin letters are drawn, with the font that Pillow brings along: what they mean is said beside it.
"""

from __future__ import annotations

import io
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from PIL import Image, ImageDraw, ImageFont

from vocab.instant import from_ms

SIZE = (1500, 520)  # pixels
_LEFT, _RIGHT, _TOP, _BOTTOM = 120, 30, 46, 62
_THIN = (150, 180, 210)
_INK, _GRID, _LINE, _LIMIT, _MARK = (40, 40, 40), (220, 220, 220), (20, 84, 160), (190, 30, 30), (110, 60, 140)
_STEPS_S = (60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400)
_TICKS_X, _TICKS_Y = 10, 6
_GAP = 4  # a stretch without a value that is longer than so many usual ones is bridged by a thin line
_SILENCE_MS = 3_600_000  # and one longer than this is not

Stretch = tuple[int, float, float]  # ms, lowest, highest


@dataclass(frozen=True, slots=True)
class Curve:
    """What is drawn of one point. Moments in ms."""

    point: str
    stretches: tuple[Stretch, ...]  # those with a value, in the order of time
    span: tuple[int, int]
    limits: tuple[float, ...] = ()
    marks: tuple[tuple[int, str], ...] = ()  # a moment and its letter


def png(curve: Curve, zone: ZoneInfo) -> bytes:
    """The picture; times are those of the zone."""
    image = Image.new("RGB", SIZE, "white")
    _Chart(ImageDraw.Draw(image), curve, zone).draw()
    out = io.BytesIO()
    image.save(out, "PNG", optimize=True)
    return out.getvalue()


class _Chart:
    def __init__(self, pen: ImageDraw.ImageDraw, curve: Curve, zone: ZoneInfo) -> None:
        self._pen, self._curve, self._zone = pen, curve, zone
        self._font = ImageFont.load_default(22)
        self._right, self._bottom = SIZE[0] - _RIGHT, SIZE[1] - _BOTTOM
        self._low, self._high, self._step = _range(curve)

    def draw(self) -> None:
        """All of it, what lies behind first."""
        self._values()
        self._times()
        for limit in self._curve.limits:
            self._dashed((_LEFT, self._y(limit)), (self._right, self._y(limit)), _LIMIT)
        self._trace()
        for at_ms, letter in self._curve.marks:
            if self._curve.span[0] <= at_ms <= self._curve.span[1]:
                x = self._x(at_ms)
                self._dashed((x, _TOP), (x, self._bottom), _MARK)
                self._pen.text((x, _TOP - 6), letter, _MARK, self._font, anchor="ms")
        self._pen.rectangle((_LEFT, _TOP, self._right, self._bottom), outline=_INK, width=2)

    def _x(self, at_ms: int) -> float:
        begin, end = self._curve.span
        return _LEFT + (at_ms - begin) / max(1, end - begin) * (self._right - _LEFT)

    def _y(self, value: float) -> float:
        return self._bottom - (value - self._low) / (self._high - self._low) * (self._bottom - _TOP)

    def _values(self) -> None:
        places = max(0, -math.floor(math.log10(self._step) + 1e-9))
        for number in range(round((self._high - self._low) / self._step) + 1):
            value = self._low + number * self._step
            y = self._y(value)
            self._pen.line((_LEFT, y, self._right, y), _GRID, 1)
            self._pen.text((_LEFT - 10, y), f"{value:.{places}f}", _INK, self._font, anchor="rm")

    def _times(self) -> None:
        last_day = None
        for moment_ms in _moments(self._curve.span, self._zone):
            x, local = self._x(moment_ms), from_ms(moment_ms).astimezone(self._zone)
            self._pen.line((x, _TOP, x, self._bottom), _GRID, 1)
            self._pen.text((x, self._bottom + 8), f"{local:%H:%M}", _INK, self._font, anchor="mt")
            if local.date() != last_day:
                self._pen.text((x, self._bottom + 34), f"{local:%m-%d}", _INK, self._font, anchor="mt")
                last_day = local.date()

    def _trace(self) -> None:
        known = self._curve.stretches
        between = sorted(later[0] - earlier[0] for earlier, later in pairwise(known))
        bridged_ms = _GAP * between[len(between) // 2] if between else 0
        before: Stretch | None = None
        for each in known:
            x, low, high = self._x(each[0]), self._y(each[1]), self._y(each[2])
            self._pen.line((x, low, x, high), _LINE, 3)
            gap_ms = 0 if before is None else each[0] - before[0]
            if before is not None and gap_ms <= max(bridged_ms, _SILENCE_MS):
                start = (self._y(before[1]) + self._y(before[2])) / 2
                usual = gap_ms <= bridged_ms
                way = (self._x(before[0]), start, x, (low + high) / 2)
                self._pen.line(way, _LINE if usual else _THIN, 3 if usual else 2)
            self._pen.ellipse((x - 2, low - 2, x + 2, low + 2), _LINE)
            before = each

    def _dashed(self, start: tuple[float, float], end: tuple[float, float], colour: tuple[int, int, int]) -> None:
        length = math.dist(start, end)
        for at in range(0, int(length), 16):
            one, other = at / length, min(1.0, (at + 9) / length)
            ends = [tuple(a + (b - a) * part for a, b in zip(start, end, strict=True)) for part in (one, other)]
            self._pen.line([(x, y) for x, y in ends], colour, 3)


def _range(curve: Curve) -> tuple[float, float, float]:
    """The lowest and the highest value of the scale, and its step: 1, 2 or 5 times a power of ten."""
    values = [*curve.limits, *(value for _, low, high in curve.stretches for value in (low, high))] or [0.0, 1.0]
    low, high = min(values), max(values)
    if high - low < 1e-9 * max(1.0, abs(high)):
        low, high = low - 0.5, high + 0.5
    rough = (high - low) / _TICKS_Y
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * each for each in (1, 2, 5, 10) if power * each >= rough)
    return math.floor(low / step) * step, math.ceil(high / step) * step, step


def _moments(span: tuple[int, int], zone: ZoneInfo) -> Iterator[int]:
    """Round moments of the clock on the wall."""
    begin, end = span
    step_s = next((each for each in _STEPS_S if (end - begin) / 1000 / each <= _TICKS_X), None)
    if step_s is None:
        step_s = math.ceil((end - begin) / 1000 / 86_400 / _TICKS_X) * 86_400
    local = from_ms(begin).astimezone(zone)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    at = midnight + timedelta(seconds=math.ceil((local - midnight).total_seconds() / step_s) * step_s)
    while (moment_ms := round(at.timestamp() * 1000)) <= end:
        yield moment_ms
        at += timedelta(seconds=step_s)


def stretches(times: Sequence[int], low: Sequence[float | None], high: Sequence[float | None]) -> tuple[Stretch, ...]:
    """Those of an answer of ingest that hold a value."""
    return tuple(
        (int(at), float(least), float(most))
        for at, least, most in zip(times, low, high, strict=True)
        if least is not None and most is not None
    )
