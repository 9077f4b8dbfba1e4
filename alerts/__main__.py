"""Shell. `python -m alerts`: alarms, tickets, API and wall with nothing else in their process. `anlan alerts run`
becomes it. The ticket database stands in the environment, since its URL may hold a password.
"""

from __future__ import annotations

import os
from argparse import REMAINDER, ArgumentParser
from pathlib import Path

from runtime.lean import leave_out_colours, loaded

DATABASE = "ANLAN_DATABASE"


def main() -> int:
    """Run what the command line asks for; the exit status is that of runtime/process.py."""
    leave_out_colours()
    from alerts.kernel import Kernel
    from alerts.service import Settings, serve
    from runtime.clock import Clock
    from runtime.files import load_site
    from runtime.process import run

    asked = _parser().parse_args()
    site = loaded(lambda: load_site(asked.site))
    if site is None:
        return 1
    clock = Clock.from_environment()
    backtest = (*asked.backtest, "--speed", f"{clock.speed:g}") if asked.backtest else ()
    settings = Settings(
        broker=asked.broker, database=os.environ[DATABASE], ingest=asked.ingest, host=asked.host, port=asked.port,
        kernel=Kernel(asked.kernel), backtest=backtest, state=asked.state,
        first_administrator=not asked.open_on_loopback, client_id=asked.client_id,
    )  # fmt: skip
    return run(lambda: serve(site, settings, clock), clock)


def _parser() -> ArgumentParser:
    parser = ArgumentParser(prog="python -m alerts", description="From a number to a person.")
    parser.add_argument("site", type=Path)
    parser.add_argument("--broker", required=True)
    parser.add_argument("--ingest", required=True)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--kernel", default="auto")
    parser.add_argument("--state", type=Path, required=True)
    parser.add_argument("--open-on-loopback", action="store_true")
    parser.add_argument("--client-id", default="anlan-alerts")
    parser.add_argument("--backtest", nargs=REMAINDER, default=[], help="the command that backtests a draft; last")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
