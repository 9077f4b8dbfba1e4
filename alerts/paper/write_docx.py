"""Shell. A document as Word: fields for page numbers, rows that do not break, head rows that stand on every page."""

from __future__ import annotations

import io
from typing import Any

from docx import Document as new_document
from docx.enum.section import WD_ORIENT
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from alerts.paper.model import (
    A4,
    MARGIN,
    PAGE,
    Align,
    Cell,
    Document,
    Heading,
    Language,
    Paragraph,
    Picture,
    Row,
    Table,
    above_line,
    clean,
    is_part,
    room,
    shown,
    signed_lines,
)

_BODY, _HEAD = "宋体", "黑体"  # what every Word and WPS in China has
_LATIN = "Times New Roman"
_PLACES = {
    Align.LEFT: WD_ALIGN_PARAGRAPH.LEFT,
    Align.CENTRE: WD_ALIGN_PARAGRAPH.CENTER,
    Align.RIGHT: WD_ALIGN_PARAGRAPH.RIGHT,
}
_SIZES = {1: 14.0, 2: 12.0}


def docx(document: Document) -> bytes:
    """The file."""
    file = new_document()
    _page(file.sections[0], document)
    normal = file.styles["Normal"]
    normal.font.name, normal.font.size = _LATIN, Pt(10.5)
    normal.element.rPr.rFonts.set(qn("w:eastAsia"), _BODY)
    file.core_properties.title = clean(document.title)
    file.core_properties.author = "Anlan"
    file.core_properties.comments = ""
    _write(file.add_paragraph(), document.title, 18, bold=True, align=Align.CENTRE)
    if document.above:
        _write(file.add_paragraph(), above_line(document), 10.5)
    for block in document.blocks:
        if isinstance(block, Table):
            _table(file, block, document)
        elif isinstance(block, Heading):
            _heading(file, block)
        elif isinstance(block, Picture):
            _picture(file, block)
        else:
            _paragraph(file, block)
    if document.signs:
        _write(file.add_paragraph(), signed_lines(document), 10.5).paragraph_format.space_before = Pt(10)
    out = io.BytesIO()
    file.save(out)
    return out.getvalue()


def _page(section: Any, document: Document) -> None:
    short, long = Mm(A4[0]), Mm(A4[1])
    section.page_width, section.page_height = (long, short) if document.landscape else (short, long)
    section.orientation = WD_ORIENT.LANDSCAPE if document.landscape else WD_ORIENT.PORTRAIT
    section.left_margin = section.right_margin = Mm(MARGIN)
    section.top_margin = section.bottom_margin = Mm(MARGIN + 3)
    section.header_distance = section.footer_distance = Mm(8)
    _write(section.header.paragraphs[0], document.header, 9, align=Align.RIGHT)
    foot = section.footer.paragraphs[0]
    before, between, after = PAGE[document.language]
    foot.style = section.header.paragraphs[0].style = "Normal"  # those of the template have tab stops of their own
    foot.paragraph_format.tab_stops.add_tab_stop(Mm(room(document)), 2)  # to the right
    _write(foot, f"{document.footer}\t{before}", 9)
    _field(foot, "PAGE")
    _write(foot, between, 9)
    _field(foot, "NUMPAGES")
    _write(foot, after, 9)


def _field(paragraph: Any, code: str) -> None:
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), code)
    run = OxmlElement("w:r")
    look = OxmlElement("w:rPr")
    for name in ("w:sz", "w:szCs"):
        size = OxmlElement(name)
        size.set(qn("w:val"), "18")  # half points
        look.append(size)
    text = OxmlElement("w:t")
    text.text = "1"
    run.append(look)
    run.append(text)
    field.append(run)
    paragraph._p.append(field)


def _write(
    paragraph: Any, text: str, size: float, *, bold: bool = False, align: Align | None = None, face: str | None = None
) -> Any:
    """A run with the Chinese font named, since Word chooses a Japanese one otherwise."""
    run = paragraph.add_run(clean(text))
    run.font.size, run.font.bold, run.font.name = Pt(size), bold, _LATIN
    run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), face or (_HEAD if bold else _BODY))
    if align is not None:
        paragraph.alignment = _PLACES[align]
    paragraph.paragraph_format.space_after = Pt(2)
    return paragraph


