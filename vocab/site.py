"""Pure. A site: the one folder an operator edits. Places, cabinets, buses, assets, and its changes to rules."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Literal

from pydantic import Field

from vocab.annunciator import Action, Annunciator
from vocab.channels import Channels
from vocab.duties import Duties
from vocab.in_force import Found, in_force
from vocab.oncall import OnCall
from vocab.org import Org
from vocab.pack import COMMON, Pack, fits
from vocab.point import Id, Point, PointId
from vocab.policy import Permitted, PolicyChange, permitted
from vocab.rule import ANY_POINT, Rule, dates_read, points_read
from vocab.settle import Links
from vocab.sla import Sla, SlaFile
from vocab.strict_toml import Strict, Text
from vocab.taxonomy import Taxonomy, taxonomy

EDGE_KIND = "edge"  # a cabinet reports its own health as an asset of this kind
BUS_KIND = "bus"  # and that of each bus with several devices on it as an asset of this one


class Grid(Strict):
    """A management grid (网格), the smallest place that has a responsible person; a leaf of org.toml's tree."""

    id: Id
    name: Text


class Bus(Strict):
    """One way from a cabinet to devices."""

    id: Id
    type: Literal["modbus-tcp", "modbus-rtu", "mqtt"]
    name: Text | None = None
    host: str = "127.0.0.1"
    port: int = Field(default=0, ge=0, le=65535)  # modbus-tcp, mqtt; 0: told at start (`anlan demo` picks free ones)
    device: str = ""  # modbus-rtu: the serial port
    baud: int = 9600
    parity: Literal["N", "E", "O"] = "N"
    timeout_s: float = Field(default=1.0, gt=0)


class EdgeNode(Strict):
    """A cabinet with an agent in it."""

    id: Id
    name: Text
    grid: Id
    bus: tuple[Bus, ...] = ()
    flush_s: float = Field(default=1.0, gt=0)  # a frame at least this often
    spool_mib: int = Field(default=256, ge=1)
    annunciator: tuple[Annunciator, ...] = ()
    action: tuple[Action, ...] = ()  # without one the cabinet only watches


class Device(Strict):
    """A box on a bus. One asset may have several (a lift: car roof and machine room)."""

    id: Id
    make: Id
    edge: Id
    bus: Id
    unit: int | None = Field(default=None, ge=0, le=255)  # Modbus
    serial: str | None = None  # MQTT


class Asset(Strict):
    """A piece of equipment that someone answers for."""

    id: Id
    kind: Id
    name: Text
    grid: Id
    location: Text
    variant: str | None = None
    registration: str = ""  # 设备代码
    latitude: float | None = None
    longitude: float | None = None
    params: dict[PointId, float] = Field(default_factory=dict)
    dates: dict[PointId, date] = Field(default_factory=dict)  # such as inspection_due = 2027-03-01, for `expiry`
    attributes: dict[PointId, PointId] = Field(default_factory=dict)  # such as waste_class = "kitchen"
    device: tuple[Device, ...] = ()


class Override(Strict):
    """What this site changes of a pack's rule, for one asset or for a whole kind."""

    rule: PointId
    kind: Id
    asset: Id | None = None
    limit: float | None = None
    deadband: float | None = Field(default=None, ge=0)
    on_delay_s: float | None = Field(default=None, ge=0)
    off_delay_s: float | None = Field(default=None, ge=0)
    priority: int | None = Field(default=None, ge=1, le=4)
    enabled: bool | None = None
    reason: str  # why; a change of an alarm without a reason is no management of change


class ChangeOfRules(Strict):
    """What a change of rules needs at this site before it may watch anything (docs/reference/rule-versions.md)."""

    min_backtest_days: float = Field(default=30.0, ge=0)  # of history that a backtest must really cover


class SiteFile(Strict):
    """site.toml."""

    id: Id
    name: Text
    timezone: str = "Asia/Shanghai"
    simulated: bool = False
    grid: tuple[Grid, ...]
    edge: tuple[EdgeNode, ...]
    asset: tuple[Asset, ...]
    override: tuple[Override, ...] = ()
    rule_change: ChangeOfRules = ChangeOfRules()
    policy: tuple[PolicyChange, ...] = ()


