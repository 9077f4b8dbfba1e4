"""Pure. A campaign as it is ordered: its year, the document that it rests on, phases, who takes part, spot checks.

The dates of a phase are those of its schedules and stand nowhere else.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field, model_validator

from vocab.inspection import Miss
from vocab.point import Id
from vocab.rule import Category
from vocab.strict_toml import Strict, Text


class Basis(Strict):
    """The document that ordered it."""

    name: Text
    number: Annotated[str, Field(max_length=100)] = ""
    issued: date


class Phase(Strict):
    """A part of a campaign: from the first day of its schedules to their last."""

    id: Id
    name: Text
    schedules: tuple[Id, ...] = Field(min_length=1)


class Sampling(Strict):
    """抽查: of what each unit checked itself, so much is drawn and inspected by somebody else."""

    schedule: Id  # of the inspections: whose they are, within how long, and what a missed one becomes
    checks: tuple[Id, ...] = ()  # schedules whose done instances may be drawn
    tickets: bool = True  # whether tickets of the campaign that are said to be repaired may be drawn
    share: float | None = Field(default=None, gt=0, le=1)  # of each unit's, rounded up
    count: int | None = Field(default=None, ge=1, le=1000)  # of each unit's, or all where there are fewer
    wrong: Miss  # the new work of a unit whose self-check was found wrong

    @model_validator(mode="after")
    def _one(self) -> Sampling:
        if (self.share is None) == (self.count is None):
            raise ValueError("give exactly one of share and count")
        if not self.checks and not self.tickets:
            raise ValueError("nothing could ever be drawn: name checks, or take tickets")
        return self


class Campaign(Strict):
    """One year's."""

    id: Id
    name: Text
    year: int = Field(ge=2000, le=2999)
    basis: Basis
    units: tuple[Id, ...] = Field(min_length=1)  # the committees that take part
    categories: tuple[Category, ...] = Field(min_length=1)  # of tickets that may belong to it
    phase: tuple[Phase, ...] = Field(min_length=1)
    sampling: Sampling | None = None
