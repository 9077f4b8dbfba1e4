"""Shell. One scenario with one seed through the whole chain in virtual time, judged against the ground truth."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from alerts.engine import Engine
from alerts.views import Changes, TransitionView
from anlan.judge import expected
from anlan.score import FalseAlarm, Run
from anlan.suite import Planned, reduced
from anlan.verdict import Expected, FaultRow, Raised, TicketSeen, fault_rows
from anlan.virtual import Sent, VirtualSite
from firmware_sim.truth import Truth
from ingest.duckdb_store import DuckDbStore
from ingest.intake import Intake
from ingest.port import Counts
from rules.functions import PLAIN, Functions
from vocab.instant import iso, to_ms
from vocab.rule import Category
from vocab.site import Site
from wire.gate import Gate
from wire.verdict import Accepted, Rejected

# A scenario without a start gets this one: a Monday morning at the reference site.
USUAL_START = datetime(2026, 3, 23, 0, 0, tzinfo=UTC)
GROUP_MS = 30_000  # frames of so much site time are judged together
CALLS = {"raised", "unshelved", "shelf_ended", "unsuppressed", "window_ended", "returned"}
STORE_MS = 900_000  # and stored together: a commit of the store costs the same for a minute and for an hour


def run_once(site: Site, planned: Planned, seed: int, functions: Functions = PLAIN) -> Run:
    """One scenario through the whole chain; `functions` is the kernel, plain or compiled."""
    site, scenario = reduced(site, planned.play.kinds), planned.of(seed)
    virtual = VirtualSite(site, scenario, seed, to_ms(scenario.start or USUAL_START))
    chain = _Chain(site, functions)
    waiting: list[Sent] = []
    grouped_ms = virtual.now_ms
    try:
        for sent in virtual.run():
            waiting += sent
            if virtual.now_ms - grouped_ms >= GROUP_MS:
                chain.take(waiting, virtual.now_ms)
                waiting, grouped_ms = [], virtual.now_ms
        chain.take(waiting, virtual.now_ms)
        counts = chain.finish(virtual.now_ms)
    finally:
        chain.close()
    rows = fault_rows([expected(each) for each in virtual.world.truth], chain.raised, list(chain.tickets.values()))
    false = list(_false(site, planned, seed, virtual.world.truth, chain.raised))
    return Run(
        scenario=scenario.name,
        seed=seed,
        normal=planned.play.normal,
        faults=[_kept_silent(row, false) for row in rows],
        false_alarms=false,
        duplicates=_duplicates(chain.tickets.values()),
        device_seconds=_watched(site, scenario.duration_s),
        polled=chain.polled,
        stored=sum(lane.readings for lane in counts.lanes),
        rejected=sum(reject.readings for reject in counts.rejects),
        doubled=sum(lane.duplicates for lane in counts.lanes),
    )


class _Chain:
    """Everything behind the broker: both consumers, each with its own gate, as in life."""

    def __init__(self, site: Site, functions: Functions) -> None:
        self.store = DuckDbStore(":memory:")
        self.raised: list[Raised] = []
        self.tickets: dict[str, TicketSeen] = {}
        self.polled = 0
        self._intake, self._gate = Intake([site]), Gate([site])
        self._engine = Engine(site, "sqlite://", functions=functions)
        self._unstored: list[Accepted | Rejected] = []
        self._stored_ms = 0

    def take(self, sent: Sequence[Sent], now_ms: int) -> None:
        """One group of frames: judged in one transaction, later stored in another; then the server's clock ticks."""
        messages = [letter.message for letter in sent]
        self.polled += sum(letter.readings for letter in sent)
        self._unstored += self._intake.judge(messages, now_ms)
        if now_ms - self._stored_ms >= STORE_MS:
            self._store(now_ms)
        frames = [each for each in self._gate.judge_all(messages, now_ms) if isinstance(each, Accepted)]
        self._note(self._engine.apply(frames, now_ms))
        self._note(self._engine.tick(now_ms))

    def finish(self, now_ms: int) -> Counts:
        """Store what waits; what the store then has."""
        self._store(now_ms)
        return self.store.counts()

    def _store(self, now_ms: int) -> None:
        self.store.commit(self._intake.batch(self._unstored), now_ms)
        self._unstored, self._stored_ms = [], now_ms

    def _note(self, changes: Changes) -> None:
        self.raised += [Raised(each.asset, each.rule, each.at_ms) for each in changes.transitions if _calls(each)]
        self.tickets.update(
            (each.id, TicketSeen(each.number, each.asset, each.hazard, Category(each.category), each.opened_ms))
            for each in changes.tickets
        )

    def close(self) -> None:
        """Let go of both databases."""
        self._engine.close()
        self.store.close()


def _calls(change: TransitionView) -> bool:
    """Whether somebody is to be called: raised, or come out of hiding and still there."""
    return change.new == "unacked" and change.because in CALLS


def _watched(site: Site, seconds: float) -> dict[str, float]:
    found: dict[str, float] = {}
    for asset in site.file.asset:
        found[asset.kind] = found.get(asset.kind, 0.0) + len(asset.device) * seconds
    return found


def _duplicates(tickets: Iterable[TicketSeen]) -> int:
    keys = [(ticket.equipment, ticket.hazard) for ticket in tickets]
    return len(keys) - len(set(keys))


def _false(
    site: Site, planned: Planned, seed: int, truth: Sequence[Truth], raised: Sequence[Raised]
) -> Iterator[FalseAlarm]:
    """Alarms of a hazard that no fault on that equipment, struck before, accounts for."""
    rules = {(asset.id, rule.id): rule for asset in site.assets for rule in site.rules_of(asset)}
    kinds = {asset.id: asset.kind for asset in site.assets}
    for alarm in raised:
        rule = rules[alarm.equipment, alarm.rule]
        struck = [each for each in truth if each.equipment == alarm.equipment and each.injected_ms <= alarm.at_ms]
        if any(rule.hazard in _accounted(expected(each)) for each in struck):
            continue
        at_work = [each.fault for each in struck if each.ended_ms is None or alarm.at_ms <= each.ended_ms]
        yield FalseAlarm(
            planned.scenario.name, seed, alarm.equipment, kinds[alarm.equipment], alarm.rule, rule.category,
            iso(alarm.at_ms), ", ".join(at_work) or None, planned.play.normal,
        )  # fmt: skip


def _accounted(fault: Expected) -> set[str | None]:
    return {fault.hazard, *fault.also} - {None}


def _kept_silent(row: FaultRow, false: Sequence[FalseAlarm]) -> FaultRow:
    """Where nothing is expected, found means that nothing was raised on that equipment from then on."""
    loud = any(alarm.equipment == row.equipment and alarm.at >= row.injected_at for alarm in false)
    return replace(row, found=False) if row.expected is None and loud else row
