"""Pure. Numbers that people and programs ask with: what a database and every JSON reader can hold, and no other."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

MOST = 2**53  # what every JSON reader keeps exact
Number = Annotated[int, Field(ge=1, le=MOST)]  # the id of a row
Moment = Annotated[int, Field(ge=0, le=MOST)]  # ms since 1970, UTC
