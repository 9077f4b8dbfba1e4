"""Pure. The table of a rule's test: text into moments, or everything that is wrong with it, row by row.

    time                | drum_level | burner_state | do          | expect
    0s                  | 0          | firing       |             |
    every 10s until 2m  | 0 -> -60   |              |             | nothing   # a ramp, one sample every ten seconds
    145s                |            |              | acknowledge | raised

The law of this file
1. The first row names the columns: `time`, point ids (`bus/POINT` of the bus on which the asset hangs), `do` and
   `expect`; the last two may be left out.
2. An empty cell tells nothing new: the last reading of a point speaks until its next one.
3. Times count from the story's start (10s, 1h30m, 1.5s, 2d) or are clock times (06:40, d2 06:40; d1 is the first day).
   They never go back.
4. Every fault is told with its row, and what is right is still read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from math import isfinite, nan

from vocab.instant import MS_PER_SECOND, from_ms, to_ms
from vocab.point import Point
from vocab.problem import Code
from vocab.quality import Quality, Reason
from vocab.story import EVENTS, ORDERS, STANDINGS, Expected, Moment, Order, StorySample

MOST_MOMENTS = 100_000
_SPANS = {"d": 86_400 * MS_PER_SECOND, "h": 3600 * MS_PER_SECOND, "m": 60 * MS_PER_SECOND, "s": MS_PER_SECOND}
_SPAN = re.compile(r"(?:\d+(?:\.\d+)?[dhms])+")
_CLOCK = re.compile(r"(?:d(\d+) +)?(\d{1,2}):(\d\d)(?::(\d\d))?")
_REPEAT = re.compile(r"(?:(?P<start>.+?) +)?every +(?P<step>\S+) +until +(?P<end>.+)")
_GAP = re.compile(r"gap +(?P<start>.+?) +until +(?P<end>.+)")
_READING = re.compile(r"(?P<value>[^()\s]+)?\s*(?:(?P<quality>bad|uncertain)\((?P<reason>\w+)\))?")
_AT = re.compile(r"(?P<word>.+?) +at +(?P<time>.+)")


@dataclass(frozen=True, slots=True)
class Slip:
    """A fault of a table: on which line, and what is wrong."""

    line: int
    code: Code
    message: str
    hint: str = ""


class _SlipError(Exception):
    def __init__(self, code: Code, message: str, hint: str = "") -> None:
        self.code, self.message, self.hint = code, message, hint
        super().__init__(message)


@dataclass(slots=True)
class _Reader:
    points: Mapping[str, Point]
    start: datetime
    is_lost: Callable[[str], bool]
    columns: list[str] = field(default_factory=list)
    now_ms: int = -1
    moments: list[Moment] = field(default_factory=list)
    slips: list[Slip] = field(default_factory=list)

    @contextmanager
    def telling(self, row: int) -> Iterator[None]:
        """Write down a slip, and go on behind it."""
        try:
            yield
        except _SlipError as slip:
            self.slips.append(Slip(row, slip.code, slip.message, slip.hint))


def read(
    text: str,
    points: Mapping[str, Point],
    start: datetime,
    line: int = 1,
    is_lost: Callable[[str], bool] = lambda _: False,
) -> tuple[tuple[Moment, ...], tuple[Slip, ...]]:
    """The moments of a table about `points`, and every slip in it. `line` is the file's line of the table's first;
    a column that `is_lost` (a point that could not be read) is passed over.

    `start` is aware, in the zone whose clock the table means.
    """
    reader = _Reader(points, start, is_lost)
    for row, written in enumerate(text.splitlines(), start=line):
        told = written.split("#", 1)[0].strip()
        if not told.strip("-|: "):  # empty, or the rule under a head
            continue
        cells = [cell.strip() for cell in told.removeprefix("|").removesuffix("|").split("|")]
        with reader.telling(row):
            (_row if reader.columns else _header)(reader, row, cells)
    if not reader.slips and not any(moment.expects for moment in reader.moments):
        hint = "say `nothing` where nothing must happen"
        reader.slips.append(Slip(line, Code.MISSING_KEY, "the table expects nothing at all", hint))
    return tuple(reader.moments), tuple(reader.slips)


def _header(reader: _Reader, row: int, cells: list[str]) -> None:
    reader.columns = ["time", *cells[1:]]
    if cells[0] != "time":
        hint = "the first row names the columns: time, points, do, expect"
        reader.slips.append(Slip(row, Code.MISSING_KEY, "the first column is not `time`", hint))
    for index, name in enumerate(cells):
        if name in cells[:index]:
            reader.slips.append(Slip(row, Code.DUPLICATE_ID, f"the column {name!r} comes twice", "merge them"))
        elif index and name not in ("do", "expect", *reader.points) and not reader.is_lost(name):
            known = "known: " + ", ".join(sorted(reader.points))
            reader.slips.append(Slip(row, Code.UNKNOWN_REFERENCE, f"no point {name!r}", known))


def _row(reader: _Reader, row: int, cells: list[str]) -> None:
    if len(cells) > len(reader.columns):
        message = f"{len(cells)} cells under {len(reader.columns)} columns"
        raise _SlipError(Code.BAD_VALUE, message, "columns are separated by |")
    named = dict(zip(reader.columns, cells, strict=False))
    gap_ms, times = _times(reader, named["time"])
    reader.now_ms = times[-1]
    told: dict[str, list[StorySample]] = {}
    for name, cell in named.items():
        point = reader.points.get(name)
        if point is not None and cell not in ("", "silent"):
            with reader.telling(row):
                told[name] = [replace(each, point=name) for each in _samples(point, cell, len(times))]
    orders: tuple[Order, ...] = ()
    expects: tuple[Expected, ...] = ()
    with reader.telling(row):
        orders = tuple(_orders(named.get("do", "")))
    with reader.telling(row):
        expects = tuple(_expects(reader, named.get("expect", ""), times))
    for index, at_ms in enumerate(times):
        last = index == len(times) - 1
        samples = tuple(samples[index] for samples in told.values())
        mine = tuple(each for each in expects if (each.word in EVENTS and last) or each.at_ms == at_ms)
        reader.moments.append(Moment(row, at_ms, samples, orders if last else (), mine, gap_ms))
    if len(reader.moments) > MOST_MOMENTS:
        raise _SlipError(Code.BAD_VALUE, f"more than {MOST_MOMENTS} moments", "take longer steps")


def _times(reader: _Reader, text: str) -> tuple[int | None, list[int]]:
    """When the cabinet fell silent before, if the row is a gap; and the row's moments."""
    if gap := _GAP.fullmatch(text):
        start, end = _forward(reader, gap["start"]), _moment(reader, gap["end"])
        if end <= start:
            raise _SlipError(Code.BAD_VALUE, f"the gap ends at {gap['end']}, not after its start", "turn them round")
        return start, [end]
    repeat = _REPEAT.fullmatch(text)
    if repeat is None:
        return None, [_forward(reader, text)]
    step, end = _span(repeat["step"]), _moment(reader, repeat["end"])
    if step <= 0:
        raise _SlipError(Code.BAD_VALUE, "a step of no length", "such as every 10s until 5m")
    start = _forward(reader, repeat["start"]) if repeat["start"] else max(reader.now_ms, 0) + step
    if (end - start) // step > MOST_MOMENTS:
        raise _SlipError(Code.BAD_VALUE, f"more than {MOST_MOMENTS} moments", "take longer steps")
    times = list(range(start, end + 1, step))
    if not times:
        raise _SlipError(Code.BAD_VALUE, f"{text!r} is over before it begins", "times count from the story's start")
    return None, times


