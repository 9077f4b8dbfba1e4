"""Shell. `anlan audit verify`: whether the log of what people did is as it was written."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from anlan.cli_common import err

app = typer.Typer(no_args_is_help=True, help="The audit log.")


@app.callback()
def audit() -> None:
    """The audit log."""


@app.command()
def verify(
    database: Annotated[str, typer.Option(help="SQLAlchemy URL, or an SQLite file.")],
    site: Annotated[str, typer.Option(help="The site's id.")] = "demo",
    state: Annotated[
        Path | None, typer.Option(help="The folder with the signed head; default: that of the SQLite file.")
    ] = None,
) -> None:
    """Check the chain from the first row to the signed head; exit status 1 and the first broken row if it is broken.

    Nothing is written, not even a migration.
    """
    from sqlalchemy import create_engine, make_url
    from sqlalchemy.exc import SQLAlchemyError

    from alerts.access.chain import first_broken
    from alerts.access.log import kept_head, rows

    url = make_url(database if "://" in database else f"sqlite:///{database}")
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file():
        err.print(f"{url.database}: no such file", highlight=False)
        raise typer.Exit(2)
    folder = state or (Path(url.database).parent if url.get_backend_name() == "sqlite" and url.database else None)
    head, key = kept_head(folder)
    counted = 0
    try:
        with create_engine(url).connect() as connection:
            found = list(rows(connection, site))
            counted = len(found)
            broken = first_broken(found, head, key)
    except SQLAlchemyError as error:
        err.print(str(error).splitlines()[0], highlight=False)
        raise typer.Exit(2) from None
    if broken is not None:
        typer.echo(f"broken at row {broken.seq}: {broken.why}")
        raise typer.Exit(1)
    against = (
        "no signed head: a removed end would not be noticed" if head is None else f"as far as row {head.seq} signed"
    )
    typer.echo(f"{counted} rows hold ({against})")
