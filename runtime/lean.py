"""Shell. A long-lived part in a process of its own with nothing in it that it does not need: `python -m edge`, `ingest`
and `alerts`. The command line becomes it, for its own libraries would stay in memory as long as the part runs.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import NoReturn, TypeVar

from vocab.problem import ConfigurationError

_Loaded = TypeVar("_Loaded")

# Blocks of 100 kB and more come and go for years. Of blocks of that size glibc by itself keeps up to 64 MB in hand, in
# an arena for each thread.
_ALLOCATOR = {
    "MALLOC_ARENA_MAX": "1", "MALLOC_TRIM_THRESHOLD_": "262144", "MALLOC_MMAP_THRESHOLD_": "65536"
}  # fmt: skip


def command(part: str, arguments: Sequence[str], environment: Mapping[str, str]) -> tuple[list[str], dict[str, str]]:
    """What to start, and in which environment: what the operator has set there stands."""
    return [sys.executable, "-m", part, *arguments], {**environment, **allocator(environment)}


def allocator(environment: Mapping[str, str]) -> dict[str, str]:
    """What to add to this environment, so that memory that was freed is given back."""
    return {name: value for name, value in _ALLOCATOR.items() if name not in environment}


def become(part: str, arguments: Sequence[str], more: Mapping[str, str] | None = None) -> NoReturn:
    """Put the part in the place of this process; `more` is for its environment."""
    argv, environment = command(part, arguments, {**os.environ, **(more or {})})
    sys.stdout.flush()
    sys.stderr.flush()
    os.execve(argv[0], argv, environment)  # noqa: S606 - our own interpreter


def leave_out_colours() -> None:
    """A log without a terminal shows none, and structlog would load a library for them. To be called first of all."""
    if not sys.stderr.isatty():
        sys.modules["rich"] = None  # type: ignore[assignment]


def loaded(load: Callable[[], _Loaded]) -> _Loaded | None:
    """What `load` gives; None if the configuration has faults, and then they were told."""
    try:
        return load()
    except ConfigurationError as error:
        for problem in error.problems:
            print(problem, file=sys.stderr)
        count = len(error.problems)
        print(f"{count} fault{'s' if count != 1 else ''}, nothing started", file=sys.stderr)
        return None
