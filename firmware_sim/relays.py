"""Pure. The relay box of a siren: coils that can be read and set, and a record of who was told what when.

It stands for a device that Anlan may switch (an annunciator of the site file), so unlike everything else here it
answers to a writing function: the one that sets a single coil (Modbus application protocol v1.1b3 §6.5).
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from firmware_sim.modbus import ILLEGAL_FUNCTION, ILLEGAL_VALUE, Reply, answer, refusal
from vocab.annunciator import Annunciator

ILLEGAL_ADDRESS = 2
_READ_COILS, _SET_COIL = 1, 5
_TWO_WORDS = struct.Struct(">BHH")
_ON, _OFF = 0xFF00, 0x0000
_MOST = 2000
_REMEMBERED = 1000


@dataclass(frozen=True, slots=True)
class Write:
    """One coil was set, or cleared."""

    at_ms: int
    coil: int
    value: bool


class RelayBox:
    """One unit with the coils of its annunciators."""

    def __init__(self, annunciators: Iterable[Annunciator], now_ms: Callable[[], int]) -> None:
        self.annunciators = tuple(annunciators)
        self.writes: list[Write] = []
        self._coils = {each.coil: False for each in self.annunciators}
        self._now_ms = now_ms

    def sounds(self, annunciator: Annunciator) -> bool:
        """Whether it is heard now."""
        return self._coils[annunciator.coil] is annunciator.active_high

    def reply(self, pdu: bytes) -> Reply:
        """What the box answers to a request."""
        function = pdu[0]
        if function not in (_READ_COILS, _SET_COIL):
            return Reply(refusal(function, ILLEGAL_FUNCTION))
        if len(pdu) != _TWO_WORDS.size:
            return Reply(refusal(function, ILLEGAL_VALUE))
        _, address, word = _TWO_WORDS.unpack(pdu)
        return self._read(address, word) if function == _READ_COILS else self._set(address, word, pdu)

    def _read(self, address: int, count: int) -> Reply:
        if not 1 <= count <= _MOST:
            return Reply(refusal(_READ_COILS, ILLEGAL_VALUE))
        return Reply(answer(_READ_COILS, [int(self._coils.get(address + place, False)) for place in range(count)]))

    def _set(self, address: int, word: int, pdu: bytes) -> Reply:
        if word not in (_ON, _OFF):
            return Reply(refusal(_SET_COIL, ILLEGAL_VALUE))
        if address not in self._coils:
            return Reply(refusal(_SET_COIL, ILLEGAL_ADDRESS))
        self._coils[address] = word == _ON
        self.writes = [*self.writes[1 - _REMEMBERED :], Write(self._now_ms(), address, word == _ON)]
        return Reply(pdu)


def boxes(annunciators: Iterable[Annunciator], now_ms: Callable[[], int]) -> Mapping[int, RelayBox]:
    """The boxes on one bus, by unit."""
    of: dict[int, list[Annunciator]] = {}
    for each in annunciators:
        of.setdefault(each.unit, []).append(each)
    return {unit: RelayBox(found, now_ms) for unit, found in of.items()}
