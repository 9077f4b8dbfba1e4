"""Pure. A rule's test is run: its story through the real kernel, and what came of it against what the table expects.

The law of this file
1. The asset has every point and every rule of its kind and variant, so that rules which depend on one another do; only
   the events of the rule under test are judged. A rule over every point (`*`) sees the points of its table only, or
   all that the table leaves out would be silent.
2. Between two rows time passes, and at each row its readings come first.
3. Every event is expected at its very millisecond. An event that no row expects is a failure, and so is one that is
   expected and does not come.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np

from rules.book import Book
from rules.codes import AlarmState, Because, Input, StateCode, Verdict
from rules.functions import PLAIN, Functions
from rules.plan import Watched, plan
from vocab.pack import Pack, fits
from vocab.rule import ANY_POINT, dates_read
from vocab.settle import NO_LINKS, Links, settled
from vocab.site import BUS_KIND
from vocab.story import BUS_VARIANT, EVENTS, ORDERS, Expected, Moment, Story, said

_ASSET = "it"
_INPUTS = {
    "acknowledge": Input.ACKNOWLEDGE, "reset": Input.RESET, "unshelve": Input.UNSHELVE,
    "begin window": Input.SUPPRESS, "end window": Input.UNSUPPRESS, "remove": Input.REMOVE, "return": Input.RETURN,
    "tighten": Input.TIGHTEN, "relax": Input.RELAX,
}  # fmt: skip
_LATCHED = (AlarmState.LATCHED_UNACKED, AlarmState.LATCHED_ACKED)


@dataclass(frozen=True, slots=True)
class StoryEvent:
    """Something that happened to the alarm: when (ms since the start), what, and the value that it showed."""

    at_ms: int
    word: str
    value: float | None
    first_out: bool = False


@dataclass(frozen=True, slots=True)
class Failure:
    """What a row expects and was not so, or what happened and no row expects; with the line to look at."""

    line: int
    message: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a story."""

    story: Story
    failures: tuple[Failure, ...]
    events: tuple[StoryEvent, ...]

    @property
    def passed(self) -> bool:
        """Whether all was as the table says."""
        return not self.failures


def run(story: Story, packs: Mapping[str, Pack], functions: Functions = PLAIN) -> Outcome:
    """Tell the story to the kernel, plain or compiled."""
    zone = ZoneInfo(story.test.timezone)
    book = Book(plan(_watched(story, packs), zone), functions)
    row = book.rows.get(f"{_ASSET}.{story.test.rule}")
    if row is None:
        message = f"{story.test.rule!r} watches nothing of this asset: it needs points or dates that are not there"
        return Outcome(story, (Failure(story.line, message),), ())
    teller = _Teller(book, row, story.start_ms)
    book.begin(0, story.start_ms)
    failures: list[Failure] = []
    for moment in story.moments:
        failures += teller.pass_to(moment)
    events = tuple(teller.events)
    return Outcome(story, tuple(sorted([*failures, *_unlike(story, events)], key=lambda each: each.line)), events)


def _watched(story: Story, packs: Mapping[str, Pack]) -> Iterator[Watched]:
    test, pack = story.test, packs[story.kind]
    of_bus = {name.partition("/")[2] for name in story.points if "/" in name}
    if of_bus:
        points = [point for point in packs[BUS_KIND].points_of(BUS_VARIANT) if point.id in of_bus]
        rules = tuple(rule for rule in packs[BUS_KIND].rules_of(BUS_VARIANT) if not dates_read(rule))
        yield Watched(BUS_KIND, tuple((point, 0) for point in points), tuple(settled(rule, {}) for rule in rules))
    params = {param.id: param.default for param in pack.params.values()} | test.params
    links = Links((BUS_KIND,), (BUS_KIND,)) if of_bus else NO_LINKS
    rules = tuple(
        settled(rule, params, links)
        for rule in pack.rules.values()
        if fits(rule.variants, test.variant)
        and (rule.enabled or rule.id == test.rule)
        and dates_read(rule) <= test.dates.keys()
    )
    told = set(story.points)
    points = [
        point for point in pack.points_of(test.variant) if point.id in told or pack.rules[test.rule].point != ANY_POINT
    ]
    yield Watched(_ASSET, tuple((point, 0) for point in points), rules, test.dates)


def _cell(point: str) -> str:
    """The name of a cell: a point of the bus is named with it."""
    return point if "/" in point else f"{_ASSET}/{point}"


