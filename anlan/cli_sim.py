"""Shell. `anlan sim`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from anlan.cli_common import BROKER, configured, scenario_path, site_path

app = typer.Typer(no_args_is_help=True, help="Devices that never existed: physics, faults, ground truth.")


@app.command()
def run(  # noqa: PLR0913, PLR0917 - the options of a command line are its parameters
    site: Annotated[str, typer.Argument(help="A shipped site's name, or a folder with site.toml.")],
    scenario: Annotated[str, typer.Option(help="A scenario of the site, by name, or a TOML file.")] = "quiet-day",
    broker: Annotated[str, typer.Option(help="mqtt://HOST:PORT of vendor devices.")] = BROKER,
    endpoints: Annotated[Path | None, typer.Option(help="JSON file with bus addresses decided at start.")] = None,
    truth: Annotated[Path, typer.Option(help="Where the ground truth is written.")] = Path("truth.jsonl"),
    control_port: Annotated[int, typer.Option(help="Port of the control API.")] = 8089,
    seed: Annotated[int, typer.Option(help="Seed of everything random.")] = 1,
    start_ms: Annotated[int | None, typer.Option(help="Site time of scenario time 0; default: now.")] = None,
    wan: Annotated[list[str] | None, typer.Option(help="EDGE=PORT: a WAN that can be cut, to the broker.")] = None,
) -> None:
    """Run every device of a site until ended."""
    from anlan.places import address_of
    from firmware_sim.files import load_scenario
    from firmware_sim.service import Settings, serve
    from firmware_sim.wan import Route
    from runtime.clock import Clock
    from runtime.files import load_site
    from runtime.process import run as run_process

    with configured():
        folder = site_path(site)
        loaded = load_site(folder, endpoints=endpoints)
        plot = load_scenario(scenario_path(folder, scenario), loaded)
    host, port = address_of(broker)
    proxies = {edge: Route(int(listen), host, port) for edge, listen in (each.split("=", 1) for each in wan or ())}
    settings = Settings(
        broker=broker, truth=truth, control_port=control_port, seed=seed, start_ms=start_ms, wan=proxies
    )
    raise typer.Exit(run_process(lambda: serve(loaded, plot, settings, Clock.from_environment())))


@app.command()
def check(
    site: Annotated[str, typer.Argument(help="A shipped site's name, or a folder with site.toml.")],
    scenario: Annotated[str, typer.Argument(help="A scenario of the site, by name, or a TOML file.")],
) -> None:
    """Check a scenario: every fault at once."""
    from firmware_sim.files import load_scenario
    from runtime.files import load_site

    with configured():
        folder = site_path(site)
        plot = load_scenario(scenario_path(folder, scenario), load_site(folder))
    typer.echo(f"{plot.name}: {len(plot.inject)} injections")
