from __future__ import annotations

import itertools

import pytest

from vocab.units import UNITS, conversion


@pytest.mark.parametrize(
    ("value", "source", "target", "expected"),
    [
        (100.0, "[psi]", "MPa", 0.6894757293168),
        (1.0, "bar", "kPa", 100.0),
        (3500.0, "mbar", "MPa", 0.35),
        (97.7, "[degF]", "Cel", 36.5),
        (-40.0, "[degF]", "Cel", -40.0),
        (0.0, "Cel", "K", 273.15),
        (100.0, "cm", "mm", 1000.0),
        (8640000.0, "s", "h", 2400.0),
        (3.6, "m3/h", "L/s", 1.0),
        (3.6, "t/h", "kg/s", 1.0),
        (50.0, "Hz", "/min", 3000.0),
        (1.0, "MiBy", "By", 1048576.0),
    ],
)
def test_a_value_keeps_its_size_in_another_unit(value: float, source: str, target: str, expected: float) -> None:
    factor, offset = conversion(source, target)

    assert value * factor + offset == pytest.approx(expected, rel=1e-12, abs=1e-9)


def test_there_and_back_is_nothing() -> None:
    for a, b in itertools.product(UNITS.values(), repeat=2):
        if a.quantity == b.quantity:
            there, back = conversion(a.code, b.code), conversion(b.code, a.code)
            assert (7.0 * there[0] + there[1]) * back[0] + back[1] == pytest.approx(7.0, rel=1e-9, abs=1e-7)


def test_units_of_different_quantities_have_no_conversion() -> None:
    with pytest.raises(ValueError, match="no conversion"):
        conversion("Cel", "kPa")
    # A share of the explosive limit is no share of anything else.
    with pytest.raises(ValueError, match="no conversion"):
        conversion("%{LEL}", "%")


def test_a_code_is_its_own_key_and_a_person_reads_a_label() -> None:
    assert all(code == unit.code for code, unit in UNITS.items())
    assert UNITS["Cel"].label == "°C"
    assert UNITS["kPa"].label == "kPa"
