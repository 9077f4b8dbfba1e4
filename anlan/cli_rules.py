"""Shell. `anlan rules …`: what is done with alarm rules as such."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from anlan import cli_versions
from anlan.cli_common import configured, err, site_path

app = typer.Typer(no_args_is_help=True, help="Alarm rules: try them by their tests, and change them safely.")
cli_versions.add_to(app)
out = Console()


@app.command("test")
def try_rules(
    kind: Annotated[str | None, typer.Argument(help="Only the rules of this kind of equipment.")] = None,
    site: Annotated[
        str | None, typer.Option(help="A site's name or folder: its own packs over the shipped ones.")
    ] = None,
    packs: Annotated[Path | None, typer.Option(help="A folder of packs instead of the shipped ones.")] = None,
    rule: Annotated[str | None, typer.Option(help="Only this rule.")] = None,
    chinese: Annotated[bool, typer.Option("--zh", help="Tell the stories in Chinese.")] = False,
    compiled: Annotated[bool, typer.Option(help="Run the compiled kernel as well as the plain one.")] = False,
) -> None:
    """Run the tests of the packs' rules (tests.toml) through the real alarm kernel; exit status 1 if one fails."""
    from anlan.report_rules import show_outcomes, show_untested
    from rules.functions import PLAIN
    from rules.story import run
    from runtime.files import load_packs
    from vocab.story_checks import untested

    if site is not None and packs is not None:
        raise typer.BadParameter("give either --site or --packs", param_hint="--packs")
    with configured():
        found = load_packs(packs, own=None if site is None else site_path(site) / "packs", with_tests=True)
    if kind is not None and kind not in found:
        raise typer.BadParameter(f"no kind {kind!r}; known: {', '.join(sorted(found))}", param_hint="KIND")
    chosen = [
        story
        for name, pack in sorted(found.items())
        if kind in (None, name)
        for story in pack.stories
        if rule in (None, story.test.rule)
    ]
    if not chosen:
        err.print("there is no test to run")
        raise typer.Exit(1)
    kernels = [PLAIN]
    if compiled:
        from rules.compiled import compiled as compile_kernel

        kernels.append(compile_kernel())
    outcomes = [run(story, found, functions) for story in chosen for functions in kernels]
    show_outcomes(out, outcomes, "zh" if chinese else "en")
    if rule is None:
        show_untested(out, [name for name in untested(found) if kind in (None, name.split("/")[0])])
    raise typer.Exit(0 if all(outcome.passed for outcome in outcomes) else 1)
