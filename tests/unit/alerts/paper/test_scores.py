"""The score card: every number counted by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from alerts.paper.bulletin import bulletin, scores_of
from alerts.paper.case import Case
from alerts.paper.context import Context
from alerts.paper.handover import HiddenAlarm, handover
from alerts.paper.make import Format, written
from alerts.paper.scores import Period, score, total
from alerts.tickets.model import Proof, State, Work
from tests.unit.alerts.paper.campaign import DAY_MS, NOW_MS, at, campaign, demo_site
from tests.unit.alerts.paper.opened import sheet_of, tables_of, text_of

ZH = Context(demo_site(), NOW_MS, "zh", "duty-a", "duty-b")
SPRING = Period(at(3, 1, 0), at(6, 1, 0), NOW_MS)


def closed(case: Case, **changes: object) -> Case:
    """A ticket of the campaign, written off."""
    work = replace(case.work, state=State.WRITTEN_OFF, **changes)  # type: ignore[arg-type]
    return replace(case, work=work, closed_ms=case.opened_ms + 5 * DAY_MS)


def test_the_numbers_of_a_handful_of_tickets_are_those_counted_by_hand() -> None:
    base = campaign()[6]
    day = base.opened_ms
    cases = [
        closed(base, due_ms=day + 4 * DAY_MS, repaired_ms=day + DAY_MS),  # on time
        closed(base, due_ms=day + DAY_MS, repaired_ms=day + 2 * DAY_MS, proof=Proof.UNVERIFIED),  # too late
        replace(base, work=Work(State.RECTIFYING, base.work.source, base.work.grade, "hazard", due_ms=day + DAY_MS),
                closed_ms=None),  # overdue
        replace(base, work=Work(State.FILED, base.work.source, base.work.grade, "hazard", due_ms=NOW_MS + DAY_MS),
                closed_ms=None),  # open and not due
        replace(base, work=replace(base.work, state=State.VOID)),  # does not count
    ]  # fmt: skip

    told = score("unit", cases, SPRING, frozenset())

    assert (told.found, told.closed, told.open, told.overdue, told.unverified) == (4, 2, 2, 1, 1)
    assert (told.judged, told.on_time) == (3, 1)
    assert told.on_time_rate == pytest.approx(1 / 3)
    assert told.closure_rate == 0.5
    assert (told.repeated, told.repeat_rate) == (3, 0.75)  # four times the same hazard of one lift


def test_a_hazard_that_was_found_before_the_period_counts_as_repeated() -> None:
    case = campaign()[6]

    told = score("unit", [case], SPRING, frozenset({(case.asset, case.hazard)}))

    assert (told.found, told.repeated) == (1, 1)


def test_while_a_ticket_is_deferred_it_is_not_overdue() -> None:
    deferred = next(case for case in campaign() if case.work.state is State.DEFERRED)

    told = score("unit", [deferred], SPRING, frozenset())

    assert (told.open, told.overdue, told.judged) == (1, 0, 0)


def test_what_is_opened_again_is_counted_in_the_period_in_which_it_happened() -> None:
    again = next(case for case in campaign() if case.reopened)

    assert score("unit", [again], SPRING, frozenset()).reopened == 1
    assert score("unit", [again], Period(at(5, 1), at(6, 1), NOW_MS), frozenset()).reopened == 0


def test_nothing_to_count_gives_no_rate_rather_than_a_perfect_one() -> None:
    told = score("unit", [], SPRING, frozenset())

    assert (told.closure_rate, told.on_time_rate, told.repeat_rate) == (None, None, None)


def test_a_committee_without_hazards_stands_in_the_bulletin_with_zeros() -> None:
    told = scores_of(ZH, [campaign()[6]], SPRING, frozenset())

    assert {(row.unit, row.found) for row in told} == {
        ("court-committee", 1), ("old-town-committee", 0), ("riverside-committee", 0)
    }  # fmt: skip


def test_who_sees_one_community_only_gets_no_line_about_the_others() -> None:
    narrow = replace(ZH, seen=frozenset({"village"}))

    assert [row.unit for row in scores_of(narrow, [], SPRING, frozenset())] == ["riverside-committee"]


def test_the_bulletin_adds_up() -> None:
    document = bulletin(ZH, campaign(), SPRING, frozenset())
    scores = scores_of(ZH, campaign(), SPRING, frozenset())
    rows = tables_of(written(document, Format.DOCX))[0]
    every = total("", scores)

    assert rows[0][1] == "居（村）民委员会"
    assert len(rows) == 5
    assert every.found == 28
    assert rows[-1][1:5] == ["合计", str(every.found), str(every.major), str(every.closed)]
    assert f"共发现隐患{every.found}项，其中重大隐患6项" in text_of(written(document, Format.DOCX))


def test_rates_are_numbers_in_the_workbook() -> None:
    sheet = sheet_of(written(bulletin(ZH, campaign(), SPRING, frozenset()), Format.XLSX))
    rows = [row for row in sheet.iter_rows() if row[1].value == "苑里社区居民委员会"]

    assert rows[0][5].number_format == "0.0%"
    assert 0 < rows[0][5].value < 1


def test_the_brief_of_a_shift_tells_what_is_hidden_and_by_whom() -> None:
    hidden = HiddenAlarm("boiler-1.supply_temp_high", "shelved", "duty-a", "更换探头", at(3, 28, 20))
    shift = Period(at(3, 28, 8), at(3, 28, 20), at(3, 28, 20))

    data = written(handover(ZH, campaign(), [hidden], shift), Format.DOCX)

    assert ["1号热水锅炉：供水温度高", "搁置", "值班长甲", "更换探头", "2026-03-28 20:00"] in [
        row for table in tables_of(data) for row in table
    ]
    assert "交班人：值班长甲　　接班人：值班员乙" in text_of(data)
    assert "一、逾期" in text_of(data)
