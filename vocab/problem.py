"""Pure. What is wrong with a configuration file: numbered, located, with a hint. All of them at once."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Code(StrEnum):
    """Numbered so that a person can look one up in docs/reference/configuration-errors.md."""

    SYNTAX = "E001"
    UNKNOWN_KEY = "E002"
    MISSING_KEY = "E003"
    WRONG_TYPE = "E004"
    BAD_VALUE = "E005"
    UNKNOWN_REFERENCE = "E006"
    DUPLICATE_ID = "E007"
    UNIT_MISMATCH = "E008"
    UNREADABLE = "E009"
    OVERLAP = "E010"
    CONTRADICTION = "E011"
    FORBIDDEN = "E012"


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One fault of a configuration file, with the place to mend."""

    file: str
    line: int
    code: Code
    key: str
    message: str
    hint: str = ""

    def __str__(self) -> str:
        tail = f"\n    hint: {self.hint}" if self.hint else ""
        return f"{self.code} {self.file}:{self.line} {self.key}: {self.message}{tail}"


class ConfigurationError(Exception):
    """The configuration has faults; nothing was started. `problems` lists every one of them."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        super().__init__("\n".join(str(problem) for problem in problems))
