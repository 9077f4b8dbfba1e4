"""Shell. `python -m edge`: an agent with nothing in it that it does not need. `anlan edge run` becomes it.

The command line's libraries would stay in memory for as long as the agent runs, which is for years on a small machine.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from pathlib import Path

from runtime.lean import leave_out_colours, loaded


def main() -> int:
    """Run the agent that the command line asks for; the exit status is that of runtime/process.py."""
    leave_out_colours()
    sys.modules["greenlet"] = None  # type: ignore[assignment]  # structlog would load threads that we have not got
    from edge.service import Settings, serve
    from runtime.clock import Clock
    from runtime.exact import exact_loop
    from runtime.files import load_site
    from runtime.process import run

    asked = _parser().parse_args()
    site = loaded(lambda: load_site(asked.site, endpoints=asked.endpoints))
    if site is None:
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
