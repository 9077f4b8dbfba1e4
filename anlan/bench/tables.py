"""Pure. The tables of docs/benchmarks.md, from what a run wrote: nothing there is typed by hand.

A table stands between `<!-- bench NAME -->` and `<!-- end -->`; `machine` is a name too.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from anlan.bench.frame import Row, number
from anlan.bench.told import Run

MACHINE = "machine"
_PLACE = re.compile(r"(<!-- bench (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
_HEAD = "| case | reached | reference | ratio | goal |\n| --- | --- | --- | --- | --- |\n"


def filled(document: str, run: Run, pictures: Collection[str] = ()) -> tuple[str, tuple[str, ...]]:
    """The document with every table that the run has something for, each with its plot if that is among `pictures`; and
    the benches that have no place in it."""
    seen: set[str] = set()

    def put(found: re.Match[str]) -> str:
        name = found[2]
        seen.add(name)
        if name == MACHINE:
            return f"{found[1]}{machine(run)}\n{found[3]}"
        rows = run.of(name)
        picture = f"bench-{name}.svg"
        shown = f"\n![The figures of {name} beside their references](images/{picture})\n" if picture in pictures else ""
        return f"{found[1]}{table(rows)}{shown}{found[3]}" if rows else found[0]

    text = _PLACE.sub(put, document)
    return text, tuple(name for name in run.benches if name not in seen)


def table(rows: tuple[Row, ...]) -> str:
    """The rows of one bench as a Markdown table."""
    return _HEAD + "".join(_line(row) for row in rows)


def machine(run: Run) -> str:
    """One sentence about where it was measured."""
    told, versions = run.machine, run.versions
    loads = [row.load for row in run.rows] or [0.0]
    parts = ", ".join(f"{name} {version}" for name, version in versions.items())
    return (
        f"{told['cores']} cores {told['processor']}, {told['memory_gb']} GB, {told['system']}; {parts}. "
        f"Load average while the rows were made: {min(loads):.1f} to {max(loads):.1f}."
    )


def _line(row: Row) -> str:
    unit = f" {row.unit}" if row.unit else ""
    reference = "" if row.reference is None else number(row.reference) + unit
    ratio = "" if row.ratio is None else f"{row.ratio:.3g}"
    met = "" if row.met is None else ": met" if row.met else ": **missed**"
    case = row.case.replace("|", "\\|")
    return f"| {case} | {number(row.figure)}{unit} | {reference} | {ratio} | {row.goal}{met} |\n"
