"""Pure. What the API takes for each verb of a ticket, and the command that it becomes."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints

from alerts.asked import Moment, Number
from alerts.tickets.commands import Command, Verb
from alerts.tickets.model import Level, Plan, Present, Source
from vocab.rule import Category, Grade

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
OptionalName = Annotated[str, StringConstraints(strip_whitespace=True, max_length=100)]
Words = Annotated[str, Field(max_length=2000)]


class Said(BaseModel):
    """Who, and what they say about it."""

    by: Name
    note: Words = ""

    def command(self, verb: Verb, now_ms: int) -> Command:
        """For the machine."""
        told = self.told()
        return Command(verb, self.by, now_ms, self.note, **told)  # type: ignore[arg-type]

    def told(self) -> dict[str, object]:
        """What this verb needs beyond that."""
        return {name: value for name, value in self if name not in ("by", "note")}


class Classified(Said):
    """Whose work it is."""

    category: Category
    sector: OptionalName = ""  # of public safety; left out it follows from the subject

    def told(self) -> dict[str, object]:
        """As the machine wants it."""
        return {"category": self.category.value, "sector": self.sector}


class Approved(Said):
    """What somebody else has to agree to."""

    approver: OptionalName = ""


class Graded(Approved):
    """General or major; to make a major one general needs an approver."""

    grade: Grade


class Until(Approved):
    """Until when."""

    due_ms: Moment


class Merged(Approved):
    """Into which ticket."""

    ticket: Number


class ToUnit(Said):
    """To whom: a unit of org.toml."""

    unit: OptionalName = ""


class Handed(Approved):
    """To which unit; what is not in the duty matrix needs an approver, and a reason."""

    unit: OptionalName = ""


class PresentThere(BaseModel):
    """A unit that took part, and what its people there were: roles, no names."""

    unit: Name
    roles: tuple[Name, ...] = Field(default=(), max_length=20)


class Inspected(Said):
    """With whom, where several departments inspected it together."""

    joint: tuple[PresentThere, ...] = Field(default=(), max_length=30)

    def told(self) -> dict[str, object]:
        """As the machine wants it."""
        return {"joint": tuple(Present(each.unit, each.roles) for each in self.joint)}


class Receipt(Said):
    """What proves that the report upward arrived."""

    receipt: Annotated[str, Field(max_length=500)]
    person: OptionalName = ""


class ByPerson(Said):
    """Who does the work, if not who says so."""

    person: OptionalName = ""


class Accepted(Said):
    """At which level; a major hazard needs both."""

    level: Level | None = None


class WrittenOff(Said):
    """With `unverified` although the sensor has not agreed: it says so for ever."""

    unverified: bool = False


class Planned(Said):
    """The five elements, as far as they are known."""

    responsibility: Words = ""
    measures: Words = ""
    funds: Words = ""
    time_limit_ms: Moment | None = None
    emergency_plan: Words = ""

    def told(self) -> dict[str, object]:
        """As the machine wants it."""
        return {"plan": Plan(self.responsibility, self.measures, self.funds, self.time_limit_ms, self.emergency_plan)}


class Noted(BaseModel):
    """A word about a ticket that moves nothing."""

    by: Name
    note: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]


class Filed(BaseModel):
    """A ticket that no sensor opened."""

    by: Name
    source: Source = Source.PATROL
    grid: Name
    category: Category
    hazard: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")] = "reported"
    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
    title: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)] = ""
    asset: OptionalName = ""
    sector: OptionalName = ""  # of public safety; left out it follows from category and hazard
    priority: int = Field(default=3, ge=1, le=4)
    grade: Grade = Grade.GENERAL
    address: Annotated[str, Field(max_length=300)] = ""
    latitude: float | None = Field(default=None, ge=-90, le=90)
    longitude: float | None = Field(default=None, ge=-180, le=180)
    campaign: OptionalName = ""  # without: of source `campaign` the one that is running there


BODIES: dict[Verb, type[Said]] = {
    Verb.CLASSIFY: Classified,
    Verb.GRADE: Graded,
    Verb.REPORT_UPWARD: ToUnit,
    Verb.RECEIVED: Receipt,
    Verb.PLAN: Planned,
    Verb.DISPATCH: Handed,
    Verb.RETURN: Said,
    Verb.BEGIN: ByPerson,
    Verb.RELIEVE: ByPerson,
    Verb.INTERIM: Said,
    Verb.REPAIRED: ByPerson,
    Verb.SUPERVISE: Inspected,
    Verb.ACCEPT: Accepted,
    Verb.REJECT: Said,
    Verb.WRITE_OFF: WrittenOff,
    Verb.EVALUATE: Said,
    Verb.DEFER: Until,
    Verb.RESUME: Said,
    Verb.EXTEND: Until,
    Verb.ESCALATE: Handed,
    Verb.MERGE: Merged,
    Verb.DISCARD: Approved,
    Verb.REOPEN: Said,
}  # what the sensor says, VERIFIED and REFUTED, nobody can order
