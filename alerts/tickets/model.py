"""Pure. The nouns of the ticket workflow, in the words of hazard management and of digital city management.

Sources: the seven steps of digital city management (信息采集 … 综合评价) and the closed loop of hazard treatment
(登记 … 销号), domain research §4.5; the five elements of a major hazard's plan (五落实), §4.2.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum

from vocab.rule import Grade
from vocab.strict_toml import Text


class State(StrEnum):
    """Where a ticket stands."""

    FILED = "filed"
    CLASSIFIED = "classified"
    GRADED = "graded"
    DISPATCHED = "dispatched"
    RETURNED = "returned"
    RECTIFYING = "rectifying"
    FEEDBACK = "feedback"
    SUPERVISED = "supervised"
    ACCEPTED = "accepted"  # by one level; a major hazard needs two
    WRITTEN_OFF = "written_off"
    EVALUATED = "evaluated"
    DEFERRED = "deferred"
    MERGED = "merged"
    VOID = "void"

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to do something about the hazard."""
        return self not in _ENDED

    @property
    def hazard_word(self) -> Text:
        """In the words of hazard management."""
        return _HAZARD_WORDS[self]

    @property
    def city_step(self) -> Text:
        """The step of the seven-step city case."""
        return _CITY_STEPS[self]


_ENDED = frozenset((State.WRITTEN_OFF, State.EVALUATED, State.MERGED, State.VOID))


def _text(en: str, zh: str) -> Text:
    return Text(en=en, zh=zh)


_HAZARD_WORDS = {
    State.FILED: _text("Filed", "立项登记"),
    State.CLASSIFIED: _text("Classified", "已分类"),
    State.GRADED: _text("Graded", "已分级"),
    State.DISPATCHED: _text("Handed to the responsible unit", "已交办"),
    State.RETURNED: _text("Returned", "已退回"),
    State.RECTIFYING: _text("Being rectified", "整改中"),
    State.FEEDBACK: _text("Reported as rectified", "整改反馈"),
    State.SUPERVISED: _text("Inspected", "已督查"),
    State.ACCEPTED: _text("Accepted at one level", "一级验收通过"),
    State.WRITTEN_OFF: _text("Written off", "已销号"),
    State.EVALUATED: _text("Evaluated", "已考核"),
    State.DEFERRED: _text("Deferred with approval", "挂账"),
    State.MERGED: _text("Merged", "已合并"),
    State.VOID: _text("Void", "已作废"),
}
_COLLECTED, _OPENED = _text("Case opened", "案卷建立"), _text("Task dispatched", "任务派遣")
_DONE, _CHECKED = _text("Handling feedback", "处理反馈"), _text("Verified and closed", "核查结案")
_CITY_STEPS = {
    State.FILED: _COLLECTED,
    State.CLASSIFIED: _COLLECTED,
    State.GRADED: _COLLECTED,
    State.DISPATCHED: _OPENED,
    State.RETURNED: _OPENED,
    State.RECTIFYING: _text("Task handled", "任务处置"),
    State.FEEDBACK: _DONE,
    State.SUPERVISED: _CHECKED,
    State.ACCEPTED: _CHECKED,
    State.WRITTEN_OFF: _CHECKED,
    State.EVALUATED: _text("Evaluated", "综合评价"),
    State.DEFERRED: _text("Pending", "挂账"),
    State.MERGED: _CHECKED,
    State.VOID: _CHECKED,
}


class Source(StrEnum):
    """Who found it."""

    SENSOR = "sensor"
    PATROL = "patrol"
    RESIDENT = "resident"
    CAMPAIGN = "campaign"
    SCHEDULE = "schedule"


class Proof(StrEnum):
    """What the sensor says of a repair; tickets without a sensor need none."""

    NONE = "none"  # nobody has marked it repaired yet, or there is no sensor
    PENDING = "pending"
    VERIFIED = "verified"
    UNVERIFIED = "unverified"  # closed all the same, and counted


