"""Who may do what where."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.access.rights import (
    ACTIONS,
    EVERYWHERE,
    FOREIGN_PLACE,
    MUST_CHANGE,
    NOT_YOUR_WORK,
    Action,
    Kind,
    No,
    Right,
    Who,
    Yes,
    may,
    may_somewhere,
    rights_of,
    sight,
)
from runtime.files import load_site, shipped
from vocab.org import Access, Org
from vocab.strict_toml import Text

SITE = load_site(shipped("sites") / "demo")
ORG = SITE.org
GRIDS = frozenset(grid.id for grid in SITE.file.grid)


def somebody(person: str) -> Who:
    found = ORG.people[person]
    return Who(found.id, found.name, Kind.PERSON, rights_of(found, ORG))


def holder(access: Access, place: str = EVERYWHERE) -> Who:
    return Who("x", Text(en="x", zh="x"), Kind.PERSON, (Right(ACTIONS[access], place),))


def reason(answer: Yes | No) -> str | None:
    return answer.reason if isinstance(answer, No) else None


@pytest.mark.parametrize(
    ("person", "action", "grid", "why_not"),
    [
        ("court-grid", Action.ACKNOWLEDGE, "north", None),
        ("court-grid", Action.ACKNOWLEDGE, "market", FOREIGN_PLACE),
        ("court-grid", Action.OPERATE, "north", NOT_YOUR_WORK),
        ("fire-a", Action.WORK, "market", None),  # their station serves it also
        ("fire-a", Action.WORK, "village", FOREIGN_PLACE),
        ("village-a", Action.ACKNOWLEDGE, "village", None),
        ("village-a", Action.ACKNOWLEDGE, "gate", FOREIGN_PLACE),
        ("duty-b", Action.OPERATE, "village", None),
        ("duty-b", Action.SUPERVISE, "village", NOT_YOUR_WORK),
        ("duty-a", Action.SUPERVISE, "village", None),
        ("riverside-director", Action.SUPERVISE, "north", FOREIGN_PLACE),
        ("safety-a", Action.SUPERVISE, "market", None),
        ("court-police", Action.SEE, "south", None),
        ("court-police", Action.ACKNOWLEDGE, "south", NOT_YOUR_WORK),
        ("auditor-a", Action.AUDIT, "south", None),
        ("auditor-a", Action.WORK, "south", NOT_YOUR_WORK),
    ],
)
def test_a_right_holds_for_its_place_and_everything_in_it(
    person: str, action: Action, grid: str, why_not: str | None
) -> None:
    assert reason(may(somebody(person), action, grid, ORG)) == why_not


def test_a_refusal_has_words_in_both_languages() -> None:
    answer = may(somebody("court-grid"), Action.ACKNOWLEDGE, "market", ORG)

    assert isinstance(answer, No)
    assert "Market street" in answer.words.en
    assert "市集网格" in answer.words.zh


def test_the_whole_site_needs_a_place_around_every_grid() -> None:
    assert reason(may(somebody("duty-a"), Action.SUPERVISE, None, ORG)) is None
    assert reason(may(somebody("riverside-director"), Action.SUPERVISE, None, ORG)) == FOREIGN_PLACE
    assert reason(may(holder(Access.ADMINISTRATOR), Action.ADMINISTER, None, Org())) is None
    assert reason(may(holder(Access.SUPERVISOR, "court"), Action.SEE, None, Org())) == FOREIGN_PLACE


def test_a_place_that_no_longer_is_gives_no_right() -> None:
    assert reason(may(holder(Access.SUPERVISOR, "gone"), Action.SEE, "north", ORG)) == FOREIGN_PLACE


def test_before_the_one_time_password_is_changed_nothing_is_permitted() -> None:
    who = Who("x", Text(en="x", zh="x"), Kind.PERSON, (Right(frozenset(Action), EVERYWHERE),), must_change=True)

    assert {reason(may(who, action, "north", ORG)) for action in Action} == {MUST_CHANGE}
    assert reason(may_somewhere(who, Action.SEE, ORG)) == MUST_CHANGE


def test_each_access_holds_what_the_lesser_ones_do_but_the_audit_log_is_not_for_the_line() -> None:
    line = [Access.VIEWER, Access.WORKER, Access.OPERATOR, Access.SUPERVISOR, Access.MANAGER, Access.ADMINISTRATOR]

    assert all(ACTIONS[one] < ACTIONS[other] for one, other in pairwise(line))
    assert {access for access in Access if Action.AUDIT in ACTIONS[access]} == {Access.AUDITOR, Access.ADMINISTRATOR}


def test_sight_is_narrowed_to_ones_places_and_their_grids() -> None:
    assert sight(somebody("court-grid"), GRIDS, ORG) == frozenset({"court", "north", "south", "gate"})
    assert sight(somebody("duty-a"), GRIDS, ORG) is None
    assert sight(holder(Access.VIEWER), GRIDS, Org()) is None


PLACES = sorted(ORG.places)


@given(st.sampled_from(list(Access)), st.sampled_from(PLACES), st.sampled_from(PLACES), st.sampled_from(list(Action)))
def test_a_right_reaches_exactly_what_lies_in_its_place(access: Access, held: str, asked: str, action: Action) -> None:
    answer = may(holder(access, held), action, asked, ORG)

    inside = held in list(ORG.climb(asked))
    assert isinstance(answer, Yes) == (inside and action in ACTIONS[access])


@given(st.sampled_from(PLACES), st.sampled_from(list(Access)))
def test_whoever_may_at_the_whole_site_may_in_every_grid(held: str, access: Access) -> None:
    who = holder(access, held)

    if isinstance(may(who, Action.SEE, None, ORG), Yes):
        assert sight(who, GRIDS, ORG) is None
        assert all(isinstance(may(who, Action.SEE, grid, ORG), Yes) for grid in GRIDS)
