"""Pure. The site as the wall reads it once at start: equipment, points, and the limits to be drawn into a trend."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from alerts.texts import both
from vocab.condition import High, Low
from vocab.leaves import leaves
from vocab.point import Point
from vocab.policy import Permitted
from vocab.rule import Rule
from vocab.site import Asset, Site
from vocab.units import UNITS


def our_version() -> str:
    """The version of this build."""
    try:
        return version("anlan")
    except PackageNotFoundError:
        return "0"


def cached_view() -> Callable[[Site], dict[str, Any]]:
    """`site_view`, made anew only when the rules in force are others than at the last call."""
    last: tuple[Site, dict[str, Any]] | None = None

    def view(site: Site) -> dict[str, Any]:
        nonlocal last
        if last is None or last[0] is not site:
            last = (site, site_view(site))
        return last[1]

    return view


def site_view(site: Site) -> dict[str, Any]:
    """GET /api/v1/site without its clock."""
    return {
        "id": site.id,
        "name": both(site.file.name),
        "timezone": site.file.timezone,
        "simulated": site.file.simulated,
        "version": our_version(),
        "policy": _policy(site.policy),
        "grids": [{"id": grid.id, "name": both(grid.name)} for grid in site.file.grid],
        "sectors": [
            {"id": each, "name": both(site.taxonomy.name(each)), "code": site.taxonomy.code(each)}
            for each in site.taxonomy.ids
        ],
        "services": [
            {
                "code": each.code,
                "name": both(each.name),
                "category": each.category.value,
                "hazard": each.hazard,
                "sector": site.taxonomy.of(each.category.value, each.hazard, ""),
                "priority": each.priority,
            }
            for each in site.sla.services()
        ],
        "edges": [{"id": edge.id, "name": both(edge.name), "grid": edge.grid} for edge in site.file.edge],
        "assets": [_asset(site, asset) for asset in site.assets],
    }


def _policy(policy: Permitted) -> dict[str, Any]:
    return {
        "shelf_s": {str(priority): longest for priority, longest in sorted(policy.longest_shelf_s.items())},
        "most_renewals": policy.most_renewals,
        "longest_window_s": policy.longest_window_s,
        "confirm_service_s": policy.confirm_service_s,
        "protected_priorities": sorted(policy.protected_priorities),
    }


def _asset(site: Site, asset: Asset) -> dict[str, Any]:
    rules = site.rules_of(asset)
    return {
        "id": asset.id,
        "kind": asset.kind,
        "kind_name": both(site.packs[asset.kind].name),
        "name": both(asset.name),
        "grid": asset.grid,
        "location": both(asset.location),
        "variant": asset.variant,
        "edge": sorted(site.edges_of(asset)),
        "registration": asset.registration,
        "attributes": _attributes(site, asset),
        "points": [_point(point, rules) for point in site.points_of(asset)],
    }


def _attributes(site: Site, asset: Asset) -> list[dict[str, Any]]:
    """What it is by declaration, in the order and the words of its pack."""
    return [
        {"id": attribute.id, "name": both(attribute.name), "value": value.id, "value_name": both(value.name)}
        for attribute in site.packs[asset.kind].attributes.values()
        for value in attribute.values
        if asset.attributes.get(attribute.id) == value.id
    ]


def _point(point: Point, rules: tuple[Rule, ...]) -> dict[str, Any]:
    return {
        "id": point.id,
        "name": both(point.name),
        "unit": point.unit,
        "label": UNITS[point.unit].label + point.weighting,
        "decimals": point.decimals,
        "normal": point.normal,
        "states": [
            {"code": state.code, "id": state.id, "name": both(state.name), "abnormal": state.abnormal}
            for state in point.states
        ],
        "heartbeat_s": point.heartbeat_s,
        "on_event": point.on_event,
        "on_tile": point.on_tile,
        "limits": [limit for rule in rules for limit in _limits(rule, point)],
    }


def _limits(rule: Rule, point: Point) -> list[dict[str, Any]]:
    return [
        {
            "rule": rule.id,
            "type": leaf.type,
            "limit": leaf.limit,
            "deadband": leaf.deadband,
            "priority": rule.priority,
            "name": both(rule.name),
        }
        for leaf in leaves(rule.when)
        if isinstance(leaf, High | Low) and (leaf.point or rule.point) == point.id
    ]
