"""Pure. What orders about rosters say, and what the description of the API tells of their answers."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, Field

from alerts.asked import Name, Note, Why
from alerts.oncall.swaps import Change

Moment = Annotated[int, Field(ge=0, le=2**47)]  # a year with four digits, whatever is added to it

_DETAIL = {"type": "object", "required": ["detail"], "properties": {"detail": {"type": "string"}}}
_REASONED: dict[str, Any] = {
    "type": "object",
    "required": ["detail"],
    "properties": {
        "detail": {"type": "string"},
        "reason": {"type": "string"},
        "why": {"type": "string"},
        "words": {"type": "object", "properties": {"en": {"type": "string"}, "zh": {"type": "string"}}},
    },
}


def answers(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The refusals that a route can give, beside those of the gate."""
    told = {
        404: ("There is no such thing.", _DETAIL),
        409: ("It is not allowed here and now; `reason` says why, `words` for people.", _REASONED),
        422: ("The order makes no sense; `reason` says why, or a list of what is wrong with its fields.", None),
        503: ("The database refuses, or the audit log cannot be written: nothing was changed.", _DETAIL),
    }
    found: dict[int | str, dict[str, Any]] = {}
    for status in (*statuses, 503):
        words, schema = told[status]
        found[status] = {"description": words}
        found[status]["content"] = {"application/json": {"schema": schema or {"type": "object"}}}
    return found


class SwapOrder(BaseModel):
    """`person` stands in for `instead_of`; with `back_from_ms` and `back_to_ms` it is a swap."""

    by: Name
    roster: Name
    person: Name
    instead_of: Name
    from_ms: Moment
    to_ms: Moment
    back_from_ms: Moment | None = None
    back_to_ms: Moment | None = None
    note: Note = ""

    def change(self) -> Change:
        """What is asked for."""
        return Change(self.roster, self.person, self.instead_of, (self.from_ms, self.to_ms), self.back())

    def back(self) -> tuple[int, int] | None:
        """The other half of a swap. One end without the other is no stretch of time."""
        if self.back_from_ms is None and self.back_to_ms is None:
            return None
        return (self.back_from_ms or 0, self.back_to_ms or 0)


class OverrideOrder(BaseModel):
    """`person` has it, instead of `instead_of` or of whoever would; without `person`, `instead_of` is away."""

    by: Name
    roster: Name
    person: Name | None = None
    instead_of: Name | None = None
    from_ms: Moment
    to_ms: Moment
    note: Why

    def change(self) -> Change:
        """What is ordered."""
        return Change(self.roster, self.person or "", self.instead_of or "", (self.from_ms, self.to_ms))


class HandoverOrder(BaseModel):
    """Who leaves, to whom, and what they tell them."""

    by: Name
    roster: Name
    to: Name
    note: Why
