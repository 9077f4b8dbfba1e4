"""docs/how-to/add-a-make.md, done: a new boiler make from the two TOML files that stand on the page."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from runtime.files import load_packs, load_site, shipped
from tests.unit.packs.dumps import expected_value, golden, read
from vocab.problem import Code, ConfigurationError
from vocab.quality import Reason

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs" / "how-to" / "add-a-make.md"
MAKE, DUMP = re.findall(r"```toml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


@pytest.fixture
def packs_folder(tmp_path: Path) -> Path:
    """The packs that came with Anlan, and the two new files."""
    folder = tmp_path / "packs"
    shutil.copytree(shipped("packs"), folder, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "boiler" / "makes" / "norden.toml").write_text(MAKE, encoding="utf-8")
    (folder / "boiler" / "golden" / "norden.toml").write_text(DUMP, encoding="utf-8")
    return folder


def test_a_new_make_needs_no_more_than_a_toml_file_and_a_dump(packs_folder: Path) -> None:
    pack = load_packs(packs_folder)["boiler"]
    make = pack.makes["norden"]
    file = golden(packs_folder / "boiler" / "golden" / "norden.toml")

    for case in file.cases:
        found = read(pack, make, case)
        for name, wanted in case.expect.items():
            assert found.reasons[name] is Reason.NONE, name
            assert found.values[name] == pytest.approx(expected_value(pack.points[name], wanted)), name
        for name, reason in case.doubt.items():
            assert found.reasons[name].wire == reason, name
    assert {name for case in file.cases for name in case.expect} == set(make.points)


def test_the_new_make_works_in_a_site_at_once(packs_folder: Path, tmp_path: Path) -> None:
    text = (shipped("sites") / "demo" / "site.toml").read_text(encoding="utf-8")
    (tmp_path / "site.toml").write_text(text.replace('make = "sola"\n', 'make = "norden"\n'), encoding="utf-8")
    site = load_site(tmp_path, load_packs(packs_folder))

    rules = {rule.id for rule in site.rules_of(site.asset("boiler-1"))}
    assert {"supply_temp_high", "water_pressure_high", "burner_lockout", "circulation_lost"} <= rules


def test_a_site_may_bring_its_own_make(tmp_path: Path) -> None:
    (tmp_path / "packs" / "boiler" / "makes").mkdir(parents=True)
    (tmp_path / "packs" / "boiler" / "makes" / "norden.toml").write_text(MAKE, encoding="utf-8")
    text = (shipped("sites") / "demo" / "site.toml").read_text(encoding="utf-8")
    (tmp_path / "site.toml").write_text(text.replace('make = "sola"\n', 'make = "norden"\n'), encoding="utf-8")

    assert "norden" in load_site(tmp_path).packs["boiler"].makes


def test_a_slip_in_the_new_make_is_told_with_its_line(packs_folder: Path) -> None:
    path = packs_folder / "boiler" / "makes" / "norden.toml"
    path.write_text(MAKE.replace('point = "flame_signal"', 'point = "flame"'), encoding="utf-8")

    with pytest.raises(ConfigurationError) as caught:
        load_packs(packs_folder)

    (problem,) = caught.value.problems
    assert problem.code is Code.UNKNOWN_REFERENCE
    assert MAKE.splitlines()[problem.line - 1] == 'point = "flame_signal"'
    assert "flame_signal" in problem.hint


def test_the_chinese_page_names_the_same_files() -> None:
    chinese = PAGE.with_name("add-a-make.zh-CN.md").read_text(encoding="utf-8")

    for name in (
        "packs/boiler/makes/norden.toml",
        "packs/boiler/golden/norden.toml",
        "tests/unit/packs/test_add_a_make.py",
    ):
        assert name in chinese
        assert name in PAGE.read_text(encoding="utf-8")
