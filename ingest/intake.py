"""Pure. From messages to what one transaction must hold: judged by the gate, and every frame only once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from ingest.port import Batch, Lane
from vocab.site import Site
from wire.gate import Gate
from wire.marks import Mark, Marks
from wire.message import Message
from wire.verdict import Accepted, Rejected

Judged = Sequence[Accepted | Rejected]


class Intake:
    """The gate, and the marks of what the store has. A failed commit is followed by `resume` with the store's marks."""

    def __init__(self, sites: Sequence[Site], marks: Iterable[Mark] = ()) -> None:
        self.gate = Gate(sites)
        self._marks = Marks(marks)

    def judge(self, messages: Sequence[Message], received_ms: int) -> Judged:
        """What the gate says. Ask once per message: the gate remembers what it has seen."""
        return self.gate.judge_all(messages, received_ms)

    def batch(self, judged: Judged) -> Batch:
        """What is to be stored of it: duplicates are counted and left out."""
        frames: list[Accepted] = []
        rejects: list[Rejected] = []
        duplicates: Counter[Lane] = Counter()
        for answer in judged:
            if isinstance(answer, Rejected):
                rejects.append(answer)
            elif self._marks.take(answer.source, answer.seq):
                frames.append(answer)
            else:
                duplicates[answer.site, answer.edge, answer.lane] += 1
        return Batch(self.gate.catalogue, frames, rejects, self._marks.changed(), duplicates)

    def resume(self, marks: Iterable[Mark]) -> None:
        """Forget what was taken, and start from what the store says it has."""
        self._marks = Marks(marks)

    @property
    def missing(self) -> int:
        """How many frames are known to be still to come."""
        return self._marks.missing()
