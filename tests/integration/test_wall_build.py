"""When the wall is built anew, with which Node, and what its lock may not say."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from wall import build

WALL = Path(build.__file__).parent


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    (tmp_path / "src").mkdir()
    for name in ("package.json", "package-lock.json", "index.html", "src/main.ts"):
        (tmp_path / name).write_text("{}", encoding="utf-8")
    return tmp_path


def pretend_it_was_built(root: Path) -> None:
    (root / "dist").mkdir()
    (root / "dist" / "index.html").write_text("", encoding="utf-8")
    (root / "dist" / ".sources.sha256").write_text(build.fingerprint(root) + "\n", encoding="ascii")


def test_a_wall_that_is_current_is_left_alone_even_where_there_is_no_node(
    sources: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend_it_was_built(sources)
    monkeypatch.setenv("PATH", "")
    assert build.ensure(sources) is False
    assert build.needs_node_wheel(sources) is False


@pytest.mark.parametrize("change", ["src/main.ts", "package-lock.json", "src/new.svelte"])
def test_a_changed_or_added_source_makes_it_old(sources: Path, change: str) -> None:
    pretend_it_was_built(sources)
    (sources / change).write_text("changed", encoding="utf-8")
    assert not build.is_current(sources)


def test_a_copy_of_the_tree_is_as_current_as_the_tree(sources: Path) -> None:
    pretend_it_was_built(sources)
    for path in sources.rglob("*"):
        path.touch()
    assert build.is_current(sources)


def test_a_dist_that_lost_its_page_is_not_current(sources: Path) -> None:
    pretend_it_was_built(sources)
    (sources / "dist" / "index.html").unlink()
    assert not build.is_current(sources)


@pytest.mark.parametrize(
    ("told", "enough"),
    [
        ("v20.19.0", True),
        ("v22.12.1", True),
        ("v24.0.0", True),
        ("v20.18.3", False),
        ("v22.11.0", False),
        ("v21.7.0", False),
        ("v18.20.0", False),
        ("no node here", False),
    ],
)
def test_only_a_node_that_vite_runs_on_is_taken(told: str, enough: bool) -> None:
    assert build.new_enough(told) is enough


def test_without_any_node_pip_is_asked_for_one_unless_the_wall_is_skipped(
    sources: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    assert build.needs_node_wheel(sources) is True
    monkeypatch.setenv(build.SWITCH, "skip")
    assert build.needs_node_wheel(sources) is False


def test_without_any_node_the_error_says_what_to_do(sources: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(build.WallError, match=r"(?s)needs Node 20\.19.*pip install.*ANLAN_WALL=skip") as caught:
        build.ensure(sources)
    assert "Traceback" not in str(caught.value)


def test_an_installed_copy_without_sources_says_so(tmp_path: Path) -> None:
    with pytest.raises(build.WallError, match="build in a checkout"):
        build.ensure(tmp_path)


def test_the_lock_names_no_registry_and_pins_every_package() -> None:
    packages = json.loads((WALL / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    assert [name for name, package in packages.items() if "resolved" in package] == []
    assert [name for name, package in packages.items() if name and "integrity" not in package] == []


def test_the_page_loads_nothing_from_elsewhere() -> None:
    build.ensure(WALL)
    for path in (WALL / "dist").rglob("*"):
        if path.suffix in {".html", ".css"}:
            assert re.findall(r"(?:src|href|url)\s*[=(]\s*[\"']?(?:https?:)?//", path.read_text(encoding="utf-8")) == []
