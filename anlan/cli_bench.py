"""Shell. `anlan bench`: how fast, how small, how late; each figure with a reference measured in the same run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

app = typer.Typer(no_args_is_help=True, help="Benches that anyone can re-run; docs/benchmarks.md has the results.")
err = Console(stderr=True)

Quick = Annotated[bool, typer.Option("--quick", help="Smaller, in a minute or two.")]
Json = Annotated[Path | None, typer.Option("--json", help="Write rows, machine and versions here.")]


@app.command()
def rules(quick: Quick = False, json_file: Json = None) -> None:
    """Evaluations per second of one core, compiled, against the plain kernel."""
    _run(("rules",), json_file, quick=quick)


@app.command()
def backtest(
    quick: Quick = False,
    json_file: Json = None,
    days: Annotated[float, typer.Option(min=1, help="Of history; a year takes 22 GB of disk.")] = 365.0,
    edges: Annotated[int, typer.Option(min=1, help="Cabinets among which the points are divided.")] = 4,
    points: Annotated[int, typer.Option(min=100)] = 1_000,
    keep: Annotated[Path | None, typer.Option(help="Keep the store in this folder, or take it from there.")] = None,
) -> None:
    """A backtest, against merely reading the same rows from the store."""
    _run(("backtest",), json_file, quick=quick, days=days, edges=edges, points=points, folder=keep)


@app.command()
def growth(quick: Quick = False, json_file: Json = None) -> None:
    """Memory of a point."""
    _run(("growth",), json_file, quick=quick)


@app.command()
def ingest(quick: Quick = False, json_file: Json = None) -> None:
    """Readings per second through broker, store and alarms, against inserting the rows directly."""
    _run(("ingest",), json_file, quick=quick)


@app.command()
def edge(quick: Quick = False, json_file: Json = None) -> None:
    """Values that an agent delivers, by TCP and by wire, with dead units too, against bare loops."""
    _run(("edge",), json_file, quick=quick)


@app.command()
def latency(quick: Quick = False, json_file: Json = None) -> None:
    """Published to ticket, page and wall, at three rates with fifty walls, against a bare subscriber."""
    _run(("latency",), json_file, quick=quick)


@app.command()
def messages(quick: Quick = False, json_file: Json = None) -> None:
    """One reading a message through broker, store and alarms, against two bare subscribers."""
    _run(("messages",), json_file, quick=quick)


@app.command()
def start(quick: Quick = False, json_file: Json = None) -> None:
    """From nothing running to the first reading on the wall."""
    _run(("start",), json_file, quick=quick)


@app.command(name="all")
def everything(quick: Quick = False, json_file: Json = None) -> None:
    """Every bench, one after the other."""
    _run(("rules", "ingest", "growth", "backtest"), json_file, quick=quick)


def _run(names: tuple[str, ...], json_file: Path | None, **how: Any) -> None:
    """A new bench is a module of anlan/bench/ with a function `run`, and a command above."""
    from importlib import import_module

    from anlan.bench.frame import Options, Row, as_json, show

    def say(line: str) -> None:
        err.print(line, highlight=False, markup=False)

    options = Options(**how, say=say)
    rows: list[Row] = []
    for name in names:
        rows += import_module(f"anlan.bench.{name}").run(options)
    show(Console(), rows)
    if json_file is not None:
        json_file.write_text(json.dumps(as_json(rows), indent=1, ensure_ascii=False), encoding="utf-8")
    raise typer.Exit(1 if any(row.met is False for row in rows) else 0)
