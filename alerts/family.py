"""Pure. What hangs on what: cabinet, bus, equipment. The tree follows from the site; nobody writes it down."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from alerts.layout import Layout, Watch, is_of_the_server
from rules.book import Book
from rules.codes import LeafKind
from vocab.site import BUS_KIND, EDGE_KIND, Site, bus_asset_id

BUS_LOST, DEVICE_LOST = "bus_lost", "comms_lost"  # hazards of packs/bus and packs/common


def is_loss_of_parent(watch: Watch) -> bool:
    """Whether an alarm says that a cabinet or a bus is lost, and so everything behind it."""
    if watch.asset.kind == EDGE_KIND:
        return is_of_the_server(watch.asset, watch.rule)
    return watch.asset.kind == BUS_KIND and watch.rule.hazard == BUS_LOST


def is_loss_of_device(watch: Watch) -> bool:
    """Whether an alarm says that equipment is not heard."""
    return watch.rule.hazard == DEVICE_LOST and watch.asset.kind not in (EDGE_KIND, BUS_KIND)


def began_ms(book: Book, row: int, raised_ms: int) -> int:
    """When that began which an alarm told at `raised_ms`: without its on-delay and its silence."""
    plan = book.plan
    forms = plan.forms
    mine = plan.leaves.form[plan.leaves_of(row)]
    silent = [int(span) for kind, span in zip(forms.kind[mine], forms.span_ms[mine], strict=True)
              if kind == LeafKind.NO_DATA]  # fmt: skip
    return raised_ms - int(plan.rules.on_ms[plan.alarms.rule[row]]) - max(silent, default=0)


@dataclass(frozen=True, slots=True)
class Family:
    """Who hangs on whom."""

    children: dict[str, tuple[str, ...]]  # parent -> assets
    ways: dict[str, tuple[tuple[str, ...], ...]]  # asset -> for each of its devices, the parents it is heard through
    parents: dict[str, Watch]  # alarms that mean the loss of a parent

    @classmethod
    def of(cls, layout: Layout) -> Family:
        """The tree of a site."""
        ways = {asset.id: _ways(layout.site, asset.id) for asset in layout.site.assets}
        children: dict[str, list[str]] = {}
        for asset, lines in ways.items():
            for parent in dict.fromkeys(parent for line in lines for parent in line):
                if parent != asset:
                    children.setdefault(parent, []).append(asset)
        parents = {name: watch for name, watch in layout.watches.items() if is_loss_of_parent(watch)}
        return cls({parent: tuple(found) for parent, found in children.items()}, ways, parents)

    def lost_through(self, asset: str, lost: Collection[str]) -> str | None:
        """The parent whose loss leaves nothing of an asset in sight; None if some device of it is still heard."""
        found = [next((parent for parent in line if parent in lost), None) for line in self.ways[asset]]
        return found[0] if found and all(found) else None


def _ways(site: Site, name: str) -> tuple[tuple[str, ...], ...]:
    asset, buses = site.asset(name), site.buses
    if asset.kind == EDGE_KIND:
        return ((name,),)  # what a lost cabinet last said of itself is not known any more either
    if asset.kind == BUS_KIND:
        return ((buses[name][0].id,),)
    pairs = dict.fromkeys((box.edge, bus_asset_id(box.edge, box.bus)) for box in asset.device)
    return tuple((edge, bus) if bus in buses else (edge,) for edge, bus in pairs)
