"""Pure. TOML text into a strict model, or every fault of it with its line.

pydantic knows what is wrong and where in the data; TOML knows no lines, so `_lines` maps each key path to the line on
which it stands.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
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
_CODES = {"extra_forbidden": Code.UNKNOWN_KEY, "missing": Code.MISSING_KEY}
_HINTS = {
    Code.UNKNOWN_KEY: "remove the key, or look for a slip in its name",
    Code.MISSING_KEY: "add the key",
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
        return None, tuple(sorted(_problems(source, error.errors())))


def _syntax(source: Source, error: tomllib.TOMLDecodeError) -> Problem:
    found = re.search(r"line (\d+)", str(error))
    line = int(found[1]) if found else max(1, source.text.count("\n") + 1)
    return Problem(source.file, line, Code.SYNTAX, "(file)", str(error), "see https://toml.io for the syntax")


def _problems(source: Source, details: Iterable[ErrorDetails]) -> Iterator[Problem]:
    """One problem for each place and kind of fault; what no member of a union would take is told once."""
    told: dict[tuple[Path, Code], tuple[list[str], str]] = {}
    for detail in details:
        given = detail.get("input")
        if detail["type"] == "too_short" and given:  # its items have faults of their own, which are told
            continue
        code = _CODES.get(detail["type"])
        if code is None:
            code = Code.WRONG_TYPE if detail["type"].endswith(("_type", "_parsing")) else Code.BAD_VALUE
        message, hint = detail["msg"].removeprefix("Value error, "), _HINTS.get(code, f"got {_short(given)}")
        if detail["type"] == "union_tag_invalid":
            message = f"no condition or recurrence is called {detail['ctx']['tag']!r}"
            hint = f"known: {detail['ctx']['expected_tags']}".replace("'", "")
        elif detail["type"] == "value_error" and "column" in message:  # an expression shows the place itself
            hint = "see docs/reference/expressions.md"
        texts, _ = told.setdefault((_keys(detail["loc"]), code), ([], hint))
        if message not in texts:
            texts.append(message)
    for (path, code), (texts, hint) in told.items():
        yield source.problem(code, path, "; or: ".join(texts), hint)


def _keys(place: Path) -> Path:
    """The keys of the file in pydantic's location, which also names the members of unions that it tried."""
    path: list[str | int] = []
    for part in place:
        word = str(part)
        if part in _SCALARS or word.startswith(("literal[", "constrained-", "function-")):
            continue
        chooses = path[-1:] and (path[-1] in _UNIONS or (isinstance(path[-1], int) and path[-2:-1] == ["of"]))
        if not (chooses and word in _TAGS):
            path.append(part)
    return tuple(path)


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."


_SCALARS: set[str | int] = {"float", "int", "str", "bool", "FromParam"}
_UNIONS: set[str | int] = {"when", "suppress_when", "of"}  # keys behind which pydantic tells the condition's type
_TAGS = {
    "high", "low", "state", "change", "no_data", "bad_signal", "rate", "forecast", "stuck", "spread", "deviation",
    "count", "must_happen", "schedule", "expiry", "alarm", "blind", "expr", "all", "any", "not", "vote",
    "windows", "slots", "yearly", "gap", "once", "after",
}  # fmt: skip
