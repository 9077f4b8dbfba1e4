"""What keeps the house in order, executable."""

from __future__ import annotations

import ast
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PARTS: list[str] = PROJECT["tool"]["importlinter"]["root_packages"]
MODULES = sorted(path for part in PARTS for path in (ROOT / part).rglob("*.py"))
FILE_BUDGET = 300
# A file above the budget needs a reason here.
OVER_BUDGET: dict[str, str] = {}


@pytest.mark.parametrize("name", PARTS)
def test_our_import_names_belong_to_our_distribution_only(name: str) -> None:
    assert set(packages_distributions().get(name, ())) <= {"anlan"}


def test_every_test_folder_is_a_package() -> None:
    # Without it pytest would import tests/edge as the package `edge`.
    folders = {path.parent for path in (ROOT / "tests").rglob("test_*.py")}

    assert [str(folder) for folder in folders if not (folder / "__init__.py").exists()] == []


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_module_says_whether_it_is_pure_or_a_shell(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    docstring = ast.get_docstring(ast.parse(text)) or ""

    assert docstring.startswith(("Pure.", "Shell.", "Pure and shell.")), f"{path} does not say what it is"
    lines = text.count("\n")
    name = path.relative_to(ROOT).as_posix()
    assert lines <= FILE_BUDGET or name in OVER_BUDGET, f"{path} has {lines} lines: what is it hiding?"


def test_pure_modules_do_not_import_what_is_not() -> None:
    impure = {"asyncio", "time", "socket", "sqlite3", "subprocess", "httpx", "aiomqtt", "gmqtt", "duckdb"}
    guilty = []
    for path in MODULES:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if not (ast.get_docstring(tree) or "").startswith("Pure."):
            continue
        for node in ast.walk(tree):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            guilty += [f"{path.relative_to(ROOT)}: {name}" for name in names if name.split(".")[0] in impure]

    assert guilty == []


def test_the_wheel_lists_every_part() -> None:
    listed = set(PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"])

    assert set(PARTS) | {"packs", "sites", "wall"} == listed
