"""Pure. What people may do to an alarm, as data: how long it may be shelved, hidden by a window, or out of service.

The plain stand in packs/common/policy.toml. A site tightens or loosens them with `[[policy]]` rows, each with its
reason. What stands nowhere is not allowed: without a policy nothing can be hidden by anybody.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from pydantic import Field

from vocab.point import Basis
from vocab.rule import Rule
from vocab.strict_toml import Strict


class ShelfLimit(Strict):
    """How long alarms of one priority may be shelved at a time."""

    priority: int = Field(ge=1, le=4)
    longest_s: float = Field(gt=0)
    basis: Basis = Basis()


class Policy(Strict):
    """policy.toml: what holds where a site says nothing else."""

    protected_priorities: tuple[int, ...]  # treated as life safety, as every rule with `safety` is
    most_renewals: int = Field(ge=0)  # of one shelf, before the alarm must be dealt with
    longest_window_s: float = Field(gt=0)
    second_person_within_s: float = Field(gt=0)  # what waits for a second person is forgotten after so long
    confirm_service_s: float = Field(gt=0)  # how often somebody must confirm that something is still out of service
    shelf: tuple[ShelfLimit, ...] = ()  # a priority that is not named is never shelved
    ticket_acknowledges_alarms: bool = False  # who takes note of a ticket has taken note of its alarms (ISA-18.2)
    basis: Basis = Basis()


class PolicyChange(Strict):
    """What a site changes of it, and why."""

    protected_priorities: tuple[int, ...] | None = None
    most_renewals: int | None = Field(default=None, ge=0)
    longest_window_s: float | None = Field(default=None, gt=0)
    second_person_within_s: float | None = Field(default=None, gt=0)
    confirm_service_s: float | None = Field(default=None, gt=0)
    ticket_acknowledges_alarms: bool | None = None
    shelf: tuple[ShelfLimit, ...] = ()
    never_shelved: tuple[int, ...] = ()  # priorities
    reason: str = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class Permitted:
    """The policy of one site. Everything is zero or empty where no file states anything."""

    protected_priorities: frozenset[int] = frozenset()
    most_renewals: int = 0
    longest_window_s: float = 0.0
    second_person_within_s: float = 0.0
    confirm_service_s: float = 0.0
    ticket_acknowledges_alarms: bool = False
    longest_shelf_s: dict[int, float] = field(default_factory=dict)  # by priority

    def protects(self, rule: Rule) -> bool:
        """Whether an alarm is about life safety: one person alone must never hide it."""
        return rule.safety or rule.priority in self.protected_priorities

    def shelf_s(self, rule: Rule) -> float | None:
        """How long an alarm may be shelved at a time; None: never."""
        return None if self.protects(rule) else self.longest_shelf_s.get(rule.priority)


_PLAIN = (
    "most_renewals", "longest_window_s", "second_person_within_s", "confirm_service_s", "ticket_acknowledges_alarms",
)  # fmt: skip


def permitted(policy: Policy | None, changes: Iterable[PolicyChange]) -> Permitted:
    """A policy with a site's changes over it, the later ones over the earlier."""
    if policy is None:
        return Permitted()
    protected = frozenset(policy.protected_priorities)
    shelf = {limit.priority: limit.longest_s for limit in policy.shelf}
    plain = {name: getattr(policy, name) for name in _PLAIN}
    for change in changes:
        if change.protected_priorities is not None:
            protected = frozenset(change.protected_priorities)
        shelf |= {limit.priority: limit.longest_s for limit in change.shelf}
        shelf = {priority: longest for priority, longest in shelf.items() if priority not in change.never_shelved}
        plain |= {name: value for name in _PLAIN if (value := getattr(change, name)) is not None}
    return Permitted(protected, longest_shelf_s=shelf, **plain)
