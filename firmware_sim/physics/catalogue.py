"""Pure. Which model plays which kind of equipment: names to classes in one place."""

from __future__ import annotations

from firmware_sim.physics.air_receiver import AirReceiver
from firmware_sim.physics.boiler_hot_water import HotWaterBoiler
from firmware_sim.physics.boiler_steam import SteamBoiler
from firmware_sim.physics.checkpoint import Checkpoint
from firmware_sim.physics.elevator import Elevator
from firmware_sim.physics.gas_detector import GasDetector
from firmware_sim.physics.gas_line import GasLine
from firmware_sim.physics.lpg_tank import LpgTank
from firmware_sim.physics.mains import MainsPower
from firmware_sim.physics.model import Model
from firmware_sim.physics.waste_bin import WasteBin
from firmware_sim.physics.water_supply import WaterSupply
from firmware_sim.physics.weighbridge import Weighbridge

MODELS: dict[tuple[str, str | None], type[Model]] = {
    ("boiler", "hot_water"): HotWaterBoiler,
    ("boiler", "steam"): SteamBoiler,
    ("elevator", None): Elevator,
    ("gas", "detector"): GasDetector,
    ("gas", "line"): GasLine,
    ("vessel", "receiver"): AirReceiver,
    ("vessel", "lpg"): LpgTank,
    ("bin", None): WasteBin,
    ("thermometer", None): Checkpoint,
    ("weighbridge", None): Weighbridge,
    ("water", None): WaterSupply,
    ("power", None): MainsPower,
}


def model_of(kind: str, variant: str | None) -> type[Model] | None:
    """The model of this kind and variant, or None: nobody has written one."""
    return MODELS.get((kind, variant)) or MODELS.get((kind, None))
