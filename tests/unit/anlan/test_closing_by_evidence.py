"""A faked repair is refused, a real one is verified: the whole chain in virtual time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from alerts.engine import Engine
from alerts.errors import TicketRefusedError
from alerts.tickets import desk
from alerts.tickets.commands import Command, Verb
from alerts.views import TicketView
from anlan.suite import reduced
from anlan.virtual import VirtualSite
from firmware_sim.scenario import Injection, Scenario
from runtime.files import load_site, shipped
from tests.unit.alerts.asking import tickets
from vocab.instant import seconds_ms
from vocab.strict_toml import Text
from wire.gate import Gate
from wire.verdict import Accepted

START_MS = 1_774_483_200_000  # 2026-03-26 08:00 in Shanghai
FAULT, LIFT = "drive_trip", "lift-2"


class Chain:
    """A lift, its cabinet, the gate and the engine, with the clock in our hands."""

    def __init__(self, folder: Path, seed: int) -> None:
        site = reduced(load_site(shipped("sites") / "demo"), ("elevator",))
        strike = Injection(id="trip", at_s=120, asset=LIFT, fault=FAULT)
        scenario = Scenario(name="trip", title=Text(en="t", zh="t"), duration_s=86_400, inject=(strike,))
        self.virtual = VirtualSite(site, scenario, seed, START_MS)
        self.engine = Engine(site, f"sqlite:///{folder}/t.sqlite")
        self._gate, self._run = Gate([site]), self.virtual.run()

    @property
    def now_ms(self) -> int:
        return self.virtual.now_ms

    def go_on(self, seconds: float, until: Callable[[], bool] = lambda: False) -> None:
        end, judged = self.now_ms + seconds_ms(seconds), self.now_ms
        waiting: list[Accepted] = []
        for sent in self._run:
            found = self._gate.judge_all([letter.message for letter in sent], self.now_ms)
            waiting += [each for each in found if isinstance(each, Accepted)]
            if self.now_ms - judged >= 20_000 or self.now_ms >= end:
                self.engine.apply(waiting, self.now_ms)
                self.engine.tick(self.now_ms)
                waiting, judged = [], self.now_ms
                if until() or self.now_ms >= end:
                    return

    def do(self, verb: Verb, actor: str = "lift crew", **told: object) -> TicketView:
        ticket = int(self.ticket().id)
        make = lambda now: Command(verb, actor, now, **told)  # type: ignore[arg-type]  # noqa: E731
        return desk.order(self.engine, ticket, make, self.now_ms)[0]

    def ticket(self) -> TicketView:
        (found,) = [each for each in tickets(self.engine) if each.category == "hazard"]
        return found


@pytest.fixture(params=[1, 2, 3])
def chain(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Chain]:
    made = Chain(tmp_path, request.param)
    yield made
    made.engine.close()


def test_a_faked_repair_is_refused_and_a_real_one_closes_verified(chain: Chain) -> None:
    chain.go_on(3600, lambda: any(each.category == "hazard" for each in tickets(chain.engine)))
    ticket = chain.ticket()
    assert (ticket.asset, ticket.state) == (LIFT, "dispatched")
    due = ticket.work.due_ms
    chain.do(Verb.BEGIN)
    chain.do(Verb.REPAIRED)  # it is not

    chain.go_on(1800)
    chain.do(Verb.ACCEPT, "duty officer")
    with pytest.raises(TicketRefusedError, match="the sensor does not agree yet"):
        chain.do(Verb.WRITE_OFF, "duty officer")
    chain.go_on(7200, lambda: chain.ticket().state == "rectifying")
    ticket = chain.ticket()
    assert (ticket.state, ticket.work.verification, ticket.alarm_active) == ("rectifying", "none", True)
    assert ticket.evidence[-1].text.zh == "传感器未确认：告警仍未解除"

    chain.virtual.world.clear("trip")
    chain.go_on(60)
    chain.do(Verb.REPAIRED)
    repaired_ms = chain.now_ms
    chain.go_on(7200, lambda: chain.ticket().closed_ms is not None)
    ticket = chain.ticket()
    assert (ticket.state, ticket.work.verification, ticket.work.due_ms) == ("written_off", "verified", due)
    assert ticket.closed_ms is not None
    assert ticket.closed_ms - repaired_ms >= 900_000, "a quarter of an hour of good readings"
    verbs = [each.verb for each in desk.events(chain.engine, int(ticket.id)) if each.verb != "overdue"]
    assert verbs == [
        "open", "classify", "grade", "dispatch", "begin", "repaired", "accept", "refuted", "repaired", "verified",
        "write_off",
    ]  # fmt: skip

    chain.virtual.world.inject(Injection(id="again", at_s=0, asset=LIFT, fault=FAULT))
    chain.go_on(3600, lambda: chain.ticket().closed_ms is None)
    ticket = chain.ticket()
    assert (ticket.state, ticket.work.reopened, ticket.work.due_ms) == ("rectifying", 1, due)
