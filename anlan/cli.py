"""Shell. `anlan`: one command for everything. Work is imported inside each command, so that `--help` is quick."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from anlan import (
    cli_access,
    cli_alerts,
    cli_audit,
    cli_backtest,
    cli_backup,
    cli_bench,
    cli_broker,
    cli_edge,
    cli_hidden,
    cli_ingest,
    cli_kpi,
    cli_oncall,
    cli_paper,
    cli_replay,
    cli_rules,
    cli_score,
    cli_sim,
    cli_soak,
    cli_torture,
)
from anlan.cli_common import configured, scenario_path, site_path
from anlan.places import VARIABLE

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Anlan 安澜 watches a community's equipment and brings every hazard to a person.",
)
app.add_typer(cli_sim.app, name="sim")
app.add_typer(cli_edge.app, name="edge")
app.add_typer(cli_broker.app, name="broker")
app.add_typer(cli_ingest.app, name="ingest")
app.add_typer(cli_alerts.app, name="alerts")
app.add_typer(cli_rules.app, name="rules")
app.add_typer(cli_paper.app, name="paper")
app.add_typer(cli_access.app, name="access")
app.add_typer(cli_oncall.app, name="oncall")
app.add_typer(cli_audit.app, name="audit")
app.add_typer(cli_bench.app, name="bench")
app.command()(cli_backtest.backtest)
app.command()(cli_replay.replay)
app.command()(cli_score.score)
app.command()(cli_torture.torture)
app.command()(cli_soak.soak)

out = Console()
err = Console(stderr=True)


@app.command()
def demo(  # noqa: PLR0913, PLR0917 - the options of a command line are its parameters
    site: Annotated[str, typer.Option(help="A shipped site's name, or a folder with site.toml.")] = "demo",
    scenario: Annotated[str, typer.Option(help="A scenario of the site, by name, or a TOML file.")] = "first-day",
    seconds: Annotated[float | None, typer.Option("--for", min=1, help="End after so many real seconds.")] = None,
    speed: Annotated[float | None, typer.Option(min=0.1, max=200, help="Times life; default: the scenario's.")] = None,
    headless: Annotated[bool, typer.Option(help="Do not open a browser.")] = False,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the verdict here.")] = None,
    broker: Annotated[str | None, typer.Option(help="mqtt://HOST:PORT instead of the embedded broker.")] = None,
    run_dir: Annotated[Path | None, typer.Option(help="Keep the run's files here; must be empty.")] = None,
    port: Annotated[int, typer.Option(help="Port of the wall, if it is free.")] = 8765,
    seed: Annotated[int, typer.Option(help="Seed of everything random.")] = 1,
) -> None:
    """Run the whole chain: simulators, edges, broker, ingest, alerts and the wall.

    Ends on Ctrl-C, or by itself with --for, and then judges the run: exit status 0 only when every injected fault has
    exactly one ticket, nothing else has any, and no reading was lost or stored twice.
    """
    import asyncio

    from anlan.demo import Options, demo
    from anlan.interrupt import cancelled_by_signals
    from anlan.places import RunDir
    from anlan.report import show_verdict
    from anlan.watch import NotStartedError

    with configured():
        from firmware_sim.files import load_scenario
        from runtime.files import load_site

        folder = site_path(site)
        loaded = load_site(folder)
        file = scenario_path(folder, scenario)
        plot = load_scenario(file, loaded)
    root = run_dir or Path(tempfile.mkdtemp(prefix="anlan-demo-"))
    root.mkdir(parents=True, exist_ok=True)
    if any(root.iterdir()):
        err.print(f"{root} is not empty: a demo starts from nothing, choose another --run-dir")
        raise typer.Exit(1)
    options = Options(folder, file, RunDir(root.resolve()), seconds, speed, broker, port, seed)
    opened = _browser(headless)

    def say(line: str) -> None:
        out.print(line, highlight=False, soft_wrap=True)
        opened(line)

    try:
        verdict = asyncio.run(cancelled_by_signals(demo(loaded, plot, options, say)))
    except (NotStartedError, ValueError) as error:
        err.print(str(error), highlight=False)
        raise typer.Exit(2) from None
    if json_file is not None:
        json_file.write_text(json.dumps(verdict.as_json(), indent=1, ensure_ascii=False), encoding="utf-8")
    show_verdict(out, verdict)
    raise typer.Exit(0 if verdict.holds else 1)


def _browser(headless: bool) -> Any:
    """What to do with each line that is told: open the wall once its address is told, where there is a screen."""
    import os
    import sys
    import webbrowser

    has_screen = sys.platform == "darwin" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))

    def look(line: str) -> None:
        if line.startswith("wall") and has_screen and not headless:
            webbrowser.open(line.split()[1])

    return look


@app.command()
def up(  # noqa: PLR0913, PLR0917 - the options of a command line are its parameters
    site: Annotated[str, typer.Argument(help="A folder with site.toml.")],
    data: Annotated[Path, typer.Option(help="Where everything is kept.")] = Path("anlan-data"),
    host: Annotated[str, typer.Option(help="Address of the wall; 0.0.0.0 shows it to the network.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port of the wall.")] = 8080,
    broker_port: Annotated[int, typer.Option(help="Port of the embedded broker.")] = 1883,
    broker_host: Annotated[str, typer.Option(help="Its address; 0.0.0.0 lets cabinets in.")] = "127.0.0.1",
    broker: Annotated[str | None, typer.Option(help="mqtt://HOST:PORT instead of the embedded broker.")] = None,
    database: Annotated[
        str | None, typer.Option(envvar=VARIABLE, help="postgresql://USER@HOST/NAME instead of SQLite in the folder.")
    ] = None,
) -> None:
    """Run broker, ingest and alerts on this machine and keep them running; edges connect from their cabinets."""
    import asyncio

    from anlan.interrupt import cancelled_by_signals
    from anlan.up import Options, up
    from anlan.watch import NotStartedError

    with configured():
        from runtime.files import load_site

        folder = site_path(site)
        load_site(folder)
    options = Options(folder, data.resolve(), host, port, broker_host, broker_port, broker, database)
    try:
        asyncio.run(cancelled_by_signals(up(options, lambda line: out.print(line, highlight=False, soft_wrap=True))))
    except (NotStartedError, ValueError) as error:
        err.print(str(error), highlight=False)
        raise typer.Exit(2) from None


@app.command()
def check(
    site: Annotated[str, typer.Argument(help="A shipped site's name, or a folder with site.toml.")] = "demo",
) -> None:
    """Check a site with its packs and their tests, scenarios and suites: every fault at once, with line and hint."""
    from anlan.report import show_site

    with configured():
        from anlan.suite_files import load_suite, scenarios_of
        from runtime.files import load_packs, load_site

        folder = site_path(site)
        loaded = load_site(
            folder, load_packs(own=(folder if folder.is_dir() else folder.parent) / "packs", with_tests=True)
        )
        scenarios = scenarios_of(folder, loaded)
        for suite in sorted((folder / "suites").glob("*.toml")):
            load_suite(folder, suite.stem, loaded)
    show_site(out, loaded, len(scenarios))


app.command()(cli_kpi.kpi)
app.command()(cli_hidden.hidden)
app.command()(cli_backup.backup)
app.command()(cli_backup.restore)
