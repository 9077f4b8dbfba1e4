"""Shell. `anlan alerts`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from anlan.cli_common import BROKER, BrokerAt, Worker, configured, site_path
from anlan.places import VARIABLE, session

app = typer.Typer(no_args_is_help=True, help="From a number to a person: alarms, tickets, the API and the wall.")


@app.command()
def run(  # noqa: PLR0913, PLR0917 - the options of a command line are its parameters
    site: Annotated[str, typer.Argument(help="A shipped site's name, or a folder with site.toml.")],
    broker: BrokerAt = BROKER,
    database: Annotated[
        str, typer.Option(envvar=VARIABLE, help="sqlite:///FILE or postgresql://USER@HOST/NAME, of the tickets.")
    ] = "sqlite:///tickets.sqlite",
    ingest: Annotated[str, typer.Option(help="Where ingest answers queries.")] = "http://127.0.0.1:8081",
    host: Annotated[str, typer.Option(help="Address of the API and the wall.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port of the API and the wall.")] = 8080,
    kernel: Annotated[
        str, typer.Option(help="plain, compiled (and nothing is judged before), or auto: plain until it is compiled.")
    ] = "auto",
    state: Annotated[
        Path | None, typer.Option(help="Where the audit head and the first password are kept. Default: beside SQLite.")
    ] = None,
    open_on_loopback: Annotated[
        bool, typer.Option(help="A trial on one machine: no sign-in while nobody has an account.")
    ] = False,
    worker: Worker = "",
) -> None:
    """Judge every frame of a site, keep alarms and tickets, serve the wall, until ended."""
    from alerts.kernel import Kernel
    from anlan.commands import backtest_command
    from runtime.lean import become

    if kernel not in list(Kernel):
        raise typer.BadParameter(f"one of {', '.join(Kernel)}", param_hint="--kernel")
    become("alerts", [
        str(site_path(site)), "--broker", broker, "--ingest", ingest, "--host", host, "--port", str(port),
        "--kernel", kernel, "--state", str(state or _beside(database)), "--client-id", session("alerts", worker),
        *(["--open-on-loopback"] if open_on_loopback else []),
        "--backtest", *backtest_command(site_path(site), ingest),
    ], {VARIABLE: database})  # fmt: skip


def _beside(database: str) -> Path:
    """The folder of an SQLite file, or the one we are in."""
    from sqlalchemy import make_url

    url = make_url(database)
    return Path(url.database).parent if url.get_backend_name() == "sqlite" and url.database else Path()


@app.command()
def check(site: Annotated[str, typer.Argument(help="A shipped site's name, or a folder with site.toml.")]) -> None:
    """Check what alerts would be started with, and tell how many alarms it would watch."""
    from runtime.files import load_site

    with configured():
        loaded = load_site(site_path(site))
    alarms = sum(len(loaded.rules_of(asset)) for asset in loaded.assets)
    typer.echo(f"{loaded.id}: {alarms} alarms over {len(loaded.assets)} assets")
