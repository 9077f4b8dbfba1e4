"""Pure. The table of a document as CSV for spreadsheets: UTF-8 with a mark (BOM), or Excel would read it as GBK."""

from __future__ import annotations

import csv
import io

from alerts.paper.model import Cell, Document, Language, Table, shown

_DANGEROUS = ("=", "+", "-", "@", "\t", "\r")


def csv_file(document: Document) -> bytes:
    """The tables, without titles and signatures; every cell of a span stands by itself."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    for block in document.blocks:
        if isinstance(block, Table):
            for row in block.rows:
                writer.writerow([text for cell in row for text in _spread(cell, document.language)])
    return ("\ufeff" + out.getvalue()).encode("utf-8")


def _spread(cell: Cell, language: Language) -> list[str]:
    return [harmless(cell, shown(cell, language)), *([""] * (cell.span - 1))]


def harmless(cell: Cell, text: str) -> str:
    """A text that a spreadsheet would work out as a formula gets an apostrophe before it (CSV injection, OWASP)."""
    is_text = isinstance(cell.value, str)
    return f"'{text}" if is_text and text.startswith(_DANGEROUS) else text
