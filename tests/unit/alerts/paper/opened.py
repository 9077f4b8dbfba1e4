"""Files opened again with the libraries of others, as plain values."""

from __future__ import annotations

import io
from typing import Any

from docx import Document as open_docx
from openpyxl import load_workbook


def tables_of(data: bytes) -> list[list[list[str]]]:
    """The tables of a Word file; of a merged cell the first place only."""
    found = []
    for table in open_docx(io.BytesIO(data)).tables:
        rows = []
        for row in table.rows:
            cells: list[Any] = []
            for cell in row.cells:
                if not cells or cell._tc is not cells[-1]._tc:
                    cells.append(cell)
            rows.append([cell.text for cell in cells])
        found.append(rows)
    return found


def fields_of(rows: list[list[Any]]) -> dict[str, Any]:
    """A form as its captions and what stands beside them."""
    told: dict[str, Any] = {}
    for row in rows:
        for caption, value in zip(row[::2], row[1::2], strict=False):
            told.setdefault(str(caption).replace("\n", ""), value)
    return told


def text_of(data: bytes) -> str:
    """The running text of a Word file, headers and footers too."""
    file = open_docx(io.BytesIO(data))
    section = file.sections[0]
    lines = [*file.paragraphs, *section.header.paragraphs, *section.footer.paragraphs]
    return "\n".join(line.text for line in lines)


def sheet_of(data: bytes) -> Any:
    """The sheet of a workbook."""
    return load_workbook(io.BytesIO(data)).worksheets[0]
