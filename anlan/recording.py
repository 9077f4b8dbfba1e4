"""Pure. What a recording's TOML file says: where its columns are, which rules watch it, and what it is scored against.

The rules are rules of `vocab.rule` as a pack would state them; nothing of a recording is decided in Python.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from vocab.point import Point, PointId
from vocab.rule import Rule
from vocab.strict_toml import Strict


class Moment(Strict):
    """When a row was measured: text columns with a format, a counter times `scale_s`, or the row's own number."""

    columns: tuple[str, ...] = ()  # empty: the number of the row
    format: str = ""  # of strptime; "iso" also takes nanoseconds
    scale_s: float = Field(default=1.0, gt=0)


class Column(Strict):
    """One column of the file and the point that it measures."""

    column: str
    point: PointId
    codes: dict[str, float] = Field(default_factory=dict)  # words of a state point; empty: the column holds numbers
    sentinels: tuple[float, ...] = ()  # values by which the device says that its sensor is broken
    after_s: float = Field(default=0.0, ge=0)  # measured so much later than the row's moment


class Derived(Strict):
    """A point computed from others of the same row before the rules see it."""

    point: PointId
    product: tuple[PointId, ...] = ()
    difference: tuple[PointId, ...] = ()
    factor: float = 1.0
    decimals: int = Field(default=6, ge=0)


class Baseline(Strict):
    """A point that says how far the others stand from the head of the recording: |z| of their moving means."""

    point: PointId
    of: tuple[PointId, ...] = Field(min_length=1)
    head_s: float = Field(gt=0)
    window_s: float = Field(gt=0)
    worst: bool = False  # the farthest of them; else their mean


class Windows(Strict):
    """Labelled windows: from a JSON file, or wherever a column is not zero."""

    kind: Literal["windows"]
    column: str = ""
    json_file: str = ""
    json_key: str = ""  # "{file}" is the name of the recording's file
    unit_s: float | None = None  # windows in the file are numbers of this unit; None: they are texts of time
    grace_s: float = Field(default=0.0, ge=0)  # an alarm so soon after a window still belongs to it
    rules: tuple[PointId, ...] = ()  # which alarms answer the label; empty: all


class Rows(Strict):
    """Every row is a case of its own: the alarm must stand exactly where the label says so."""

    kind: Literal["rows"]
    column: str = ""  # empty: the column that is being watched (`each_column`)
    equals: tuple[str | float, ...] = ()
    at_least: float | None = None
    rules: tuple[PointId, ...] = ()


class Counts(Strict):
    """No label: only what was raised is told."""

    kind: Literal["counts"]


class Recording(Strict):
    """One line of the table in docs/detection.md."""

    id: PointId
    name: str
    files: tuple[str, ...] = Field(min_length=1)  # below the folder of the recordings; `*` is allowed
    delimiter: str = ","
    skip_rows: int = Field(default=0, ge=0)
    group_by: tuple[str, ...] = ()  # rows of each group are an asset of their own
    first_word_of_group: bool = False  # "H" and "H NR" are the beginning and the end of the same alarm
    each_column: bool = False  # every column is an asset of its own with the same point
    time: Moment
    column: tuple[Column, ...] = Field(min_length=1)
    derived: tuple[Derived, ...] = ()
    baseline: Baseline | None = None
    point: tuple[Point, ...] = Field(min_length=1)
    rule: tuple[Rule, ...] = Field(min_length=1)
    label: Windows | Rows | Counts = Field(discriminator="kind")
    chosen: str  # how the limits were chosen, without looking at the labels
    floor: str  # what the recording's README or the literature reaches
    remark: str = ""  # what the conditions of today cannot do, and why
