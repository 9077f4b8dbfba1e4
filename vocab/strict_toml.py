"""Pure. TOML text into a strict model, or every fault of it with its line.

pydantic knows what is wrong and where in the data; TOML knows no lines, so `_lines` maps each key path to the line on
which it stands.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails, to_json

from vocab.problem import Code, Problem

Path = tuple[str | int, ...]
_M = TypeVar("_M", bound=BaseModel)


class Strict(BaseModel):
    """Base of everything read from a file: frozen, no unknown keys, no silent conversion of text to numbers."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Text(Strict):
    """A text that a person reads, in both languages."""

    en: str
    zh: str


_HEADER = re.compile(r"^\s*(\[\[?)\s*([^\]]+?)\s*\]\]?\s*(#.*)?$")
_KEY = re.compile(r"""^\s*((?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|"[^"]*"))*)\s*=""")
_CODES = {
    "extra_forbidden": Code.UNKNOWN_KEY,
    "missing": Code.MISSING_KEY,
}


def _parts(dotted: str) -> list[str]:
    return [part.strip().strip("\"'") for part in re.findall(r""""[^"]*"|'[^']*'|[^.\s]+""", dotted)]


def _lines(text: str) -> dict[Path, int]:
    """Line (1-based) of every table header and key; keys inside inline tables share the line of their own key."""
    found: dict[Path, int] = {}
    counts: dict[Path, int] = {}
    table: Path = ()
    quoted: str | None = None
    for number, line in enumerate(text.splitlines(), start=1):
        if quoted is not None:
            if quoted in line:
                quoted = None
            continue
        if header := _HEADER.match(line):
            table = _enter(_parts(header[2]), header[1] == "[[", counts)
            found.setdefault(table, number)
        elif key := _KEY.match(line):
            path = (*table, *_parts(key[1]))
            for depth in range(len(table) + 1, len(path) + 1):
                found.setdefault(path[:depth], number)
        for mark in ('"""', "'''"):
            if line.count(mark) % 2:
                quoted = mark
    return found


def _enter(names: list[str], is_array: bool, counts: dict[Path, int]) -> Path:
    """The data path of a header, with the running index of every array of tables on the way."""
    path: Path = ()
    for name in names[:-1]:
        path = (*path, name)
        if path in counts:
            path = (*path, counts[path])
    path = (*path, names[-1])
    if not is_array:
        return (*path, counts[path]) if path in counts else path
    counts[path] = counts.get(path, -1) + 1
    return (*path, counts[path])


class Source:
    """A TOML file's text with the lines of its keys: what is needed to say where a fault stands.

    `kept` names, by table, the rows of the file that could be read: paths count only these.
    """

    def __init__(self, file: str, text: str, kept: Mapping[Path, Sequence[int]] | None = None) -> None:
        self.file = file
        self.text = text
        self._kept = kept or {}
        self._lines = _lines(text)

    def line(self, path: Path) -> int:
        """The line of `path`, or of the nearest table around it."""
        return self._line(self._in_file(path))

    def first_line(self, path: Path) -> int:
        """The line on which the text of a key begins: the one below, if its quotes open a block."""
        line = self.line(path)
        lines = self.text.splitlines()
        return line + lines[line - 1].rstrip().endswith(('"""', "'''")) if line <= len(lines) else line

    def problem(self, code: Code, path: Path, message: str, hint: str = "") -> Problem:
        """A Problem placed at `path`."""
        path = self._in_file(path)
        return Problem(self.file, self._line(path), code, dotted(path), message, hint)

    def _in_file(self, path: Path) -> Path:
        for table, rows in self._kept.items():
            row = path[len(table)] if path[: len(table)] == table and len(path) > len(table) else None
            if isinstance(row, int):
                return (*table, rows[row], *path[len(table) + 1 :])
        return path

    def _line(self, path: Path) -> int:
        for depth in range(len(path), 0, -1):
            if path[:depth] in self._lines:
                return self._lines[path[:depth]]
        return 1


def dotted(path: Iterable[str | int]) -> str:
    """`asset[2].unit` for ("asset", 2, "unit"): how a person finds a key; counted from 1."""
    text = ""
    for part in path:
        text += f"[{part + 1}]" if isinstance(part, int) else (f".{part}" if text else part)
    return text or "(file)"


def parse(source: Source, model: type[_M]) -> tuple[_M | None, tuple[Problem, ...]]:
    """The file as `model` and no problems, or None and all of them."""
    try:
        data = tomllib.loads(source.text)
    except tomllib.TOMLDecodeError as error:
        return None, (_syntax(source, error),)
    try:
        # Through JSON, because pydantic's strict mode then still takes lists for tuples and words for enums.
        return model.model_validate_json(to_json(data), strict=True), ()
    except ValidationError as error:
        problems = {_problem(source, detail) for detail in error.errors()}
        return None, tuple(sorted(problems))


def _syntax(source: Source, error: tomllib.TOMLDecodeError) -> Problem:
    found = re.search(r"line (\d+)", str(error))
    line = int(found[1]) if found else max(1, source.text.count("\n") + 1)
    return Problem(source.file, line, Code.SYNTAX, "(file)", str(error), "see https://toml.io for the syntax")


def _problem(source: Source, detail: ErrorDetails) -> Problem:
    path = tuple(part for part in detail["loc"] if part not in _UNION_TAGS)
    kind = detail["type"]
    code = _CODES.get(kind, Code.WRONG_TYPE if kind.endswith(("_type", "_parsing")) else Code.BAD_VALUE)
    hint = {
        Code.UNKNOWN_KEY: "remove the key, or look for a slip in its name",
        Code.MISSING_KEY: "add the key",
    }.get(code, f"got {_short(detail.get('input'))}")
    return source.problem(code, path, detail["msg"].removeprefix("Value error, "), hint)


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."


# pydantic puts the name of the chosen union member into the location; it is no key of the file.
_UNION_TAGS: set[str | int] = {
    "float", "int", "str", "FromParam", "high", "low", "state", "change", "no_data", "bad_signal", "rate", "forecast",
    "stuck", "spread", "deviation", "count", "must_happen", "schedule", "expiry", "alarm", "blind", "expr", "all",
    "any", "not", "vote",
}  # fmt: skip
