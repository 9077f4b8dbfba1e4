"""Shell. `python -m ingest`: the memory with nothing else in its process. `anlan ingest run` becomes it."""

from __future__ import annotations

from argparse import ArgumentParser

from runtime.lean import leave_out_colours, loaded


def main() -> int:
    """Run what the command line asks for; the exit status is that of runtime/process.py."""
    leave_out_colours()
    from ingest.service import Settings, serve
    from runtime.clock import Clock
    from runtime.files import load_site
    from runtime.process import run

    asked = _parser().parse_args()
    sites = loaded(lambda: [load_site(each) for each in asked.sites])
    if sites is None:
        return 1
    settings = Settings(
        broker=asked.broker, database=asked.store, host=asked.host, port=asked.port, client_id=asked.client_id
    )
    clock = Clock.from_environment()
    return run(lambda: serve(sites, settings, clock), clock)


def _parser() -> ArgumentParser:
    from pathlib import Path

    parser = ArgumentParser(prog="python -m ingest", description="The memory of some sites.")
    parser.add_argument("sites", type=Path, nargs="+")
    parser.add_argument("--broker", required=True)
    parser.add_argument("--store", required=True)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--client-id", default="anlan-ingest")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
