"""Shell. `python -m edge`: an agent with nothing in it that it does not need. `anlan edge run` becomes it.

The command line's libraries would stay in memory for as long as the agent runs, which is for years on a small machine.
"""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser
from collections.abc import Mapping, Sequence
from pathlib import Path

# Frames of 100 kB come and go for years. Of blocks of that size glibc by itself keeps up to 64 MB in hand, in an arena
# for each thread.
_ALLOCATOR = {
    "MALLOC_ARENA_MAX": "1", "MALLOC_TRIM_THRESHOLD_": "262144", "MALLOC_MMAP_THRESHOLD_": "65536"
}  # fmt: skip


def command(arguments: Sequence[str], environment: Mapping[str, str]) -> tuple[list[str], dict[str, str]]:
    """What to start, and in which environment."""
    return [sys.executable, "-m", "edge", *arguments], {**_ALLOCATOR, **environment}


def become(arguments: Sequence[str]) -> None:
    """Put the agent in the place of this process."""
    argv, environment = command(arguments, os.environ)
    sys.stdout.flush()
    sys.stderr.flush()
    os.execve(argv[0], argv, environment)  # noqa: S606 - our own interpreter


def main() -> int:
    """Run the agent that the command line asks for; the exit status is that of runtime/process.py."""
    if not sys.stderr.isatty():  # structlog would load these: colours, and threads that we have not got
        sys.modules["rich"] = sys.modules["greenlet"] = None  # type: ignore[assignment]
    from edge.service import Settings, serve
    from runtime.clock import Clock
    from runtime.exact import exact_loop
    from runtime.files import load_site
    from runtime.process import run
    from vocab.problem import ConfigurationError

    asked = _parser().parse_args()
    try:
        site = load_site(asked.site, endpoints=asked.endpoints)
    except ConfigurationError as error:
        for problem in error.problems:
            print(problem, file=sys.stderr)
        count = len(error.problems)
        print(f"{count} fault{'s' if count != 1 else ''}, nothing started", file=sys.stderr)
        return 1
    known = [edge.id for edge in site.file.edge]
    if asked.edge not in known:
        print(f"no edge {asked.edge!r} in this site; known: {', '.join(known)}", file=sys.stderr)
        return 1
    settings = Settings(broker=asked.broker, data_dir=asked.data, ledger=asked.ledger, metrics_port=asked.metrics_port)
    clock = Clock.from_environment()
    return run(lambda: serve(site, asked.edge, settings, clock), clock, exact_loop)


def _parser() -> ArgumentParser:
    parser = ArgumentParser(prog="python -m edge", description="The agent of one cabinet.")
    parser.add_argument("site", type=Path)
    parser.add_argument("edge")
    parser.add_argument("--broker", required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--ledger", type=Path)
    parser.add_argument("--endpoints", type=Path)
    parser.add_argument("--metrics-port", type=int)
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
