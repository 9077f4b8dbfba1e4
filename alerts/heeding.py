"""Shell. Who takes note of a ticket may have taken note of its alarms: which of them, and how.

They are those of the ticket that are annunciated and unacknowledged now, since the person was told of just these. Not
the alarms for which a cabinet sounds a siren: acknowledging would quieten it, and a siren warns those who stand beside
the equipment; whoever is there silences it. A latched alarm stays latched.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from alerts.changing import Change
from alerts.layout import Watch
from alerts.ledger import Order
from alerts.views import Changes, TicketView
from rules.codes import Input, StateCode
from vocab.site import Site

if TYPE_CHECKING:
    from alerts.engine import Engine

_UNSEEN = (StateCode.UNACKED, StateCode.RTN_UNACKED, StateCode.LATCHED_UNACKED)


def take_note(engine: Engine, ticket: int, order: Order, now_ms: int) -> tuple[TicketView, Changes]:
    """Somebody takes note of a ticket; of its alarms too, where the policy of the site says so."""
    alarms: list[str] = []
    with engine.changing(now_ms) as change:
        by = order.by or ""
        if not engine.caller.answer(change.connection, ticket, by, now_ms):
            change.filing.acknowledge(ticket, by, order.note or "")
        change.filing.touched.add(ticket)  # so that its calls are ended
        if engine.site.policy.ticket_acknowledges_alarms:
            alarms = heed(change, engine.site, ticket, order)
    tell(engine, alarms, now_ms)
    return next(each for each in change.done.tickets if int(each.id) == ticket), change.done


def heed(change: Change, site: Site, ticket: int, order: Order) -> list[str]:
    """Acknowledge the alarms of a ticket; which they are, for `tell` once it is committed."""
    row = change.filing.cases.row(ticket)
    about = (row["asset"], row["hazard"])
    found = [
        alarm
        for alarm, watch in change.watches.items()
        if (watch.asset.id, watch.rule.hazard) == about and _is_unseen(change, watch) and not _sounds(site, watch)
    ]
    for alarm in found:
        change.judge.command(alarm, Input.ACKNOWLEDGE, change.filing.cases.now_ms, order)
        change.acked_by[alarm] = order.by
    return found


def tell(engine: Engine, alarms: list[str], now_ms: int) -> None:
    """Whoever judges beside the engine acknowledges the same."""
    for alarm in alarms:
        engine.beside.command(alarm, Input.ACKNOWLEDGE, now_ms)


def _is_unseen(change: Change, watch: Watch) -> bool:
    book, row = change.judge.find(watch.id)
    return StateCode(int(book.lives.state[row])) in _UNSEEN


def _sounds(site: Site, watch: Watch) -> bool:
    """Whether a cabinet through which the asset is heard sounds a siren for this rule."""
    edges = (site.edge(edge) for edge in site.edges_of(watch.asset))
    return any(action.covers(watch.rule) for edge in edges for action in edge.action)
