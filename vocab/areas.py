"""Pure. What a confirmed grade of an area means: its checkpoints, the rounds of its waste, how often it reports."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from vocab.point import Id
from vocab.strict_toml import Strict, Text

GradeWord = Literal["low", "medium", "high"]


class AreaPolicy(Strict):
    """What holds in an area from the moment at which somebody confirms its grade until another one is confirmed."""

    grade: GradeWord
    name: Text  # what people read
    sealed: bool = False  # nobody leaves it
    passages: Literal["every", "sample", "none"] = "every"  # which passages of a checkpoint are checked
    open: int | None = Field(default=None, ge=0)  # so many of its checkpoints, the first ones; None: all of them
    attended: tuple[Id, ...] = ()  # schedules for the checkpoints that stay open
    closed: tuple[Id, ...] = ()  # and for those that are closed
    schedules: tuple[Id, ...] = ()  # for its places, such as its waste; those without places run as a whole
    source: str = ""
