"""Pure. Which model plays which kind of equipment: names to classes in one place."""

from __future__ import annotations

from firmware_sim.physics.boiler_hot_water import HotWaterBoiler
from firmware_sim.physics.boiler_steam import SteamBoiler
from firmware_sim.physics.model import Model

MODELS: dict[tuple[str, str | None], type[Model]] = {
    ("boiler", "hot_water"): HotWaterBoiler,
    ("boiler", "steam"): SteamBoiler,
}


def model_of(kind: str, variant: str | None) -> type[Model] | None:
    """The model of this kind and variant, or None: nobody has written one."""
    return MODELS.get((kind, variant)) or MODELS.get((kind, None))
