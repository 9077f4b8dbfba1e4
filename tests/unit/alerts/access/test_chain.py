"""A log that tells when it was tampered with."""

from __future__ import annotations

import json
from dataclasses import asdict, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.access.chain import Row, canonical, first_broken, following, hash_of, signed

KEY = b"k" * 32


def chain(count: int) -> list[Row]:
    rows: list[Row] = []
    for number in range(count):
        rows.append(following(rows[-1] if rows else None, {"what": "order", "about": {"n": number, "词": "值班"}}))
    return rows


def test_what_was_written_in_order_holds() -> None:
    assert first_broken([]) is None
    assert first_broken(chain(50)) is None


@given(st.integers(0, 9), st.sampled_from(["body", "hash", "previous", "gone", "swapped", "twice"]))
def test_any_change_of_any_row_but_the_removal_of_the_end_is_found_by_the_chain(index: int, how: str) -> None:
    rows = chain(11)
    row = rows[index]
    if how == "gone":
        del rows[index]
    elif how == "swapped":
        rows[index], rows[index + 1] = rows[index + 1], row
    elif how == "twice":
        rows.insert(index, row)
    else:
        other = canonical(json.loads(row.body) | {"what": "nothing"}) if how == "body" else "f" * 64
        rows[index] = Row(**asdict(row) | {how: other})

    broken = first_broken(rows)

    assert broken is not None
    assert broken.seq in (index + 1, index + 2)


def test_a_row_whose_hash_was_made_anew_breaks_the_row_after_it() -> None:
    rows = chain(5)
    body = canonical(json.loads(rows[2].body) | {"what": "nothing"})
    rows[2] = replace(rows[2], body=body, hash=hash_of(rows[2].previous, body))

    broken = first_broken(rows)

    assert broken is not None
    assert broken.seq == 4


def test_a_tail_that_was_cut_off_is_found_by_the_signed_head() -> None:
    rows = chain(8)
    head = signed("town", rows[7], KEY)

    assert first_broken(rows[:6]) is None
    broken = first_broken(rows[:6], head, KEY)
    assert broken is not None
    assert (broken.seq, "gone" in broken.why) == (7, True)


def test_rows_after_the_head_are_no_fault_because_a_crash_may_come_between() -> None:
    rows = chain(8)

    assert first_broken(rows, signed("town", rows[5], KEY), KEY) is None


def test_a_chain_that_was_written_anew_is_found_by_the_signed_head() -> None:
    rows = chain(8)
    head = signed("town", rows[7], KEY)
    other = [following(None, {"what": "other"})]
    while len(other) < 8:
        other.append(following(other[-1], {"what": "other"}))

    assert first_broken(other) is None
    broken = first_broken(other, head, KEY)
    assert broken is not None
    assert broken.seq == 8


@pytest.mark.parametrize("key", [b"x" * 32, None])
def test_a_head_that_was_not_signed_with_the_key_is_told(key: bytes | None) -> None:
    rows = chain(3)

    broken = first_broken(rows, signed("town", rows[2], KEY), key)

    assert broken is not None
    assert "signature" in broken.why
