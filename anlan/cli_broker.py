"""Shell. `anlan broker`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, help="The embedded broker by itself, or as one server of a cluster.")


@app.command()
def run(
    data: Annotated[Path, typer.Option(help="Where messages are kept.")] = Path("broker-data"),
    host: Annotated[str, typer.Option(help="Address for MQTT; 0.0.0.0 lets cabinets in.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port for MQTT.")] = 1883,
    name: Annotated[str | None, typer.Option(help="Of this server in its cluster; none: a broker by itself.")] = None,
    listen: Annotated[str, typer.Option(help="HOST:PORT for the other servers.")] = "127.0.0.1:6222",
    peer: Annotated[list[str] | None, typer.Option(help="HOST:PORT of a server of the cluster; give each.")] = None,
) -> None:
    """Run a broker until ended. A cluster has three servers or more, and each has every message.

    Clients are given all of them: --broker mqtt://HOST:PORT,HOST:PORT,HOST:PORT.
    """
    from anlan.broker import REPLICAS, Cluster, broker_command

    if name is not None and len(set(peer or ())) < REPLICAS:
        raise typer.BadParameter(f"a cluster has at least {REPLICAS} servers, give each", param_hint="--peer")
    if name is None and peer:
        raise typer.BadParameter("a server of a cluster has a name", param_hint="--name")
    cluster = None if name is None else Cluster(name, listen, tuple(peer or ()))
    command = broker_command(data, port, host, cluster)
    os.execv(command[0], command)  # noqa: S606 - it becomes the server, so that signals and its end are the server's own
