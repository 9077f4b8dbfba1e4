"""Publisher and subscriber against real brokers: nothing is acknowledged before it is committed."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from tests.brokers import RunningBroker
from tests.patience import eventually
from wire.address import Address
from wire.message import Message
from wire.publisher import BrokerAwayError, Publisher, Will
from wire.subscriber import Gathering, Subscriber


class CrashError(Exception):
    """Stands for the death of the consumer between receiving and committing."""


def address(broker: RunningBroker) -> Address:
    return Address(broker.host, broker.port)


async def publish(broker: RunningBroker, *payloads: bytes, topic: str = "t/1", retain: bool = False) -> None:
    async with Publisher(address(broker), "publisher") as publisher:
        await asyncio.gather(*(publisher.publish(topic, payload, retain=retain) for payload in payloads))


class Collector:
    """A handler that keeps what it got, and can be told to fail, and to take as long as a commit."""

    def __init__(self, fail_at: int | None = None, takes_s: float = 0.0) -> None:
        self.messages: list[Message] = []
        self.batches: list[int] = []
        self._fail_at = fail_at
        self._takes_s = takes_s

    async def __call__(self, batch: Sequence[Message]) -> None:
        if self._fail_at is not None and len(self.messages) + len(batch) > self._fail_at:
            raise CrashError
        await asyncio.sleep(self._takes_s)
        self.messages.extend(batch)
        self.batches.append(len(batch))

    @property
    def payloads(self) -> list[bytes]:
        return [message.payload for message in self.messages]

    async def until(self, count: int, timeout_s: float = 20.0) -> None:
        await eventually(lambda: len(self.messages) >= count, timeout_s)


class Running:
    """A subscriber at work in the background."""

    def __init__(self, broker: RunningBroker, handler: Collector, client_id: str = "consumer") -> None:
        self.subscriber = Subscriber(address(broker), client_id, ["t/+"], gathering=Gathering(rest_s=0.02))
        self._handler = handler

    async def __aenter__(self) -> Running:
        self.task = asyncio.create_task(self.subscriber.run(self._handler))
        return self

    async def __aexit__(self, *_: object) -> None:
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)

    async def until_subscribed(self) -> None:
        await eventually(lambda: self.subscriber.subscribed)


async def test_a_message_that_was_not_committed_comes_again_to_the_next_run(broker: RunningBroker) -> None:
    await Subscriber(address(broker), "consumer", ["t/+"]).establish()
    sent = [b"%d" % index for index in range(50)]
    await publish(broker, *sent)
    with pytest.raises(CrashError):
        await Subscriber(address(broker), "consumer", ["t/+"]).run(Collector(fail_at=0))

    second = Collector()
    async with Running(broker, second):
        await second.until(50)

    assert sorted(second.payloads, key=int) == sent


async def test_a_committed_message_does_not_come_again(broker: RunningBroker) -> None:
    first = Collector()
    async with Running(broker, first) as running:
        await running.until_subscribed()
        await publish(broker, b"1", b"2")
        await first.until(2)
        await asyncio.sleep(0.1)  # the acknowledgement leaves after the handler returned

    second = Collector()
    async with Running(broker, second) as running:
        await running.until_subscribed()
        await publish(broker, b"3")
        await second.until(1)

    assert second.payloads == [b"3"]


async def test_many_messages_share_one_commit(broker: RunningBroker) -> None:
    handler = Collector(takes_s=0.005)
    async with Running(broker, handler) as running:
        await running.until_subscribed()
        await publish(broker, *(b"%d" % index for index in range(300)))
        await handler.until(300)

    assert len(handler.batches) < 100
    assert handler.payloads == [b"%d" % index for index in range(300)]


async def test_what_is_published_while_the_consumer_is_away_waits_for_it(broker: RunningBroker) -> None:
    await Subscriber(address(broker), "consumer", ["t/+"]).establish()
    await publish(broker, b"while away")

    handler = Collector()
    async with Running(broker, handler):
        await handler.until(1)

    assert handler.messages == [Message("t/1", b"while away", retained=False)]


async def test_a_retained_message_says_that_it_is_no_news(broker: RunningBroker) -> None:
    await publish(broker, b"old", retain=True)

    handler = Collector()
    async with Running(broker, handler):
        await handler.until(1)

    assert handler.messages == [Message("t/1", b"old", retained=True)]


async def test_both_sides_recover_from_a_restarted_broker(broker: RunningBroker) -> None:
    handler = Collector()
    async with Running(broker, handler) as running:
        await running.until_subscribed()
        await publish(broker, b"before")
        await handler.until(1)
        await asyncio.to_thread(broker.restart)
        await running.until_subscribed()
        await publish(broker, b"after")
        await handler.until(2)

    assert handler.payloads[-1] == b"after"
    assert set(handler.payloads) == {b"before", b"after"}


async def test_a_subscriber_waits_for_a_broker_that_is_not_there_yet(nats_broker: RunningBroker) -> None:
    nats_broker.stop()
    handler = Collector()
    async with Running(nats_broker, handler) as running:
        await asyncio.sleep(0.3)
        assert not running.task.done()

        await asyncio.to_thread(nats_broker.start)
        await running.until_subscribed()


async def test_publishing_without_a_broker_fails_with_the_one_error(free_port: int) -> None:
    with pytest.raises(BrokerAwayError, match=str(free_port)):
        async with Publisher(Address("127.0.0.1", free_port), "publisher"):
            pass


async def test_a_publish_in_flight_fails_at_once_when_the_broker_dies(broker: RunningBroker) -> None:
    async with Publisher(address(broker), "publisher", timeout_s=30) as publisher:
        await publisher.publish("t/1", b"fine")
        await asyncio.to_thread(broker.kill)

        async with asyncio.timeout(5):
            with pytest.raises(BrokerAwayError):
                await publisher.publish("t/1", b"lost?")
            await publisher.lost()


async def test_the_last_will_is_published_for_a_client_that_vanishes(broker: RunningBroker) -> None:
    handler = Collector()
    async with Running(broker, handler) as running:
        await running.until_subscribed()
        publisher = Publisher(address(broker), "edge", will=Will("t/will", b"lost"))
        await publisher.__aenter__()
        publisher._client._client._sock_close()  # the cable is cut
        await handler.until(1)
        await publisher.__aexit__(None, None, None)

    assert handler.payloads == [b"lost"]


async def test_a_message_held_longer_than_the_broker_waits_is_handled_once(nats_broker: RunningBroker) -> None:
    class Slow(Collector):
        async def __call__(self, batch: Sequence[Message]) -> None:
            await asyncio.sleep(6)  # the broker's ack_wait is 4 s
            await super().__call__(batch)

    handler = Slow()
    async with Running(nats_broker, handler) as running:
        await running.until_subscribed()
        await publish(nats_broker, b"once")
        await asyncio.sleep(9)

    assert handler.payloads == [b"once"]


async def test_an_acknowledgement_never_crosses_to_the_next_connection(nats_broker: RunningBroker) -> None:
    # A restarted NATS counts packet ids anew: what the old connection knew as 3 and 4 are then other messages.
    class Held(Collector):
        def __init__(self) -> None:
            super().__init__()
            self.holding = asyncio.Event()
            self.release = asyncio.Event()

        async def __call__(self, batch: Sequence[Message]) -> None:
            if not self.release.is_set() and batch[0].payload == b"2":
                self.holding.set()
                await self.release.wait()
            elif any(message.payload in (b"4", b"5") for message in batch):
                await asyncio.Event().wait()  # the rest is never committed here
            await super().__call__(batch)

    held = Held()
    async with Running(nats_broker, held) as running:
        await running.until_subscribed()
        await publish(nats_broker, b"0", b"1")
        await held.until(2)
        await asyncio.sleep(0.1)
        await publish(nats_broker, b"2", b"3")
        await held.holding.wait()
        await asyncio.to_thread(nats_broker.kill)
        await asyncio.to_thread(nats_broker.start)
        await publish(nats_broker, b"4", b"5")
        held.release.set()
        await running.until_subscribed()
        await asyncio.sleep(0.5)

    last = Collector()
    async with Running(nats_broker, last):
        await eventually(lambda: {b"4", b"5"} <= set(last.payloads))
    assert {b"2", b"3"} <= set(held.payloads + last.payloads)
