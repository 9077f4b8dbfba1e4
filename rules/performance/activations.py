"""Pure. From changes of state to activations: when an alarm called, for how long, and when somebody answered.

The law of this file
1. Only a change into "unacknowledged" calls somebody, so only that is annunciated: a raising that people saw, an alarm
   that sounds again. Acknowledging, shelving, resetting and raising while hidden are none of it.
2. An activation lasts from the moment its condition was raised until it cleared, whoever acknowledged it meanwhile.
3. An acknowledgement answers everything its alarm called since the answer before; its time counts from the first call.
4. What was raised late (a missed hazard in back-fill) called nobody at its time. It is listed apart and counts nowhere.
   An end that is told late is an end; it ends what was raised late, if that is still open.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum

from rules.codes import AlarmState

_HIDDEN = frozenset({AlarmState.SHELVED, AlarmState.SUPPRESSED, AlarmState.OUT_OF_SERVICE})
_ENDS = frozenset({"cleared", "hidden_cleared", "withdrawn"})


class What(StrEnum):
    """What a change of state means here."""

    RAISED = "raised"  # and people were called
    AGAIN = "again"  # people were called again; the condition is older
    UNSEEN = "unseen"  # raised while hidden
    CLEARED = "cleared"
    ACKNOWLEDGED = "acknowledged"
    HIDDEN = "hidden"  # shelved, suppressed, taken out of service


@dataclass(frozen=True, slots=True)
class Event:
    """One change of state of one alarm."""

    alarm: str
    at_ms: int
    what: What
    late: bool = False
    value: float | None = None


@dataclass(frozen=True, slots=True)
class Activation:
    """One call of one alarm."""

    alarm: str
    raised_ms: int  # when people were called
    since_ms: int  # when the condition was raised; earlier only for a second call
    cleared_ms: int | None = None
    hidden_ms: int | None = None
    late: bool = False
    cleared_value: float | None = None

    @property
    def active_ms(self) -> int | None:
        """How long it was active; None if that is not over, or if it was hidden and nobody saw how long."""
        if self.cleared_ms is None or self.hidden_ms is not None:
            return None
        return self.cleared_ms - self.since_ms


@dataclass(frozen=True, slots=True)
class Answer:
    """How long an alarm called until somebody acknowledged it; None: nobody has."""

    alarm: str
    raised_ms: int
    acked_ms: int | None


@dataclass(frozen=True, slots=True)
class History:
    """Everything that alarms did, by the moment of the call."""

    activations: tuple[Activation, ...]
    answers: tuple[Answer, ...]
    hidings: tuple[Event, ...]


def what_of(because: str, old: str, new: str) -> What | None:
    """What a row of the transition table means here; None: nothing."""
    if because == "acknowledged":
        return What.ACKNOWLEDGED
    if because in _ENDS:
        return What.CLEARED
    if new in _HIDDEN and old not in _HIDDEN:
        return What.HIDDEN
    if because == "hidden_raised":
        return What.UNSEEN
    if because == "raised":
        return What.RAISED if new == AlarmState.UNACKED else What.UNSEEN
    return What.AGAIN if new == AlarmState.UNACKED else None


def pair(events: Iterable[Event]) -> History:
    """Histories from events in any order; of events of one moment the earlier given counts first."""
    lines: dict[str, _Line] = {}
    hidings = []
    for event in sorted(events, key=lambda each: each.at_ms):
        lines.setdefault(event.alarm, _Line()).take(event)
        if event.what is What.HIDDEN:
            hidings.append(event)
    activations = [each for line in lines.values() for each in (*line.done, *line.late, *line.open)]
    answers = [each for line in lines.values() for each in line.all_answers()]
    return History(
        tuple(sorted(activations, key=lambda each: (each.raised_ms, each.alarm))),
        tuple(sorted(answers, key=lambda each: (each.raised_ms, each.alarm))),
        tuple(hidings),
    )


@dataclass(slots=True)
class _Line:
    """One alarm on its way through time. What was found late runs beside it (law 4)."""

    open: list[Activation] = field(default_factory=list)
    done: list[Activation] = field(default_factory=list)
    late: list[Activation] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    since_ms: int | None = None  # the condition holds since then
    calls_ms: int | None = None  # the first call that nobody has answered

    def take(self, event: Event) -> None:
        match event.what:
            case What.RAISED | What.AGAIN | What.UNSEEN if event.late:
                self.late.append(Activation(event.alarm, event.at_ms, event.at_ms, late=True))
            case What.RAISED | What.AGAIN:
                self._call(event)
            case What.UNSEEN:
                self.since_ms = event.at_ms
            case What.CLEARED:
                self._clear(event)
            case What.ACKNOWLEDGED:
                self._answer(event)
            case What.HIDDEN:
                self.open = [
                    each if each.hidden_ms is not None else replace(each, hidden_ms=event.at_ms) for each in self.open
                ]
                self.calls_ms = None

    def _call(self, event: Event) -> None:
        since = event.at_ms
        if event.what is What.AGAIN and self.since_ms is not None:
            since = self.since_ms
        self.since_ms = since
        self.open.append(Activation(event.alarm, event.at_ms, since))
        if self.calls_ms is None:
            self.calls_ms = event.at_ms

    def _clear(self, event: Event) -> None:
        is_open_late = bool(self.late) and self.late[-1].cleared_ms is None
        if is_open_late and (event.late or not self.open):
            self.late[-1] = replace(self.late[-1], cleared_ms=event.at_ms, cleared_value=event.value)
            return
        self.done += [replace(each, cleared_ms=event.at_ms, cleared_value=event.value) for each in self.open]
        self.open = []
        self.since_ms = None

    def _answer(self, event: Event) -> None:
        if self.calls_ms is not None:
            self.answers.append(Answer(event.alarm, self.calls_ms, event.at_ms))
            self.calls_ms = None

    def all_answers(self) -> list[Answer]:
        """With the one that is still missing."""
        if self.calls_ms is None:
            return self.answers
        alarm = (self.open or self.done)[-1].alarm
        return [*self.answers, Answer(alarm, self.calls_ms, None)]