class _Teller:
    def __init__(self, book: Book, row: int, start_ms: int) -> None:
        self._book, self._row, self._start_ms = book, row, start_ms
        self.events: list[StoryEvent] = []

    def pass_to(self, moment: Moment) -> list[Failure]:
        """Let one moment come; what its row says of it and is not so."""
        book, at_ms = self._book, self._start_ms + moment.at_ms
        if moment.gap_ms is not None:
            book.elapse(0, self._start_ms + moment.gap_ms)
            book.interrupt(0, self._start_ms + moment.gap_ms, at_ms)
        if moment.samples:
            self._hear(moment, at_ms)
        book.elapse(0, at_ms)
        self._fall_due(at_ms)
        refused = [order.word for order in moment.orders if not self._order(order.word, order.for_ms, at_ms)]
        self._collect()
        failures = [Failure(moment.line, text) for each in moment.expects if (text := self._not_so(each))]
        words = {each.word for each in moment.expects}
        if "cleared" in words and "latched" not in words and self._state in _LATCHED:
            failures.append(Failure(moment.line, "it is latched until a person resets it, and the row does not say so"))
        wanted = "refused" in words
        if refused and not wanted:
            failures.append(Failure(moment.line, f"{', '.join(refused)} was refused: it means nothing in this state"))
        if wanted and not refused:
            failures.append(Failure(moment.line, "nothing was refused"))
        return failures

    @property
    def _state(self) -> AlarmState:
        return StateCode(int(self._book.lives.state[self._row])).word

    def _hear(self, moment: Moment, at_ms: int) -> None:
        samples = moment.samples
        self._book.observe(
            np.array(
                [self._book.cells[each.point if "/" in each.point else f"{_ASSET}/{each.point}"] for each in samples],
                np.int32,
            ),
            np.array([np.nan if each.value is None else each.value for each in samples], np.float64),
            np.array([each.quality for each in samples], np.int8),
            np.array([each.reason for each in samples], np.int8),
            np.full(len(samples), at_ms, np.int64),
        )

    def _order(self, word: str, for_ms: int, at_ms: int) -> bool:
        if word == "shelve":
            return self._book.shelve(self._row, at_ms, at_ms + for_ms)
        if word in ("tighten", "relax"):  # of the asset, and so every rule of it
            for row in self._book.closer.keys() - {self._row}:
                self._book.command(row, _INPUTS[word], at_ms)
        return self._book.command(self._row, _INPUTS[word], at_ms)

    def _fall_due(self, now_ms: int) -> None:
        """What the server does when its time has come, at the very moment."""
        book, row = self._book, self._row
        if row in book.shelf_due(now_ms):
            book.command(row, Input.SHELF_ENDS, int(book.lives.shelf_ms[row]))
        if row in book.realarm_due(now_ms):
            book.command(row, Input.REALARM, int(book.lives.acked_ms[row] + book.plan.realarm_ms(row)))

    def _collect(self) -> None:
        for each in self._book.take():
            if each.row == self._row:
                word = Because(each.because).word.replace("_", " ")
                self.events.append(StoryEvent(each.at_ms - self._start_ms, word, each.value, each.first_out))

    def _not_so(self, expected: Expected) -> str | None:
        """Why a word about the alarm's standing is not true now; None if it is, or if it is about an event."""
        at = said(expected.at_ms)
        state = self._state
        verdict = Verdict(int(self._book.lives.verdict[self._row]))
        is_active = self._book.is_active(self._row)
        now = [each for each in self.events if each.at_ms == expected.at_ms]
        is_first = any(each.first_out for each in now)
        answers = {
            "nothing": (not now, f"{', '.join(each.word for each in now)} at {at}, not nothing"),
            "stands": (is_active, f"the alarm does not stand at {at}: it is {state}"),
            "over": (not is_active, f"the alarm still stands at {at}: it is {state}"),
            "latched": (state in _LATCHED, f"it is {state} at {at}, not latched"),
            "unknown": (verdict is Verdict.UNKNOWN, f"the condition is {verdict.name.lower()} at {at}"),
            "first out": (is_first, f"it is not the first of its group at {at}"),
            "not first": (not is_first, f"it is the first of its group at {at}"),
        }
        is_so, message = answers.get(expected.word, (True, ""))
        return None if is_so else message


def _unlike(story: Story, events: tuple[StoryEvent, ...]) -> Iterator[Failure]:
    """Events that were expected and did not come, and the other way round."""
    wanted: dict[tuple[int, str], int] = {}
    for moment in story.moments:
        for order in moment.orders:
            if ORDERS[order.word] and all(each.word != "refused" for each in moment.expects):
                wanted[moment.at_ms, ORDERS[order.word]] = moment.line
        wanted |= {(each.at_ms, each.word): moment.line for each in moment.expects if each.word in EVENTS}
    happened = {(each.at_ms, each.word) for each in events}
    for (at_ms, word), line in wanted.items():
        if (at_ms, word) not in happened:
            yield Failure(line, f"{said(at_ms)}: {word} was expected, and did not happen")
    for each in events:
        if (each.at_ms, each.word) not in wanted:
            yield Failure(_line_at(story, each.at_ms), f"{said(each.at_ms)}: {each.word}, which no row expects")


def _line_at(story: Story, at_ms: int) -> int:
    """The line of the last row that begins by this moment."""
    lines = [moment.line for moment in story.moments if moment.at_ms <= at_ms]
    return lines[-1] if lines else story.line
