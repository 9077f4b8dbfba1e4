"""The life of a rule version: which steps there are, and that every other one says why it is none."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.errors import IllegalStepError
from alerts.version_states import Step, Tried, VersionState, after, must_be_tried

S = VersionState
DAY_MS = 86_400_000
LEGAL = {
    (S.DRAFT, Step.BACKTEST): S.BACKTESTED,
    (S.DRAFT, Step.REJECT): S.REJECTED,
    (S.BACKTESTED, Step.BACKTEST): S.BACKTESTED,
    (S.BACKTESTED, Step.SHADOW): S.SHADOW,
    (S.BACKTESTED, Step.REJECT): S.REJECTED,
    (S.SHADOW, Step.BACKTEST): S.SHADOW,
    (S.SHADOW, Step.LIVE): S.LIVE,
    (S.SHADOW, Step.REJECT): S.REJECTED,
    (S.SHADOW, Step.FALL_BACK): S.BACKTESTED,
    (S.LIVE, Step.RETIRE): S.RETIRED,
}


@pytest.mark.parametrize(("state", "step"), list(itertools.product(VersionState, Step)))
def test_a_step_leads_where_the_table_says_or_tells_why_not(state: VersionState, step: Step) -> None:
    if (state, step) in LEGAL:
        assert after(state, step) is LEGAL[state, step]
        return
    with pytest.raises(IllegalStepError, match=f"the version is {state}: only"):
        after(state, step)


@given(st.lists(st.sampled_from(Step)))
def test_whatever_is_tried_nothing_is_live_that_was_not_backtested_and_in_shadow(steps: list[Step]) -> None:
    state, lived = S.DRAFT, [S.DRAFT]
    for step in steps:
        try:
            state = after(state, step)
        except IllegalStepError:
            continue
        lived.append(state)

    if S.LIVE in lived:
        before = lived[: lived.index(S.LIVE)]
        assert before.index(S.BACKTESTED) < before.index(S.SHADOW)
    for end in (S.REJECTED, S.RETIRED):
        if end in lived:
            assert lived.index(end) == len(lived) - 1, "nothing comes after the end"


def test_a_backtest_of_these_rules_and_of_this_length_is_enough() -> None:
    must_be_tried([Tried("text", "base", 30 * DAY_MS)], "text", "base", 30)


@pytest.mark.parametrize(
    ("tried", "why"),
    [
        ([], "there is no backtest of it"),
        ([Tried("other text", "base", 99 * DAY_MS)], "there is no backtest of it"),
        ([Tried(None, "base", 99 * DAY_MS)], "there is no backtest of it"),
        ([Tried("text", "other base", 99 * DAY_MS)], "the rules in force are others now"),
        ([Tried("text", "base", 29 * DAY_MS), Tried("text", "other", 99 * DAY_MS)], "covers 29 days .* asks for 30"),
    ],
)
def test_any_other_backtest_is_not(tried: list[Tried], why: str) -> None:
    with pytest.raises(IllegalStepError, match=why):
        must_be_tried(tried, "text", "base", 30)
