"""A silent slave costs one time-out per back-off, and is found again."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.breaker import _NEXT, NEW, Event, Patience, State, after, backoff_ms, may_ask

PATIENCE = Patience(first_s=2, factor=2, longest_s=60)


def test_the_table_is_complete() -> None:
    assert set(_NEXT) == set(product(State, Event))


def test_back_offs_double_up_to_the_longest() -> None:
    assert [backoff_ms(n, PATIENCE) for n in range(7)] == [2000, 4000, 8000, 16000, 32000, 60000, 60000]
    assert backoff_ms(10_000, PATIENCE) == 60_000


def test_the_first_silence_opens() -> None:
    breaker = after(NEW, Event.SILENT, 1000, PATIENCE)
    assert (breaker.state, breaker.until_ms) == (State.OPEN, 3000)
    assert not may_ask(breaker, 2999, PATIENCE)
    assert may_ask(breaker, 3000, PATIENCE)


def test_a_probe_that_fails_doubles_the_wait() -> None:
    breaker = after(NEW, Event.SILENT, 0, PATIENCE)
    breaker = after(breaker, Event.DUE, 2000, PATIENCE)
    assert breaker.state is State.HALF_OPEN
    assert not may_ask(breaker, 2500, PATIENCE)  # one probe at a time
    breaker = after(breaker, Event.SILENT, 3000, PATIENCE)
    assert (breaker.state, breaker.until_ms) == (State.OPEN, 7000)


@pytest.mark.parametrize("event", [Event.SILENT, Event.DUE])
def test_an_answer_closes_from_anywhere(event: Event) -> None:
    breaker = after(NEW, Event.SILENT, 0, PATIENCE)
    assert after(after(breaker, event, 2000, PATIENCE), Event.ANSWERED, 2100, PATIENCE) is NEW


def test_a_back_off_is_no_shorter_than_the_time_out_it_follows() -> None:
    assert after(NEW, Event.SILENT, 0, PATIENCE, cost_ms=20_000).until_ms == 20_000


def test_a_clock_set_back_does_not_shut_a_slave_out() -> None:
    breaker = after(NEW, Event.SILENT, 28_800_000, PATIENCE)
    assert may_ask(breaker, 0, PATIENCE)


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 5000)), max_size=60))
def test_a_silent_slave_is_not_asked_again_before_its_back_off(steps: list[tuple[bool, int]]) -> None:
    breaker, now = NEW, 0
    silent_at: int | None = None
    for answers, wait in steps:
        now += wait
        if not may_ask(breaker, now, PATIENCE):
            continue
        assert silent_at is None or now - silent_at >= 2000
        breaker = after(after(breaker, Event.DUE, now, PATIENCE), _told(answers), now, PATIENCE)
        silent_at = None if answers else now


def _told(answers: bool) -> Event:
    return Event.ANSWERED if answers else Event.SILENT
