"""How an instance stands, and when sensors prove a round."""

from __future__ import annotations

from alerts.duties.due import Instance, State, proven_ms, state_of
from vocab.duties import EmptyingProof

ROUND = Instance(1000, 2000, 2500, "round", "")
PROOF = EmptyingProof(point="fill", fall=30, share=0.5)


def test_an_instance_is_pending_open_and_missed_and_the_edges_are_in_time() -> None:
    states = [state_of(ROUND, now) for now in (999, 1000, 2000, 2001, 2500, 2501)]
    assert states == [State.PENDING, State.OPEN, State.OPEN, State.OPEN, State.OPEN, State.MISSED]


def test_done_in_time_is_done_and_after_it_late_even_after_the_miss() -> None:
    assert state_of(ROUND, 9000, 2000) is State.DONE
    assert state_of(ROUND, 9000, 2001) is State.LATE
    assert state_of(ROUND, 9000, 8000) is State.LATE


def test_zero_is_a_moment() -> None:
    assert state_of(Instance(0, 10, 10, "s", ""), 99, 0) is State.DONE


def test_waived_is_waived_whatever_the_hour() -> None:
    assert state_of(ROUND, 9000, waived=True) is State.WAIVED


def test_a_round_is_proven_when_the_share_of_its_watched_bins_was_emptied() -> None:
    bins = ["a", "b", "c", "d"]
    assert proven_ms(PROOF, bins, {"a": 1500}) is None
    assert proven_ms(PROOF, bins, {"a": 1500, "c": 1200, "x": 1}) == 1500
    assert proven_ms(PROOF, bins, {"a": 1500, "c": 1200, "d": 1900}) == 1500


def test_bins_that_nobody_watches_prove_nothing() -> None:
    assert proven_ms(PROOF, [], {}) is None
    assert proven_ms(PROOF, [], {"a": 1}) is None
