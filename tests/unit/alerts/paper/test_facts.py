"""What is read from a ticket database, in which the whole campaign happened by order after order."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace

import pytest

from alerts.database import reading
from alerts.errors import NoSuchTicketError
from alerts.paper import facts, make
from alerts.paper.context import Context
from alerts.paper.errors import NoSuchReportError, PaperError
from alerts.paper.make import Asked, Format, written
from alerts.paper.make_dossier import the_dossier
from alerts.tickets.model import Source, State
from tests.unit.alerts.paper.campaign import NOW_MS, at, campaign, demo_site
from tests.unit.alerts.paper.conftest import Year
from tests.unit.alerts.paper.opened import fields_of, sheet_of, tables_of
from vocab.rule import Grade

ZH = Context(demo_site(), NOW_MS, "zh", "court-worker", "supervisor-a")
SPRING = Asked(at(3, 23, 0), at(4, 1, 0))
WHOLE = Asked(at(1, 1, 0), at(12, 31, 0))


def test_every_ticket_is_read_back_as_the_machine_left_it(year: Year) -> None:
    with reading(year.database) as connection:
        found = facts.cases(connection, "demo", facts.Wanted(at(1, 1), at(12, 31)))
    by_id = {case.id: case for case in found}

    assert len(found) == 30
    for mine in campaign():
        theirs = by_id[year.ids[mine.id]]
        assert theirs.work.state is mine.work.state
        assert theirs.work.accepted == mine.work.accepted
        assert theirs.work.plan == mine.work.plan
        assert [step.verb for step in theirs.steps] == [step.verb for step in mine.steps]


def test_the_form_from_the_database_is_full(year: Year) -> None:
    with reading(year.database) as connection:
        document = make.major_hazard(connection, ZH, year.ids[1])
    told = fields_of(tables_of(written(document, Format.DOCX))[0])

    assert told["接收人"] == "区安委办值班员"
    assert told["验收日期"] == "2026-04-21"
    assert told["销号日期"] == "2026-04-23"
    assert told["整改结果"].endswith("已更换损坏部件并试运行正常")
    assert told["附件"] == "传感器及处置记录2条"


def test_a_general_hazard_has_no_such_form_and_an_unknown_ticket_none_at_all(year: Year) -> None:
    with reading(year.database) as connection:
        with pytest.raises(PaperError, match="台账") as refused:
            make.major_hazard(connection, ZH, year.ids[7])
        with pytest.raises(NoSuchTicketError):
            make.major_hazard(connection, ZH, 10_000)
        with pytest.raises(NoSuchReportError):
            make.the_report(connection, ZH, 10_000)

    assert refused.value.reason == "not_major"


def test_a_ticket_is_found_by_its_number_and_by_its_id(year: Year) -> None:
    with reading(year.database) as connection:
        case = facts.case(connection, "demo", year.ids[1])
        assert case is not None
        assert facts.id_of(connection, "demo", case.number) == case.id
        assert facts.id_of(connection, "demo", str(case.id)) == case.id
        with pytest.raises(NoSuchTicketError):
            facts.id_of(connection, "demo", "9" * 30)


@pytest.mark.parametrize(
    ("asked", "count"),
    [
        (SPRING, 27),
        (WHOLE, 28),
        (replace(SPRING, grade=Grade.MAJOR), 6),
        (replace(SPRING, source=Source.RESIDENT), 1),
        (replace(SPRING, grids=frozenset({"village"})), 5),
        (replace(SPRING, unit="riverside-committee"), 5),
        (replace(SPRING, category="sanitation"), 0),
        (Asked(at(5, 1, 0), at(6, 1, 0)), 1),
    ],
)
def test_the_ledger_holds_what_was_asked_for(year: Year, asked: Asked, count: int) -> None:
    with reading(year.database) as connection:
        document = make.the_ledger(connection, ZH, asked)
    sheet = sheet_of(written(document, Format.XLSX))

    assert sum(isinstance(row[0], int) for row in sheet.iter_rows(min_row=4, values_only=True)) == count


def test_with_carried_the_ledger_also_holds_what_was_still_open(year: Year) -> None:
    asked = Asked(at(5, 1, 0), at(6, 1, 0), carried=True)
    with reading(year.database) as connection:
        found = make.selected(connection, ZH, asked)
    still = [case for case in campaign() if case.counts and (case.closed_ms is None or case.closed_ms >= at(5, 1, 0))]

    assert len(found) == len(still) > 10


def test_the_dossier_holds_a_form_of_every_major_hazard_and_says_which_are_not_accepted(year: Year) -> None:
    steps: list[tuple[int, int]] = []
    with reading(year.database) as connection:
        names, data = the_dossier(
            connection, ZH, WHOLE, lambda case: {"curve.csv": b"1"} if case.id == year.ids[1] else {},
            lambda done, whole: steps.append((done, whole)),
        )  # fmt: skip
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        files = archive.namelist()
        listed = tables_of(archive.read("00-重大事故隐患治理验收资料目录.docx"))[0]

    assert names.shown.startswith("验收资料-2026")
    assert sum("登记表" in file for file in files) == 6
    assert any(file.endswith("/证据/curve.csv") for file in files)
    assert [row[4] for row in listed if row[2] == "登记表"].count("区、市两级验收通过") == 1
    assert steps[-1] == (8, 8)


def test_a_deferred_ticket_reads_as_deferred(year: Year) -> None:
    with reading(year.database) as connection:
        case = facts.case(connection, "demo", year.ids[12])

    assert case is not None
    assert case.work.state is State.DEFERRED
    assert case.work.paused_ms is not None
