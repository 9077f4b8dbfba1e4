"""Shell. `anlan ingest`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from anlan.cli_common import BROKER, BrokerAt, Worker, configured, site_path
from anlan.places import session

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
    from runtime.lean import become

    options = ["--broker", broker, "--store", str(store), "--host", host, "--port", str(port)]
    become("ingest", [*(str(site_path(site)) for site in sites), *options, "--client-id", session("ingest", worker)])


@app.command()
def compact(
    store: Annotated[Path, typer.Argument(help="The DuckDB file, which no other process may have open.")],
    open_hours: Annotated[float, typer.Option(min=0, help="Leave what arrived so lately as it is.")] = 1.0,
) -> None:
    """Close every period that is over, as ingest does while it runs, and make the file small again."""
    from rich.console import Console
    from rich.progress import Progress

    from ingest.closing import compact as compact_file
    from ingest.problem import StoreError
    from runtime.clock import Clock

    if not store.is_file():
        typer.echo(f"{store}: no such file", err=True)
        raise typer.Exit(1)
    before = store.stat().st_size
    try:
        with Progress(console=Console(stderr=True)) as progress:
            task = progress.add_task("readings closed", total=None)
            before_ms = Clock.from_environment().now_ms() - round(open_hours * 3_600_000)
            closed = compact_file(store, before_ms, lambda more: progress.advance(task, more))
    except StoreError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    typer.echo(f"{closed} readings closed; {store} had {before} bytes and has {store.stat().st_size}")


@app.command()
def check(site: Annotated[str, typer.Argument(help="A shipped site's name, or a folder with site.toml.")]) -> None:
    """Check what ingest would be started with."""
    from runtime.files import load_site

    with configured():
        loaded = load_site(site_path(site))
    points = sum(len(loaded.points_of(asset)) for asset in loaded.assets)
    typer.echo(f"{loaded.id}: {len(loaded.assets)} assets, {points} points would be stored")
