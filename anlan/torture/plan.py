"""Pure. Which fault strikes whom, when and for how long: drawn from a seed, the same for the same seed."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from vocab.site import Site


class Kind(StrEnum):
    """What `--faults` chooses from; `TOLD` says what each is."""

    KILL = "kill"
    FREEZE = "freeze"
    WAN = "wan"
    FRAMES = "frames"
    BROKER = "broker"
    DISK = "disk"
    STORE = "store"
    DATABASE = "database"
    CLOCK = "clock"


TOLD: Mapping[Kind, str] = {
    Kind.KILL: "SIGKILL of broker, ingest, alerts or a cabinet's agent",
    Kind.FREEZE: "one of them stands still for some seconds (SIGSTOP)",
    Kind.WAN: "a cabinet's way to the broker is cut, a black hole, slow, lossy or half open",
    Kind.FRAMES: "frames twice, in disorder, truncated, garbage, and an old one as a retained message",
    Kind.BROKER: "the broker is started anew, with or without its data",
    Kind.DISK: "the disk is full for one process",
    Kind.STORE: "the store of readings is locked by another process, or broken",
    Kind.DATABASE: "the ticket database is locked by another process",
    Kind.CLOCK: "the clock of one machine jumps by 8 h or 1 s, forth or back, and is set right again",
}
SERVERS = ("broker", "ingest", "alerts")
_BEGINS_S = 2.0  # real seconds before the first strike
_PATIENT = 0.7  # share of the strikes
_EVERY_S = (1.5, 6.0)  # real seconds between two strikes


@dataclass(frozen=True, slots=True)
class Strike:
    """One fault of a run. Seconds are real ones, since they are about computers and networks."""

    at_s: float
    kind: Kind
    how: str  # which variant
    target: str
    for_s: float = 0.0  # 0: it is done in a moment
    params: Mapping[str, float] = field(default_factory=dict)
    is_patient: bool = True  # waits until the chain has recovered from the last one; else it may hit a recovery


Drawn = tuple[str, str, float, Mapping[str, float]]  # how, target, for_s, params
Draw = Callable[[random.Random, Site], Drawn]


def plan(site: Site, kinds: Sequence[Kind], seconds: float, seed: int) -> list[Strike]:
    """The strikes of a run of `seconds`, in order. Every kind comes before any comes again."""
    rng = random.Random(f"strikes-{seed}")  # noqa: S311 - a seed is what is wanted
    strikes: list[Strike] = []
    left: list[Kind] = []
    at_s = _BEGINS_S
    while at_s < seconds:
        if not left:
            left = rng.sample(sorted(kinds), len(kinds))
        kind = left.pop()
        how, target, for_s, params = DRAWS[kind](rng, site)
        strikes.append(
            Strike(
                round(at_s, 2), kind, how, target, round(min(for_s, seconds - at_s), 2), params, rng.random() < _PATIENT
            )
        )
        at_s += rng.uniform(*_EVERY_S)
    return strikes


def parts(site: Site) -> list[str]:
    """Every process but the simulator, which is the truth."""
    return [*SERVERS, *(edge.id for edge in site.file.edge)]


def _kill(rng: random.Random, site: Site) -> Drawn:
    return "sigkill", rng.choice(parts(site)), 0.0, {}


def _freeze(rng: random.Random, site: Site) -> Drawn:
    return "sigstop", rng.choice(parts(site)), rng.uniform(1.0, 12.0), {}


_WAYS: Mapping[str, Mapping[str, float]] = {
    "cut": {},
    "black_hole": {"black_hole": 1.0},
    "delay": {"delay_s": 0.8},
    "loss": {"loss_percent": 30.0},
    "half_open": {"half_open": 1.0},
}


def _wan(rng: random.Random, site: Site) -> Drawn:
    how = rng.choice(sorted(_WAYS))
    return how, rng.choice([edge.id for edge in site.file.edge]), rng.uniform(2.0, 25.0), _WAYS[how]


def _frames(rng: random.Random, site: Site) -> Drawn:
    how = rng.choice(("duplicates", "reordered", "truncated", "garbage", "ghost"))
    return how, "broker", rng.uniform(3.0, 10.0) if how == "ghost" else 0.0, {}


def _broker(rng: random.Random, site: Site) -> Drawn:
    return rng.choice(("restart", "wiped")), "broker", 0.0, {}


def _disk(rng: random.Random, site: Site) -> Drawn:
    return "full", rng.choice(parts(site)), rng.uniform(2.0, 15.0), {}


def _store(rng: random.Random, site: Site) -> Drawn:
    return rng.choice(("locked", "broken")), "ingest", rng.uniform(2.0, 10.0), {}


def _database(rng: random.Random, site: Site) -> Drawn:
    return "locked", "alerts", rng.uniform(2.0, 14.0), {}


def _clock(rng: random.Random, site: Site) -> Drawn:
    seconds = rng.choice((-28_800.0, -1.0, 1.0, 28_800.0))
    targets = [part for part in parts(site) if part != "broker"]  # which does not ask what time it is
    return f"{seconds:+g}s", rng.choice(targets), rng.uniform(2.0, 20.0), {"seconds": seconds}


DRAWS: Mapping[Kind, Draw] = {
    Kind.KILL: _kill,
    Kind.FREEZE: _freeze,
    Kind.WAN: _wan,
    Kind.FRAMES: _frames,
    Kind.BROKER: _broker,
    Kind.DISK: _disk,
    Kind.STORE: _store,
    Kind.DATABASE: _database,
    Kind.CLOCK: _clock,
}
