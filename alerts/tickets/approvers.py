"""Shell. Whether whom an order names as its approver is somebody, and may approve it: a name alone approves nothing."""

from __future__ import annotations

from sqlalchemy import Connection

from alerts.access import store
from alerts.access.rights import ACTIONS, Action, Right, covers, rights_of
from alerts.tickets.commands import Refused, Why
from alerts.tickets.guards import no
from vocab.org import Access
from vocab.site import Site


def refused_approver(connection: Connection, site: Site, grid: str, approver: str) -> Refused | None:
    """Why this person cannot approve what is done about a ticket of this grid; None: they can.

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
    if any(Action.SUPERVISE in right.actions and covers(right, grid, org) for right in rights):
        return None
    return no(
        Why.APPROVER_HAS_NO_RIGHT,
        f"{approver} may not approve this here: it takes somebody who supervises this place",
        f"{approver}无权批准：批准人须对该地点有督办权限",
    )


def _unknown(approver: str) -> Refused:
    return no(Why.APPROVER_UNKNOWN, f"nobody here is called {approver!r}", f"没有名为“{approver}”的人员")
