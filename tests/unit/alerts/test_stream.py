"""The event stream's bounds, without a network."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from alerts.board import MOST_TICKETS, Board
from alerts.stream import Stream
from alerts.views import Changes, EdgeView

NOW = 1_774_483_200_000


def edge(seq: int) -> EdgeView:
    return EdgeView("e1", "online", NOW, 1, seq, 0, 0, 0, catching_up=False)


@pytest.fixture
def board() -> Board:
    return Board([], [], [], {}, {})


@pytest.fixture
def stream(board: Board) -> Stream:
    return Stream(board, lambda: NOW, "boot")


def change(board: Board, stream: Stream, seq: int) -> None:
    board.absorb(Changes(edges=(edge(seq),)))
    stream.flush()


async def take(events: AsyncIterator[bytes]) -> tuple[str, int, dict[str, Any]]:
    lines = dict(line.split(": ", 1) for line in (await anext(events)).decode().strip().split("\n"))
    return lines["event"], int(lines["id"]), json.loads(lines["data"])


async def test_changes_between_two_flushes_are_one_delta(board: Board, stream: Stream) -> None:
    events = stream.events(None)
    await take(events)
    for seq in range(5):
        board.absorb(Changes(edges=(edge(seq),)))
    board.absorb_latest({"b1/temp": (1.0, NOW, 0, "none")})
    stream.flush()
    stream.flush()

    name, _, delta = await take(events)

    assert (name, [each["seq"] for each in delta["edges"]], delta["latest"]) == (
        "delta", [4], {"b1/temp": [1.0, NOW, 0, "none"]},
    )  # fmt: skip
    stream.tick()
    assert (await take(events))[0] == "tick", "nothing was pending"


async def test_a_client_that_does_not_read_gets_one_snapshot_instead_of_a_queue(board: Board, stream: Stream) -> None:
    slow = stream.events(None)
    await take(slow)
    for seq in range(10_000):
        change(board, stream, seq)
    (client,) = stream._clients
    assert len(client.events) == 0

    name, _, snapshot = await take(slow)
    assert (name, snapshot["edges"][0]["seq"]) == ("snapshot", 9_999)
    change(board, stream, 10_000)
    assert (await take(slow))[0] == "delta", "and then goes on as before"


async def test_a_client_resumes_inside_the_ring_and_not_outside(board: Board, stream: Stream) -> None:
    first = stream.events(None)
    _, start, _ = await take(first)
    for seq in range(3):
        change(board, stream, seq)

    resumed = stream.events(str(start + 1))
    assert [(await take(resumed))[1] for _ in range(2)] == [start + 2, start + 3]
    for strange in (str(start - 500), str(start + 500), "", "x"):
        assert (await take(stream.events(strange)))[0] == "snapshot", strange


async def test_a_client_that_goes_away_is_forgotten(board: Board, stream: Stream) -> None:
    events = stream.events(None)
    await take(events)
    assert stream.clients == 1
    await events.aclose()  # type: ignore[attr-defined]
    assert stream.clients == 0


async def test_closing_ends_every_stream(stream: Stream) -> None:
    events = stream.events(None)
    await take(events)
    stream.close()
    with pytest.raises(StopAsyncIteration):
        await anext(events)


def test_the_board_keeps_a_bounded_number_of_tickets(board: Board) -> None:
    from tests.unit.alerts.test_views import ticket

    for number in range(MOST_TICKETS + 10):
        board.absorb(Changes(tickets=(ticket(number + 1),)))

    assert len(board.tickets) == MOST_TICKETS
    assert min(int(key) for key in board.tickets) == 11
