"""Pure. Parts of a document that a command writes: what stands between two marks is replaced, nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


class NoMarksError(Exception):
    """The document has no place for this part."""


def marks(part: str) -> tuple[str, str]:
    """The lines around a part; a reader does not see them."""
    return f"<!-- {part}: generated, do not edit -->", f"<!-- {part}: end -->"


def replaced(document: str, part: str, text: str) -> str:
    """The document with a new part."""
    begin, end = marks(part)
    head, found, rest = document.partition(begin)
    _, closed, tail = rest.partition(end)
    if not found or not closed:
        raise NoMarksError(f"the document has no lines {begin!r} and {end!r}")
    return f"{head}{begin}\n\n{text.strip()}\n\n{end}{tail}"


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)
