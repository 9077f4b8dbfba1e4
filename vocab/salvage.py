"""Pure. What can still be read of a configuration file with faults, so that all its faults are told at once.

A row with a fault is left out and its name kept: who mentions it is not to blame. Everything else is judged as usual.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import ValidationError
from pydantic_core import to_json

from vocab.problem import Problem
from vocab.strict_toml import Path, Source, Strict, parse

_M = TypeVar("_M", bound=Strict)


class Lost:
    """What could not be read, by table: nothing can be said about who mentions it."""

    def __init__(self) -> None:
        self._rows: dict[str, list[dict[str, Any]]] = {}
        self._tables: set[str] = set()  # of which not even the names could be read

    def add(self, table: str, row: object = None) -> None:
        """A row could not be read; if it has no name, any could be the one."""
        if isinstance(row, dict) and isinstance(row.get("id"), str):
            self._rows.setdefault(table, []).append(row)
        else:
            self._tables.add(table)

    def update(self, other: Lost) -> None:
        """What the other lost is lost here too."""
        self._tables |= other._tables
        for table, rows in other._rows.items():
            self._rows.setdefault(table, []).extend(rows)

    def any(self, table: str) -> bool:
        """Whether a row of the table could not be read."""
        return table in self._tables or table in self._rows

    def has(self, table: str, word: str, key: str = "id") -> bool:
        """Whether a row that could not be read may say `word` at `key`."""
        return table in self._tables or any(row.get(key) == word for row in self._rows.get(table, ()))


@dataclass(frozen=True, slots=True)
class Salvaged(Generic[_M]):
    """What could be read of a file with faults: `found` without the rows that have some (None: not even its head), the
    `source` that places what was found, and the names that were `lost`."""

    found: _M | None
    source: Source
    problems: tuple[Problem, ...]
    lost: Lost


def salvage(source: Source, model: type[_M]) -> Salvaged[_M]:
    """As `parse`, but one bad row does not hide what is wrong with the others."""
    found, problems = parse(source, model)
    lost = Lost()
    if found is not None:
        return Salvaged(found, source, problems, lost)
    try:
        data = tomllib.loads(source.text)
        bad = _broken_rows(data, model)
    except tomllib.TOMLDecodeError:
        bad = None
    if bad is None:
        for name in model.model_fields:
            lost.add(name)
        return Salvaged(None, source, problems, lost)
    kept: dict[Path, list[int]] = {}
    for table, broken in bad.items():
        holder: Any = data
        for key in table[:-1]:
            holder = holder[key]
        rows = holder[table[-1]]
        for row in broken:
            lost.add(str(table[-1]), rows[row])
        kept[table] = [row for row in range(len(rows)) if row not in broken]
        holder[table[-1]] = [rows[row] for row in kept[table]]
    try:
        found = model.model_validate_json(to_json(data), strict=True)
    except ValidationError:  # of what is left, the file as a whole will not have it
        found = None
    return Salvaged(found, Source(source.file, source.text, kept), problems, lost)


def _broken_rows(data: dict[str, Any], model: type[Strict]) -> dict[Path, set[int]] | None:
    """The rows with faults, by table; keys that are none are taken out of `data`. None if a fault is elsewhere."""
    bad: dict[Path, set[int]] = {}
    try:
        model.model_validate_json(to_json(data), strict=True)
    except ValidationError as error:
        for detail in error.errors():
            place = detail["loc"]
            index = next((i for i, part in enumerate(place) if isinstance(part, int)), 0)
            if index:
                bad.setdefault(place[:index], set()).add(int(place[index]))
            elif len(place) == 1 and detail["type"] == "extra_forbidden":
                del data[str(place[0])]
            else:
                return None
    return bad
