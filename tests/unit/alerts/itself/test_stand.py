"""When a measure of Anlan itself becomes a ticket and when it is settled, in virtual time."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from pydantic import ValidationError

from alerts.itself.lags import judged_late_ms, skews_ms
from alerts.itself.ready import reasons
from alerts.itself.stand import NEW, Stand, Step, look, look_every_s
from alerts.itself.words import crossed, title, well
from vocab.inspection import Miss
from vocab.rule import Category
from vocab.self_watch import Measure, SelfWatch
from vocab.strict_toml import Text

MISS = Miss(category=Category.MAINTENANCE, hazard="h", priority=2)


def row(measure: Measure = Measure.JUDGED_LATE_S, limit: float = 100, clear: float | None = 40) -> SelfWatch:
    return SelfWatch.model_validate(
        {"measure": measure, "limit": limit, "clear": clear, "for_s": 60, "unit": "u", "miss": MISS}
    )


def played(
    values: Sequence[float | None], of: SelfWatch | None = None, *, refuses: bool = False
) -> list[tuple[int, Step]]:
    """What was done at which look, one every 20 s; a ticket is open from the asking to the settling."""
    stand, is_open = NEW, False
    done: list[tuple[int, Step]] = []
    for number, value in enumerate(values):
        stand, step = look(of or row(), stand, value, 20.0 * number, is_open=is_open)
        if step is not Step.NOTHING:
            done.append((20 * number, step))
        is_open = (is_open or step is Step.ASK) and (step is not Step.SETTLE or refuses)
    return done


def test_a_ticket_is_asked_for_once_when_the_limit_was_passed_for_long_enough() -> None:
    assert played([200] * 3) == []
    assert played([200] * 20) == [(60, Step.ASK)]


def test_the_shortest_time_that_a_row_asks_for_has_several_looks() -> None:
    short = row().model_copy(update={"for_s": 3.0})
    assert (look_every_s([]), look_every_s([row()]), look_every_s([row(), short])) == (5, 5, 1)


def test_a_short_excursion_is_no_ticket() -> None:
    assert played([200, 200, 90, 200, 200, 200]) == []


def test_what_could_not_be_measured_opens_nothing_and_settles_nothing() -> None:
    assert played([None] * 10) == []
    assert played([200] * 4 + [None] * 10) == [(60, Step.ASK)]
    assert played([200, None, 200, None, 200]) == [(80, Step.ASK)], "and it interrupts nothing"


def test_it_is_settled_only_when_it_was_well_for_long_enough() -> None:
    assert played([200] * 4 + [10] * 3) == [(60, Step.ASK)]
    assert played([200] * 4 + [10] * 4) == [(60, Step.ASK), (140, Step.SETTLE)]
    assert played([200] * 4 + [90] * 20) == [(60, Step.ASK)], "between the two limits it is neither"
    assert played([200] * 4 + [10, 10, 10, 200, 10, 10, 10]) == [(60, Step.ASK)]


def test_settling_that_is_refused_is_not_tried_at_every_look() -> None:
    assert played([200] * 4 + [10] * 20, refuses=True) == [(60, Step.ASK), (140, Step.SETTLE)]


def test_a_ticket_that_somebody_closed_comes_back_while_the_measure_does_not_agree() -> None:
    stand, step = look(row(), Stand(over_s=0.0), 200, 1000.0, is_open=True)
    assert step is Step.NOTHING
    assert look(row(), stand, 200, 1020.0, is_open=False)[1] is Step.NOTHING
    assert look(row(), stand, 200, 1060.0, is_open=False)[1] is Step.ASK


def test_of_disk_space_less_is_worse() -> None:
    of = row(Measure.DISK_FREE_MIB, 100, 200)
    assert played([50] * 4 + [150] * 4 + [200] * 4, of) == [(60, Step.ASK), (220, Step.SETTLE)]
    with pytest.raises(ValidationError, match="good side"):
        row(Measure.DISK_FREE_MIB, 100, 50)
    with pytest.raises(ValidationError, match="good side"):
        row(limit=100, clear=101)


@pytest.mark.parametrize(
    ("ages_s", "late_s", "skews_s"),
    [
        ({}, None, {}),
        ({"a": 1, "b": 2}, 1, {"a": 0, "b": 1}),
        ({"a": 600, "b": 602}, 600, {"a": 0, "b": 2}),  # we are behind
        ({"a": 1, "b": 900}, 1, {"a": 0, "b": 899}),  # b is slow
        ({"a": -90, "b": 1}, 0, {"a": 90, "b": 1}),  # a is fast
        ({"a": 900}, 900, {"a": 0}),  # a single cabinet: it cannot be told
    ],
)
def test_what_all_cabinets_have_in_common_is_our_lag_and_the_rest_their_clocks(
    ages_s: dict[str, int], late_s: int | None, skews_s: dict[str, int]
) -> None:
    assert judged_late_ms(ages_s) == late_s
    assert skews_ms(ages_s, {}) == skews_s


def test_a_cabinet_whose_frames_are_refused_as_from_the_future_has_at_least_that_skew() -> None:
    assert skews_ms({"a": 1}, {"b": 300}) == {"a": 0, "b": 300}


def test_tickets_say_where_how_much_and_why_in_both_languages() -> None:
    of = row(Measure.STORE_AWAY_S)
    told = crossed(of, 7500, "store: locked")
    assert "2.1 h" in told.en
    assert "(limit 100 s): store: locked;" in told.en
    assert "2.1小时" in told.zh
    assert "限值100秒" in told.zh
    assert well(of, 0) == Text(en="Measured well again for 60 s: 0 s", zh="已持续60秒恢复正常：0秒")
    assert title(Measure.DISK_FREE_MIB, "ingest").zh == "服务器磁盘空间不足：数据存储所在磁盘"
    assert title(Measure.CLOCK_SKEW_S, "e", Text(en="Cabinet A", zh="A柜")).en.endswith(": Cabinet A")
    assert "No backup was ever" in crossed(row(Measure.BACKUP_AGE_S), 700_000, "never").en
    assert all(title(each, "").zh and crossed(row(each, 100, None), 300).zh for each in Measure)


def test_alerts_is_ready_only_while_it_hears_judges_and_writes() -> None:
    assert list(reasons(subscribed=True, failing=False, caught_up=True, judged_s=0.4, within_s=10)) == []
    assert list(reasons(subscribed=False, failing=True, caught_up=False, judged_s=11, within_s=10)) == [
        "broker: not subscribed", "database: refuses writes",
        "duties: what fell due while we were away is not gone through yet",
        "kernel: the rules were not gone through for 11 s",
    ]  # fmt: skip
    assert list(reasons(subscribed=True, failing=False, caught_up=True, judged_s=None, within_s=10)) == [
        "kernel: the rules were not gone through yet"
    ]
