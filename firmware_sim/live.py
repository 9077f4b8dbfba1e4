"""Shell. The world on a running clock: whoever asks first moves it to now, and what it decided is written down."""

from __future__ import annotations

from pathlib import Path

import structlog

from firmware_sim.links import ReadFault
from firmware_sim.relays import RelayBox
from firmware_sim.truth import Truth
from firmware_sim.world import VendorMessage, World
from runtime.clock import Clock

log = structlog.get_logger()


class Live:
    """One world, asked by many servers of one process."""

    def __init__(self, world: World, clock: Clock, truth_file: Path | None) -> None:
        self.world = world
        self.clock = clock
        self.relays: dict[str, tuple[RelayBox, ...]] = {}  # boxes of sirens by edge, for people who look
        self._truth_file = truth_file
        self._written = 0
        self._complained = False

    def now(self) -> World:
        """The world at this moment."""
        self.world.advance(self.clock.now_ms())
        if self._written < len(self.world.log):
            self._write_truth()
        return self.world

    def ask(self, device: str, table: str, address: int, count: int) -> list[int] | ReadFault:
        """What a device puts on the line now."""
        return self.now().ask(device, table, address, count)

    def take_messages(self) -> list[VendorMessage]:
        """What devices sent since the last call."""
        return self.now().take_messages()

    def _write_truth(self) -> None:
        """Append what is new. A full disk delays the record, it does not stop the devices."""
        fresh = self.world.log[self._written :]
        for truth in fresh:
            _tell(truth)
        if self._truth_file is None:
            self._written += len(fresh)
            return
        try:
            self._truth_file.parent.mkdir(parents=True, exist_ok=True)
            with self._truth_file.open("ab") as file:
                file.write(b"".join(truth.line() for truth in fresh))
                file.flush()
        except OSError as error:
            if not self._complained:
                log.error("the truth file cannot be written, trying again", file=str(self._truth_file), why=str(error))
            self._complained = True
            return
        self._complained = False
        self._written += len(fresh)


def _tell(truth: Truth) -> None:
    what = "fault sets in" if truth.ended_ms is None else "fault ends"
    log.info(what, id=truth.id, equipment=truth.equipment, fault=truth.fault, nature=truth.nature)
