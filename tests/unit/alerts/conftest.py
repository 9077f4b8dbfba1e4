"""An engine on a real database file, and a cabinet that speaks to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from alerts.engine import Engine
from alerts.ledger import Options
from tests.unit.alerts.plant import Cabinet, plant
from wire.gate import Gate

MakeEngine = Callable[..., Engine]


@pytest.fixture
def make_engine(database: str) -> Iterator[MakeEngine]:
    """Engines on one database; they are closed at the end."""
    made: list[Engine] = []

    def make(
        *edges: str, options: Options | None = None, boilers: int = 2, shared: bool = False, bus: bool = False
    ) -> Engine:
        site = plant(*edges, boilers=boilers, shared=shared, bus=bus)
        made.append(Engine(site, database, options))
        return made[-1]

    yield make
    for engine in made:
        engine.close()


@pytest.fixture
def engine(make_engine: MakeEngine) -> Engine:
    return make_engine()


@pytest.fixture
def cabinet() -> Cabinet:
    return Cabinet(Gate([plant()]))