def _forward(reader: _Reader, text: str) -> int:
    at_ms = _moment(reader, text)
    if at_ms < reader.now_ms:
        raise _SlipError(Code.BAD_VALUE, f"{text!r} lies before the row above", "rows stand in the order of time")
    return at_ms


def _moment(reader: _Reader, text: str) -> int:
    clock = _CLOCK.fullmatch(text)
    if clock is None:
        return _span(text)
    zone, start_ms = reader.start.tzinfo, to_ms(reader.start)
    day = reader.start
    if clock[1] is None:  # the day of the row above
        day = from_ms(start_ms + max(reader.now_ms, 0)).astimezone(zone)
    hour, minute, second = int(clock[2]), int(clock[3]), int(clock[4] or 0)
    if hour > 23 or minute > 59 or second > 59:
        raise _SlipError(Code.BAD_VALUE, f"{text!r} is no time of day", "such as 06:40, d2 06:40")
    day = datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=zone)
    return to_ms(day + timedelta(days=int(clock[1] or 1) - 1)) - start_ms


def _span(text: str) -> int:
    if _SPAN.fullmatch(text) is None:
        raise _SlipError(Code.BAD_VALUE, f"{text!r} is no time", "such as 90s, 5m, 1h30m, 2d, 06:40, d2 06:40")
    return round(sum(float(number) * _SPANS[unit] for number, unit in re.findall(r"(\d+(?:\.\d+)?)([dhms])", text)))


