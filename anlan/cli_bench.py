"""Shell. `anlan bench`: how fast, how small, how late; each figure with a reference measured in the same run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

if TYPE_CHECKING:
    from anlan.bench.frame import Row
    from anlan.bench.told import Run

app = typer.Typer(no_args_is_help=True, help="Benches that anyone can re-run; docs/benchmarks.md has the results.")
err = Console(stderr=True)

# In the order of `bench all`: what wants the whole machine first, before the disk is full of what others left.
ALL = ("rules", "ingest", "messages", "latency", "edge", "start", "growth", "backtest", "storage", "query")
_WIDE = 200  # of a table that nobody looks at on a terminal

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


@app.command()
def storage(
    quick: Quick = False,
    json_file: Json = None,
    keep: Annotated[Path | None, typer.Option(help="Work in this folder; nothing stays there.")] = None,
) -> None:
    """Bytes a reading after compaction, against VictoriaMetrics and sorted Parquet with the same rows."""
    _run(("storage",), json_file, quick=quick, folder=keep)


@app.command()
def query(
    quick: Quick = False,
    json_file: Json = None,
    days: Annotated[float, typer.Option(min=1, help="Of history.")] = 365.0,
    points: Annotated[int, typer.Option(min=10, help="320 for a year are a thousand million readings.")] = 320,
    keep: Annotated[Path | None, typer.Option(help="Keep the store in this folder, or take it from there.")] = None,
) -> None:
    """A year of one point in 300 buckets, and the newest of 10 000 points."""
    _run(("query",), json_file, quick=quick, days=days, points=points, folder=keep)


@app.command(name="all")
def everything(quick: Quick = False, json_file: Json = None) -> None:
    """Every bench, one after the other; one that breaks costs only its own rows."""
    _run(ALL, json_file, quick=quick)


@app.command()
def plot(
    json_files: Annotated[list[Path], typer.Argument(help="What runs wrote with --json; the later counts.")],
    into: Annotated[Path, typer.Option(help="The folder of the pictures.")] = Path("docs/images"),
) -> None:
    """Draw a run: bench-NAME.svg for every bench in it."""
    from anlan.bench.plots import plots

    into.mkdir(parents=True, exist_ok=True)
    for name, text in plots(_told(json_files)).items():
        (into / name).write_text(text, encoding="utf-8")
        err.print(str(into / name), highlight=False)


@app.command()
def tables(
    json_files: Annotated[list[Path], typer.Argument(help="What runs wrote with --json; the later counts.")],
    into: Annotated[Path, typer.Option(help="A page with places `<!-- bench NAME -->`.")] = Path("docs/benchmarks.md"),
) -> None:
    """Put the tables of a run into the page that shows them, each with its plot; other benches' stay as they are."""
    from anlan.bench.tables import filled

    pictures = {path.name for path in (into.parent / "images").glob("bench-*.svg")}
    text, homeless = filled(into.read_text(encoding="utf-8"), _told(json_files), pictures)
    into.write_text(text, encoding="utf-8")
    for name in homeless:
        err.print(f"{into} has no place for {name}: put <!-- bench {name} --> and <!-- end --> there")
    raise typer.Exit(1 if homeless else 0)


def _told(json_files: list[Path]) -> Run:
    from anlan.bench.told import joined, run_of

    runs = []
    for path in json_files:
        try:
            runs.append(run_of(json.loads(path.read_text(encoding="utf-8"))))
        except (OSError, ValueError, KeyError, TypeError) as error:
            err.print(f"{path} is not what `anlan bench --json` writes: {error}", markup=False)
            raise typer.Exit(2) from None
    return joined(runs)


def _run(names: tuple[str, ...], json_file: Path | None, **how: Any) -> None:
    """A new bench is a module of anlan/bench/ with a function `run`, a command above, and its name in ALL."""
    from anlan.bench.frame import Options, as_json, show

    rows: list[Row] = []
    broken: list[str] = []
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True) as bar:
        task = bar.add_task("benches", total=len(names))

        def say(line: str) -> None:
            bar.console.print(line, highlight=False, markup=False)

        for name in names:
            bar.update(task, description=name)
            made = _one(name, Options(**how, say=say), alone=len(names) == 1)
            rows += made or []
            if not made:
                broken.append(name)
            bar.advance(task)
            if json_file is not None:  # also of a run that is cut short
                json_file.write_text(json.dumps(as_json(rows), indent=1, ensure_ascii=False), encoding="utf-8")
    out = Console()
    show(out if out.is_terminal else Console(width=_WIDE), rows)
    for name in broken:
        err.print(f"{name} broke: nothing was measured", highlight=False)
    raise typer.Exit(1 if broken or any(row.met is False for row in rows) else 0)


def _one(name: str, options: Any, *, alone: bool) -> list[Row]:
    """The rows of one bench; none if it broke, and then it is told why. Alone it may break as it likes."""
    from importlib import import_module

    try:
        return list(import_module(f"anlan.bench.{name}").run(options))
    except Exception as error:
        if alone:
            raise
        options.say(f"*** {name} broke: {type(error).__name__}: {error}")
        return []
