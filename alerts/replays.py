"""Shell. A replay on every core: the books of a site have nothing in common, so each thread has some of them.

Threads and not processes, because the compiled kernel lets others run meanwhile, and so no reading is copied to where
it is judged. Plain, the kernel is Python and one thread does everything.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import numpy as np

from alerts.layout import parted
from alerts.ledger import Options
from alerts.replay import People, Replay
from rules.episodes import Event
from rules.functions import PLAIN, Functions
from vocab.site import Site
from wire.catalogue import Catalogue
from wire.frames import Frames

NO_PEOPLE = People()
_T = TypeVar("_T")


class Replays:
    """One set of rules over one history; as `Replay`, on at most so many threads."""

    def __init__(
        self,
        site: Site,
        options: Options,
        people: People = NO_PEOPLE,
        functions: Functions = PLAIN,
        threads: int = 1,
    ) -> None:
        self.site = site
        self.catalogue = Catalogue([site])
        parts = parted(site, 1 if functions.is_plain else threads)
        self._parts = [Replay(site, options, people, functions, part) for part in parts]
        self._part_of = {edge: number for number, part in enumerate(parts) for edge in part}
        self._threads = ThreadPoolExecutor(len(parts), "replay")

    def close(self) -> None:
        """Let the threads go."""
        self._threads.shutdown()

    def take(self, frames: Frames, *, is_opening: bool = False) -> None:
        """See `Replay`; returns when all is judged."""
        if not len(frames):
            return
        begun_ms = int(frames.received_ms[0])
        part_of = np.array([self._part_of[source.edge] for source in frames.sources], np.int32)[frames.source]

        def work(number: int) -> None:
            mine = frames.chosen(np.flatnonzero(part_of == number))
            self._parts[number].take(mine, is_opening=is_opening, begun_ms=begun_ms)

        list(self._threads.map(work, range(len(self._parts))))

    def finish(self, until_ms: int) -> None:
        """See `Replay`: the server's clock is one, wherever the last frame of each part stands."""
        latest = max((each.now_ms for each in self._parts if each.now_ms is not None), default=until_ms)
        for each in self._parts:
            each.finish(max(until_ms, latest))

    @property
    def events(self) -> list[Event]:
        """Everything so far, by moment; of one alarm and moment in the order found."""
        found = [event for each in self._parts for event in each.events]
        return sorted(found, key=lambda event: (event.at_ms, event.alarm))

    @property
    def counts(self) -> dict[str, int]:
        """See `Replay`."""
        counts = [each.counts for each in self._parts]
        return {name: sum(each[name] for each in counts) for name in counts[0]}

    def standing(self) -> dict[str, float]:
        """See `Replay`."""
        return {alarm: peak for each in self._parts for alarm, peak in each.standing().items()}


def ahead(items: Iterator[_T]) -> Iterator[_T]:
    """The same items, the next one fetched by a thread while this one is worked on."""
    with ThreadPoolExecutor(1, "reading") as reader:
        coming = reader.submit(next, items, None)
        while (item := coming.result()) is not None:
            coming = reader.submit(next, items, None)
            yield item