def _samples(point: Point, cell: str, n: int) -> list[StorySample]:
    """As many readings as the row has moments: one said again and again, a ramp, or several in turn."""
    ends = [part.strip() for part in cell.split("->")]
    if len(ends) == 2 and not point.states:
        if n < 2:
            raise _SlipError(Code.BAD_VALUE, f"{cell!r} needs several moments", "such as every 10s until 5m")
        first, last = (_number(point, end) for end in ends)
        return [StorySample(point.id, first + (last - first) * index / (n - 1)) for index in range(n)]
    turns = [_sample(point, part.strip()) for part in cell.split(",")]
    if len(turns) > max(n, 1):
        raise _SlipError(Code.BAD_VALUE, f"{cell!r} are {len(turns)} readings for {n} moments", "one for each moment")
    return [turns[index % len(turns)] for index in range(n)]


def _sample(point: Point, text: str) -> StorySample:
    found = _READING.fullmatch(text)
    if found is None or not text:
        hint = "a number, a state, bad(sensor_fault), 21.5 uncertain(slew), or nothing"
        raise _SlipError(Code.BAD_VALUE, f"{text!r} is no reading", hint)
    value = None if found["value"] is None else _number(point, found["value"], bounded=found["quality"] is None)
    if found["quality"] is None:
        return StorySample(point.id, value)
    known = {reason.wire: reason for reason in Reason if reason is not Reason.NONE}
    if found["reason"] not in known:
        raise _SlipError(Code.UNKNOWN_REFERENCE, f"no reason {found['reason']!r}", "known: " + ", ".join(sorted(known)))
    return StorySample(point.id, value, Quality[found["quality"].upper()], known[found["reason"]])


def _number(point: Point, text: str, *, bounded: bool = True) -> float:
    if point.states:
        codes = {state.id: state.code for state in point.states}
        if text not in codes:
            known = "known: " + ", ".join(codes)
            raise _SlipError(Code.UNKNOWN_REFERENCE, f"point {point.id!r} has no state {text!r}", known)
        return codes[text]
    try:
        value = float(text)
    except ValueError:
        value = nan
    if not isfinite(value):
        raise _SlipError(Code.WRONG_TYPE, f"{text!r} is no number", f"{point.id!r} is in {point.unit}")
    if bounded and point.bounds is not None and not point.bounds[0] <= value <= point.bounds[1]:
        message = f"{value:g} lies outside the physical bounds {list(point.bounds)} of {point.id!r}"
        raise _SlipError(Code.CONTRADICTION, message, "a good reading never does; write bad(out_of_range)")
    return value


def _orders(cell: str) -> Iterator[Order]:
    for text in (part.strip() for part in cell.split(",")):
        if not text:
            continue
        if shelf := re.fullmatch(r"shelve +(\S+)", text):
            yield Order("shelve", _span(shelf[1]))
        elif text == "shelve":
            raise _SlipError(Code.BAD_VALUE, "nothing is shelved for ever", "such as shelve 30m")
        elif text in ORDERS:
            yield Order(text)
        else:
            raise _SlipError(Code.UNKNOWN_REFERENCE, f"no order {text!r}", "known: " + ", ".join(ORDERS))


def _expects(reader: _Reader, cell: str, times: list[int]) -> Iterator[Expected]:
    for text in (part.strip() for part in cell.split(",")):
        if not text:
            continue
        later = _AT.fullmatch(text)
        word = later["word"] if later else text
        if word not in (*EVENTS, *STANDINGS):
            known = "known: " + ", ".join((*EVENTS, *STANDINGS))
            raise _SlipError(Code.UNKNOWN_REFERENCE, f"nothing is called {word!r}", known)
        if word in STANDINGS:
            if later is not None:
                raise _SlipError(Code.BAD_VALUE, f"{word!r} is said of a whole row", "give that moment its own row")
            yield from (Expected(word, at_ms) for at_ms in times)
            continue
        if len(times) > 1 and later is None:
            hint = f"such as {word} at 2m20s"
            raise _SlipError(Code.BAD_VALUE, f"{word!r} at which of the row's moments?", hint)
        at_ms = _moment(reader, later["time"]) if later else times[-1]
        if not times[0] <= at_ms <= times[-1]:
            raise _SlipError(Code.BAD_VALUE, f"{text!r} is not within its row", "give it a row of its own")
        yield Expected(word, at_ms)
