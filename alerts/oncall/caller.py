"""Shell. Calls and page orders as rows, in the transaction that changes the ticket, and again whenever time is due.

What is in memory (when to look at which ticket again) only spares questions; it follows from the rows.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, RowMapping

from alerts.ledger import Finding
from alerts.oncall import calls as rows
from alerts.oncall import words
from alerts.oncall.crew import Crew
from alerts.oncall.escalation import due, ladder
from alerts.oncall.model import Call, Done, Order
from alerts.oncall.standing import rosters_off, stand_ins
from alerts.queries import Queries
from alerts.tickets.judged import waits_for_admission
from alerts.tickets.lines import say
from alerts.views import TicketView
from rules.codes import FAR, Because
from vocab.instant import seconds_ms
from vocab.oncall import Escalation
from vocab.site import Site

_MINUTE_MS = 60_000


class Caller:
    """Decides who is paged, for one site. Only the engine's thread calls it."""

    def __init__(self, site: Site, queries: Queries) -> None:
        self._site, self._queries = site, queries
        self._zone = ZoneInfo(site.file.timezone)
        self._looks: dict[int, int] | None = None  # by ticket, when to look again; None: not read yet
        self._next_ms = 0
        self._off: frozenset[str] | None = None  # rosters that were off at the last look
        self._how: dict[int, str] = {}  # by which way the tickets of this transaction are being acknowledged

    def step(
        self, connection: Connection, touched: Iterable[int], findings: Iterable[Finding], now_ms: int
    ) -> set[int]:
        """Order what is due; returns the tickets that have new lines of evidence."""
        if not self._site.oncall:
            return set()
        wanted = set(touched)
        off = rosters_off(connection, self._site)
        if self._looks is None or off != self._off:  # an emergency begins for the calls that are open, too
            self._looks, self._off = self._looks or {}, off
            wanted |= rows.open_tickets(connection, self._site.id)
        elif not wanted and now_ms < self._next_ms:
            return set()
        wanted |= {ticket for ticket, at_ms in self._looks.items() if at_ms <= now_ms}
        if not wanted:
            self._next_ms = min(self._looks.values(), default=FAR)
            return set()
        again = _realarmed(findings)
        crew = self.crew(connection, now_ms)
        told: set[int] = set()
        for row in rows.tickets(connection, self._site.id, wanted):
            told |= self._ticket(connection, row, crew, now_ms, realarmed=(row["asset"], row["hazard"]) in again)
        self._next_ms = min(self._looks.values(), default=FAR)
        return told

    def answer(self, connection: Connection, ticket: int, by: str, now_ms: int, how: str = "api") -> bool:
        """Somebody answers a call of a ticket that was acknowledged before; False if there is none to answer."""
        found = rows.tickets(connection, self._site.id, (ticket,))
        again = found and found[0]["acked_ms"] is not None
        open_ = [each for each in rows.of_ticket(connection, self._site.id, ticket) if each["ended_ms"] is None]
        for call in open_ if again else ():
            self._end(connection, call, now_ms, "acknowledged", rows.Answer(now_ms, by, how))
        self._how[ticket] = how
        return bool(again and open_)

    def crew(self, connection: Connection, begin_ms: int, end_ms: int | None = None) -> Crew:
        """The people, with who stands in around this moment, or around this stretch."""
        site = self._site
        found = stand_ins(connection, site.id, begin_ms, end_ms)
        return Crew(site.org, site.oncall, site.channels, self._zone, found, rosters_off(connection, site))

    def _ticket(self, connection: Connection, row: RowMapping, crew: Crew, now_ms: int, *, realarmed: bool) -> set[int]:
        assert self._looks is not None  # noqa: S101 - step has read them
        ticket = int(row["id"])
        known = rows.of_ticket(connection, self._site.id, ticket)
        policy = self._policy(row)
        why = _why(row, known, policy, now_ms, realarmed=realarmed)
        told = False
        for call, ended_why in _over(row, known, why):
            answer = rows.Answer(row["acked_ms"], row["acked_by"], self._how.pop(ticket, "api"))
            is_answered = ended_why == "acknowledged"
            told |= self._end(connection, call, now_ms, ended_why, answer if is_answered else None)
        if why is not None:
            number = 1 + max((call["number"] for call in known), default=0)
            new = rows.Beginning(number, why, policy.id if policy else "")
            rows.begin(connection, self._site.id, row, new, now_ms)
        look = FAR
        known = rows.of_ticket(connection, self._site.id, ticket)
        for open_ in known:
            if open_["ended_ms"] is None:
                next_ms, said = self._call(connection, row, open_, crew, now_ms)
                look, told = min(look, next_ms), told or said
        look = min(look, _forgotten_ms(row, known, policy))
        if look == FAR:
            self._looks.pop(ticket, None)
        else:
            self._looks[ticket] = look
        return {ticket} if told else set()

    def _end(self, connection: Connection, call: RowMapping, now_ms: int, why: str, answer: rows.Answer | None) -> bool:
        """End a call; True if its ticket was told whom nothing is sent any more."""
        left = rows.end(connection, call["id"], now_ms, why, answer)
        people, ways = self._site.org.people, self._site.channels.by_id
        said = dict.fromkeys(
            (words.named(people.get(person), person), words.way(ways.get(channel), channel)) for person, channel in left
        )
        if said:
            say(connection, call["ticket"], words.left(list(said)), now_ms)
        return bool(said)

    def _policy(self, row: RowMapping) -> Escalation | None:
        pack = self._site.packs.get(row["kind"])
        rule = None if pack is None else pack.rules.get(row["rule"])
        safety = rule is not None and rule.safety
        about = (row["priority"], row["category"], row["hazard"], row["kind"])
        policy = self._site.oncall.policy_of(*about, safety=safety)
        if policy is not None and waits_for_admission(self._site, row):  # nobody forgot it: somebody has to approve it
            return policy.model_copy(update={"forgotten_s": None})
        return policy

    def _call(
        self, connection: Connection, row: RowMapping, call: RowMapping, crew: Crew, now_ms: int
    ) -> tuple[int, bool]:
        """Order what is due of one call; when to look again, and whether the ticket was told something."""
        seen = rows.seen(row, call, self._site)
        if seen.drill:
            seen = replace(seen, channels=rows.drill_ways(connection, self._site.id, row["asset"]))
        done = rows.done(connection, call["id"])
        found = due(seen, done, crew, now_ms)
        if not found.orders:
            return found.next_ms, False
        view = self._queries.some(connection, [int(row["id"])])[0]
        text = words.page_text(view, call["why"], self._zone, late=call["late"], drill=call["drill"])
        for order in found.orders:
            rows.put_page(connection, self._site.id, call, order, text, now_ms)
        return found.next_ms, self._tell(connection, view, (seen, done), found.orders, crew)

    def _tell(
        self, connection: Connection, view: TicketView, state: tuple[Call, Done], orders: Iterable[Order], crew: Crew
    ) -> bool:
        """Lines of evidence: nobody answered and who is called now, or nobody was found."""
        call, done = state
        policy = self._site.oncall.policies.get(call.policy)
        told = False
        by_step: dict[int, list[Order]] = {}
        for order in orders:
            by_step.setdefault(order.step, []).append(order)
        for step, some in sorted(by_step.items()):
            people = [self._site.org.people[order.person] for order in some if order.person]
            if not people:
                rungs = [] if policy is None else ladder(policy, call, crew)
                line = words.nobody(rungs[step].who if step < len(rungs) else ())
            elif step > 0 and step not in done.rounds:
                line = words.no_answer((some[0].due_ms - call.at_ms) / _MINUTE_MS, people)
            else:
                continue
            say(connection, int(view.id), line, some[0].due_ms)
            told = True
        return told


