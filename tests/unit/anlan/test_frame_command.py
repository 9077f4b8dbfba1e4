"""`anlan edge frame`: a packed message can be read by eye."""

from __future__ import annotations

import json

from typer.testing import CliRunner

from anlan.cli import app
from wire.frame import AssetColumns, Frame, encode, encode_json

FRAME = Frame(1, "demo", "edge-a", 7, 3, 1_774_224_902_350, [AssetColumns("boiler-1", ["supply_temp"], [81.4], [-250])])


def test_a_message_is_shown_as_json_whichever_way_it_was_written() -> None:
    for payload in (encode(FRAME), encode_json(FRAME)):
        result = CliRunner().invoke(app, ["edge", "frame", "-"], input=payload)

        assert result.exit_code == 0, result.output
        assert json.loads(result.output) == json.loads(encode_json(FRAME))


def test_what_is_no_frame_is_told() -> None:
    result = CliRunner().invoke(app, ["edge", "frame", "-"], input=b"hello")

    assert result.exit_code == 1
    assert "no frame" in result.output
