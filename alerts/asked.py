"""Pure. What people and programs ask with: numbers that a database and every JSON reader can hold, and who signs."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints

MOST = 2**53  # what every JSON reader keeps exact
Number = Annotated[int, Field(ge=1, le=MOST)]  # the id of a row
Moment = Annotated[int, Field(ge=0, le=MOST)]  # ms since 1970, UTC
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=90)]
Why = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
Note = Annotated[str, StringConstraints(max_length=2000)]


class Signed(BaseModel):
    """Who, and if they like what they say about it."""

    by: Name
    note: Note = ""


class Reasoned(BaseModel):
    """Who, and why."""

    by: Name
    note: Why
