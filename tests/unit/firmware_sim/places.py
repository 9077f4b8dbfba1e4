"""A small site with one asset of everything, and a world on it whose time the tests move."""

from __future__ import annotations

from functools import cache

from firmware_sim.scenario import Injection, Scenario
from firmware_sim.world import World
from runtime.files import load_packs
from vocab import site_load
from vocab.site import Site
from vocab.strict_toml import Text

START_MS = 1_774_488_600_000  # Thursday 2026-03-26 09:30 in Shanghai
SITE = """
id = "test"
name = { en = "Test", zh = "测试" }
simulated = true

[[grid]]
id = "g"
name = { en = "G", zh = "格" }

[[edge]]
id = "edge-a"
name = { en = "Cabinet", zh = "柜" }
grid = "g"
bus = [
  { id = "bus", type = "modbus-tcp", port = 1, timeout_s = 0.5 },
  { id = "line", type = "modbus-rtu", device = "/nowhere" },
  { id = "radio", type = "mqtt", port = 1 },
]
"""
ASSETS = (
    ("hot", "boiler", "hot_water", (("hot-burner", "sola", 1), ("hot-room", "plant-ai8", 2)), ""),
    ("condensing", "boiler", "hot_water", (("condensing-burner", "triangle", 3),), "params = { flue_baseline = 80 }"),
    ("falcon", "boiler", "hot_water", (("falcon-burner", "falcon", 4),), ""),
    ("steam", "boiler", "steam", (("steam-burner", "sola-steam", 5), ("steam-room", "plant-ai8-steam", 6)), ""),
    ("lift", "elevator", None, (
        ("lift-roof", "roofbox-b64", "L1"), ("lift-machine", "machine-room", 7), ("lift-drive", "invertek", 8)), ""),
    ("lift-b", "elevator", None, (("lift-b-platform", "platform-b", "L2"), ("lift-b-box", "singlebox-v2", "L3")), ""),
    ("kitchen", "gas", "detector", (("kitchen-toc", "toc635", 9),), ""),
    ("lab", "gas", "detector", (("lab-midas", "midas", 10),), ""),
    ("bakery", "gas", "detector", (("bakery-nimbus", "nimbus", 11),), ""),
    ("shop", "gas", "detector", (("shop-rs485", "generic-rs485", 12),), ""),
    ("home", "gas", "detector", (("home-gs101", "milesight-gs101", "H1"),), ""),
    ("line", "gas", "line", (("line-station", "line-station", 13), ("line-pressure", "qdy30a", 14)), ""),
    ("air", "vessel", "receiver", (("air-panel", "compressor-panel", 27),), ""),
    ("tank", "vessel", "lpg", (
        ("tank-pressure", "qdy30a", 28), ("tank-level", "qdx50a", 29), ("tank-io", "tank-panel", 30),
        ("tank-gauge", "em500-pp", "V1")),
     "params = { volume = 5, permitted_pressure = 1.4, relief_pressure = 1.5 }"),
    ("bin", "bin", None, (("bin-em400", "em400-udl", "B1"), ("bin-smell", "gs301", "B2")), ""),
    ("bin-hex", "bin", None, (("bin-em310", "em310-udl", "B3"),), ""),
    ("bin-raw", "bin", None, (("bin-sensoneo", "sensoneo", "B4"),), ""),
    ("pool", "bin", None, (("pool-laser", "sen0492", 15),), ""),
    ("gate", "thermometer", None, (("gate-hik", "hikvision", "T1"), ("gate-box", "gate-box", 16)), ""),
    ("booster", "water", None, (("booster-plc", "booster-plc", 17), ("booster-probes", "water-probes", 18)), ""),
    ("village", "water", None, (("village-dtu", "booster-dtu", "W1"),), "params = { max_flow = 20 }"),
    ("mains", "power", None, (("mains-meter", "dtsu666", 19), ("mains-ats", "ats", 20)), ""),
    ("board", "power", None, (("board-meter", "adl3000", 21),), "params = { rated_current = 32 }"),
    ("transformer", "power", None, (("transformer-645", "dlt645-gateway", "P1"),), ""),
    ("bridge", "weighbridge", None, (("bridge-terminal", "scale-terminal", "S1"), ("bridge-box", "cell-box", 22)), ""),
    ("bridge-b", "weighbridge", None, (("bridge-b-indicator", "scale-indicator", 23),), ""),
    ("gate-f", "thermometer", None, (("gate-ezviz", "ezviz", "T2"),), ""),
)  # fmt: skip

ON_THE_LINE = {"line-pressure", "shop-rs485", "pool-laser"}  # several slaves on one serial line


@cache
def site() -> Site:
    """One asset of every kind and variant, every make at least once."""
    text = SITE
    for name, kind, variant, boxes, extra in ASSETS:
        text += f'\n[[asset]]\nid = "{name}"\nkind = "{kind}"\ngrid = "g"\n{extra}\n'
        text += 'name = { en = "A", zh = "甲" }\nlocation = { en = "Here", zh = "此处" }\n'
        text += f'variant = "{variant}"\n' if variant else ""
        for box, make, address in boxes:
            wire = "line" if box in ON_THE_LINE else "bus"
            bus, key = ("radio", f'serial = "{address}"') if isinstance(address, str) else (wire, f"unit = {address}")
            text += f'[[asset.device]]\nid = "{box}"\nmake = "{make}"\nedge = "edge-a"\nbus = "{bus}"\n{key}\n'
    found, problems = site_load.load("site.toml", text, load_packs())
    assert found is not None, "\n".join(map(str, problems))
    return found


def scenario(*injections: Injection) -> Scenario:
    """A day with these faults."""
    return Scenario(name="test", title=Text(en="T", zh="测"), duration_s=10_000_000.0, inject=injections)


def fault(asset: str, fault: str, at_s: float = 0.0, **more: object) -> Injection:
    """One fault, named after what it is."""
    return Injection.model_validate({"id": f"{asset}-{fault}".replace("_", "-"), "at_s": at_s, "asset": asset,
                                     "fault": fault, **more})  # fmt: skip


def world(*injections: Injection, seed: int = 1) -> World:
    """The site at its start."""
    return World(site(), scenario(*injections), seed, START_MS)


def after(a_world: World, seconds: float) -> World:
    """The same world, this long after the start."""
    a_world.advance(START_MS + round(seconds * 1000))
    return a_world


def number(a_world: World, asset: str, point: str) -> float:
    """A truth that is a number."""
    value = a_world.truths(asset)[point]
    assert isinstance(value, float | int), (asset, point, value)
    return float(value)


def curve(a_world: World, asset: str, point: str, until_s: float, every_s: float = 1.0) -> list[float]:
    """A truth over time, from the world's own moment on."""
    start_s = (a_world.now_ms - START_MS) / 1000
    steps = int((until_s - start_s) / every_s)
    return [number(after(a_world, start_s + step * every_s), asset, point) for step in range(steps + 1)]
