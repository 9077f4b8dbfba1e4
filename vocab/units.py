"""Pure. The UCUM units that points and registers use, and the linear conversions between them.

Source of the codes: The Unified Code for Units of Measure; `domain.md` §5.3 lists which were parsed. `dB[SPL]` carries
its weighting in the point, since dB(A) is not UCUM.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Unit:
    """A UCUM code with what is needed to convert it: base = value * factor + offset."""

    code: str
    quantity: str
    factor: float = 1.0
    offset: float = 0.0
    symbol: str | None = None  # "": a plain number, nothing is written after it

    @property
    def label(self) -> str:
        """What a person reads after the number."""
        return self.code if self.symbol is None else self.symbol


_ALL = (
    Unit("1", "ratio", symbol=""),
    Unit("%", "percentage"),
    Unit("%{LEL}", "explosive-limit", symbol="%LEL"),
    Unit("%{RH}", "relative-humidity", symbol="%RH"),
    Unit("Cel", "temperature", symbol="°C"),
    Unit("[degF]", "temperature", 5 / 9, -160 / 9, symbol="°F"),
    Unit("K", "temperature", 1.0, -273.15),
    Unit("K/min", "temperature-rate"),
    Unit("Pa", "pressure"),
    Unit("kPa", "pressure", 1e3),
    Unit("MPa", "pressure", 1e6),
    Unit("mbar", "pressure", 1e2),
    Unit("bar", "pressure", 1e5),
    Unit("[psi]", "pressure", 6894.757293168, symbol="psi"),
    Unit("mm", "length", 1e-3),
    Unit("cm", "length", 1e-2),
    Unit("m", "length"),
    Unit("m/s", "speed"),
    Unit("m/s2", "acceleration", symbol="m/s²"),
    Unit("uA", "current", 1e-6, symbol="µA"),
    Unit("mA", "current", 1e-3),
    Unit("A", "current"),
    Unit("mV", "voltage", 1e-3),
    Unit("V", "voltage"),
    Unit("kW", "power"),
    Unit("kW.h", "energy", symbol="kWh"),
    Unit("m3", "volume", symbol="m³"),
    Unit("m3/h", "flow", 1 / 3600, symbol="m³/h"),
    Unit("L/s", "flow", 1e-3),
    Unit("L/min", "flow", 1e-3 / 60),
    Unit("kg/s", "mass-flow"),
    Unit("t/h", "mass-flow", 1 / 3.6),
    Unit("kg", "mass"),
    Unit("mg/m3", "mass-concentration", symbol="mg/m³"),
    Unit("mg/L", "mass-concentration", 1e3),
    Unit("[ppm]", "fraction", symbol="ppm"),
    Unit("uS/cm", "conductivity", symbol="µS/cm"),
    Unit("[pH]", "ph", symbol="pH"),
    Unit("[NTU]", "turbidity", symbol="NTU"),
    Unit("dB", "level"),
    Unit("dB[SPL]", "sound", symbol="dB"),
    Unit("deg", "angle", symbol="°"),
    Unit("Hz", "frequency"),
    Unit("/min", "frequency", 1 / 60, symbol="r/min"),
    Unit("/h", "frequency", 1 / 3600),
    Unit("s", "time"),
    Unit("ms", "time", 1e-3),
    Unit("min", "time", 60.0),
    Unit("h", "time", 3600.0),
    Unit("d", "time", 86400.0),
    Unit("By", "information", symbol="B"),
    Unit("MiBy", "information", 1048576.0, symbol="MiB"),
    Unit("{count}", "count", symbol=""),
    Unit("{floor}", "floor", symbol=""),
)

UNITS = {unit.code: unit for unit in _ALL}


def conversion(source: str, target: str) -> tuple[float, float]:
    """(factor, offset) so that value_in_target = value_in_source * factor + offset.

    KeyError for a code we do not know, ValueError for two codes that measure different things.
    """
    a, b = UNITS[source], UNITS[target]
    if a.quantity != b.quantity:
        raise ValueError(f"{source} is {a.quantity}, {target} is {b.quantity}: no conversion")
    return a.factor / b.factor, (a.offset - b.offset) / b.factor
