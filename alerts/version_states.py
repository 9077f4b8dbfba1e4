"""Pure. The life of a rule version, and what it needs before it may watch anything.

A version is a change of rules on its way into force: draft → backtested → shadow → live → retired, or rejected before
it was live. What is not in the table below changes nothing and says why.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from alerts.errors import IllegalStepError

_DAY_MS = 86_400_000


class VersionState(StrEnum):
    """Where a version stands."""

    DRAFT = "draft"  # its text is without a fault, nothing else is known
    BACKTESTED = "backtested"  # at least one backtest of it is done
    SHADOW = "shadow"  # judges the same frames beside the rules in force, silently
    LIVE = "live"  # in force
    RETIRED = "retired"  # was in force
    REJECTED = "rejected"  # never was


class Step(StrEnum):
    """What may be done to a version."""

    BACKTEST = "backtest"  # one was done
    SHADOW = "shadow"
    LIVE = "live"
    RETIRE = "retire"
    REJECT = "reject"
    FALL_BACK = "fall_back"  # by itself: its shadow cannot go on


_S, _D = VersionState, Step
_TABLE = {
    (_S.DRAFT, _D.BACKTEST): _S.BACKTESTED,
    (_S.DRAFT, _D.REJECT): _S.REJECTED,
    (_S.BACKTESTED, _D.BACKTEST): _S.BACKTESTED,
    (_S.BACKTESTED, _D.SHADOW): _S.SHADOW,
    (_S.BACKTESTED, _D.REJECT): _S.REJECTED,
    (_S.SHADOW, _D.BACKTEST): _S.SHADOW,
    (_S.SHADOW, _D.LIVE): _S.LIVE,
    (_S.SHADOW, _D.REJECT): _S.REJECTED,
    (_S.SHADOW, _D.FALL_BACK): _S.BACKTESTED,
    (_S.LIVE, _D.RETIRE): _S.RETIRED,
}
_NEEDS = {
    Step.SHADOW: "only a backtested version goes to shadow",
    Step.LIVE: "only a version in shadow goes live",
    Step.RETIRE: "only a live version is retired; one that never was is rejected",
    Step.REJECT: "only a version that was never live is rejected; a live one is retired",
    Step.BACKTEST: "only a version that is on its way is backtested",
    Step.FALL_BACK: "only a shadow falls back",
}


def after(state: VersionState, step: Step) -> VersionState:
    """The state that a step leads to; IllegalStepError says why it leads nowhere."""
    try:
        return _TABLE[state, step]
    except KeyError:
        raise IllegalStepError(f"the version is {state}: {_NEEDS[step]}") from None


@dataclass(frozen=True, slots=True)
class Tried:
    """A backtest that was done to its end."""

    text_digest: str | None
    base_digest: str | None
    covered_ms: int


def must_be_tried(tried: Iterable[Tried], text_digest: str, base_digest: str, least_days: float) -> None:
    """IllegalStepError unless one of them ran exactly these rules for long enough.

    `base_digest` is of the rules in force now: a backtest over others proves nothing of what would change.
    """
    of_text = [each for each in tried if each.text_digest == text_digest]
    if not of_text:
        raise IllegalStepError("there is no backtest of it; make one first")
    longest = max((each.covered_ms for each in of_text if each.base_digest == base_digest), default=None)
    if longest is None:
        raise IllegalStepError(
            "the rules in force are others now than those its backtest compared it with; backtest it again"
        )
    if longest < least_days * _DAY_MS:
        raise IllegalStepError(
            f"its backtest covers {longest / _DAY_MS:.3g} days of history, this site asks for {least_days:g} "
            "(site.toml, [rule_change] min_backtest_days)"
        )
