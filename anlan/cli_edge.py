"""Shell. `anlan edge`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from anlan.cli_common import BROKER, BrokerAt, configured, site_path

app = typer.Typer(no_args_is_help=True, help="The agent of one cabinet: poll, decode, spool, send.")


@app.command()
def run(  # noqa: PLR0913, PLR0917 - the options of a command are its parameters
    site: Annotated[str, typer.Argument(help="A shipped site's name, or a folder with site.toml.")],
    edge_id: Annotated[str, typer.Argument(metavar="EDGE", help="The cabinet's id in the site file.")],
    broker: BrokerAt = BROKER,
    data: Annotated[Path, typer.Option(help="Folder of the spool.")] = Path("edge-data"),
    ledger: Annotated[Path | None, typer.Option(help="Also write every reading to this CSV file.")] = None,
    endpoints: Annotated[Path | None, typer.Option(help="JSON file with bus addresses decided at start.")] = None,
    metrics_port: Annotated[int | None, typer.Option(help="Serve /metrics and /readyz on this loopback port.")] = None,
) -> None:
    """Poll the devices of one cabinet and send what they say, until ended."""
    from runtime.lean import become

    told: dict[str, object] = {"--broker": broker, "--data": data, "--ledger": ledger, "--endpoints": endpoints}
    told["--metrics-port"] = metrics_port
    options = [word for name, value in told.items() if value is not None for word in (name, str(value))]
    become("edge", [str(site_path(site)), edge_id, *options])


@app.command()
def check(
    site: Annotated[str, typer.Argument(help="A shipped site's name, or a folder with site.toml.")],
    edge_id: Annotated[str, typer.Argument(metavar="EDGE", help="The cabinet's id in the site file.")],
) -> None:
    """Show what the agent would read, in how many requests, and how busy each bus would be."""
    from anlan.report import show_read_plan
    from runtime.files import load_site

    with configured():
        loaded = load_site(site_path(site))
    _known(edge_id, [edge.id for edge in loaded.file.edge])
    show_read_plan(Console(), loaded, edge_id)


@app.command()
def frame(
    file: Annotated[typer.FileBinaryRead, typer.Argument(help="One message; - reads it from another command.")],
) -> None:
    """Show as JSON what one message of the broker says.

    mosquitto_sub -N -C 1 -t 'anlan/v1/+/+/tele' | anlan edge frame -
    """
    from wire.frame import FrameError, decode, encode_json

    try:
        told = encode_json(decode(file.read()))
    except FrameError as error:
        Console(stderr=True).print(f"no frame: {error}", highlight=False, markup=False)
        raise typer.Exit(1) from None
    print(told.decode())


@app.command()
def silence(
    data: Annotated[Path, typer.Option(help="Folder of the agent's spool.")] = Path("edge-data"),
) -> None:
    """Quiet the sirens of the agent that works in this folder. An alarm that is raised later sounds again."""
    from edge.guard import order_silence

    try:
        order_silence(data)
    except OSError as error:
        typer.echo(f"{data}: {error.strerror}: no agent works here, or it belongs to somebody else", err=True)
        raise typer.Exit(1) from error
    typer.echo("the agent will be quiet at its next flush; only alarms raised until then are silenced")


def _known(edge_id: str, known: list[str]) -> None:
    if edge_id not in known:
        typer.echo(f"no edge {edge_id!r} in this site; known: {', '.join(known)}", err=True)
        raise typer.Exit(1)
