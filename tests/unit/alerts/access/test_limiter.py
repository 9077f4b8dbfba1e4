"""Wrong passwords cost time, by account and by address, and a restart forgives nobody."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from alerts.access.attempts import Attempts
from alerts.access.limiter import Failures, Patience, begun, wait_ms
from alerts.access.tables import sign_in_failures, sign_in_places
from alerts.database import connect, reading, writing

PATIENCE = Patience(free=3, first_s=2.0, longest_s=60.0, forget_s=3600.0)
T = 1_790_000_000_000
MakeAttempts = Callable[..., Attempts]


@pytest.fixture
def make_attempts(database: str) -> Iterator[MakeAttempts]:
    """Attempts as one process after the other sees them, all on one database."""
    engines = []

    def make(patience: Patience = PATIENCE) -> Attempts:
        engines.append(connect(database))
        return Attempts(engines[-1], "s", patience)

    yield make
    for engine in engines:
        engine.dispose()


def test_a_slip_or_two_costs_nothing_and_each_further_failure_doubles_the_wait_up_to_the_longest() -> None:
    failures, waits = Failures(), []
    for _ in range(12):
        failures = begun(failures, PATIENCE, T)
        waits.append(wait_ms(failures, PATIENCE, T))

    assert waits == [0, 0, 2000, 4000, 8000, 16000, 32000, 60000, 60000, 60000, 60000, 60000]


def test_failures_are_forgotten_after_an_hour_and_a_clock_that_is_set_back_locks_nobody_out_for_years() -> None:
    failures = Failures(9, T)

    assert wait_ms(failures, PATIENCE, T + 3_600_001) == 0
    assert begun(failures, PATIENCE, T + 3_600_001).count == 1
    assert wait_ms(failures, PATIENCE, T - 10**10) == 60_000


def test_a_restart_forgives_nobody_and_the_wait_runs_out_by_itself(make_attempts: MakeAttempts) -> None:
    before = make_attempts()
    assert [before.begin("a", "10.0.0.9", T) for _ in range(4)] == [0, 0, 0, 2000]

    after = make_attempts()

    assert after.begin("a", "10.0.0.1", T + 1999) == 1, "the account waits from elsewhere too"
    assert after.begin("b", "10.0.0.9", T + 1999) == 1, "and the address at other accounts"
    assert after.begin("b", "10.0.0.1", T + 1999) == 0
    assert after.begin("a", "10.0.0.9", T + 2000) == 0
    after.succeeded("a", "10.0.0.9", T + 2000)
    assert make_attempts().begin("a", "10.0.0.1", T + 2001) == 0, "forgiven"


def test_where_somebody_signed_in_they_are_not_locked_out_by_others_even_after_a_restart(
    make_attempts: MakeAttempts,
) -> None:
    before = make_attempts()
    assert before.begin("a", "10.0.0.1", T) == 0
    before.succeeded("a", "10.0.0.1", T)
    assert [before.begin("a", "10.0.0.9", T) for _ in range(4)][-1] == 2000

    after = make_attempts()

    assert after.begin("a", "10.0.0.1", T) == 0
    assert after.begin("a", "10.0.0.2", T) == 2000


def test_one_right_password_buys_no_free_attempts_at_other_accounts(make_attempts: MakeAttempts) -> None:
    attempts = make_attempts()
    for name in "abc":
        assert attempts.begin(name, "10.0.0.9", T) == 0
    attempts.succeeded("c", "10.0.0.9", T)
    assert attempts.begin("d", "10.0.0.9", T) == 0

    assert attempts.begin("e", "10.0.0.9", T) == 2000


def test_many_at_once_gain_nothing(make_attempts: MakeAttempts) -> None:
    attempts = make_attempts()
    with ThreadPoolExecutor(8) as pool:
        waits = list(pool.map(lambda _: attempts.begin("a", "10.0.0.9", T), range(8)))

    assert sorted(waits) == [0, 0, 0, 2000, 2000, 2000, 2000, 2000]


def test_a_new_password_given_by_somebody_who_may_opens_the_lock(make_attempts: MakeAttempts) -> None:
    attempts = make_attempts()
    attempts.begin("a", "10.0.0.1", T)
    attempts.succeeded("a", "10.0.0.1", T)
    for address in ("10.0.0.1", "10.0.0.2"):
        assert [attempts.begin("a", address, T) for _ in range(4)][-1] == 2000
    with writing(attempts._database) as connection:
        attempts.forgive(connection, "a")

    assert attempts.begin("a", "10.0.0.3", T) == 0
    assert attempts.begin("a", "10.0.0.1", T) == 2000, "the address has failed three times, at whatever account"


def test_what_is_remembered_is_bounded_and_what_was_typed_is_not_kept(make_attempts: MakeAttempts) -> None:
    attempts = make_attempts(Patience(free=3, most=6, forget_s=3600, known_s=7200))
    attempts.begin("a", "10.0.0.1", T)
    attempts.succeeded("a", "10.0.0.1", T)
    for number in range(20):
        attempts.begin(f"my-secret-{number}", f"10.0.{number}.{'9' * 200}", T + 10 * number)

    with reading(attempts._database) as connection:
        keys = list(connection.execute(select(sign_in_failures.c.key)).scalars())
        places = connection.execute(select(func.count()).select_from(sign_in_places)).scalar_one()
    assert len(keys) <= 8
    assert not [key for key in keys if "secret" in key]
    assert places == 1
    attempts.begin("b", "10.0.0.2", T + 7_200_001)
    with reading(attempts._database) as connection:
        assert connection.execute(select(func.count()).select_from(sign_in_places)).scalar_one() == 0
        assert connection.execute(select(func.count()).select_from(sign_in_failures)).scalar_one() == 2