def _realarmed(findings: Iterable[Finding]) -> set[tuple[str, str]]:
    found = [each for each in findings if each.transition.because is Because.REALARMED and not each.catch_up]
    return {(each.watch.asset.id, each.watch.rule.hazard) for each in found}


def _why(
    row: RowMapping, known: list[RowMapping], policy: Escalation | None, now_ms: int, *, realarmed: bool
) -> str | None:
    """Why a call has to begin now; None: it has not."""
    if row["closed_ms"] is not None or policy is None or (row["late"] and known):
        return None
    current = [call for call in known if not call["late"]]
    if not current:
        first = "not_late" if known else "opened"
        return first if row["acked_ms"] is None else None
    if row["priority"] < min(call["priority"] for call in current):
        return "more_urgent"
    if any(call["ended_ms"] is None for call in current) or row["acked_ms"] is None:
        return None
    is_forgotten = _forgotten_ms(row, known, policy) <= now_ms
    return "realarmed" if realarmed else "forgotten" if is_forgotten else None


def _forgotten_ms(row: RowMapping, known: list[RowMapping], policy: Escalation | None) -> int:
    """When an acknowledged ticket on which nobody has begun is called anew."""
    if policy is None or policy.forgotten_s is None or row["acked_ms"] is None or row["closed_ms"] is not None:
        return FAR
    if not rows.not_begun(row) or any(call["ended_ms"] is None for call in known):
        return FAR
    answered = [call["acked_ms"] for call in known if call["acked_ms"] is not None]
    return int(max([row["acked_ms"], *answered])) + seconds_ms(policy.forgotten_s)


def _over(row: RowMapping, known: list[RowMapping], why: str | None) -> Iterable[tuple[RowMapping, str]]:
    """The open calls that are over, and why."""
    for call in known:
        if call["ended_ms"] is not None:
            continue
        if row["closed_ms"] is not None:
            yield call, "closed"
        elif row["acked_ms"] is not None and row["acked_ms"] >= call["at_ms"]:
            yield call, "acknowledged"
        elif why in ("more_urgent", "not_late"):
            yield call, "superseded"
