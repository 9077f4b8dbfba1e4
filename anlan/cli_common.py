"""Shell. What every command needs: finding a site and a scenario, and telling the faults of their files."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from runtime.files import shipped
from vocab.problem import ConfigurationError

err = Console(stderr=True)

BROKER = "mqtt://127.0.0.1:1883"
BrokerAt = Annotated[str, typer.Option(help="mqtt://HOST:PORT; of a cluster mqtt://HOST:PORT,HOST:PORT,HOST:PORT.")]
Worker = Annotated[str, typer.Option(help="A name where several share the sites among them; then each has its own.")]


def site_path(name: str) -> Path:
    """The folder of a site: one that is there, or a shipped one of this name."""
    given = Path(name)
    return given if given.exists() else shipped("sites") / name


def scenario_path(site: Path, name: str) -> Path:
    """The file of a scenario: one that is there, or one of the site's own."""
    given = Path(name)
    return given if given.suffix == ".toml" and given.exists() else site / "scenarios" / f"{name}.toml"


def run_folder(given: Path | None, prefix: str) -> Path:
    """Where a run keeps its files: an empty folder, made if there is none. Tells and exits 2 if it is not empty."""
    root = given or Path(tempfile.mkdtemp(prefix=prefix))
    root.mkdir(parents=True, exist_ok=True)
    if any(root.iterdir()):
        err.print(f"{root} is not empty: choose another --run-dir", highlight=False)
        raise typer.Exit(2)
    return root.resolve()


@contextmanager
def configured() -> Iterator[None]:
    """Tell every fault of the configuration and exit 1; nothing is started before this has passed."""
    try:
        yield
    except ConfigurationError as error:
        for problem in error.problems:
            err.print(str(problem), highlight=False, markup=False, soft_wrap=True)
        count = len(error.problems)
        err.print(f"{count} fault{'s' if count != 1 else ''}, nothing started", highlight=False)
        raise typer.Exit(1) from None
