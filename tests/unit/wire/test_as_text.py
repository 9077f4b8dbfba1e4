"""What people are shown of a message that was refused."""

from __future__ import annotations

from wire.frame import AssetColumns, Frame, as_text, encode


def test_a_packed_frame_is_shown_as_json_and_anything_else_as_text() -> None:
    frame = Frame(1, "s", "e", 0, 1, 0, [AssetColumns("a", ["p"], [1.5])])

    assert (
        as_text(encode(frame))
        == '{"v":1,"site":"s","edge":"e","epoch":0,"seq":1,"ts":0,"assets":[{"a":"a","p":["p"],"x":[1.5]}]}'
    )
    assert as_text(encode(frame)[:-1]).startswith("\\x88")
    assert as_text("阀".encode() + b"\xff") == "阀\\xff"
