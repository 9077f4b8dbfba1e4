"""Pure. What a schema cannot see of a policy: where it stands, priorities named twice, shelves for life safety."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from vocab.policy import Policy, PolicyChange, ShelfLimit, permitted
from vocab.problem import Code, Problem
from vocab.strict_toml import Path, Source

COMMON = "common"
_PRIORITIES = range(1, 5)
_HINT = "life safety is never shelved: take the priority out of protected_priorities, or drop the row"


def policy_faults(kind: str, policy: Policy, source: Source) -> Iterator[Problem]:
    """Every fault of a policy.toml."""
    if kind != COMMON:
        message = f"{kind!r} has a policy of its own"
        yield source.problem(Code.CONTRADICTION, (), message, "people work by one policy: move it to packs/common")
    yield from _priorities(policy.protected_priorities, ("protected_priorities",), source)
    yield from _shelf(policy.shelf, frozenset(policy.protected_priorities), (), source)


def change_faults(changes: Sequence[PolicyChange], policy: Policy | None, source: Source) -> Iterator[Problem]:
    """Every fault of a site's `[[policy]]` rows."""
    for index, change in enumerate(changes):
        at: Path = ("policy", index)
        if policy is None:
            message = "there is no policy to change"
            yield source.problem(Code.CONTRADICTION, at, message, "put a policy.toml into packs/common")
            return
        yield from _priorities(change.protected_priorities or (), (*at, "protected_priorities"), source)
        yield from _priorities(change.never_shelved, (*at, "never_shelved"), source)
        protected = permitted(policy, changes[: index + 1]).protected_priorities
        yield from _shelf(change.shelf, protected, at, source)
        for place, limit in enumerate(change.shelf):
            if limit.priority in change.never_shelved:
                message = f"priority {limit.priority} is both shelved and never shelved"
                yield source.problem(Code.CONTRADICTION, (*at, "shelf", place), message, "say one of the two")


def _priorities(priorities: Sequence[int], at: Path, source: Source) -> Iterator[Problem]:
    for priority in priorities:
        if priority not in _PRIORITIES:
            yield source.problem(Code.BAD_VALUE, at, f"there is no priority {priority}", "one of 1, 2, 3, 4")


def _shelf(limits: Sequence[ShelfLimit], protected: frozenset[int], at: Path, source: Source) -> Iterator[Problem]:
    seen: set[int] = set()
    for place, limit in enumerate(limits):
        here: Path = (*at, "shelf", place, "priority")
        if limit.priority in seen:
            yield source.problem(Code.DUPLICATE_ID, here, f"priority {limit.priority} is named twice", "drop one row")
        if limit.priority in protected:
            message = f"priority {limit.priority} is life safety"
            yield source.problem(Code.CONTRADICTION, here, message, _HINT)
        seen.add(limit.priority)