class Level(StrEnum):
    """Who accepts a major hazard (plan 1: 市、区两级验收)."""

    DISTRICT = "district"
    CITY = "city"


@dataclass(frozen=True, slots=True)
class Plan:
    """The five elements of a treatment plan (五落实): responsibility, measures, funds, time limit, emergency plan."""

    responsibility: str = ""
    measures: str = ""
    funds: str = ""
    time_limit_ms: int | None = None
    emergency_plan: str = ""

    @property
    def missing(self) -> tuple[str, ...]:
        """The names of what is not filled in."""
        told = {
            "responsibility": self.responsibility.strip(),
            "measures": self.measures.strip(),
            "funds": self.funds.strip(),
            "time_limit": self.time_limit_ms,
            "emergency_plan": self.emergency_plan.strip(),
        }
        return tuple(name for name, value in told.items() if value is None or value == "")


@dataclass(frozen=True, slots=True)
class Upward:
    """A major hazard was reported upward: to whom, when, and the proof that it was received."""

    to_unit: str
    reported_ms: int
    receipt: str = ""
    received_by: str = ""
    received_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Admission:
    """Somebody let work in that is not in the duty matrix (准入): for which unit, and why."""

    unit: str
    approver: str
    by: str
    at_ms: int
    reason: str


@dataclass(frozen=True, slots=True)
class Present:
    """A unit that took part in a joint inspection, and what its people there were: roles, no names."""

    unit: str
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Work:
    """A ticket as the machine sees it. What stands last is no column: the site and the attachments say it."""

    state: State
    source: Source
    grade: Grade
    category: str = ""
    lead_unit: str = ""
    rectifier: str = ""  # the person who did the work: never the one who accepts it
    plan: Plan = field(default_factory=Plan)
    interim: str = ""  # what keeps people safe until it is rectified
    upward: Upward | None = None
    accepted: tuple[tuple[Level | None, str], ...] = ()  # (level, person)
    proof: Proof = Proof.NONE
    due_ms: int | None = None
    repaired_ms: int | None = None
    paused_ms: int | None = None  # since when the clock stands still: only while deferred
    merged_into: int | None = None
    before: State | None = None  # a deferred ticket goes back to where it was
    sector: str = ""  # of public safety, where somebody told it; else it follows from the subject
    former: tuple[str, ...] = ()  # who worked on it before the rectifier
    joint: tuple[Present, ...] = ()  # of the newest inspection
    outside: bool = False  # the duty matrix does not speak of it
    admission: Admission | None = None
    held: bool = False  # outside, and here somebody has to let it in before a unit gets it
    urgent: bool = False  # life may be in danger: whoever was called begins at once, approved or not
    pairs_wanted: int = 0  # of photos, before and after, until it can be accepted
    pairs: int = 0  # that are there

    @property
    def workers(self) -> tuple[str, ...]:
        """Everybody who worked on it: none of them accepts it."""
        return (*self.former, self.rectifier) if self.rectifier else self.former

    @property
    def may_begin_at_once(self) -> bool:
        """Whether whoever was called may begin although no unit was given the work."""
        return self.held and self.urgent and self.state in (State.GRADED, State.RETURNED)

    def by(self, rectifier: str) -> tuple[str, ...]:
        """Who will have worked on it before, once this person does."""
        earlier = dict.fromkeys(self.workers)
        earlier.pop(rectifier, None)
        return tuple(earlier)

    @property
    def is_major(self) -> bool:
        """重大隐患."""
        return self.grade is Grade.MAJOR

    @property
    def has_sensor(self) -> bool:
        """Whether a sensor can prove the repair."""
        return self.source is Source.SENSOR

    def to(self, state: State, **changes: object) -> Work:
        """The same ticket somewhere else."""
        return replace(self, state=state, **changes)  # type: ignore[arg-type]
