"""What every test may use: free ports, real brokers, and the loud skip."""

from __future__ import annotations

import itertools
import os
import random
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.brokers import HOST, Mosquitto, Nats, RunningBroker, find

pytest_plugins = ["tests.databases"]


@pytest.hookimpl(tryfirst=True)  # before those that are not wanted are left out
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if any("chromium" in marker.args for marker in item.iter_markers("needs")):
            item.add_marker(pytest.mark.alone)  # a browser draws on both cores, and its expectations count real seconds


def pytest_runtest_setup(item: pytest.Item) -> None:
    for marker in item.iter_markers("needs"):
        for program in marker.args:
            if find(str(program)) is None:
                pytest.skip(f"NOT TESTED: the program {program!r} is not installed")


# Below the range from which the kernel serves whoever connects, so that nobody is given a port between the moment we
# take it and the moment somebody listens there. Each xdist worker has its own; another run begins elsewhere.
_FIRST, _EACH, _WORKERS = 16_000, 1_000, 16
_worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % _WORKERS
_numbers = itertools.count(random.SystemRandom().randrange(_EACH))


def take_port() -> int:
    """A loopback port that is free, and that nobody else of these tests takes."""
    for number in itertools.islice(_numbers, _EACH):
        port = _FIRST + number % _EACH * _WORKERS + _worker
        with socket.socket() as probe:
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return port
    raise OSError("no port is free")


@pytest.fixture
def free_port() -> int:
    return take_port()


def _running(broker: RunningBroker) -> Iterator[RunningBroker]:
    broker.start()
    try:
        yield broker
    finally:
        broker.kill()


@pytest.fixture
def nats_broker(tmp_path: Path) -> Iterator[RunningBroker]:
    yield from _running(Nats(tmp_path / "nats", take_port()))


@pytest.fixture
def mosquitto_broker(tmp_path: Path) -> Iterator[RunningBroker]:
    if find("mosquitto") is None:
        pytest.skip("NOT TESTED: the program 'mosquitto' is not installed")
    yield from _running(Mosquitto(tmp_path / "mosquitto", take_port()))


@pytest.fixture(params=["nats", "mosquitto"])
def broker(request: pytest.FixtureRequest) -> RunningBroker:
    """Each broker that Anlan supports and that can be had here, one after the other."""
    running: RunningBroker = request.getfixturevalue(f"{request.param}_broker")
    return running
