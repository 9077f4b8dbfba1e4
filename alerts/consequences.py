"""Shell. What findings mean beyond the books: rows, tickets, proofs of repairs, closer watches; in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from alerts.changing import Change
from alerts.ledger import Finding
from alerts.outages import Outages
from alerts.present import Present
from alerts.tickets.care import Care
from alerts.views import TransitionView
from rules.codes import Because


class Consequences(NamedTuple):
    """Those who follow what is found."""

    present: Present
    outages: Outages
    care: Care

    def draw(self, change: Change, now_ms: int) -> tuple[list[Finding], list[TransitionView]]:
        """Everything that was found, and all that follows from it."""
        findings: list[Finding] = []
        written: list[TransitionView] = []
        change.tighten(now_ms)
        while True:
            found = change.judge.findings()
            written += self._follow(change, found, now_ms)
            findings += found
            if not change.tighten(now_ms):  # what was found may open a ticket again, or close one
                return findings, written

    def _follow(self, change: Change, findings: Sequence[Finding], now_ms: int) -> list[TransitionView]:
        for finding in findings:
            found = finding.transition
            if (found.raises or found.because is Because.REALARMED) and not finding.catch_up:
                change.acked_by.pop(finding.watch.id, None)
        change.hidings.follow(change.connection, findings)
        change.hidings.save(change.connection, change.judge.agenda)
        written = change.filing.record(findings)
        for edge in sorted(change.judge.touched.caught_up):
            change.filing.confirm(self.present.active(edge), now_ms)
        self.outages.step(change.connection, change.filing, findings, now_ms)
        self.care.step(change.filing.cases, findings)
        return written
