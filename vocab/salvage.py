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
    """The names of what could not be read, by table: nothing can be said about who mentions them."""

    def __init__(self) -> None:
        self._names: dict[str, set[str]] = {}
        self._tables: set[str] = set()  # of which not even the names could be read

    def add(self, table: str, name: object = None) -> None:
        """A row of this name could not be read; without a name, any could be the one."""
        if isinstance(name, str):
            self._names.setdefault(table, set()).add(name)
        else:
            self._tables.add(table)

    def update(self, other: Lost) -> None:
        """What the other lost is lost here too."""
        self._tables |= other._tables
        for table, names in other._names.items():
            self._names.setdefault(table, set()).update(names)

    def has(self, table: str, name: str) -> bool:
        """Whether `name` may be one of those."""
        return table in self._tables or name in self._names.get(table, ())


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
            lost.add(str(table[-1]), rows[row].get("id") if isinstance(rows[row], dict) else None)
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
