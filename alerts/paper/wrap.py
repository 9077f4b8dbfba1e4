"""Pure. Lines of Chinese and Latin text that fit a width: Chinese breaks anywhere, words and numbers do not.

A line begins with no closing sign and ends with no opening one (避头尾, GB/T 15834).
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterator

Measure = Callable[[str], float]

_NOT_FIRST = frozenset("，。、；：？！）》】」』”’％%,.;:?!)]}～·…—")
_NOT_LAST = frozenset("（《【「『“‘([{")
_PIECES = re.compile(r"[A-Za-z0-9.,:/+\-_%°³²µμ@#&=*'\"]+|\s+|.", re.DOTALL)
_PARTS = re.compile(r"[^-]*-+|[^-]+")


def wrapped(text: str, width: float, measure: Measure) -> list[str]:
    """The lines; an empty text is one empty line. A word that is wider than a line is cut."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        lines += _filled(paragraph, width, measure)
    return lines


def _filled(paragraph: str, width: float, measure: Measure) -> list[str]:
    lines: list[str] = []
    line, used = "", 0.0
    pieces = deque(_pieces(paragraph, width, measure))
    while pieces:
        piece = pieces.popleft()
        wide = measure(piece)
        if line and used + wide > width:
            if piece.isspace():
                continue
            kept, carried = _broken(line.rstrip(), piece)
            if carried and measure(carried) + wide > width:
                if len(piece) > 1:  # what goes along leaves too little room for the word
                    pieces.extendleft(reversed(piece))
                    continue
                kept, carried = line.rstrip(), ""  # so many signs in a row that the width comes before the rule
            lines.append(kept)
            line, used = carried, measure(carried) if carried else 0.0
        line += piece
        used += wide
    return [*lines, line.rstrip()]


def _broken(line: str, piece: str) -> tuple[str, str]:
    """The full line, and what of it has to stand before the piece on the next one."""
    if piece[0] in _NOT_FIRST or line[-1:] in _NOT_LAST:
        return _carried(line)
    return line, ""


def _pieces(paragraph: str, width: float, measure: Measure) -> Iterator[str]:
    for piece in _PIECES.findall(paragraph):
        if len(piece) == 1 or measure(piece) <= width:
            yield piece
        else:
            for part in _PARTS.findall(piece):  # a long number breaks at its hyphens, if that is enough
                yield from (part,) if measure(part) <= width else part


def _carried(line: str) -> tuple[str, str]:
    """Cut so that the next line may begin: the last sign that may stand first goes along."""
    for at in range(len(line) - 1, 0, -1):
        if line[at] not in _NOT_FIRST and line[at - 1] not in _NOT_LAST:
            if line[at].isascii() and line[at].isalnum():
                continue
            return line[:at], line[at:]
    return line, ""
