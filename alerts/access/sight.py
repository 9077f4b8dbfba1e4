"""Pure. Answers narrowed to the equipment that somebody may see: rows of other grids are left out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_BY_ASSET = ("unknown",)  # tables keyed by asset
_BY_POINT = ("latest",)  # and by ASSET/POINT


def narrowed(answer: Any, seen: frozenset[str], grid_of: Mapping[str, str]) -> Any:
    """`answer` without rows about assets outside the grids `seen`."""
    if isinstance(answer, list):
        return [row for row in answer if not isinstance(row, dict) or _is_seen(row, seen, grid_of)]
    if not isinstance(answer, dict):
        return answer
    told: dict[str, Any] = {}
    for name, value in answer.items():
        if name in _BY_ASSET and isinstance(value, dict):
            told[name] = {asset: row for asset, row in value.items() if grid_of.get(asset) in seen}
        elif name in _BY_POINT and isinstance(value, dict):
            told[name] = {point: row for point, row in value.items() if grid_of.get(point.split("/")[0]) in seen}
        elif name == "edges" and isinstance(value, list):
            told[name] = [row for row in value if grid_of.get(row.get("id", "")) in seen]
        else:
            told[name] = narrowed(value, seen, grid_of) if isinstance(value, list) else value
    return told


def _is_seen(row: dict[str, Any], seen: frozenset[str], grid_of: Mapping[str, str]) -> bool:
    """A row about an asset or in a grid; one about neither is everybody's."""
    alarm = row.get("alarm")  # ASSET.RULE
    asset = row.get("asset", row.get("parent", alarm.split(".")[0] if isinstance(alarm, str) else None))
    if isinstance(asset, str) and asset in grid_of:
        return grid_of[asset] in seen
    grid = row.get("grid")
    if isinstance(grid, dict):
        grid = grid.get("id")
    return not isinstance(grid, str) or grid in seen
