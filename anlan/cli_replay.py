"""Shell. `anlan replay`: recordings that nobody in this project made, through rules and the kernel that alerts runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from anlan.cli_common import configured

out = Console()
err = Console(stderr=True)


def replay(
    data: Annotated[Path, typer.Argument(help="The folder of the recordings' CSV files.")],
    only: Annotated[list[str] | None, typer.Option(help="Only this recording, by id; may be repeated.")] = None,
    recordings: Annotated[
        Path | None, typer.Option(help="A folder of recordings' TOML files instead of the shipped ones.")
    ] = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the result here.")] = None,
    markdown: Annotated[
        Path | None, typer.Option(help="Write the table into this document, between its marks.")
    ] = None,
) -> None:
    """Replay recordings through their rules and tell what was found, how late, and what was raised for nothing."""
    from anlan.detection import replay_all
    from anlan.detection_report import HEADER, cells, replay_markdown
    from anlan.recorded import load_recordings
    from anlan.report import progress
    from rules.functions import PLAIN

    with configured():
        known = load_recordings(recordings)
    chosen = [each for each in known if not only or each.id in only]
    if unknown := set(only or ()) - {each.id for each in known}:
        err.print(f"no such recording: {', '.join(sorted(unknown))}", highlight=False)
        raise typer.Exit(1)
    try:
        with progress(err, "replaying", len(chosen)) as step:
            lines = replay_all(chosen, data, PLAIN, step)
    except FileNotFoundError as error:
        err.print(str(error), highlight=False)
        raise typer.Exit(1) from None
    if json_file is not None:
        body = [line.as_json() for line in lines]
        json_file.write_text(json.dumps(body, indent=1, ensure_ascii=False), encoding="utf-8")
    if markdown is not None:
        write_part(markdown, "recordings", replay_markdown(chosen, lines))
    table = Table(title="recordings")
    for name in HEADER:
        table.add_column(name, overflow="fold")
    for recording, line in zip(chosen, lines, strict=True):
        table.add_row(*cells(recording, line))
    out.print(table)


def write_part(document: Path, part: str, text: str) -> None:
    """Put a generated part into a document, or say that it has no place for it."""
    from anlan.generated import NoMarksError, replaced

    try:
        document.write_text(replaced(document.read_text(encoding="utf-8"), part, text), encoding="utf-8")
    except (OSError, NoMarksError) as error:
        err.print(f"{document}: {error}", highlight=False)
        raise typer.Exit(1) from None
