"""Draws that anybody can repeat, and progress whose numbers add up."""

from __future__ import annotations

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from alerts.campaigns.draw import Item, Rule, drawn
from alerts.campaigns.progress import Duty, Hazards, duty_of, hazard_of, total
from alerts.duties.due import Instance
from alerts.duties.due import State as Duty_
from alerts.tickets.model import Level, Source, State, Work
from vocab.rule import Grade

ITEMS = st.sets(st.builds(Item, st.integers(1, 500).map(lambda n: f"ticket:{n}"), st.sampled_from(["a", "b", "c"])))
RULES = st.one_of(
    st.builds(Rule, share=st.floats(0.01, 1)), st.builds(Rule, count=st.integers(1, 20))
)  # fmt: skip


@given(ITEMS, RULES, st.text(max_size=16), st.randoms())
def test_the_same_seed_population_and_rule_give_the_same_items_in_whatever_order_they_are_told(
    items: set[Item], rule: Rule, seed: str, dice: object
) -> None:
    told = sorted(items)
    dice.shuffle(told)  # type: ignore[attr-defined]
    found = drawn(seed, told, rule)
    assert found == drawn(seed, items, rule)
    assert len(found) == len(set(found))
    assert set(found) <= items
    for unit in ("a", "b", "c"):
        there = [each for each in items if each.unit == unit]
        taken = [each for each in found if each.unit == unit]
        assert len(taken) == rule.of(len(there))
        assert bool(taken) is bool(there), "nobody who checked themselves is left out"


@given(ITEMS, st.integers(1, 20))
def test_one_more_is_drawn_without_changing_those_before(items: set[Item], count: int) -> None:
    few, more = drawn("seed", items, Rule(count=count)), drawn("seed", items, Rule(count=count + 1))
    assert set(few) <= set(more)


def test_what_is_drawn_can_be_checked_with_sha256sum() -> None:
    items = [Item(f"duty:{n}", "a") for n in range(1, 6)]
    first = min(items, key=lambda item: hashlib.sha256(f"5eed/{item.name}".encode()).hexdigest())
    assert drawn("5eed", items, Rule(count=1)) == [first]
    assert [Rule(share=0.1).of(n) for n in (0, 1, 10, 11, 30)] == [0, 1, 1, 2, 3]
    assert [Rule(share=1).of(7), Rule(count=9).of(7)] == [7, 7]


@given(st.sampled_from([None, *Duty_]), st.integers(0, 40))
def test_what_is_due_is_done_open_overdue_waived_still_to_come_or_was_never_asked_for(
    state: Duty_ | None, now_ms: int
) -> None:
    due = Instance(10, 20, 30, "s", "")
    row = None if state in (None, Duty_.PENDING) else {"state": state.value, "due_to_ms": 20}
    found = duty_of(due, row, now_ms)
    parts = (found.done, found.overdue, found.open, found.pending, found.waived, found.unasked)
    assert found.due == sum(parts) == 1
    assert found.late <= found.done
    assert total(Duty, [found, found]).due == 2


def test_a_ticket_of_a_campaign_is_counted_by_what_was_made_of_it() -> None:
    at = Work(State.DISPATCHED, Source.CAMPAIGN, Grade.GENERAL, due_ms=10)
    assert hazard_of(at, 5).counts() == Hazards(found=1, open=1).counts()
    assert hazard_of(at, 11).overdue == 1
    fed = hazard_of(at.to(State.FEEDBACK, repaired_ms=9), 11)
    assert (fed.rectified, fed.accepted, fed.overdue, fed.rate) == (1, 0, 0, 1.0)
    assert hazard_of(at.to(State.ACCEPTED, repaired_ms=9, accepted=((None, "x"),)), 11).accepted == 1
    major = at.to(State.ACCEPTED, grade=Grade.MAJOR, repaired_ms=9, accepted=((Level.DISTRICT, "x"),))
    assert (hazard_of(major, 11).major, hazard_of(major, 11).accepted) == (1, 0), "a major one needs both levels"
    off = hazard_of(at.to(State.WRITTEN_OFF, repaired_ms=9), 11)
    assert (off.rectified, off.accepted, off.written_off, off.open) == (1, 1, 1, 0)
    assert hazard_of(at.to(State.VOID), 11) == Hazards()
    assert Hazards().rate is None
