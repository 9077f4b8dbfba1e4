"""One tiny bad file for every fault a configuration can have, named after what is wrong.

Each ends with lines `#= CODE LINE KEY`: exactly these problems must be told, no more and no fewer.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from runtime.files import load_packs, load_site
from tests.unit.vocab.small import BAD, PLACES, good, pack_files
from vocab import pack_load, site_load
from vocab.problem import Code, ConfigurationError, Problem

FILES = sorted(BAD.rglob("*.toml"))


def problems_of(path: Path) -> tuple[Problem, ...]:
    text = path.read_text(encoding="utf-8")
    if path.parent.name == "site":
        packs, none = pack_load.load(pack_files())
        assert none == ()
        return site_load.load("site.toml", text, packs)[1]
    return pack_load.load(pack_files(**{path.parent.name: text}))[1]


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_bad_file_is_told_with_its_code_line_and_key(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    wanted = {line.removeprefix("#= ") for line in lines if line.startswith("#= ")}
    found = problems_of(path)

    assert {f"{problem.code} {problem.line} {problem.key}" for problem in found} == wanted
    assert path.stem.startswith(tuple(problem.code.value for problem in found))
    where = "site.toml" if path.parent.name == "site" else f"packs/{PLACES[path.parent.name]}"
    assert {problem.file for problem in found} == {where}
    assert all(problem.hint for problem in found if problem.code is not Code.MISSING_KEY)


def test_every_code_has_a_bad_file() -> None:
    told = {path.stem[:4] for path in FILES} | {"E009"}  # unreadable files are tried below

    assert told == {code.value for code in Code}


def test_the_good_files_are_good() -> None:
    packs, none = pack_load.load(pack_files())
    site, problems = site_load.load("site.toml", good("site.toml"), packs)

    assert none == problems == ()
    assert site is not None


def test_all_faults_of_all_files_come_at_once() -> None:
    rules = good("rules.toml").replace('"pressure"', '"presure"').replace('"stop"', '"halt"')
    make = good("make.toml").replace('"bar"', '"Cel"')
    packs, problems = pack_load.load(pack_files(rules=rules, makes=make))

    assert packs == {}
    assert {(problem.file, problem.code) for problem in problems} == {
        ("packs/pump/rules.toml", Code.UNKNOWN_REFERENCE),
        ("packs/pump/makes/acme.toml", Code.UNIT_MISMATCH),
    }
    assert len(problems) == 3


def test_a_folder_without_a_pack_file_is_a_fault() -> None:
    packs, problems = pack_load.load({"pump/rules.toml": "", "edge/pack.toml": good("edge.pack.toml")})

    assert packs == {}
    assert [(problem.code, problem.file) for problem in problems] == [(Code.MISSING_KEY, "packs/pump")]


def test_a_file_that_is_not_utf8_is_unreadable_and_the_others_are_still_told(tmp_path: Path) -> None:
    for name, text in pack_files(rules=good("rules.toml").replace('"stop"', '"halt"')).items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "pump" / "makes" / "airy.toml").write_bytes(b'make = "\xff"')

    with pytest.raises(ConfigurationError) as caught:
        load_packs(tmp_path)

    assert {problem.code for problem in caught.value.problems} == {Code.UNREADABLE, Code.UNKNOWN_REFERENCE}


def test_a_folder_without_a_site_is_unreadable(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load_site(tmp_path, packs={})

    (problem,) = caught.value.problems
    assert problem.code is Code.UNREADABLE
    assert "site.toml" in problem.hint


def test_a_problem_reads_as_one_line_and_a_hint() -> None:
    problem = Problem("site.toml", 7, Code.BAD_VALUE, "asset[1].id", "no good", "try another")

    assert str(problem) == "E005 site.toml:7 asset[1].id: no good\n    hint: try another"


def test_a_slip_in_a_test_of_a_rule_keeps_no_process_from_starting_but_is_told_when_asked_for(tmp_path: Path) -> None:
    for name, text in pack_files(tests=good("tests.toml").replace("raised", "risen")).items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")

    assert load_packs(tmp_path)["pump"].stories == ()
    with pytest.raises(ConfigurationError) as caught:
        load_packs(tmp_path, with_tests=True)
    assert [(problem.code, problem.line) for problem in caught.value.problems] == [(Code.UNKNOWN_REFERENCE, 8)]
