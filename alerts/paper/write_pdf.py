"""Shell. A document as PDF: text that can be searched and copied, with only the signs it needs of a font in it."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass

from fpdf import FPDF

from alerts.paper import model
from alerts.paper.fonts import Fonts
from alerts.paper.model import MARGIN, PAGE, Align, Cell, Document, Heading, Paragraph, Picture, Row, Table, is_part
from alerts.paper.wrap import wrapped

_SIZE, _SMALL, _TITLE = 9.5, 8.5, 16.0  # points
_HEADINGS = {1: 12.0, 2: 10.5}
_LINE = 4.6  # mm
_SHADE = 238
_BOTTOM = 18.0


class _Pages(FPDF):
    """Header and footer of every page."""

    def __init__(self, document: Document) -> None:
        super().__init__("landscape" if document.landscape else "portrait", "mm", "A4")
        self.document = document

    def header(self) -> None:
        if not self.document.header:
            return
        self.set_font("cjk", size=_SMALL)
        self.set_xy(MARGIN, 7)
        self.cell(self.epw, 4, readable(self, self.document.header), align="R")
        self.set_xy(MARGIN, MARGIN)

    def footer(self) -> None:
        before, between, after = PAGE[self.document.language]
        self.set_font("cjk", size=_SMALL)
        self.set_xy(MARGIN, -12)
        self.cell(self.epw, 4, readable(self, self.document.footer), align="L")
        self.set_xy(MARGIN, -12)
        self.cell(self.epw, 4, f"{before}{self.page_no()}{between}{{nb}}{after}", align="R")


def pdf(document: Document, fonts: Fonts) -> bytes:
    """The file."""
    pages = _Pages(document)
    pages.set_margin(MARGIN)
    pages.set_auto_page_break(False)
    for style, face in (("", fonts.regular), ("B", fonts.bold)):
        pages.add_font("cjk", style, str(face.path), collection_font_number=face.number)
    pages.set_title(document.title)
    pages.set_lang("zh-CN" if document.language == "zh" else "en")
    pages.set_creator("Anlan")
    pages.add_page()
    _text(pages, document.title, _TITLE, bold=True, align="C")
    if document.above:
        _text(pages, model.above_line(document), _SIZE)
    for block in document.blocks:
        if isinstance(block, Table):
            _Grid(pages, block, document).draw()
        elif isinstance(block, Heading):
            _need(pages, 4 * _LINE)
            pages.ln(1.5)
            _text(pages, block.text, _HEADINGS.get(block.level, _SIZE), bold=True)
        elif isinstance(block, Picture):
            _picture(pages, block)
        else:
            _paragraph(pages, block)
    if document.signs:
        pages.ln(3)
        _text(pages, model.signed_lines(document), _SIZE)
    return bytes(pages.output())


def readable(pages: FPDF, text: str) -> str:
    """A sign that the font does not have is named by its number: never a box."""
    has = getattr(pages.current_font, "cmap", {})
    return "".join(
        sign if sign in "\n\t " or ord(sign) in has else f"〔U+{ord(sign):04X}〕" for sign in model.clean(text)
    )


def _picture(pages: FPDF, block: Picture) -> None:
    _need(pages, block.height + 2 * _LINE)
    left = MARGIN + (pages.epw - block.width) / 2
    pages.image(io.BytesIO(block.data), left, pages.get_y(), block.width, block.height)
    pages.set_y(pages.get_y() + block.height + 1)
    _text(pages, block.text, _SMALL, align="C")


def _paragraph(pages: FPDF, block: Paragraph) -> None:
    place = {Align.LEFT: "L", Align.CENTRE: "C", Align.RIGHT: "R"}[block.align]
    _text(pages, block.text, _SMALL if block.small else _SIZE + 1, align=place)


def _text(pages: FPDF, text: str, size: float, *, bold: bool = False, align: str = "L") -> None:
    pages.set_font("cjk", "B" if bold else "", size)
    line = size * 0.55
    for each in wrapped(readable(pages, text), pages.epw, pages.get_string_width):
        _need(pages, line)
        pages.set_x(MARGIN)
        pages.cell(pages.epw, line, each, align=align, new_x="LMARGIN", new_y="NEXT")
    pages.ln(1.2)


def _need(pages: FPDF, height: float) -> bool:
    """A new page where there is not so much room left; whether there is one."""
    if pages.get_y() + height <= pages.h - _BOTTOM:
        return False
    font = (pages.font_family, pages.font_style, pages.font_size_pt)
    pages.add_page()
    pages.set_font(*font)
    return True


@dataclass(slots=True)
class _Grid:
    """A table over pages."""

    pages: FPDF
    table: Table
    document: Document

    def draw(self) -> None:
        for row in self.table.rows[: self.table.head]:
            self._row(row, lambda: None)
        for number, row in enumerate(self.table.rows[self.table.head :], self.table.head):
            self._keep(number)
            self._row(row, self._head)
        self.pages.ln(2)

    def _head(self) -> None:
        for row in self.table.rows[: self.table.head]:
            self._row(row, lambda: None)

    def _row(self, row: Row, again: Callable[[], None]) -> None:
        """One row; one that is higher than what is left of a page goes to the next, one higher than a page is cut."""
        places = self._places(row)
        texts = [self._lines(cell, width) for cell, (_, width) in zip(row, places, strict=True)]
        height = self._height(row)
        full = self.pages.h - _BOTTOM - MARGIN
        if height <= full and _need(self.pages, height):
            again()
        while True:
            left = self.pages.h - _BOTTOM - self.pages.get_y()
            if height <= left:
                self._draw(row, places, texts, height)
                return
            most = max(1, int((left - 2 * self._pad) / self._line))
            self._draw(row, places, [lines[:most] for lines in texts], left)
            texts = [lines[most:] for lines in texts]
            height = max(len(lines) for lines in texts) * self._line + 2 * self._pad
            _need(self.pages, full)
            again()

    def _height(self, row: Row) -> float:
        lines = max(len(self._lines(cell, width)) for cell, (_, width) in zip(row, self._places(row), strict=True))
        least = max(cell.height for cell in row)
        return max(lines * self._line + 2 * self._pad, least)

    def _keep(self, at: int) -> None:
        """A part of a form stands on one page where it can: measured up to the title of the next."""
        rows = self.table.rows
        if not is_part(rows[at]):
            return
        end = next((number for number in range(at + 1, len(rows)) if is_part(rows[number])), len(rows))
        height = sum(self._height(row) for row in rows[at:end])
        if height <= self.pages.h - _BOTTOM - MARGIN:
            _need(self.pages, height)

    @property
    def _line(self) -> float:
        return self.table.size * 0.485

    @property
    def _pad(self) -> float:
        return self.table.size * 0.105

    def _places(self, row: Row) -> list[tuple[float, float]]:
        """Left edge and width of each cell."""
        scale = self.pages.epw / sum(self.table.widths)
        places, at, column = [], MARGIN, 0
        for cell in row:
            width = sum(self.table.widths[column : column + cell.span]) * scale
            places.append((at, width))
            at += width
            column += cell.span
        return places

    def _lines(self, cell: Cell, width: float) -> list[str]:
        self.pages.set_font("cjk", "B" if cell.label else "", self.table.size)
        text = readable(self.pages, model.shown(cell, self.document.language))
        return wrapped(text, width - 2 * self._pad, self.pages.get_string_width)

    def _draw(self, row: Row, places: list[tuple[float, float]], texts: list[list[str]], height: float) -> None:
        top = self.pages.get_y()
        for cell, (left, width), lines in zip(row, places, texts, strict=True):
            self.pages.set_fill_color(_SHADE if cell.label else 255)
            self.pages.rect(left, top, width, height, style="DF")
            self.pages.set_font("cjk", "B" if cell.label else "", self.table.size)
            first = top + (height - len(lines) * self._line) / 2
            place = {Align.LEFT: "L", Align.CENTRE: "C", Align.RIGHT: "R"}[cell.align]
            for number, line in enumerate(lines):
                self.pages.set_xy(left + self._pad, first + number * self._line)
                self.pages.c_margin = 0
                self.pages.cell(width - 2 * self._pad, self._line, line, align=place)
        self.pages.set_xy(MARGIN, top + height)