@dataclass(
    frozen=True
)  # without slots, so that what follows from it is worked out once: sites have thousands of assets
class Site:
    """A site with its packs: every reference in it is known to hold."""

    file: SiteFile
    packs: Mapping[str, Pack]
    org: Org = field(default_factory=Org)  # who answers for what; empty without an org.toml
    duties: Duties = field(default_factory=Duties)  # what has to happen; empty without a duties.toml
    own_sla: SlaFile = field(default_factory=SlaFile)  # its sla.toml
    oncall: OnCall = field(default_factory=OnCall)  # who is called about it; empty without an oncall.toml
    channels: Channels = field(default_factory=Channels)  # and how

    @property
    def id(self) -> str:
        """The site's id in topics."""
        return self.file.id

    @property
    def policy(self) -> Permitted:
        """What people may do to an alarm here."""
        common = self.packs.get(COMMON)
        return permitted(None if common is None else common.policy, self.file.policy)

    @cached_property
    def sla(self) -> Sla:
        """By when something is to be done about a ticket here."""
        common = self.packs.get(COMMON)
        usual = None if common is None else common.sla
        return Sla(usual or SlaFile(), self.own_sla)

    @cached_property
    def taxonomy(self) -> Taxonomy:
        """To which sector of public safety something belongs here."""
        common = self.packs.get(COMMON)
        told = {kind: pack.sector for kind, pack in self.packs.items()}
        services = ((each.hazard, each.sector or "") for each in self.sla.services())
        return taxonomy(None if common is None else common.sectors, told, services)

    @cached_property
    def assets(self) -> tuple[Asset, ...]:
        """The equipment, and every cabinet and every bus as an asset of its own."""
        cabinets = tuple(
            Asset(id=edge.id, kind=EDGE_KIND, name=edge.name, grid=edge.grid, location=edge.name)
            for edge in self.file.edge
        )
        return self.file.asset + cabinets + tuple(_bus_asset(edge, bus) for edge, bus in self.buses.values())

    @cached_property
    def buses(self) -> dict[str, tuple[EdgeNode, Bus]]:
        """The buses that are assets, by asset id: those with two devices at least. The loss of a bus with one device is
        that device's, and a site without the pack has none."""
        if BUS_KIND not in self.packs:
            return {}
        return {bus_asset_id(edge.id, bus.id): (edge, bus) for edge, bus in shared_buses(self.file)}

    def asset(self, asset_id: str) -> Asset:
        """The asset of this id; KeyError if there is none."""
        return self._by_id[asset_id]

    def assets_in(self, grids: Collection[str]) -> list[str]:
        """The ids of the assets of these grids, cabinets and buses among them."""
        return [asset.id for asset in self.assets if asset.grid in grids]

    @cached_property
    def _by_id(self) -> dict[str, Asset]:
        return {asset.id: asset for asset in self.assets}

    def edge(self, edge_id: str) -> EdgeNode:
        """The cabinet of this id; KeyError if there is none."""
        for edge in self.file.edge:
            if edge.id == edge_id:
                return edge
        raise KeyError(edge_id)

    def devices_of(self, edge_id: str) -> tuple[tuple[Asset, Device], ...]:
        """What hangs on a cabinet."""
        return tuple(self._devices.get(edge_id, ()))

    @cached_property
    def _devices(self) -> dict[str, list[tuple[Asset, Device]]]:
        found: dict[str, list[tuple[Asset, Device]]] = {}
        for asset in self.file.asset:
            for box in asset.device:
                found.setdefault(box.edge, []).append((asset, box))
        return found

    def points_of(self, asset: Asset) -> tuple[Point, ...]:
        """The points that this asset really reports: those of its makes, and what is derived from them."""
        pack = self.packs[asset.kind]
        if asset.kind in (EDGE_KIND, BUS_KIND):
            return pack.points_of(asset.variant)
        told = {name for box in asset.device for name in pack.makes[box.make].points}
        told |= {derive.point for derive in pack.derives if derive.source in told}
        return tuple(point for point in pack.points_of(asset.variant) if point.id in told)

    def params_of(self, asset: Asset) -> dict[str, float]:
        """The asset's numbers: the pack's defaults, what its attributes make of them, and the site's own over both."""
        return self.packs[asset.kind].params_of(asset.attributes) | asset.params

    def rules_of(self, asset: Asset) -> tuple[Rule, ...]:
        """The rules that watch this asset, with limits from its params put in and the site's overrides applied.

        A rule is left out where the asset does not report a point that it needs; `*` rules stay as they are.
        """
        told = {point.id for point in self.points_of(asset)} | {ANY_POINT}
        given = (self.params_of(asset), self._links(asset))
        rules = []
        for stated in self.packs[asset.kind].rules.values():  # a site may switch on what its pack leaves off
            if not fits(stated.variants, asset.variant) or not asset.dates.keys() >= dates_read(stated):
                continue
            rule = in_force(self._rules, self.file.override, asset, stated, given)
            if told.issuperset(points_read(rule)) and rule.enabled:
                rules.append(rule)
        return tuple(rules)

    @cached_property
    def _rules(self) -> Found:
        return {}

    def edges_of(self, asset: Asset) -> tuple[str, ...]:
        """The cabinets through which an asset is heard."""
        if asset.kind == EDGE_KIND:
            return (asset.id,)
        if asset.kind == BUS_KIND:
            return (self.buses[asset.id][0].id,)
        return tuple(dict.fromkeys(box.edge for box in asset.device))

    def _links(self, asset: Asset) -> Links:
        """The buses on which an asset hangs, if each of them can be lost as a bus; and those of a cabinet."""
        buses = self.buses
        if asset.kind == EDGE_KIND:
            return Links(any=tuple(name for name, (edge, _) in buses.items() if edge.id == asset.id))
        ways = tuple(dict.fromkeys(bus_asset_id(box.edge, box.bus) for box in asset.device))
        return Links(every=ways if buses.keys() >= set(ways) else ())


def bus_asset_id(edge: str, bus: str) -> str:
    """The id of a bus among the assets."""
    return f"{edge}-{bus}"


def shared_buses(site: SiteFile) -> tuple[tuple[EdgeNode, Bus], ...]:
    """The buses with more than one device on them."""
    boxes = Counter((box.edge, box.bus) for asset in site.asset for box in asset.device)
    return tuple((edge, bus) for edge in site.edge for bus in edge.bus if boxes[edge.id, bus.id] > 1)


def _bus_asset(edge: EdgeNode, bus: Bus) -> Asset:
    name = bus.name or Text(en=f"{edge.name.en}: bus {bus.id}", zh=f"{edge.name.zh}：总线{bus.id}")
    variant = "messages" if bus.type == "mqtt" else "polled"
    return Asset(
        id=bus_asset_id(edge.id, bus.id), kind=BUS_KIND, name=name, grid=edge.grid, location=edge.name, variant=variant
    )
