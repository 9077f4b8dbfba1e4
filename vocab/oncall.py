"""Pure. Who is called about what, when, and how often: oncall.toml. Its minutes are data, none stands in code."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Annotated

from pydantic import Field, model_validator

from vocab.inspection import Miss
from vocab.point import Id, PointId
from vocab.roster import Roster
from vocab.rule import Category
from vocab.strict_toml import Strict, Text
from vocab.window import ClockTime, Window

# `roster:ID` who is on call there · `role:ID` who has it around the ticket's grid · `unit:ID`, `unit:lead`,
# `unit:assist` the members · `person:ID`
Who = Annotated[str, Field(pattern=r"^(roster|role|unit|person):[a-z0-9_-]{1,64}$")]


class Step(Strict):
    """One rung of an escalation: so long after the call began, these people."""

    who: tuple[Who, ...] = Field(min_length=1)
    after_s: float = Field(ge=0)
    repeat_s: float | None = Field(default=None, gt=0)  # called again so often until somebody acknowledges
    times: int = Field(default=1, ge=1)  # how often in all; 1: once
    channels: tuple[Id, ...] = ()  # in this order, as far as the person has them; none: the person's own order
    digest: bool = False  # no page of its own: a line in the next digest


class Escalation(Strict):
    """What happens with tickets of some priorities until somebody acknowledges. The first that fits holds."""

    id: Id
    name: Text
    priorities: tuple[Annotated[int, Field(ge=1, le=4)], ...] = (1, 2, 3, 4)
    categories: tuple[Category, ...] = ()  # none: all
    hazards: tuple[PointId, ...] = ()
    kinds: tuple[Id, ...] = ()  # of equipment
    safety: bool | None = None  # true: only rules marked `safety`; false: only others
    quiet: bool = False  # a page waits for the end of the person's quiet hours
    step: tuple[Step, ...] = ()  # none: the ticket is shown in the app and calls nobody
    climb_s: float | None = Field(default=None, gt=0)  # after the last step, unit by unit up from the lead unit
    again_s: float | None = Field(default=None, gt=0)  # the last rung again and again until somebody acknowledges
    forgotten_s: float | None = Field(default=None, gt=0)  # acknowledged but not begun for so long: called anew
    digest_at: tuple[ClockTime, ...] = ()  # when its digests go out, by the site's clock


class RollCall(Strict):
    """查岗: at set times, or at a moment of a window that nobody knows before, who is on call has to answer in time."""

    id: Id
    name: Text
    roster: Id
    at: tuple[ClockTime, ...] = ()
    window: Window | None = None
    chance: float = Field(default=1.0, gt=0, le=1)  # of a roll-call in a window
    answer_s: float = Field(gt=0)
    seed: int = 0  # of the moments in windows
    miss: Miss  # what work it becomes that somebody did not answer

    @model_validator(mode="after")
    def _when(self) -> RollCall:
        if bool(self.at) == (self.window is not None):
            raise ValueError("give either `at` or `window`")
        return self


class Coverage(Strict):
    """How far ahead rosters around the clock are watched for minutes in which nobody can be reached."""

    days: int = Field(default=14, ge=1, le=400)
    miss: Miss | None = None  # what work such a minute becomes; none: it is only told


class OnCallFile(Strict):
    """oncall.toml."""

    roster: tuple[Roster, ...] = ()
    policy: tuple[Escalation, ...] = Field(min_length=1)
    roll_call: tuple[RollCall, ...] = ()
    coverage: Coverage = Coverage()
    calendar_days: int = Field(default=60, ge=1, le=400)  # how far ahead a subscribed calendar reaches
    drill: tuple[Who, ...] = ()  # who is called in drills, and nobody else
    late_at: tuple[ClockTime, ...] = ("08:00",)  # when tickets that were found afterwards are told, marked as late
    late_to: tuple[Who, ...] = ()


@dataclass(frozen=True)
class OnCall:
    """On-call of a site: every reference in it is known to hold. Empty for a site without oncall.toml."""

    file: OnCallFile | None = field(default=None)

    def __bool__(self) -> bool:
        return self.file is not None

    @cached_property
    def rosters(self) -> dict[str, Roster]:
        """By id."""
        return {} if self.file is None else {roster.id: roster for roster in self.file.roster}

    @cached_property
    def roll_calls(self) -> dict[str, RollCall]:
        """By id."""
        return {} if self.file is None else {each.id: each for each in self.file.roll_call}

    @cached_property
    def dormant(self) -> frozenset[str]:
        """Rosters that only an emergency switches on."""
        return frozenset(roster.id for roster in self.rosters.values() if roster.dormant)

    @cached_property
    def policies(self) -> dict[str, Escalation]:
        """By id, in the order of the file."""
        return {} if self.file is None else {policy.id: policy for policy in self.file.policy}

    def policy_of(self, priority: int, category: str, hazard: str, kind: str, *, safety: bool) -> Escalation | None:
        """The first policy that fits."""
        for policy in self.policies.values():
            told = (category, policy.categories), (hazard, policy.hazards), (kind, policy.kinds)
            fits = priority in policy.priorities and policy.safety in (None, safety)
            if fits and all(not names or name in names for name, names in told):
                return policy
        return None
