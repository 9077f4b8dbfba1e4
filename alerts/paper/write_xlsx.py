"""Shell. A document as an Excel workbook: one sheet, ready to print."""

from __future__ import annotations

import io
from datetime import date, datetime

from openpyxl import Workbook
from openpyxl.cell.cell import Cell as Box
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from alerts.paper.model import (
    PAGE,
    Align,
    Cell,
    Document,
    Heading,
    Row,
    Table,
    above_line,
    clean,
    lines_in,
    room,
    shown,
    signed_lines,
)

_MM_PER_COLUMN = 2.05  # of a column's width unit, at 10 points
_SIZE = 10.0  # points
_LINE = 14.5
_MOST_HEIGHT = 409.0  # points: Excel has no higher row
_MM_POINTS = 72 / 25.4
_THIN = Side(style="thin", color="FF404040")
_BOX = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
_SHADE = PatternFill("solid", fgColor="FFEEEEEE")
_FONT = "宋体"
_PLACES = {Align.LEFT: "left", Align.CENTRE: "center", Align.RIGHT: "right"}


def xlsx(document: Document) -> bytes:
    """The file."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = _sheet_name(document.title)
    _Sheet(sheet, document).write()
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


class _Sheet:
    """Writes blocks one under the other."""

    def __init__(self, sheet: Worksheet, document: Document) -> None:
        self._sheet = sheet
        self._document = document
        tables = [block for block in document.blocks if isinstance(block, Table)]
        widest = max(tables, key=lambda table: len(table.widths), default=Table((1.0,), ()))
        # small letters on paper are ordinary ones on a screen: the sheet is wider and shrinks to the page when printed
        scale = room(document) / sum(widest.widths) / _MM_PER_COLUMN * (_SIZE / min(widest.size, _SIZE)) ** 1.35
        self._columns = [width * scale for width in widest.widths]
        self._at = 1

    def write(self) -> None:
        """Everything."""
        for number, width in enumerate(self._columns, 1):
            self._sheet.column_dimensions[get_column_letter(number)].width = round(width, 1)
        self._line(self._document.title, size=16, bold=True, place="center")
        if self._document.above:
            self._line(above_line(self._document), size=10)
        for block in self._document.blocks:
            if isinstance(block, Table):
                self._table(block)
            else:
                self._line(block.text, size=12 if isinstance(block, Heading) else 10, bold=isinstance(block, Heading))
        if self._document.signs:
            self._at += 1
            self._line(signed_lines(self._document), size=10)
        self._print()

    def _line(self, text: str, size: int, *, bold: bool = False, place: str = "left") -> None:
        box = self._box(self._at, 1, Cell(text))
        box.font = Font(name=_FONT, size=size, bold=bold)
        box.alignment = Alignment(horizontal=place, vertical="center", wrap_text=True)
        self._sheet.merge_cells(start_row=self._at, end_row=self._at, start_column=1, end_column=len(self._columns))
        lines = lines_in(clean(text), sum(self._columns) * 10 / size)
        self._sheet.row_dimensions[self._at].height = min(lines * size * 1.6, _MOST_HEIGHT)
        self._at += 1

    def _table(self, table: Table) -> None:
        if table.head:
            rows = f"{self._at}:{self._at + table.head - 1}"
            self._sheet.print_title_rows = rows
            self._sheet.freeze_panes = f"A{self._at + table.head}"
        for row in table.rows:
            self._row(row, len(table.widths))

    def _row(self, row: Row, columns: int) -> None:
        column, height = 1, _LINE * 1.4
        for cell in row:
            # a table of fewer columns than the sheet has fills it with its last cell
            span = cell.span + (len(self._columns) - columns if column + cell.span > columns else 0)
            box = self._box(self._at, column, cell)
            box.font = Font(name=_FONT, size=10, bold=cell.label)
            box.alignment = Alignment(
                horizontal=_PLACES[cell.align], vertical="center", wrap_text=True, shrink_to_fit=False
            )
            for number in range(column, column + span):
                edge = self._sheet.cell(self._at, number)
                edge.border = _BOX
                if cell.label:
                    edge.fill = _SHADE
            if span > 1:
                self._sheet.merge_cells(
                    start_row=self._at, end_row=self._at, start_column=column, end_column=column + span - 1
                )
            wide = sum(self._columns[column - 1 : column - 1 + span]) - 1
            lines = lines_in(shown(cell, self._document.language), wide)
            height = max(height, lines * _LINE + 5, cell.height * _MM_POINTS)
            column += span
        self._sheet.row_dimensions[self._at].height = min(height, _MOST_HEIGHT)
        self._at += 1

    def _box(self, row: int, column: int, cell: Cell) -> Box:
        box = self._sheet.cell(row, column)
        assert isinstance(box, Box)  # noqa: S101 - nothing was merged here yet
        value = clean(cell.value) if isinstance(cell.value, str) else cell.value
        if value in (None, ""):
            return box
        box.value = value
        if isinstance(value, str):
            box.data_type = "s"  # or `=…` would be a formula
            box.number_format = "@"  # and 0012 a number
        elif isinstance(value, datetime):
            box.number_format = "yyyy-mm-dd hh:mm"
        elif isinstance(value, date):
            box.number_format = "yyyy-mm-dd"
        elif cell.percent:
            box.number_format = "0.0%"
        return box

    def _print(self) -> None:
        page = self._sheet.page_setup
        page.paperSize = self._sheet.PAPERSIZE_A4
        page.orientation = "landscape" if self._document.landscape else "portrait"
        page.fitToWidth, page.fitToHeight = 1, 0
        fit = self._sheet.sheet_properties.pageSetUpPr
        if fit is not None:
            fit.fitToPage = True
        margins = self._sheet.page_margins
        margins.left = margins.right = 0.5
        margins.top = margins.bottom = 0.7
        before, between, after = PAGE[self._document.language]
        above, below = self._sheet.oddHeader, self._sheet.oddFooter
        if above is None or below is None or above.right is None or below.left is None or below.right is None:
            return  # openpyxl makes them all
        above.right.text = _no_codes(self._document.header)
        below.left.text = _no_codes(self._document.footer)
        below.right.text = f"{before}&P{between}&N{after}"


def _no_codes(text: str) -> str:
    """`&` begins a code in headers and footers."""
    return clean(text).replace("&", "&&")


def _sheet_name(title: str) -> str:
    return "".join(sign for sign in clean(title) if sign not in "[]:*?/\\《》'\n\t")[:31] or "Sheet"
