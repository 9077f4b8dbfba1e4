"""Pure. What Anlan watches of itself: the rows of `[[self]]` in duties.toml, and what work a crossed limit becomes."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field, model_validator

from vocab.inspection import Miss
from vocab.point import Id
from vocab.strict_toml import Strict


class Measure(StrEnum):
    """What is measured; its name ends with its unit. Seconds are real ones, also where a demo runs faster."""

    JUDGED_LATE_S = "judged_late_s"  # from the newest frames' own time until alerts judged them
    STORED_LATE_S = "stored_late_s"  # the same until ingest stored them
    BROKER_AWAY_S = "broker_away_s"  # since alerts was subscribed
    STORE_AWAY_S = "store_away_s"  # since ingest said that it is ready: stopped, silent, or its store away
    DISK_FREE_MIB = "disk_free_mib"  # for whoever writes, in the folder of alerts and in that of ingest
    CLOCK_SKEW_S = "clock_skew_s"  # each cabinet's clock against ours, whichever of them is ahead
    BACKUP_AGE_S = "backup_age_s"  # where none was ever made: since the row was first looked at
    OUTBOX_AGE_S = "outbox_age_s"  # the oldest page that is due

    @property
    def falls(self) -> bool:
        """Whether less is worse."""
        return self is Measure.DISK_FREE_MIB


class SelfWatch(Strict):
    """One measure: past `limit` for `for_s` it is work, at `clear` or better for as long it is settled."""

    measure: Measure
    limit: float = Field(gt=0)
    clear: float | None = Field(default=None, gt=0)  # None: at the limit
    for_s: float = Field(ge=0)
    unit: Id  # whose work it is
    miss: Miss
    source: str = ""

    @model_validator(mode="after")
    def _fit(self) -> SelfWatch:
        if self.clear is not None and self.is_over(self.clear):
            raise ValueError("clear is on the good side of limit")
        return self

    def is_over(self, value: float) -> bool:
        """Past the limit."""
        return value < self.limit if self.measure.falls else value > self.limit

    def is_well(self, value: float) -> bool:
        """At `clear` or better."""
        clear = self.limit if self.clear is None else self.clear
        return value >= clear if self.measure.falls else value <= clear


class SelfTables(Strict):
    """The tables of duties.toml that are about Anlan itself."""

    self_watch: tuple[SelfWatch, ...] = Field(default=(), alias="self")
