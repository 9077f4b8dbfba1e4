"""Pure. What somebody may do, and where: `may(who, action, place)`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from vocab.org import Access, Org, Person
from vocab.strict_toml import Text

EVERYWHERE = "*"


class Action(StrEnum):
    """What is permitted or not. docs/reference/access.md lists what belongs to each."""

    SEE = "see"
    ACKNOWLEDGE = "acknowledge"  # take note; let a latched alarm go
    WORK = "work"  # do the work of a ticket, tell of it, add evidence
    OPERATE = "operate"  # shelve; file, dispatch and hand over
    SUPERVISE = "supervise"  # grade, accept; windows; out of service
    RULES = "rules"  # change the rules
    AUDIT = "audit"  # read the audit log
    ADMINISTER = "administer"  # accounts and tokens


class Kind(StrEnum):
    """What stands behind a request."""

    PERSON = "person"
    TOKEN = "token"  # noqa: S105 - a word
    VIEWER = "viewer"
    LOCAL = "local"  # this machine, while nobody has an account


_WORKER = frozenset({Action.SEE, Action.ACKNOWLEDGE, Action.WORK})
_OPERATOR = _WORKER | {Action.OPERATE}
_SUPERVISOR = _OPERATOR | {Action.SUPERVISE}
ACTIONS: dict[Access, frozenset[Action]] = {
    Access.VIEWER: frozenset({Action.SEE}),
    Access.AUDITOR: frozenset({Action.SEE, Action.AUDIT}),
    Access.WORKER: _WORKER,
    Access.OPERATOR: _OPERATOR,
    Access.SUPERVISOR: _SUPERVISOR,
    Access.MANAGER: _SUPERVISOR | {Action.RULES},
    Access.ADMINISTRATOR: frozenset(Action),
}


@dataclass(frozen=True, slots=True)
class Right:
    """Actions in a place and everything in it."""

    actions: frozenset[Action]
    place: str  # of org.toml, or EVERYWHERE


@dataclass(frozen=True, slots=True)
class Who:
    """Who asks, as far as was proven."""

    id: str  # an account, or the name of a token
    name: Text
    kind: Kind
    rights: tuple[Right, ...]
    act_as: bool = False  # may give an order in somebody's name
    must_change: bool = False  # the password; nothing else before


@dataclass(frozen=True, slots=True)
class Yes:
    """It is permitted."""


@dataclass(frozen=True, slots=True)
class No:
    """It is not; `reason` is for programs, the words are for people."""

    reason: str
    words: Text


NOT_YOUR_WORK = "not_your_work"
FOREIGN_PLACE = "foreign_place"
MUST_CHANGE = "must_change_password"


def may(who: Who, action: Action, place: str | None, org: Org) -> Yes | No:
    """Whether `who` may do `action` in `place`; None: at the site as a whole."""
    if who.must_change:
        words = Text(en="Change your one-time password first.", zh="请先修改一次性密码。")
        return No(MUST_CHANGE, words)
    able = [right for right in who.rights if action in right.actions]
    if not able:
        words = Text(en=f"Your role does not include this ({action}).", zh=f"您的角色没有此权限（{action}）。")
        return No(NOT_YOUR_WORK, words)
    if any(covers(right, place, org) for right in able):
        return Yes()
    where = place if place is not None and place in org.places else None
    name = org.places[where].name if where is not None else Text(en="the whole site", zh="整个站点")
    words = Text(en=f"Your role does not reach as far as: {name.en}.", zh=f"您的权限范围不包括：{name.zh}。")
    return No(FOREIGN_PLACE, words)


def may_somewhere(who: Who, action: Action, org: Org) -> Yes | No:
    """Whether `who` may do `action` in any place at all; what is shown is then narrowed to what they may see."""
    places = [right.place for right in who.rights if action in right.actions]
    if not places or who.must_change:
        return may(who, action, None, org)
    return Yes()


def covers(right: Right, place: str | None, org: Org) -> bool:
    """Whether a right reaches a place. The whole site: everywhere, or around every grid that there is."""
    if right.place == EVERYWHERE:
        return True
    if place is not None:
        return org.within(place, right.place)
    return bool(org) and all(org.within(each.id, right.place) for each in org.file.place if each.level == "grid")


def sight(who: Who, grids: frozenset[str], org: Org) -> frozenset[str] | None:
    """The grids of which `who` may see something, and the places around them that are theirs; None: all of them."""
    able = [right for right in who.rights if Action.SEE in right.actions]
    seen = frozenset(place for place in grids | org.places.keys() if any(covers(right, place, org) for right in able))
    return None if grids <= seen else seen


def rights_of(person: Person, org: Org) -> tuple[Right, ...]:
    """What a person of org.toml may do: by their roles, in the places of their unit."""
    unit = org.units[person.unit]
    accesses = dict.fromkeys(org.roles[role].access for role in person.roles)
    return tuple(Right(ACTIONS[access], place) for access in accesses for place in (unit.place, *unit.also))
