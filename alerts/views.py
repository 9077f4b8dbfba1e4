"""Pure. What the API and the stream show: the shapes that the wall reads, written once."""

from __future__ import annotations

from typing import Any

import msgspec

from vocab.rule import Category, Grade


class Both(msgspec.Struct, frozen=True):
    """A text in both languages."""

    en: str
    zh: str


class HiddenView(msgspec.Struct, frozen=True):
    """Why an alarm calls nobody. Of a suppression by design only `how` is known."""

    how: str  # shelved, window, design, out_of_service
    by: str | None = None
    why: str | None = None
    since_ms: int | None = None
    until_ms: int | None = None  # a shelf and a window end then; a permit is to be confirmed by then
    permit: str | None = None
    second: str | None = None  # who agreed, where life safety is hidden
    renewals: int = 0
    window: int | None = None


class AlarmView(msgspec.Struct, frozen=True):
    """One alarm as it stands."""

    id: str
    asset: str
    rule: str
    point: str
    hazard: str
    category: Category
    grade: Grade
    priority: int
    state: str
    value: float | None
    peak: float | None
    limit: float | None
    unit: str
    name: Both
    raised_ms: int | None
    cleared_ms: int | None
    acked_ms: int | None
    acked_by: str | None
    ticket: str | None
    active: bool  # the condition holds, hidden or not
    first_out: bool  # the first of its group to trip
    latching: bool
    protected: bool  # life safety: never shelved, never hidden by one person alone
    hidden: HiddenView | None


class EvidenceView(msgspec.Struct, frozen=True):
    """One line of what speaks for a ticket."""

    at_ms: int
    text: Both
    point: str | None
    value: float | None
    unit: str | None


class AcceptedView(msgspec.Struct, frozen=True):
    """Who accepted a repair, for a major hazard at which level."""

    level: str | None  # district, city
    person: str


class PresentView(msgspec.Struct, frozen=True):
    """A unit that took part in a joint inspection, and what its people there were."""

    unit: str
    name: Both | None
    roles: tuple[str, ...]
    role_names: tuple[Both, ...]


class WorkView(msgspec.Struct, frozen=True):
    """Where a ticket stands in its workflow, who does what, and by when."""

    source: str = "sensor"
    hazard_word: Both = Both("", "")  # the state in the words of hazard management
    city_step: Both = Both("", "")  # and as a step of the seven-step city case
    possible: tuple[str, ...] = ()  # verbs that the state allows; more may be asked of who gives them
    lead_unit: str = ""
    lead_name: Both | None = None
    assist_units: tuple[str, ...] = ()
    rectifier: str = ""
    ack_due_ms: int | None = None
    arrive_due_ms: int | None = None
    due_ms: int | None = None
    due_assumed: bool = False  # counts days of a year whose holidays are not announced
    overdue: tuple[str, ...] = ()  # levels that were missed: acknowledge, arrive, rectify
    begun_ms: int | None = None
    repaired_ms: int | None = None
    verification: str = "none"  # pending, verified, unverified
    good_since_ms: int | None = None  # since when the sensor agrees without a break
    verify_s: float | None = None  # how long it has to
    plan: dict[str, Any] | None = None  # the five elements
    upward: dict[str, Any] | None = None
    accepted: tuple[AcceptedView, ...] = ()
    interim: str = ""
    merged_into: int | None = None
    outside_matrix: bool = False  # the duty matrix does not speak of it
    held: bool = False  # so somebody has to let it in before a unit gets it, and nobody has yet
    admission: dict[str, Any] | None = None  # unit approver by at_ms reason
    former: tuple[str, ...] = ()  # who worked on it before the rectifier
    joint: tuple[PresentView, ...] = ()  # who took part in the newest inspection
    pairs_wanted: int = 0  # of photos, before and after, until it can be accepted
    reopened: int = 0
    text: str = ""
    address: str = ""
    rating: int | None = None
    campaign: str | None = None
    campaign_name: Both | None = None


class TicketView(msgspec.Struct, frozen=True):
    """One ticket with what is known of its equipment. `asset` is empty where it is about a place."""

    id: str
    number: str
    asset: str
    kind: str
    hazard: str
    category: str
    grade: str
    priority: int
    state: str
    title: Both
    grid: str
    grid_name: Both | None
    location: Both
    opened_ms: int
    raised_ms: int
    acked_ms: int | None
    acked_by: str | None
    alarm_active: bool
    late: bool
    procedure: Both | None
    evidence: tuple[EvidenceView, ...]
    evidence_count: int
    closed_ms: int | None = None
    work: WorkView = WorkView()
    sector: str = "other"  # of public safety: the level above the categories
    drill: bool = False  # nothing has happened: it is in no count, register or report
    closer_ms: int | None = None  # since when its equipment is watched more closely because of it


class TransitionView(msgspec.Struct, frozen=True):
    """One change of state of one alarm."""

    alarm: str
    asset: str
    rule: str
    old: str
    new: str
    at_ms: int
    recorded_ms: int
    because: str
    value: float | None
    by: str | None
    note: str | None
    late: bool
    peak: float | None = None
    first_out: bool = False
    until_ms: int | None = None  # a shelf or a window ends then
    window: int | None = None


class EdgeView(msgspec.Struct, frozen=True):
    """One cabinet as it stands."""

    id: str
    state: str  # online, lost, stopped, unknown
    last_frame_ms: int | None
    epoch: int | None
    seq: int | None
    spool_frames: int | None
    spool_bytes: int | None
    lag_ms: int | None
    catching_up: bool


class UnknownView(msgspec.Struct, frozen=True):
    """Equipment of which nothing is known now, and why."""

    reason: str  # edge_lost, bus_lost, device_lost
    parent: str  # the asset that is lost: its cabinet, its bus, or itself
    alarm: str
    since_ms: int


class OutageView(msgspec.Struct, frozen=True):
    """A cabinet or bus that was lost; with the difference once it is back and its children were heard."""

    id: str
    parent: str
    alarm: str
    began_ms: int
    raised_ms: int
    back_ms: int | None
    closed_ms: int | None
    children: int
    difference: dict[str, Any] | None  # new, cleared: alarms; changed: points with before and after; silent: assets


class Changes(msgspec.Struct, frozen=True):
    """What one call changed, as it now stands."""

    transitions: tuple[TransitionView, ...] = ()
    alarms: tuple[AlarmView, ...] = ()
    tickets: tuple[TicketView, ...] = ()
    edges: tuple[EdgeView, ...] = ()
    unknown: dict[str, UnknownView | None] = {}  # by asset; None: known again
