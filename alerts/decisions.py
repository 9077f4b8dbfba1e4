"""Shell. One line in the log for each decision that matters: an alarm, a ticket, a cabinet that is there or is not.

The rows are the record; the lines are for whoever reads along. A flood is cut short: what its lines would say stands in
the rows, and it must not hold up what follows.
"""

from __future__ import annotations

from collections.abc import Iterable

import structlog

from alerts.views import Changes, EdgeView, TicketView, TransitionView

log = structlog.get_logger()

_MOST = 50  # lines of one kind about one transaction


class Decisions:
    """Knows what it has told, so that only what is new is told."""

    def __init__(self, edges: Iterable[EdgeView] = (), tickets: Iterable[TicketView] = ()) -> None:
        self._edges = {each.id: each.state for each in edges}
        self._tickets = {each.id: _stand(each) for each in tickets}

    def saw(self, changes: Changes) -> None:
        """What one transaction made durable."""
        for each in changes.transitions[:_MOST]:
            _tell_alarm(each)
        news = [each for each in changes.tickets if self._tickets.get(each.id) != _stand(each)]
        for ticket in news[:_MOST]:
            _tell_ticket(ticket)
        for ticket in news:
            self._tickets[ticket.id] = _stand(ticket)
            if ticket.closed_ms is not None:
                del self._tickets[ticket.id]
        for edge in changes.edges:
            if self._edges.get(edge.id) != edge.state:
                log.info("cabinet", edge=edge.id, was=self._edges.get(edge.id), state=edge.state)
                self._edges[edge.id] = edge.state
        untold = max(0, len(changes.transitions) - _MOST) + max(0, len(news) - _MOST)
        if untold:
            log.info("a flood: the rest stands in the database only", untold=untold)


def _stand(ticket: TicketView) -> tuple[str, bool, int]:
    return ticket.state, ticket.acked_ms is not None, ticket.priority


def _tell_alarm(each: TransitionView) -> None:
    more = {"by": each.by} if each.by is not None else {}
    log.info(
        "alarm", alarm=each.alarm, was=each.old, state=each.new, because=each.because, value=each.value,
        at_ms=each.at_ms, late=each.late, **more,
    )  # fmt: skip


def _tell_ticket(ticket: TicketView) -> None:
    log.info(
        "ticket", ticket=ticket.number, asset=ticket.asset, hazard=ticket.hazard, priority=ticket.priority,
        state=ticket.state, acked_by=ticket.acked_by, closed=ticket.closed_ms is not None,
    )  # fmt: skip
