"""Pure. What can be asked of points: every condition type of an alarm rule, as pack or site data.

Every condition is three-valued at every moment: true, false or unknown. docs/reference/rules.md says in words what each
of them means; rules/conditions.py is the code.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, PrivateAttr, model_validator

from vocab import expression
from vocab.expression_parse import parse
from vocab.point import Id, PointId
from vocab.strict_toml import Strict
from vocab.window import Window


class FromParam(Strict):
    """A limit that depends on the asset: param * factor + plus, in the point's unit."""

    param: PointId
    factor: float = 1.0
    plus: float = 0.0


Limit = float | FromParam


class OnPoint(Strict):
    """What looks at one point."""

    point: PointId | None = None  # default: the rule's own point


class High(OnPoint):
    """True at or above `limit`; false again below limit - deadband."""

    type: Literal["high"]
    limit: Limit
    deadband: float = Field(default=0.0, ge=0)


class Low(OnPoint):
    """True at or below `limit`; false again above limit + deadband."""

    type: Literal["low"]
    limit: Limit
    deadband: float = Field(default=0.0, ge=0)


class State(OnPoint):
    """True while a state point holds one of these state ids."""

    type: Literal["state"]
    is_any_of: tuple[PointId, ...] = Field(min_length=1)


class Change(OnPoint):
    """True at a reading by which the value has fallen (risen) by so much since the last time it did, or since its
    highest (lowest) after that. Only as the `of` of `count` and `must_happen`: it is a moment, not a state."""

    type: Literal["change"]
    fall: float | None = Field(default=None, gt=0)
    rise: float | None = Field(default=None, gt=0)

    @model_validator(mode="after")
    def _one(self) -> Change:
        if (self.fall is None) == (self.rise is None):
            raise ValueError("give either `fall` or `rise`")
        return self


class NoData(OnPoint):
    """True when no reading of any quality came for `periods` heartbeats (at least `min_s`) of the edge's own time."""

    type: Literal["no_data"]
    periods: float = Field(default=3.0, gt=1)
    min_s: float = Field(default=60.0, gt=0)


class BadSignal(OnPoint):
    """True while the readings are bad for one of these reasons (wire words of `Reason`)."""

    type: Literal["bad_signal"]
    reasons: tuple[str, ...] = Field(min_length=1)


class Rate(OnPoint):
    """True while the change over `window_s` is at or above `above`, or at or below `below`, per minute."""

    type: Literal["rate"]
    window_s: float = Field(gt=0)
    above_per_min: float | None = None
    below_per_min: float | None = None


class Forecast(OnPoint):
    """True while the point, going on as it did over the last `window_s`, will reach `limit` within `within_s`.

    Rising to it, or with `falling` sinking to it; true as well where it is already there.
    """

    type: Literal["forecast"]
    limit: Limit
    within_s: float = Field(gt=0)
    window_s: float = Field(gt=0)
    falling: bool = False


class Stuck(OnPoint):
    """True when at least `samples` good readings over at least `min_s` were exactly equal, while at least one of
    `while_moving` (if any is named) changed meanwhile."""

    type: Literal["stuck"]
    samples: int = Field(default=20, ge=3)
    min_s: float = Field(default=600.0, gt=0)
    while_moving: tuple[PointId, ...] = ()


class Spread(OnPoint):
    """True while the distance between the highest and the lowest value of the last `window_s` is at or above `above`
    (noise has grown), or at or below `below` (too quiet). Unknown until a window is known."""

    type: Literal["spread"]
    window_s: float = Field(gt=0)
    above: float | None = Field(default=None, gt=0)
    below: float | None = Field(default=None, ge=0)

    @model_validator(mode="after")
    def _something(self) -> Spread:
        if self.above is None and self.below is None:
            raise ValueError("give `above` or `below`")
        return self


class Deviation(OnPoint):
    """True while the point is `above` or more over its reference, or `below` or more under it; false again past the
    deadband. The reference is a sibling or set-point (`from_point`), a number (`from_value`), or the point's own slow
    mean over `baseline_s`, which stands still while the condition is true. With a baseline the point itself is taken as
    a mean over about `over_samples` readings."""

    type: Literal["deviation"]
    from_point: PointId | None = None
    from_value: Limit | None = None
    baseline_s: float | None = Field(default=None, gt=0)
    over_samples: int = Field(default=1, ge=1)
    above: float | None = Field(default=None, gt=0)
    below: float | None = Field(default=None, gt=0)
    deadband: float = Field(default=0.0, ge=0)

    @model_validator(mode="after")
    def _whole(self) -> Deviation:
        if sum(each is not None for each in (self.from_point, self.from_value, self.baseline_s)) != 1:
            raise ValueError("give exactly one of `from_point`, `from_value` and `baseline_s`")
        if self.above is None and self.below is None:
            raise ValueError("give `above` or `below`")
        if self.over_samples > 1 and self.baseline_s is None:
            raise ValueError("`over_samples` goes with `baseline_s`")
        return self


