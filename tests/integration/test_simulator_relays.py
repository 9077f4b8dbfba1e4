"""The simulator's relay box, driven by the agent's own horn; and the demo's siren, for whoever asks for it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from pymodbus.client import AsyncModbusTcpClient

from edge.annunciator import Horn
from firmware_sim import tcp
from firmware_sim.relays import RelayBox
from firmware_sim.tcp import Gateway
from runtime.files import load_packs, shipped
from tests.conftest import take_port
from tests.patience import eventually
from vocab import site_load
from vocab.annunciator import Annunciator
from vocab.site import Bus
from vocab.strict_toml import Text

HIGH = Annunciator(id="siren", name=Text(en="Siren", zh="警号"), bus="b", unit=1, coil=2, check_s=0.2)
LOW = HIGH.model_copy(update={"id": "lamp", "coil": 5, "active_high": False})


@contextlib.asynccontextmanager
async def box(port: int) -> AsyncIterator[RelayBox]:
    relays = RelayBox((HIGH, LOW), lambda: 7)
    gateway = Gateway({9: "boiler"}, lambda *_: [1], relays={1: relays})
    task = asyncio.create_task(tcp.serve(gateway, "127.0.0.1", port))
    try:
        yield relays
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@contextlib.asynccontextmanager
async def horns(port: int) -> AsyncIterator[tuple[Horn, Horn]]:
    bus, wire = Bus(id="b", type="modbus-tcp", port=port, timeout_s=0.5), asyncio.Lock()
    made = (Horn(HIGH, bus, wire), Horn(LOW, bus, wire))
    tasks = [asyncio.create_task(each.run()) for each in made]
    try:
        yield made
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def test_a_horn_brings_its_coil_and_no_other_to_what_is_wanted() -> None:
    port = take_port()
    async with box(port) as relays, horns(port) as (siren, lamp):
        await eventually(lambda: siren.is_on is False and lamp.is_on is False)
        assert [(each.coil, each.value) for each in relays.writes[:2]] in (
            [(2, False), (5, True)],
            [(5, True), (2, False)],
        )
        siren.want(True)
        await eventually(lambda: relays.sounds(HIGH))
        assert (relays.sounds(LOW), len(relays.writes), siren.writes) == (False, 3, 2)
        siren.want(False)
        lamp.want(True)
        await eventually(lambda: relays.sounds(LOW) and not relays.sounds(HIGH))
        assert relays.writes[-1].at_ms == 7


async def test_a_box_that_lost_its_coils_is_mended_at_the_next_look() -> None:
    port = take_port()
    async with horns(port) as (siren, _):
        siren.want(True)
        async with box(port) as relays:
            await eventually(lambda: relays.sounds(HIGH))
            assert not siren.failed
        await eventually(lambda: siren.failed)
        async with box(port) as relays:
            await eventually(lambda: relays.sounds(HIGH))
            await eventually(lambda: not siren.failed)


async def test_an_adapter_that_is_none_fails_like_any_other_and_ends_nothing() -> None:
    """Setting up a serial line on what is no terminal raises an error of a kind of its own."""
    horn = Horn(HIGH, Bus(id="b", type="modbus-rtu", device="/dev/null", timeout_s=0.2), asyncio.Lock())
    task = asyncio.create_task(horn.run())
    try:
        await eventually(lambda: horn.failures >= 3)
        assert (horn.failed, horn.is_on, task.done()) == (True, None, False)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_only_the_coils_of_annunciators_can_be_written_and_equipment_not_at_all() -> None:
    port = take_port()
    async with box(port) as relays:
        client = AsyncModbusTcpClient("127.0.0.1", port=port, timeout=1, retries=0, reconnect_delay=0)
        await eventually_connected(client)
        assert (await client.write_coil(3, True, device_id=1)).isError()
        assert (await client.write_register(0, 1, device_id=1)).isError()
        assert (await client.write_coil(0, True, device_id=9)).isError()
        assert (await client.read_coils(0, count=8, device_id=1)).bits == [False] * 8
        client.close()
        assert relays.writes == []


async def eventually_connected(client: AsyncModbusTcpClient) -> None:
    for _ in range(50):
        if await client.connect():
            return
        await asyncio.sleep(0.05)
    raise AssertionError("nobody listens")


def test_the_demo_has_no_siren_and_the_one_it_offers_is_right() -> None:
    text = (shipped("sites") / "demo" / "site.toml").read_text(encoding="utf-8")
    packs = load_packs(shipped("packs"))
    plain, _ = site_load.load("site.toml", text, packs)
    lines = [line.removeprefix("#siren:").removeprefix(" ") for line in text.splitlines()]
    offered, problems = site_load.load("site.toml", "\n".join(lines), packs)

    assert plain is not None
    assert [(edge.annunciator, edge.action) for edge in plain.file.edge] == [((), ())] * 2
    assert problems == ()
    assert offered is not None
    assert [each.annunciator for each in offered.edge("edge-a").action] == ["siren-a"]
