"""Shell. What time and sensors do to tickets, after every change of the engine: proofs of repairs, limits that passed.

The rows are asked each time, so it does not matter who marked a repair, this process, one before it, or another.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

import numpy as np
from sqlalchemy import RowMapping, and_, or_, select

from alerts.family import is_loss_of_device, is_loss_of_parent
from alerts.judge import Judge
from alerts.layout import Layout, Watch
from alerts.ledger import Finding as Found
from alerts.tables import tickets
from alerts.tickets.cases import Cases
from alerts.tickets.closing import Finding, Seen, Times, weigh
from alerts.tickets.commands import SYSTEM, Command, Verb
from alerts.tickets.model import Proof, State
from alerts.tickets.sla import overdue
from alerts.tickets.store import standing_of
from rules.book import Book
from rules.codes import NEVER, Because, Phase, Verdict
from vocab.instant import seconds_ms
from vocab.quality import Quality
from vocab.sla import span_s

_RAISED = (Because.RAISED, Because.HIDDEN_RAISED)
_SAYS = {
    Finding.VERIFIED: ("The sensor agrees: normal since {clock}", "传感器确认恢复：自{clock}起正常"),
    Finding.RAISED_AGAIN: ("The sensor does not agree: the alarm is back", "传感器未确认：告警再次出现"),
    Finding.STILL_STANDS: ("The sensor does not agree: the alarm still stands", "传感器未确认：告警仍未解除"),
}
LEVELS = {"acknowledge": ("acknowledged", "确认"), "arrive": ("begun", "到场"), "rectify": ("rectified", "整改")}


class Care:
    """The alarms of each hazard of a site, and how to ask them."""

    def __init__(self, layout: Layout, judge: Judge) -> None:
        self._layout, self._judge = layout, judge
        self._alarms: dict[tuple[str, str], list[Watch]] = {}
        self._silences: dict[str, list[Watch]] = {}  # by asset: what tells that it is not heard
        for watch in layout.watches.values():
            self._alarms.setdefault((watch.asset.id, watch.rule.hazard), []).append(watch)
            if is_loss_of_device(watch) or is_loss_of_parent(watch):
                self._silences.setdefault(watch.asset.id, []).append(watch)

    def step(self, cases: Cases, findings: Sequence[Found]) -> None:
        """Prove or refute what was marked as repaired; tell what is overdue."""
        now = cases.now_ms
        waits = and_(tickets.c.proof == Proof.PENDING.value, tickets.c.state != State.DEFERRED.value)
        late = or_(*(column <= now for column in (tickets.c.ack_due_ms, tickets.c.arrive_due_ms, tickets.c.due_ms)))
        mine = (tickets.c.site == cases.site.id, tickets.c.closed_ms.is_(None))
        rows = cases.connection.execute(select(tickets).where(*mine, or_(waits, late))).mappings().all()
        for row in rows:
            if row["proof"] == Proof.PENDING.value:
                self._prove(cases, row, findings)
            _tell_overdue(cases, row)

    def _prove(self, cases: Cases, row: RowMapping, findings: Iterable[Found]) -> None:
        times = cases.site.sla.proof(row["priority"])
        if times is None or row["repaired_ms"] is None:
            return
        seen = self._seen((row["asset"], row["hazard"]), row["repaired_ms"], findings, cases.now_ms)
        spans = Times(seconds_ms(span_s(times.settle)), seconds_ms(span_s(times.verify)))
        proven = weigh(row["repaired_ms"], row["good_since_ms"], seen, spans, cases.now_ms)
        ticket = row["id"]
        if proven.good_since_ms != row["good_since_ms"]:
            cases.change(ticket, {"good_since_ms": proven.good_since_ms})
        if proven.finding is Finding.WAIT:
            return
        en, zh = _words(cases, proven.finding, proven.good_since_ms)
        cases.say(ticket, en, zh)
        if proven.finding.refutes:
            cases.do(ticket, Command(Verb.REFUTED, SYSTEM, cases.now_ms, note=proven.finding.value))
            return
        work = cases.do(ticket, Command(Verb.VERIFIED, SYSTEM, cases.now_ms))
        if not work.is_major:  # a major hazard waits for its acceptance at two levels
            cases.do(ticket, Command(Verb.WRITE_OFF, SYSTEM, cases.now_ms))

    def _seen(self, hazard: tuple[str, str], repaired_ms: int, findings: Iterable[Found], now_ms: int) -> Seen:
        watches = self._alarms.get(hazard, [])
        names = {watch.id for watch in watches}
        deaf = {watch.id for watch in self._silences.get(hazard[0], ())} - names
        raised = broken = False
        for found in findings:
            moved = found.transition
            if moved.because in _RAISED:
                broken |= found.watch.id in deaf or found.watch.id in names
                raised |= found.watch.id in names and moved.at_ms >= repaired_ms and not found.catch_up
        looks = [self._look(watch, now_ms) for watch in watches]
        hears = not any(self._is_active(name) for name in deaf)
        clear = hears and bool(looks) and all(clear for _, clear, _ in looks)
        moments = [until for _, _, until in looks if until is not None]
        until = min(moments) if len(moments) == len(looks) and moments else None
        return Seen(any(stands for stands, _, _ in looks), clear, until, raised, broken)

    def _look(self, watch: Watch, now_ms: int) -> tuple[bool, bool, int | None]:
        """Whether an alarm's condition holds, whether it is known to be false, and up to when that was measured."""
        book, row = self._judge.find(watch.id)
        verdict, phase = int(book.lives.verdict[row]), int(book.lives.phase[row])
        stands = verdict == Verdict.TRUE and phase in (Phase.ON, Phase.CLEARING)
        clear = verdict == Verdict.FALSE and phase == Phase.OFF
        return stands, clear, self._measured_ms(watch, book, row, now_ms)

    def _measured_ms(self, watch: Watch, book: Book, row: int, now_ms: int) -> int | None:
        """The oldest of the last good readings that an alarm looks at: a sensor that fell silent stops the count."""
        plan, senses = book.plan, book.senses
        cells = np.unique(plan.leaves.cell[plan.leaves_of(row)])
        cells = cells[cells >= 0]
        if book is self._judge.silence:
            return now_ms
        if not len(cells):  # it asks for other alarms: their time is that of the cabinets
            positions = [self._judge.positions.get(edge) for edge in self._layout.site.edges_of(watch.asset)]
            return min((at.ts_ms for at in positions if at is not None), default=None)
        good = cells[(senses.quality[cells] == Quality.GOOD) & (senses.measured_ms[cells] != NEVER)]
        return int(senses.measured_ms[good].min()) if len(good) else None

    def _is_active(self, alarm: str) -> bool:
        book, row = self._judge.find(alarm)
        return book.is_active(row)


def _words(cases: Cases, finding: Finding, since_ms: int | None) -> tuple[str, str]:
    from alerts.texts import local

    clock = "" if since_ms is None else local(since_ms, cases.clockwork.zone)
    en, zh = _SAYS[finding]
    return en.format(clock=clock), zh.format(clock=clock)


def _tell_overdue(cases: Cases, row: RowMapping) -> None:
    """Each level once: what was told is a column of the row."""
    found = overdue(standing_of(row), cases.now_ms)
    if not found:
        return
    current = cases.row(row["id"])  # the proof may just have closed it
    found = overdue(standing_of(current), cases.now_ms)
    for step in found:
        due = {"acknowledge": "ack_due_ms", "arrive": "arrive_due_ms", "rectify": "due_ms"}[step]
        cases.tell(row["id"], "overdue", SYSTEM, "", json.dumps({"level": step, "due_ms": current[due]}))
        en, zh = LEVELS[step]
        cases.say(row["id"], f"Overdue: not {en} in time", f"超期：未按时{zh}")
    if found:
        cases.change(row["id"], {"overdue": " ".join((*current["overdue"].split(), *found))})
