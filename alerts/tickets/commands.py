"""Pure. What may be asked of a ticket, and the answer."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from alerts.tickets.model import Level, Plan, Present, Work
from vocab.rule import Grade
from vocab.strict_toml import Text


class Verb(StrEnum):
    """What people, the sensor and the clock do."""

    CLASSIFY = "classify"
    GRADE = "grade"
    REPORT_UPWARD = "report_upward"
    RECEIVED = "received"  # the proof that the report arrived
    PLAN = "plan"
    DISPATCH = "dispatch"
    RETURN = "return"
    BEGIN = "begin"
    RELIEVE = "relieve"  # to a colleague
    INTERIM = "interim"
    REPAIRED = "repaired"
    VERIFIED = "verified"  # the sensor agrees
    REFUTED = "refuted"  # the sensor does not
    SUPERVISE = "supervise"
    ACCEPT = "accept"
    REJECT = "reject"
    WRITE_OFF = "write_off"
    EVALUATE = "evaluate"
    DEFER = "defer"
    RESUME = "resume"
    EXTEND = "extend"
    ESCALATE = "escalate"
    MERGE = "merge"
    DISCARD = "discard"
    REOPEN = "reopen"


SYSTEM = "system"  # the actor of what the sensor or the clock does


@dataclass(frozen=True, slots=True)
class Command:
    """One verb with what it needs; what a verb does not need is ignored."""

    verb: Verb
    actor: str
    at_ms: int
    note: str = ""
    approver: str = ""
    unit: str = ""
    person: str = ""
    category: str = ""
    sector: str = ""
    grade: Grade | None = None
    level: Level | None = None
    plan: Plan | None = None
    due_ms: int | None = None
    ticket: int | None = None  # to be merged into
    receipt: str = ""
    unverified: bool = False  # write off although the sensor has not agreed
    joint: tuple[Present, ...] = ()  # who took part in an inspection
    upward: bool = False  # the unit is of those that could let the work in: told by the organisation, not by who asks


class Why(StrEnum):
    """Why a command was refused: a code for programs."""

    NOT_HERE = "not_here"
    NOTE_MISSING = "note_missing"
    APPROVER_MISSING = "approver_missing"
    APPROVER_IS_ACTOR = "approver_is_actor"
    APPROVER_UNKNOWN = "approver_unknown"
    APPROVER_HAS_NO_RIGHT = "approver_has_no_right"
    UNIT_MISSING = "unit_missing"
    GRADE_MISSING = "grade_missing"
    PLAN_INCOMPLETE = "plan_incomplete"
    NOT_REPORTED_UPWARD = "not_reported_upward"
    NO_RECEIPT = "no_receipt"
    RECTIFIER_ACCEPTS = "rectifier_accepts"
    LEVEL_MISSING = "level_missing"
    LEVEL_TAKEN = "level_taken"
    ACCEPTED_TWICE_BY_ONE = "accepted_twice_by_one"
    NOT_VERIFIED = "not_verified"
    NOT_ACCEPTED = "not_accepted"
    DUE_MISSING = "due_missing"
    ONLY_THE_SENSOR = "only_the_sensor"
    NO_SENSOR = "no_sensor"
    ITSELF = "itself"
    OUTSIDE_MATRIX = "outside_matrix"
    APPROVER_TOO_LOW = "approver_too_low"
    PERSON_MISSING = "person_missing"
    PERSON_UNKNOWN = "person_unknown"
    SAME_PERSON = "same_person"
    UNIT_UNKNOWN = "unit_unknown"
    ROLE_UNKNOWN = "role_unknown"
    PHOTOS_MISSING = "photos_missing"
    SECTOR_UNKNOWN = "sector_unknown"


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing was changed."""

    why: Why
    words: Text


@dataclass(frozen=True, slots=True)
class Done:
    """The ticket afterwards."""

    work: Work
    reports_upward: bool = False  # somebody must be told at once
    tightens: bool = False  # a major hazard is open: watch it more closely
