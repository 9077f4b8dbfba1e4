"""Shell. Whether whom an order names as its approver is somebody, and may approve it: a name alone approves nothing."""

from __future__ import annotations

from sqlalchemy import Connection

from alerts.access import store
from alerts.access.rights import ACTIONS, EVERYWHERE, Action, Right, covers, rights_of
from alerts.tickets.commands import Refused, Why
from alerts.tickets.guards import no
from vocab.org import Access, Level, Org
from vocab.site import Site

_LEVELS = {
    Level.CITY: "市级",
    Level.COUNTY: "县（区）级",
    Level.TOWN: "镇（街道）级",
    Level.COMMUNITY: "社区（村）级",
    Level.GRID: "网格级",
}


def refused_approver(
    connection: Connection, site: Site, grid: str, approver: str, level: Level | None = None
) -> Refused | None:
    """Why this person cannot approve what is done about a ticket of this grid; None: they can.

    With `level` they must supervise it from a place of this level or a wider one.

    Somebody is known by org.toml or by an account that is not disabled, and must be allowed to supervise there. A site
    that has neither people nor accounts knows nobody: then a name has to do, as it does for whoever gives the order.
    """
    org = site.org
    person, account = org.people.get(approver), store.account(connection, site.id, approver)
    if account is not None and account.disabled:
        return _unknown(approver)
    if person is None and account is None:
        is_nobody_known = not org.people and store.count_accounts(connection, site.id) == 0
        return None if is_nobody_known else _unknown(approver)
    rights = () if person is None else rights_of(person, org)
    if account is not None:
        rights += tuple(Right(ACTIONS[Access(access)], place) for access, place in account.rights)
    able = [right for right in rights if may_approve(right, grid, org)]
    if any(may_approve(right, grid, org, level) for right in able):
        return None
    if able and level is not None:
        return no(
            Why.APPROVER_TOO_LOW,
            f"{approver} may not let this in: it takes somebody of the level {level.value} or higher",
            f"{approver}无权批准准入：批准人须为{_LEVELS[level]}及以上",
        )
    return no(
        Why.APPROVER_HAS_NO_RIGHT,
        f"{approver} may not approve this here: it takes somebody who supervises this place",
        f"{approver}无权批准：批准人须对该地点有督办权限",
    )


def may_approve(right: Right, grid: str, org: Org, level: Level | None = None) -> bool:
    """Whether this right is enough to approve something there; with `level` it must be held that widely."""
    is_wide = level is None or right.place == EVERYWHERE or org.is_as_wide(right.place, level)
    return is_wide and Action.SUPERVISE in right.actions and covers(right, grid, org)


def is_known(connection: Connection, site: Site, person: str) -> bool:
    """Whether somebody is one of org.toml's people or has an account that is not disabled.

    Where there are neither people nor accounts everybody is.
    """
    account = store.account(connection, site.id, person)
    if account is not None:
        return not account.disabled
    if person in site.org.people:
        return True
    return not site.org.people and store.count_accounts(connection, site.id) == 0


def _unknown(approver: str) -> Refused:
    return no(Why.APPROVER_UNKNOWN, f"nobody here is called {approver!r}", f"没有名为“{approver}”的人员")
