"""Wrong passwords cost time, by account and by address."""

from __future__ import annotations

from alerts.access.limiter import Limiter, Patience

PATIENCE = Patience(free=3, first_s=2.0, longest_s=60.0, forget_s=3600.0)


def failed(limiter: Limiter, count: int, keys: tuple[str, ...], now_ms: int = 0) -> None:
    for _ in range(count):
        limiter.begun(keys, now_ms)


def test_a_slip_or_two_costs_nothing() -> None:
    limiter = Limiter(PATIENCE)
    failed(limiter, 2, ("a",))

    assert limiter.wait_ms(("a",), 0) == 0


def test_each_further_failure_doubles_the_wait_up_to_the_longest() -> None:
    limiter = Limiter(PATIENCE)
    waits = []
    for _ in range(12):
        limiter.begun(("a",), 0)
        waits.append(limiter.wait_ms(("a",), 0))

    assert waits == [0, 0, 2000, 4000, 8000, 16000, 32000, 60000, 60000, 60000, 60000, 60000]


def test_the_wait_runs_out_by_itself_and_is_forgiven_by_success() -> None:
    limiter = Limiter(PATIENCE)
    failed(limiter, 4, ("a",))

    assert limiter.wait_ms(("a",), 3999) == 1
    assert limiter.wait_ms(("a",), 4000) == 0
    limiter.succeeded("a", "b")
    failed(limiter, 1, ("a",), 5000)
    assert limiter.wait_ms(("a",), 5000) == 0


def test_one_address_that_tries_many_accounts_waits_and_others_do_not() -> None:
    limiter = Limiter(PATIENCE)
    for name in "abc":
        limiter.begun((f"account {name}", "address 10.0.0.9"), 0)

    assert limiter.wait_ms(("account d", "address 10.0.0.9"), 0) == 2000
    assert limiter.wait_ms(("account a", "address 10.0.0.1"), 0) == 0


def test_failures_are_forgotten_after_an_hour() -> None:
    limiter = Limiter(PATIENCE)
    failed(limiter, 9, ("a",))

    assert limiter.wait_ms(("a",), 3_600_001) == 0
    failed(limiter, 1, ("a",), 3_600_001)
    assert limiter.wait_ms(("a",), 3_600_001) == 0


def test_what_is_remembered_is_bounded() -> None:
    limiter = Limiter(PATIENCE)
    for number in range(10_050):
        failed(limiter, 1, (f"account {number}",))
    failed(limiter, 3, ("account 10049",))

    assert limiter.wait_ms(("account 10049",), 0) > 0
    assert len(limiter._failed) == 10_000


def test_one_right_password_buys_no_free_attempts_at_other_accounts() -> None:
    limiter = Limiter(PATIENCE)
    for name in "abcd":
        limiter.begun((f"account {name}", "address 10.0.0.9"), 0)
    limiter.succeeded("account d", "address 10.0.0.9")
    limiter.begun(("account e", "address 10.0.0.9"), 0)

    assert limiter.wait_ms(("account d",), 0) == 0
    assert limiter.wait_ms(("account f", "address 10.0.0.9"), 0) == 4000