Trigger = Annotated[High | Low | State | Change, Field(discriminator="type")]


class Count(OnPoint):
    """True while `of` became true at least `at_least` times in the last `window_s`; of a point that comes on events,
    every reading for which it is true counts."""

    type: Literal["count"]
    of: Trigger
    at_least: int = Field(ge=2, le=1000)
    window_s: float = Field(gt=0)


class MustHappen(OnPoint):
    """True from the end of a window in which `of` was never true, until it is. With `unless_below` a window counts only
    if the point stood at or above it at the end (a bin that is half empty need not be emptied)."""

    type: Literal["must_happen"]
    of: Trigger
    within: tuple[Window, ...] = Field(min_length=1)
    unless_below: float | None = None


class Schedule(Strict):
    """True inside these windows, false outside; never unknown."""

    type: Literal["schedule"]
    within: tuple[Window, ...] = Field(min_length=1)


class Expiry(Strict):
    """True from `before_days` before the asset's date of this name, at midnight of the site; by the server's clock."""

    type: Literal["expiry"]
    date: PointId
    before_days: float = Field(default=0.0, ge=0)


class AlarmStands(Strict):
    """True while another alarm of the asset is active (its off-delay included), unknown while that alarm is neither
    active nor known to be false. With `pending` it is also true while that alarm's on-delay runs: a parent that is
    about to be lost keeps its children quiet from the beginning."""

    type: Literal["alarm"]
    rule: PointId
    # A site may name a neighbour on the same cabinet. Packs, in `suppress_when`: `@bus` is the buses on which equipment
    # hangs, true when all of them are lost; `@any-bus` those of a cabinet, true when one is.
    asset: Id | Literal["@bus", "@any-bus"] | None = None
    pending: bool = False


class Blind(Strict):
    """True while any safety rule of the asset can say nothing, though its point was heard of."""

    type: Literal["blind"]


class Expr(Strict):
    """A composite in words, such as 'supply_temp - return_temp > 40 and burner_state == "firing"': points and params by
    name, arithmetic, comparisons, and/or/not, alarm("rule"). docs/reference/expressions.md is its grammar. `deadband`
    widens every comparison with < <= > >= once it is true."""

    type: Literal["expr"]
    text: str
    deadband: float = Field(default=0.0, ge=0)
    params: dict[PointId, float] = Field(default_factory=dict)  # put in by the site: the asset's numbers
    _tree: expression.Node = PrivateAttr()

    @model_validator(mode="after")
    def _parsed(self) -> Expr:
        self._tree = parse(self.text)
        return self

    @property
    def tree(self) -> expression.Node:
        """The text, understood."""
        return self._tree


class All(Strict):
    """Three-valued AND: false if one is false, else unknown if one is unknown, else true."""

    type: Literal["all"]
    of: tuple[Condition, ...] = Field(min_length=1)


class Any(Strict):
    """Three-valued OR: true if one is true, else unknown if one is unknown, else false."""

    type: Literal["any"]
    of: tuple[Condition, ...] = Field(min_length=1)


class Not(Strict):
    """True if it is false, false if it is true, else unknown."""

    type: Literal["not"]
    of: Condition


class Vote(Strict):
    """N of M. True if at least `at_least` are true. `unknown` is what an unknown voter is taken for: *unknown* (then
    the vote is unknown if it could turn it), *true* (fail-safe), *false*, or *degrade* (it leaves the vote and takes
    one of `at_least` with it, down to one: 2 of 3 becomes 1 of 2)."""

    type: Literal["vote"]
    at_least: int = Field(ge=1)
    of: tuple[Condition, ...] = Field(min_length=2)
    unknown: Literal["unknown", "true", "false", "degrade"] = "unknown"

    @model_validator(mode="after")
    def _can_be_won(self) -> Vote:
        if self.at_least > len(self.of):
            raise ValueError(f"{self.at_least} of {len(self.of)} can never be reached")
        return self


Composite = All | Any | Not | Vote
Condition = Annotated[
    High | Low | State | NoData | BadSignal | Rate | Forecast | Stuck | Spread | Deviation | Count | MustHappen
    | Schedule | Expiry | AlarmStands | Blind | Expr | All | Any | Not | Vote,
    Field(discriminator="type"),
]  # fmt: skip

for _model in (All, Any, Not, Vote):
    _model.model_rebuild()
