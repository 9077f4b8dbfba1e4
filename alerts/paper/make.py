"""Shell. From a question to a file: read, build, write. The API and the command line both ask here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

from sqlalchemy import Connection

from alerts.errors import NoSuchTicketError
from alerts.paper import facts, facts_more, fonts
from alerts.paper.bulletin import bulletin, ranked, scores_of
from alerts.paper.case import Case
from alerts.paper.context import Context
from alerts.paper.errors import NoSuchReportError, PaperError
from alerts.paper.facts_looks import looks_of
from alerts.paper.handover import handover
from alerts.paper.ledger import ledger
from alerts.paper.model import Document
from alerts.paper.register import register
from alerts.paper.report import report
from alerts.paper.scores import Period, Score
from alerts.paper.waste import waste
from alerts.tickets.model import Source
from vocab.rule import Category, Grade


class Format(StrEnum):
    """What files there are."""

    DOCX = "docx"
    XLSX = "xlsx"
    PDF = "pdf"
    CSV = "csv"

    @property
    def media_type(self) -> str:
        """For HTTP."""
        return _MEDIA_TYPES[self]


_OFFICE = "application/vnd.openxmlformats-officedocument"
_MEDIA_TYPES = {
    Format.DOCX: f"{_OFFICE}.wordprocessingml.document",
    Format.XLSX: f"{_OFFICE}.spreadsheetml.sheet",
    Format.PDF: "application/pdf",
    Format.CSV: "text/csv; charset=utf-8",
}


def _writer(form: Format) -> Callable[[Document], bytes]:
    """Its libraries are loaded when the first file is asked for: they are a fifth of the start of the server."""
    match form:
        case Format.DOCX:
            from alerts.paper.write_docx import docx

            return docx
        case Format.XLSX:
            from alerts.paper.write_xlsx import xlsx

            return xlsx
        case Format.PDF:
            from alerts.paper.write_pdf import pdf

            return lambda document: pdf(document, fonts.found())
        case Format.CSV:
            from alerts.paper.write_csv import csv_file

            return csv_file


def written(document: Document, form: Format) -> bytes:
    """The file; NoFontError for a PDF on a machine without a Chinese font."""
    return _writer(form)(document)


@dataclass(frozen=True, slots=True)
class Asked:
    """Which tickets of which time."""

    from_ms: int
    to_ms: int
    unit: str = ""  # a committee or a responsible unit
    grade: Grade | None = None
    source: Source | None = None
    category: str = Category.HAZARD.value  # "all": every one
    carried: bool = False  # also what was found before and was still open
    grids: frozenset[str] | None = None  # that may be seen; None: all
    campaign: str = ""
    sector: str = ""  # of public safety; empty: every one


def major_hazard(connection: Connection, context: Context, ticket: int) -> Document:
    """The form of a major hazard; NoSuchTicketError, PaperError for a general one."""
    case = one_case(connection, context, ticket)
    if not case.work.is_major:
        raise PaperError(
            "not_major",
            f"{case.number} is graded general: it stands in the ledger / {case.number}为一般隐患，请导出台账",
        )
    return register(context, case)


def one_case(connection: Connection, context: Context, ticket: int) -> Case:
    """One ticket; NoSuchTicketError."""
    case = facts.case(connection, context.site.id, ticket)
    if case is None:
        raise NoSuchTicketError(f"no ticket {ticket}")
    return case


def the_ledger(connection: Connection, context: Context, asked: Asked) -> Document:
    """The ledger of a period."""
    found = [case for case in selected(connection, context, asked) if asked.carried or case.opened_ms >= asked.from_ms]
    return ledger(context, found, (asked.from_ms, asked.to_ms), asked.unit, asked.campaign)


def the_bulletin(connection: Connection, context: Context, asked: Asked) -> Document:
    """The bulletin of a period."""
    known = facts.earlier(connection, context.site.id, asked.from_ms)
    period = Period(asked.from_ms, asked.to_ms, context.now_ms)
    looks = looks_of(connection, context, period)
    document = bulletin(context, selected(connection, context, asked), period, known, looks)
    if not context.site.duties.file.plant:
        return document
    weighed = waste(context, *facts_more.weighed(connection, context, period))
    return replace(document, blocks=(*document.blocks, *weighed))


def the_scores(connection: Connection, context: Context, asked: Asked) -> list[tuple[int, Score]]:
    """The score card of each committee with its rank, as the bulletin tells it."""
    known = facts.earlier(connection, context.site.id, asked.from_ms)
    period = Period(asked.from_ms, asked.to_ms, context.now_ms)
    looks = looks_of(connection, context, period)
    return ranked(scores_of(context, selected(connection, context, asked), period, known, looks))


def the_handover(connection: Connection, context: Context, asked: Asked) -> Document:
    """The brief for a shift: every category."""
    period = Period(asked.from_ms, asked.to_ms, context.now_ms)
    hidden = facts_more.hidden(connection, context.site, asked.grids)
    return handover(context, selected(connection, context, asked), hidden, period)


def the_report(connection: Connection, context: Context, number: int) -> Document:
    """A report that was submitted; NoSuchReportError."""
    told = facts_more.report_of(connection, context.site.id, number)
    if told is None:
        raise NoSuchReportError(f"no report {number}")
    return report(context, told)


def selected(connection: Connection, context: Context, asked: Asked) -> list[Case]:
    """What is asked for and counts."""
    wanted = facts.Wanted(asked.from_ms, asked.to_ms, asked.grids, asked.grade, asked.source, asked.campaign)
    found = facts.cases(connection, context.site.id, wanted)
    return [case for case in found if case.counts and _is_of(case, asked.category) and _is_mine(context, case, asked)]


def _is_of(case: Case, category: str) -> bool:
    if category == "all":
        return True
    return case.is_hazard if category == Category.HAZARD.value else case.work.category == category


def _is_mine(context: Context, case: Case, asked: Asked) -> bool:
    if asked.sector and context.sector_of(case) != asked.sector:
        return False
    return not asked.unit or asked.unit in (case.work.lead_unit, context.committee(case.grid))
