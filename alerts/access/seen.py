"""Shell. What whoever asks may see, for routes that narrow their own statements."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends
from starlette.requests import Request


def sight_of(request: Request) -> frozenset[str] | None:
    """The places, as the gate found them; None: all, or there is no gate."""
    found: frozenset[str] | None = getattr(request.state, "sight", None)
    return found


Seen = Annotated[frozenset[str] | None, Depends(sight_of)]
