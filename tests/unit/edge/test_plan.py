"""The read plan: every register covered, nothing forbidden touched, no block too long."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.errors import PlanError
from edge.plan import Block, read_blocks, words
from tests.edge_places import make
from vocab.make import Make

ADDRESSES = st.integers(0, 400)
TYPES = st.sampled_from(["u16", "i32", "f64", "u8_high", "bit"])


def register(point: str, address: int, more: str = "") -> str:
    return f'[[modbus.register]]\npoint = "{point}"\ntable = "holding"\naddress = {address}\n{more}\n'


def blocks(text: str, **periods_ms: int) -> tuple[Block, ...]:
    return read_blocks(make(text), periods_ms)


def test_neighbours_are_read_in_one_request() -> None:
    found = blocks("[modbus]\n" + register("temperature", 7) + register("pressure", 9), temperature=1000, pressure=1000)
    assert [(block.address, block.count) for block in found] == [(7, 3)]


def test_a_gap_wider_than_allowed_splits() -> None:
    text = "[modbus]\nmax_gap = 3\n" + register("temperature", 0) + register("pressure", 5)
    assert len(blocks(text, temperature=1000, pressure=1000)) == 2
    assert len(blocks(text.replace("address = 5", "address = 4"), temperature=1000, pressure=1000)) == 1


def test_a_block_never_spans_a_forbidden_address() -> None:
    text = "[modbus]\nforbidden = [[5, 5]]\n" + register("temperature", 4) + register("pressure", 6)
    assert [(block.address, block.count) for block in blocks(text, temperature=1000, pressure=1000)] == [(4, 1), (6, 1)]


def test_a_forbidden_decimals_register_is_refused() -> None:
    text = "[modbus]\nforbidden = [[5, 5]]\n" + register("temperature", 4, "decimals_at = 5")
    with pytest.raises(PlanError, match="forbidden"):
        blocks(text, temperature=1000)


def test_a_value_wider_than_the_longest_answer_is_refused() -> None:
    with pytest.raises(PlanError, match="max_registers"):
        blocks("[modbus]\nmax_registers = 3\n" + register("energy", 4, 'type = "f64"'), energy=1000)


def test_a_value_beyond_the_last_address_is_refused() -> None:
    with pytest.raises(PlanError, match="65536"):
        blocks("[modbus]\n" + register("energy", 65535, 'type = "u32"'), energy=1000)


def test_a_slow_register_inside_a_fast_block_rides_along() -> None:
    text = "[modbus]\n" + register("temperature", 0) + register("energy", 1) + register("pressure", 2)
    found = blocks(text, temperature=1000, pressure=1000, energy=60_000)
    assert [(block.count, block.period_ms, len(block.registers)) for block in found] == [(3, 1000, 3)]


def test_a_registers_own_period_wins() -> None:
    text = "[modbus]\n" + register("temperature", 0, "period_s = 2.5") + register("pressure", 1)
    assert {block.period_ms for block in blocks(text, temperature=1000, pressure=1000)} == {1000, 2500}


def test_a_far_decimals_register_is_a_block_of_its_own_and_comes_first() -> None:
    text = "[modbus]\n" + register("temperature", 10, "decimals_at = 300")
    found = blocks(text, temperature=1000)
    assert [(block.address, sorted(block.decimals)) for block in found] == [(300, [300]), (10, [])]


def test_points_that_the_asset_has_not_are_not_read() -> None:
    text = "[modbus]\n" + register("temperature", 0) + register("pressure", 1)
    assert [len(block.registers) for block in blocks(text, temperature=1000)] == [1]


def test_bits_may_be_read_by_the_thousand() -> None:
    text = "[modbus]\nmax_gap = 124\n" + "".join(
        register("mode", address).replace("holding", "coil") for address in range(0, 4000, 100)
    )
    counts = [block.count for block in blocks(text, mode=1000)]
    assert max(counts) > 125
    assert max(counts) <= 2000


@st.composite
def makes(draw: st.DrawFn) -> Make:
    text = f"[modbus]\nmax_registers = {draw(st.integers(4, 125))}\nmax_gap = {draw(st.integers(0, 124))}\n"
    low = draw(ADDRESSES)
    forbidden = (low, low + draw(st.integers(0, 10)))
    text += f"forbidden = [[{forbidden[0]}, {forbidden[1]}]]\n"
    for _ in range(draw(st.integers(1, 25))):
        address, kind = draw(ADDRESSES), draw(TYPES)
        width = {"i32": 2, "f64": 4}.get(kind, 1)
        if address <= forbidden[1] and address + width > forbidden[0]:
            continue
        more = f'type = "{kind}"\nperiod_s = {draw(st.sampled_from([1, 5, 60]))}'
        decimals = draw(st.none() | ADDRESSES)
        if decimals is not None and not forbidden[0] <= decimals <= forbidden[1]:
            more += f"\ndecimals_at = {decimals}"
        text += register(draw(st.sampled_from(["temperature", "pressure", "energy"])), address, more)
    if "register" not in text.split("]]", 1)[-1]:
        text += register("temperature", 5000)
    return make(text)


@given(makes())
def test_every_register_is_covered_and_no_block_breaks_the_makes_limits(made: Make) -> None:
    modbus = made.modbus
    assert modbus is not None
    found = read_blocks(made, {"temperature": 1000, "pressure": 1000, "energy": 1000})
    for block in found:
        addresses = range(block.address, block.address + block.count)
        assert 1 <= block.count <= min(125, modbus.max_registers)
        assert not any(low <= address <= high for address in addresses for low, high in modbus.forbidden)
        assert all(
            each.address in addresses and each.address + words(each) - 1 in addresses for each in block.registers
        )
        assert all(address in addresses for address in block.decimals)
    read = [each for block in found for each in block.registers]
    assert sorted(read, key=id) == sorted(modbus.registers, key=id)
    wanted = {each.decimals_at for each in modbus.registers} - {None}
    assert wanted == {address for block in found for address in block.decimals}
