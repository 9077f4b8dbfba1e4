"""Every register map and payload against bytes that our own encoder did not make."""

from __future__ import annotations

import pytest

from runtime.files import load_packs, shipped
from tests.unit.packs.dumps import Case, expected_value, golden, measured_ms, read
from vocab.make import Make
from vocab.pack import Pack
from vocab.quality import Reason

PACKS = load_packs()
MAKES = [(pack, make) for pack in PACKS.values() for make in pack.makes.values()]
CASES = [
    pytest.param(pack, make, case, id=f"{pack.kind}/{make.make}: {case.name}")
    for pack, make in MAKES
    for case in golden(shipped("packs") / pack.kind / "golden" / f"{make.make}.toml").cases
]


@pytest.mark.parametrize(("pack", "make", "case"), CASES)
def test_the_edge_reads_a_golden_dump_as_its_manual_says(pack: Pack, make: Make, case: Case) -> None:
    found = read(pack, make, case)

    for name, wanted in case.expect.items():
        assert found.reasons[name] is Reason.NONE, name
        assert found.values[name] == pytest.approx(expected_value(pack.points[name], wanted), rel=1e-12), name
    for name, reason in case.doubt.items():
        assert found.reasons[name].wire == reason, name
    if case.measured is not None:
        assert found.device_ms == measured_ms(case)


@pytest.mark.parametrize(("pack", "make"), [pytest.param(*pair, id=f"{pair[0].kind}/{pair[1].make}") for pair in MAKES])
def test_every_field_and_every_sentinel_of_a_make_stands_in_a_golden_case(pack: Pack, make: Make) -> None:
    file = golden(shipped("packs") / pack.kind / "golden" / f"{make.make}.toml")

    assert file.make == make.make
    assert file.source
    assert {name for case in file.cases for name in case.expect} == set(make.points)
    fields = make.modbus.registers if make.modbus else make.mqtt.fields if make.mqtt else ()
    doubted = {name for case in file.cases for name in case.doubt}
    assert {field.point for field in fields if field.sentinels} <= doubted
    assert {name for validity in make.validity for name in validity.applies_to} <= doubted


def test_no_golden_file_is_left_of_a_make_that_is_gone() -> None:
    on_disk = {(path.parts[-3], path.stem) for path in shipped("packs").glob("*/golden/*.toml")}

    assert on_disk == {(pack.kind, make.make) for pack, make in MAKES}
