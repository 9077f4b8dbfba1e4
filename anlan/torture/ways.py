"""Shell. Faults of what lies between the processes: the WAN of a cabinet, and frames that nobody of ours sent."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Iterable, Sequence
from contextlib import suppress

import httpx

from anlan.torture.plan import Strike
from anlan.torture.trouble import CannotStrikeError
from anlan.whole import Whole
from vocab import topics
from vocab.topics import Kind as Topic
from wire.address import Address
from wire.message import Message
from wire.publisher import BrokerAwayError, Publisher
from wire.subscriber import Gathering, Subscriber

_EAR, _MOUTH = "anlan-torture-ear", "anlan-torture-mouth"
_ENOUGH = 40  # frames overheard
_HEARS_FOR_S = 4.0
_GARBAGE = 30
_LARGE = 300_000  # bytes, more than a frame may have
_CREATED = 201


async def wan(whole: Whole, strike: Strike) -> None:
    """The simulator's own proxy on the cabinet's way out: cut, a black hole, slow, lossy or half open."""
    async with httpx.AsyncClient(base_url=whole.simulator, timeout=10, trust_env=False) as door:
        name = f"wan-{strike.target}-{round(strike.at_s * 100)}"
        order = {"id": name, "edge": strike.target, "fault": "wan_cut", "params": dict(strike.params)}
        try:
            answer = await door.post("/inject", json=order)
            if answer.status_code != _CREATED:
                raise CannotStrikeError("; ".join(map(str, answer.json()["detail"])))
            try:
                await asyncio.sleep(strike.for_s)
            finally:
                await door.post(f"/clear/{name}")
        except httpx.HTTPError as error:
            raise CannotStrikeError(f"the simulator does not answer: {error}") from error


async def frames(whole: Whole, strike: Strike) -> None:
    """A stranger at the broker overhears real frames and sends what `how` says; it never makes a frame that is one."""
    rng = random.Random(f"frames-{strike.at_s}")  # noqa: S311 - a seed is what is wanted
    host, _, port = whole.system.broker.removeprefix("mqtt://").partition(":")
    broker = Address(host, int(port))
    heard = [] if strike.how == "garbage" else await _overhear(whole, broker)
    if not heard and strike.how != "garbage":
        raise CannotStrikeError("no frame was heard")
    try:
        async with Publisher(broker, _MOUTH) as mouth:
            match strike.how:
                case "duplicates":
                    await _say(mouth, [*heard, *heard])
                case "reordered":
                    await _say(mouth, rng.sample(heard, len(heard)))
                case "truncated":
                    cut = [(topic, payload[: rng.randrange(len(payload))]) for topic, payload in heard]
                    await _say(mouth, cut)
                case "garbage":
                    await _say(mouth, _garbage(whole, rng))
                case "ghost":
                    await _haunt(mouth, heard[0], strike.for_s)
    except BrokerAwayError as error:
        raise CannotStrikeError(str(error)) from error


async def _overhear(whole: Whole, broker: Address) -> list[tuple[str, bytes]]:
    """Frames as they pass; the session stays at the broker, so some of them are old."""
    heard: list[tuple[str, bytes]] = []
    full = asyncio.Event()

    async def take(messages: Sequence[Message]) -> None:
        heard.extend((each.topic, each.payload) for each in messages if each.payload)
        if len(heard) >= _ENOUGH:
            full.set()

    site = whole.site.id
    filters = [topics.subscription(site, kind) for kind in (Topic.TELE, Topic.BACKFILL)]
    ear = asyncio.create_task(Subscriber(broker, _EAR, filters, gathering=Gathering()).run(take), name="torture-ear")
    with suppress(TimeoutError):
        async with asyncio.timeout(_HEARS_FOR_S):
            await full.wait()
    ear.cancel()
    await asyncio.gather(ear, return_exceptions=True)
    return heard[-_ENOUGH:]


async def _say(mouth: Publisher, said: Iterable[tuple[str, bytes]]) -> None:
    for topic, payload in said:
        await mouth.publish(topic, payload)


async def _haunt(mouth: Publisher, frame: tuple[str, bytes], for_s: float) -> None:
    """An old frame as a retained message: whoever subscribes anew is told it as if it were now."""
    topic, payload = frame
    await mouth.publish(topic, payload, retain=True)
    try:
        await asyncio.sleep(for_s)
    finally:
        await mouth.publish(topic, b"", retain=True)


def _garbage(whole: Whole, rng: random.Random) -> list[tuple[str, bytes]]:
    """Bytes that are no frame, on every topic that somebody of ours reads."""
    edge = rng.choice(whole.edges)
    kinds = (Topic.TELE, Topic.BACKFILL, Topic.EVENT, Topic.STATUS)
    return [(topics.build(whole.site.id, edge, rng.choice(kinds)), _no_frame(rng, edge)) for _ in range(_GARBAGE)]


def _no_frame(rng: random.Random, edge: str) -> bytes:
    shape = rng.randrange(6)
    if shape == 0:
        return rng.randbytes(rng.randrange(1, 2000))
    if shape == 1:
        return b"[" * rng.randrange(1, 20_000)
    if shape == 2:
        return b'{"v":1,"site":"' + b"x" * _LARGE
    whole = {"v": 1, "site": "demo", "edge": edge, "epoch": 1, "seq": 1, "ts": 1, "assets": []}
    wrong: dict[str, object] = {"v": 99, "epoch": "soon", "seq": -1, "ts": None, "assets": {"a": 1}, "site": 5}
    key = rng.choice(sorted(wrong))
    return json.dumps(whole | {key: wrong[key]}).encode()