def _heading(file: Any, block: Heading) -> None:
    paragraph = file.add_paragraph()
    _write(paragraph, block.text, _SIZES.get(block.level, 10.5), bold=True)
    paragraph.paragraph_format.space_before = Pt(8)
    paragraph.paragraph_format.keep_with_next = True


def _picture(file: Any, block: Picture) -> None:
    paragraph = file.add_paragraph()
    paragraph.alignment = _PLACES[Align.CENTRE]
    paragraph.paragraph_format.keep_with_next = True
    paragraph.add_run().add_picture(io.BytesIO(block.data), Mm(block.width), Mm(block.height))
    _write(file.add_paragraph(), block.text, 9, align=Align.CENTRE)


def _paragraph(file: Any, block: Paragraph) -> None:
    for line in clean(block.text).split("\n"):
        paragraph = file.add_paragraph()
        _write(paragraph, line, 9 if block.small else 11, align=block.align)
        if not block.small and block.align is Align.LEFT:
            paragraph.paragraph_format.first_line_indent = Pt(22)  # two signs
            paragraph.paragraph_format.line_spacing = 1.3


def _table(file: Any, table: Table, document: Document) -> None:
    made = file.add_table(rows=len(table.rows), cols=len(table.widths))
    made.style = "Table Grid"
    made.alignment = WD_TABLE_ALIGNMENT.CENTER
    made.autofit = False
    _margins(made, *((35, 60) if table.size >= 9 else (15, 30)))
    scale = room(document) / sum(table.widths)
    widths = [width * scale for width in table.widths]
    for column, width in zip(made.columns, widths, strict=True):
        column.width = Mm(width)
    for number, (row, line) in enumerate(zip(table.rows, made.rows, strict=True)):
        _row(row, line, widths, (table.size + 0.5, document.language), _is_kept(table, number))
        if number < table.head:
            _mark(line, "w:tblHeader")
        if all(len(shown(cell, document.language)) < 800 for cell in row):
            _mark(line, "w:cantSplit")
    after = file.add_paragraph()
    after.paragraph_format.space_after = Pt(0)


def _margins(table: Any, twips: int, sides: int) -> None:
    """Room above and below the text of every cell, and little at its sides."""
    margins = OxmlElement("w:tblCellMar")
    for side, width in (("top", twips), ("left", sides), ("bottom", twips), ("right", sides)):
        edge = OxmlElement(f"w:{side}")
        edge.set(qn("w:w"), str(width))
        edge.set(qn("w:type"), "dxa")
        margins.append(edge)
    table._tbl.tblPr.append(margins)


def _is_kept(table: Table, number: int) -> bool:
    """A part of a form stands on one page: every row of it but the last is kept with the next."""
    rows = table.rows
    return any(is_part(row) for row in rows) and number + 1 < len(rows) and not is_part(rows[number + 1])


def _mark(line: Any, name: str) -> None:
    line._tr.get_or_add_trPr().append(OxmlElement(name))


def _row(row: Row, line: Any, widths: list[float], look: tuple[float, Language], kept: bool) -> None:
    boxes, column = line._tr.tc_lst, 0
    cells = [line.cells[number] for number in range(len(boxes))]
    for cell in row:
        box = cells[column]
        if cell.span > 1:
            box = box.merge(cells[column + cell.span - 1])
        box.width = Mm(sum(widths[column : column + cell.span]))
        _fill(box, cell, *look, kept=kept)
        column += cell.span
    least = max(cell.height for cell in row)
    if least:
        line.height = Mm(least)


def _fill(box: Any, cell: Cell, size: float, language: Language, *, kept: bool) -> None:
    lines = shown(cell, language).split("\n")
    for number, text in enumerate(lines):
        paragraph = box.paragraphs[0] if number == 0 else box.add_paragraph()
        _write(paragraph, text, size, bold=cell.label, align=cell.align, face=_BODY)
        paragraph.paragraph_format.space_after = Pt(0)
        paragraph.paragraph_format.line_spacing = 1.0
        paragraph.paragraph_format.keep_with_next = kept
    box.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
    if cell.label:
        shade = OxmlElement("w:shd")
        for name, value in (("val", "clear"), ("color", "auto"), ("fill", "EEEEEE")):
            shade.set(qn(f"w:{name}"), value)
        box._tc.get_or_add_tcPr().append(shade)
