"""Pure. May this person do that to this alarm? Decided before anything is changed; a refusal says why in words.

The law of this file
1. Life safety (rules marked `safety`, and the priorities that the policy protects) is never shelved, and neither a
   window nor a permit hides it before a second, different person has agreed.
2. Everything ends by itself or is asked about again: a shelf and a window have a longest time, a permit must be
   confirmed again and again.
3. A shelf may be renewed only so often while the same trouble lasts. It is the same while the alarm stayed hidden, or
   still stands from before the last shelf ended.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from alerts.errors import RefusedError, WrongOrderError
from alerts.layout import Watch
from alerts.windows import Scope, Window, is_same_person
from rules.codes import AlarmState
from vocab.instant import seconds_ms
from vocab.policy import Permitted
from vocab.site import Site


class How(StrEnum):
    """By what an alarm is hidden."""

    SHELVED = "shelved"
    WINDOW = "window"
    DESIGN = "design"
    OUT_OF_SERVICE = "out_of_service"


@dataclass(slots=True)
class Hiding:
    """One alarm that a person shelved or took out of service."""

    alarm: str
    how: How
    by: str
    why: str
    asked_ms: int
    until_ms: int  # a shelf ends then; of a permit the next confirmation is due
    from_ms: int | None  # None: waits for a second person
    permit: str | None = None
    second: str | None = None  # who agreed
    renewals: int = 0
    ended_ms: int | None = None
    ended_by: str | None = None
    id: int = 0

    @property
    def waits(self) -> bool:
        """Whether it still hides nothing."""
        return self.from_ms is None


@dataclass(frozen=True, slots=True)
class Standing:
    """How an alarm stands when somebody wants something of it."""

    state: AlarmState
    is_active: bool
    raised_ms: int | None
    now_ms: int


def shelf(watch: Watch, policy: Permitted, stands: Standing, last: Hiding | None, for_ms: int) -> int:
    """How often a shelf of `for_ms` renews the one before (0: a new one); RefusedError, WrongOrderError."""
    if policy.protects(watch.rule):
        raise RefusedError("life_safety", f"{watch.id} is about life safety and is never shelved")
    longest_s = policy.shelf_s(watch.rule)
    if longest_s is None:
        raise RefusedError("never_shelved", f"alarms of priority {watch.rule.priority} are never shelved here")
    if for_ms > seconds_ms(longest_s):
        raise WrongOrderError(
            "too_long", f"alarms of priority {watch.rule.priority} are shelved for at most {_told(longest_s)} at a time"
        )
    if stands.state is AlarmState.OUT_OF_SERVICE:
        raise RefusedError("out_of_service", f"{watch.id} is out of service and calls nobody anyway")
    if last is None or not _lasts(last, stands):
        return 0
    if last.renewals >= policy.most_renewals:
        times = f"{policy.most_renewals} times"
        raise RefusedError("renewals_used_up", f"the shelf of {watch.id} was renewed {times}: now it has to be mended")
    return last.renewals + 1


def _lasts(last: Hiding, stands: Standing) -> bool:
    """Law 3."""
    if last.ended_ms is None:
        return True
    return stands.is_active and stands.raised_ms is not None and stands.raised_ms <= last.ended_ms


def removal(watch: Watch, policy: Permitted, stands: Standing, open_: Hiding | None) -> bool:
    """Whether taking an alarm out of service needs a second person; RefusedError if it cannot be taken out now."""
    if stands.state is AlarmState.OUT_OF_SERVICE:
        raise RefusedError("already_out", f"{watch.id} is out of service already; confirm it or return it")
    if open_ is not None and not _is_forgotten(open_, policy, stands.now_ms):
        raise RefusedError("second_person", f"{watch.id} waits for a second person to confirm permit {open_.permit}")
    return policy.protects(watch.rule)


def agreement(hiding: Hiding | None, alarm: str, by: str, policy: Permitted, now_ms: int) -> Hiding:
    """What `by` may confirm: that an alarm is to be taken out of service, or that it still is; RefusedError."""
    if hiding is None:
        raise RefusedError("not_out", f"{alarm} is neither out of service nor waiting for a second person")
    if hiding.waits:
        if _is_forgotten(hiding, policy, now_ms):
            within = _told(policy.second_person_within_s)
            raise RefusedError("too_late", f"a second person has {within} to agree; ask for it again")
        if is_same_person(hiding.by, by):
            raise RefusedError("same_person", f"{hiding.by} asked for it, so somebody else has to agree")
    return hiding


def _is_forgotten(hiding: Hiding, policy: Permitted, now_ms: int) -> bool:
    return hiding.waits and now_ms - hiding.asked_ms > seconds_ms(policy.second_person_within_s)


def plan_window(
    scope: Scope, policy: Permitted, watches: Mapping[str, Watch], span_ms: tuple[int, int], now_ms: int
) -> tuple[int, int]:
    """From when to when a window may run; WrongOrderError. Nothing is hidden backwards in time."""
    start, end = max(span_ms[0], now_ms), span_ms[1]
    if not (scope.assets or scope.kinds or scope.grids):
        raise WrongOrderError("no_scope", "name the equipment: assets, kinds or a grid")
    if span_ms[0] >= end:
        raise WrongOrderError("no_time", "a window must end after it begins")
    if end <= now_ms:
        raise WrongOrderError("in_the_past", "the window would be over already")
    if end - start > seconds_ms(policy.longest_window_s):
        raise WrongOrderError(
            "too_long", f"a window lasts at most {_told(policy.longest_window_s)}; order another then"
        )
    if not any(scope.holds(watch) for watch in watches.values()):
        raise WrongOrderError("covers_nothing", "no alarm of this site is in that scope")
    return start, end


def check_names(scope: Scope, site: Site, watches: Mapping[str, Watch]) -> None:
    """WrongOrderError for a name that nothing bears: a slip must not leave an alarm audible, or hide another."""
    rules = {watch.rule.id for watch in watches.values()}
    assets = {asset.id for asset in site.assets}
    known = (
        ("asset", scope.assets, assets),
        ("kind", scope.kinds, {asset.kind for asset in site.assets}),
        ("grid", scope.grids, {grid.id for grid in site.file.grid}),
        ("rule", scope.rules, rules),
        ("carve-out", scope.carve_outs, rules | assets | set(watches)),
    )
    for what, names, there in known:
        for name in names:
            if name not in there:
                raise WrongOrderError("unknown_name", f"there is no {what} {name!r}")


def confirm_window(window: Window, by: str, asks_for: list[str], now_ms: int) -> None:
    """RefusedError unless `by` may let this window cover the life safety that it names."""
    if window.end_ms <= now_ms:
        raise RefusedError("over", f"maintenance window {window.id} is over")
    if window.confirmed_ms is not None:
        raise RefusedError("confirmed", f"{window.confirmed_by} has confirmed it already")
    if not asks_for:
        raise RefusedError("nothing_to_confirm", "it names no rule of life safety, so nobody needs to confirm it")
    if is_same_person(window.by, by):
        raise RefusedError("same_person", f"{window.by} ordered it, so somebody else has to agree")


def end_window(window: Window, now_ms: int) -> None:
    """RefusedError if there is nothing to end."""
    if window.end_ms <= now_ms:
        raise RefusedError("over", f"maintenance window {window.id} is over")


def _told(seconds: float) -> str:
    return f"{seconds / 3600:g} h" if seconds >= 3600 else f"{seconds / 60:g} min"
