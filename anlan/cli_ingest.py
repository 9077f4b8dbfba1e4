"""Shell. `anlan ingest`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from anlan.cli_common import BROKER, BrokerAt, Worker, configured, session, site_path

app = typer.Typer(no_args_is_help=True, help="The memory: subscribe, store, roll up, answer queries.")


@app.command()
def run(
    sites: Annotated[list[str], typer.Argument(help="Shipped sites' names, or folders with site.toml.")],
    broker: BrokerAt = BROKER,
    store: Annotated[Path, typer.Option(help="The DuckDB file.")] = Path("readings.duckdb"),
    host: Annotated[str, typer.Option(help="Address of the query API.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port of the query API.")] = 8081,
    worker: Worker = "",
) -> None:
    """Store every frame of these sites until ended."""
    from ingest.service import Settings, serve
    from runtime.clock import Clock
    from runtime.files import load_site
    from runtime.process import run as run_process

    with configured():
        loaded = [load_site(site_path(site)) for site in sites]
    settings = Settings(broker=broker, database=str(store), host=host, port=port, client_id=session("ingest", worker))
    clock = Clock.from_environment()
    raise typer.Exit(run_process(lambda: serve(loaded, settings, clock), clock))


@app.command()
def check(site: Annotated[str, typer.Argument(help="A shipped site's name, or a folder with site.toml.")]) -> None:
    """Check what ingest would be started with."""
    from runtime.files import load_site

    with configured():
        loaded = load_site(site_path(site))
    points = sum(len(loaded.points_of(asset)) for asset in loaded.assets)
    typer.echo(f"{loaded.id}: {len(loaded.assets)} assets, {points} points would be stored")
