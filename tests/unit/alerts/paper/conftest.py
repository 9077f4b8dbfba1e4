"""The campaign in a real ticket database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from sqlalchemy import Engine as Database

from alerts.database import connect, writing
from tests.unit.alerts.paper.campaign import kept


@dataclass(frozen=True)
class Year:
    """The database, and the ids of its tickets by the campaign's numbers."""

    url: str
    database: Database
    ids: dict[int, int]


@pytest.fixture
def year(database: str) -> Iterator[Year]:
    engine = connect(database)
    with writing(engine) as connection:
        ids = kept(connection)
    yield Year(database, engine, ids)
    engine.dispose()
