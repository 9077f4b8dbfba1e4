"""Pure. A site as books of alarms: which edges share a book, which series is which cell, what each row is about.

Edges share a book only where an asset hangs on more than one of them, so a book stays small and can be copied.
The silence of the cabinets themselves is one more book, whose time is the server's.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from rules.plan import Plan, Watched, plan
from vocab.condition import Expiry, NoData
from vocab.leaves import leaves
from vocab.point import Point
from vocab.rule import Rule
from vocab.site import BUS_KIND, EDGE_KIND, Asset, Site
from wire.catalogue import Catalogue


@dataclass(frozen=True, slots=True)
class Watch:
    """One alarm and what it is about."""

    id: str  # asset.rule
    asset: Asset
    rule: Rule
    point: Point | None  # None for a rule over every point


@dataclass(frozen=True, slots=True)
class Group:
    """What one book holds."""

    name: str
    edges: tuple[str, ...]  # the number of an edge here is its source number in the plan
    plan: Plan
    watches: tuple[Watch, ...]  # by row


@dataclass(frozen=True, slots=True)
class Layout:
    """Everything that the judge needs to know of a site."""

    site: Site
    groups: tuple[Group, ...]
    silence: Group
    group_of: dict[str, int]  # edge -> group
    cell_of: NDArray[np.int32]  # series -> cell in the book of its edge
    watches: dict[str, Watch]

    def source(self, edge: str) -> int:
        """The number of an edge in its group's plan."""
        return self.groups[self.group_of[edge]].edges.index(edge)


def is_of_the_server(asset: Asset, rule: Rule) -> bool:
    """Whether only the server's clock can tell: a cabinet's own silence, and dates that come whoever is silent."""
    if any(isinstance(leaf, Expiry) for leaf in leaves(rule.when)):
        return True
    return asset.kind == EDGE_KIND and isinstance(rule.when, NoData) and rule.point != "*"


def layout(site: Site, catalogue: Catalogue, silence_floor_ms: int = 0, only: Collection[str] | None = None) -> Layout:
    """The books of a site. A cabinet must be silent for at least `silence_floor_ms` before it counts as lost.

    `only`: the books of these edges alone, which `parted` chose: books have nothing in common.
    """
    groups = tuple(_group(site, edges) for edges in _components(site) if only is None or edges[0] in only)
    silence = _silence(site, tuple(edge.id for edge in site.file.edge if only is None or edge.id in only))
    np.maximum(silence.plan.forms.span_ms, silence_floor_ms, out=silence.plan.forms.span_ms)
    cell_of = np.full(len(catalogue), -1, np.int32)
    for group in groups:
        for cell, name in enumerate(group.plan.cell_names):
            asset, point = name.split("/")
            cell_of[catalogue.number(site.id, asset, point)] = cell
    return Layout(
        site=site,
        groups=groups,
        silence=silence,
        group_of={edge: number for number, group in enumerate(groups) for edge in group.edges},
        cell_of=cell_of,
        watches={watch.id: watch for group in (*groups, silence) for watch in group.watches},
    )


def parted(site: Site, parts: int) -> list[tuple[str, ...]]:
    """The edges in at most so many parts of about as many points each, none across a book."""
    sizes = [(sum(len(site.points_of(site.asset(asset))) for asset in _assets_of(site, edges)), edges)
             for edges in _components(site)]  # fmt: skip
    filled: list[tuple[int, tuple[str, ...]]] = [(0, ()) for _ in range(min(parts, len(sizes)))]
    for size, edges in sorted(sizes, reverse=True):
        least = min(range(len(filled)), key=lambda part: filled[part][0])
        filled[least] = (filled[least][0] + size, filled[least][1] + edges)
    return [edges for _, edges in filled]


def _assets_of(site: Site, edges: tuple[str, ...]) -> set[str]:
    return {asset.id for edge in edges for asset, _ in site.devices_of(edge)}


def _components(site: Site) -> list[tuple[str, ...]]:
    """Edges joined by the assets that they share."""
    parent = {edge.id: edge.id for edge in site.file.edge}

    def root(edge: str) -> str:
        while parent[edge] != edge:
            edge = parent[edge]
        return edge

    for asset in site.file.asset:
        for box in asset.device[1:]:
            parent[root(box.edge)] = root(asset.device[0].edge)
    together: dict[str, list[str]] = {}
    for edge in parent:
        together.setdefault(root(edge), []).append(edge)
    return [tuple(edges) for edges in together.values()]


def _group(site: Site, edges: tuple[str, ...]) -> Group:
    assets = {asset.id: asset for edge in edges for asset, _ in site.devices_of(edge)}
    assets |= {
        asset.id: asset
        for asset in site.assets
        if asset.kind in (EDGE_KIND, BUS_KIND) and site.edges_of(asset)[0] in edges
    }
    watched: list[Watched] = []
    watches: dict[str, Watch] = {}
    for asset in assets.values():
        rules = tuple(rule for rule in site.rules_of(asset) if not is_of_the_server(asset, rule))
        points = tuple((point, edges.index(_edge_of(site, asset, point))) for point in site.points_of(asset))
        watched.append(Watched(asset.id, points, rules, asset.dates))
        watches |= {watch.id: watch for watch in _watches(asset, [point for point, _ in points], rules)}
    made = plan(watched, ZoneInfo(site.file.timezone))
    return Group(edges[0], edges, made, tuple(watches[name] for name in made.alarm_names))


def _silence(site: Site, edges: tuple[str, ...]) -> Group:
    watched: list[Watched] = []
    watches: dict[str, Watch] = {}
    for asset in site.assets:
        if next(iter(site.edges_of(asset)), site.file.edge[0].id) not in edges:
            continue
        rules = tuple(rule for rule in site.rules_of(asset) if is_of_the_server(asset, rule))
        names = {rule.point for rule in rules}
        points = [point for point in site.points_of(asset) if point.id in names] if asset.kind == EDGE_KIND else []
        watched.append(Watched(asset.id, tuple((point, 0) for point in points), rules, asset.dates))
        watches |= {watch.id: watch for watch in _watches(asset, points, rules)}
    made = plan(watched, ZoneInfo(site.file.timezone))
    return Group("(silence)", edges, made, tuple(watches[name] for name in made.alarm_names))


def _watches(asset: Asset, points: list[Point], rules: tuple[Rule, ...]) -> list[Watch]:
    known = {point.id: point for point in points}
    return [Watch(f"{asset.id}.{rule.id}", asset, rule, known.get(rule.point)) for rule in rules]


def _edge_of(site: Site, asset: Asset, point: Point) -> str:
    """Whose time a point follows: the edge of the device that tells it, or tells what it is derived from."""
    if asset.kind in (EDGE_KIND, BUS_KIND):
        return site.edges_of(asset)[0]
    pack = site.packs[asset.kind]
    derived = {derive.point: derive.source for derive in pack.derives}
    source = derived.get(point.id, point.id)
    for box in asset.device:
        if point.id in pack.makes[box.make].points or source in pack.makes[box.make].points:
            return box.edge
    return asset.device[0].edge
