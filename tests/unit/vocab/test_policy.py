"""What people may do to an alarm, as a site's files state it."""

from __future__ import annotations

import pytest

from runtime.files import load_packs
from tests.unit.vocab.small import good, pack_files
from vocab import pack_load, site_load
from vocab.policy import Permitted
from vocab.rule import Rule


def policy_of(rows: str) -> Permitted:
    packs, none = pack_load.load(pack_files())
    assert none == ()
    site, problems = site_load.load("site.toml", good("site.toml") + rows, packs)
    assert site is not None, problems
    return site.policy


def rule(priority: int, *, safety: bool = False) -> Rule:
    (found,) = pack_load.load(pack_files())[0]["pump"].rules.values()
    return found.model_copy(update={"priority": priority, "safety": safety})


def test_the_shipped_policy_never_shelves_life_safety_and_limits_the_rest() -> None:
    shipped = load_packs()["common"].policy

    assert shipped is not None
    assert shipped.protected_priorities == (1,)
    assert {limit.priority: limit.longest_s / 3600 for limit in shipped.shelf} == {2: 2, 3: 8, 4: 24}
    assert shipped.most_renewals == 3
    assert shipped.basis.source


def test_a_site_tightens_and_loosens_with_a_reason() -> None:
    found = policy_of(
        "\n[[policy]]\nmost_renewals = 1\nnever_shelved = [3]\nshelf = [{ priority = 4, longest_s = 60 }]\n"
        'reason = "a hospital"\n[[policy]]\nlongest_window_s = 600\nreason = "night shift"\n'
    )

    assert (found.most_renewals, found.longest_shelf_s, found.longest_window_s) == (1, {4: 60}, 600)
    assert found.confirm_service_s == 86400, "what a site does not name stays as it was"


@pytest.mark.parametrize(
    ("priority", "safety", "longest"), [(1, False, None), (2, False, None), (3, False, 28800.0), (3, True, None)]
)
def test_a_priority_without_a_row_and_life_safety_are_never_shelved(
    priority: int, safety: bool, longest: float | None
) -> None:
    assert policy_of("").shelf_s(rule(priority, safety=safety)) == longest


def test_without_a_policy_nothing_is_allowed() -> None:
    assert Permitted().shelf_s(rule(4)) is None
    assert Permitted().longest_window_s == 0
