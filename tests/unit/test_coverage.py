"""docs/coverage.md: every core item of the plans once, and nothing in it that is not there."""

from __future__ import annotations

import ast
import re
import tomllib
from functools import cache
from pathlib import Path

from alerts.access.needs import TABLE
from vocab.duties import DutiesFile

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "coverage.md").read_text(encoding="utf-8")
# The core items (★) of the five plans, by their numbers.
CORE = {
    *range(1, 9), 14, *range(17, 33), *range(34, 40), 41, 42, 44, 46, 53, 58, 59, *range(62, 66), 67, 68, 71,
    *range(73, 76), 79, 81, 83, 85, 86, *range(90, 94), *range(96, 99), *range(102, 106), *range(108, 112), 116, 117,
    118, 120, 123, *range(127, 133), 134, 139, 141, 142, 144, 145, *range(147, 150), 151, *range(154, 157),
}  # fmt: skip
# The rows of the table of deadlines (§1F), by the items that they are about.
DEADLINES = {
    "17 23 31 32 37 38", "27 39", "20", "96 98", "123 154", "118 119 156", "134", "121 125 133 136", "127", "130 147",
    "51 80",
}  # fmt: skip


def rows(page: str = PAGE) -> list[list[str]]:
    lines = [line for line in page.splitlines() if line.startswith("| ") and not line.startswith(("| no.", "| ---"))]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def proofs(cell: str) -> list[tuple[Path, str]]:
    found = re.findall(r"`([\w/.]+\.py)::(test_\w+)`", cell)
    return [(ROOT / (file if file.startswith("tests/") else f"tests/unit/alerts/{file}"), name) for file, name in found]


@cache
def known_in(file: Path) -> set[str]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return {each.name for each in ast.walk(tree) if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)}


def items() -> list[list[str]]:
    return [row for row in rows() if row[0].isdigit()]


def test_every_core_item_is_there_once() -> None:
    assert len(CORE) == 92
    numbers = [int(row[0]) for row in items()]
    assert sorted(numbers) == sorted(CORE)


def test_every_item_names_what_serves_it_and_a_test_that_is_there() -> None:
    for row in items():
        assert len(row) == 4, row
        assert row[2], row[0]
        assert proofs(row[3]), f"{row[0]} has no proof"
    named = [each for row in rows() for each in proofs(row[-1])]
    assert [f"{file.relative_to(ROOT)}::{name}" for file, name in named if name not in _tests(file)] == []


def _tests(file: Path) -> set[str]:
    return known_in(file) if file.is_file() else set()


def test_every_file_and_route_that_is_named_is_there() -> None:
    words = re.findall(r"`([^`]+)`", PAGE)
    files = [word for word in words if re.match(r"(alerts|docs|firmware_sim|packs|sites|vocab)(/|$)", word)]
    assert [file for file in files if not (ROOT / file).exists()] == []
    asked = [tuple(word.split(" ", 1)) for word in words if re.match(r"(GET|POST|DELETE) /", word)]
    assert [route for route in asked if route not in TABLE] == []


def test_every_row_of_the_deadlines_is_there_with_schedules_of_the_demo() -> None:
    table = PAGE[PAGE.index("## Deadlines") :]
    found = {row[1]: row for row in rows(table) if row[1][:1].isdigit()}
    assert found.keys() == DEADLINES
    file = DutiesFile.model_validate(tomllib.loads((ROOT / "sites/demo/duties.toml").read_text(encoding="utf-8")))
    known = {each.id for each in file.schedule} | {"[zone_rule]"}
    named = {name for row in found.values() for name in re.findall(r"`([^`]+)`", row[2])}
    assert named <= known
