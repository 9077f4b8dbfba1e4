"""Pure. A document as a value: what stands in it and how it is laid out. Thin writers make files of it.

Lengths are millimetres. A moment in a cell is naive and by the site's clock, since that is what a spreadsheet and a
signed paper hold. A text is never a number: a code such as 0012 stays 0012.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Literal

Language = Literal["en", "zh"]
Value = str | int | float | date | datetime | None


class Align(StrEnum):
    """Of a cell or a paragraph."""

    LEFT = "left"
    CENTRE = "centre"
    RIGHT = "right"


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell. None and "" are left empty, for a pen."""

    value: Value = None
    span: int = 1  # columns
    label: bool = False  # a caption and not data
    align: Align = Align.LEFT
    percent: bool = False  # a share, 0 to 1
    height: float = 0.0  # at least, for stamps and signatures


Row = tuple[Cell, ...]


def is_part(row: Row) -> bool:
    """Whether a row is nothing but a title for those under it."""
    return len(row) == 1 and row[0].label


@dataclass(frozen=True, slots=True)
class Table:
    """Columns of `widths`; the first `head` rows stand again at the top of every page."""

    widths: tuple[float, ...]
    rows: tuple[Row, ...]
    head: int = 0
    size: float = 9.5  # of the letters, in points


@dataclass(frozen=True, slots=True)
class Heading:
    """Level 1 is a part, 2 a part of a part."""

    text: str
    level: int = 1


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text."""

    text: str
    align: Align = Align.LEFT
    small: bool = False


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG or JPEG, so wide and high on paper, with words under it; formats without pictures keep the words."""

    data: bytes
    width: float
    height: float
    text: str


Block = Heading | Paragraph | Table | Picture


@dataclass(frozen=True, slots=True)
class Names:
    """What a file is called: for people, and for programs that know only ASCII."""

    shown: str
    ascii: str


@dataclass(frozen=True, slots=True)
class Document:
    """A4, upright or lying."""

    title: str
    blocks: tuple[Block, ...]
    names: Names
    language: Language = "zh"
    above: tuple[tuple[str, str], ...] = ()  # (caption, text) under the title: who reports, for which time
    signs: tuple[tuple[str, str], ...] = ()  # (caption, name) under everything: who filled it in, who reviewed it
    header: str = ""  # of every page: the place
    footer: str = ""  # of every page: the day
    landscape: bool = False


PAGE = {"zh": ("第 ", " 页　共 ", " 页"), "en": ("Page ", " of ", "")}  # before, between and after the two numbers
A4 = (210.0, 297.0)
MARGIN = 15.0


def room(document: Document) -> float:
    """The width between the margins."""
    return A4[1 if document.landscape else 0] - 2 * MARGIN


def shown(cell: Cell, language: Language) -> str:
    """A cell as text, for formats that have only text."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M")
    if isinstance(value, date):
        return value.isoformat()
    if cell.percent:
        return f"{value * 100:.1f}%"
    return f"{value:,}" if language == "en" and isinstance(value, int) else str(value)


def clean(text: str) -> str:
    """Without what no file format takes: control signs and halves of signs; lines end with \\n."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(sign for sign in lines if sign in "\n\t" or unicodedata.category(sign) not in ("Cc", "Cs", "Cn"))


def signed_lines(document: Document) -> str:
    """Who filled it in and who reviewed it, on one line; a name that is not there leaves room for a pen."""
    gap = "：" if document.language == "zh" else ": "
    return "　　".join(f"{caption}{gap}{clean(name) or '＿＿＿＿＿＿'}" for caption, name in document.signs)


def above_line(document: Document) -> str:
    """What stands under the title, on one line."""
    gap = "：" if document.language == "zh" else ": "
    return "　　".join(f"{caption}{gap}{clean(text)}" for caption, text in document.above)


def width_of(text: str) -> int:
    """In columns of a terminal or a spreadsheet: a Chinese sign takes two."""
    return sum(2 if unicodedata.east_asian_width(sign) in ("W", "F", "A") else 1 for sign in text)


def lines_in(text: str, columns: float) -> int:
    """About how many lines a text takes in so many columns."""
    wide = max(columns, 2)
    return sum(max(1, -(-width_of(line) // int(wide))) for line in text.split("\n"))
