"""Shell. Scenarios over many seeds, in virtual time, scored against the ground truth."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from alerts.engine import Engine
from alerts.views import Changes
from anlan.judge import expected
from anlan.verdict import Expected, FaultRow, Raised, TicketSeen, fault_rows, unexpected
from anlan.virtual import Sent, VirtualSite
from firmware_sim.scenario import Scenario
from ingest.duckdb_store import DuckDbStore
from ingest.intake import Intake
from ingest.port import Counts
from vocab.instant import to_ms
from vocab.rule import Category
from vocab.site import Site
from wire.gate import Gate
from wire.verdict import Accepted

# A scenario without a start gets this one: a Monday morning at the reference site.
USUAL_START = datetime(2026, 3, 23, 0, 0, tzinfo=UTC)
GROUP_MS = 10_000  # frames of so much site time are committed together
WEEK_S = 7 * 86_400


@dataclass(frozen=True, slots=True)
class Run:
    """One scenario with one seed."""

    faults: list[FaultRow]
    false_alarms: int
    duplicates: int
    device_seconds: float
    polled: int
    stored: int
    rejected: int
    doubled: int


@dataclass(frozen=True, slots=True)
class ScoreRow:
    """One fault over all its runs. Delays are site seconds from the injection to the alarm."""

    kind: str
    fault: str
    seeds: int
    found: int
    recall: float
    delay_p50_s: float | None
    delay_max_s: float | None
    bound_s: float | None


@dataclass(frozen=True, slots=True)
class Score:
    """Over all scenarios and seeds."""

    rows: list[ScoreRow]
    device_weeks: float
    false_alarms: int
    false_alarms_per_100_device_weeks: float
    duplicates: int
    readings: dict[str, int]

    def as_json(self) -> dict[str, object]:
        """The score with the keys that docs/reference/demo.md promises."""
        return asdict(self)


def score(site: Site, scenarios: Sequence[Scenario], seeds: int, step: Callable[[], None]) -> Score:
    """Run every scenario with seeds 1 … `seeds`; `step` is called after each run."""
    runs = []
    for scenario in scenarios:
        for seed in range(1, seeds + 1):
            runs.append(run_once(site, scenario, seed))
            step()
    weeks = sum(run.device_seconds for run in runs) / WEEK_S
    wrong = sum(run.false_alarms for run in runs)
    return Score(
        rows=list(_rows([row for run in runs for row in run.faults])),
        device_weeks=weeks,
        false_alarms=wrong,
        false_alarms_per_100_device_weeks=100 * wrong / weeks if weeks else 0.0,
        duplicates=sum(run.duplicates for run in runs),
        readings={
            "polled": sum(run.polled for run in runs),
            "stored": sum(run.stored for run in runs),
            "rejected": sum(run.rejected for run in runs),
            "lost": sum(run.polled - run.stored - run.rejected for run in runs),
            "duplicated": sum(run.doubled for run in runs),
        },
    )


def _rows(found: Iterable[FaultRow]) -> Iterable[ScoreRow]:
    groups: dict[tuple[str, str], list[FaultRow]] = {}
    for row in found:
        groups.setdefault((row.kind, row.fault), []).append(row)
    for (kind, fault), rows in sorted(groups.items()):
        delays = [row.delay_s for row in rows if row.delay_s is not None]
        hits = sum(row.found for row in rows)
        yield ScoreRow(
            kind=kind,
            fault=fault,
            seeds=len(rows),
            found=hits,
            recall=hits / len(rows),
            delay_p50_s=statistics.median(delays) if delays else None,
            delay_max_s=max(delays) if delays else None,
            bound_s=rows[0].bound_s,
        )


def run_once(site: Site, scenario: Scenario, seed: int) -> Run:
    """One scenario through the whole chain."""
    virtual = VirtualSite(site, scenario, seed, to_ms(scenario.start or USUAL_START))
    chain = _Chain(site)
    waiting: list[Sent] = []
    grouped_ms = virtual.now_ms
    try:
        for sent in virtual.run():
            waiting += sent
            if virtual.now_ms - grouped_ms >= GROUP_MS:
                chain.take(waiting, virtual.now_ms)
                waiting, grouped_ms = [], virtual.now_ms
        chain.take(waiting, virtual.now_ms)
        counts = chain.store.counts()
    finally:
        chain.close()
    truth = [expected(each) for each in virtual.world.truth]
    return _judged(site, scenario, truth, chain, counts)


class _Chain:
    """Everything behind the broker: both consumers, each with its own gate, as in life."""

    def __init__(self, site: Site) -> None:
        self.store = DuckDbStore(":memory:")
        self.raised: list[Raised] = []
        self.tickets: dict[str, TicketSeen] = {}
        self.polled = 0
        self._intake, self._gate = Intake([site]), Gate([site])
        self._engine = Engine(site, "sqlite://")

    def take(self, sent: Sequence[Sent], now_ms: int) -> None:
        """One group of frames: stored in one transaction, judged in another; then the server's clock ticks."""
        messages = [letter.message for letter in sent]
        self.polled += sum(letter.readings for letter in sent)
        self.store.commit(self._intake.batch(self._intake.judge(messages, now_ms)), now_ms)
        frames = [each for each in self._gate.judge_all(messages, now_ms) if isinstance(each, Accepted)]
        self._note(self._engine.apply(frames, now_ms))
        self._note(self._engine.tick(now_ms))

    def _note(self, changes: Changes) -> None:
        self.raised += [
            Raised(each.asset, each.rule, each.at_ms) for each in changes.transitions if each.because == "raised"
        ]
        self.tickets.update(
            (each.id, TicketSeen(each.number, each.asset, each.hazard, Category(each.category), each.opened_ms))
            for each in changes.tickets
        )

    def close(self) -> None:
        """Let go of both databases."""
        self._engine.close()
        self.store.close()


def _judged(site: Site, scenario: Scenario, truth: list[Expected], chain: _Chain, counts: Counts) -> Run:
    tickets = list(chain.tickets.values())
    wrong = unexpected(truth, tickets)
    keys = [(ticket.equipment, ticket.hazard) for ticket in tickets]
    devices = sum(len(asset.device) for asset in site.file.asset)
    return Run(
        faults=fault_rows(truth, chain.raised, tickets),
        false_alarms=sum(ticket.category is not Category.MAINTENANCE for ticket in wrong),
        duplicates=len(keys) - len(set(keys)),
        device_seconds=devices * scenario.duration_s,
        polled=chain.polled,
        stored=sum(lane.readings for lane in counts.lanes),
        rejected=sum(reject.readings for reject in counts.rejects),
        doubled=sum(lane.duplicates for lane in counts.lanes),
    )
