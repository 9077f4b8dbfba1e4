"""Shell. The vigil in the running agent: its file, its events on their way out, and what a person hears of it.

It must never cost a reading: it looks at frames that are spooled already, and what breaks in here is told once, shown
as a health reading, and leaves polling and sending alone.

`DATA/safety` holds the state as of some frame that is safe on the disk; the frames behind it lie in the spool and are
judged again after a restart. It is written every 300 frames, when somebody silences, at a clean stop, and when a
spool begins a new file (only then may an old one go).
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from edge.records import Scan, pack
from edge.scope import scope
from edge.segment import Stored
from edge.spool import Spool
from runtime.clock import Clock
from vocab.site import Site
from wire import event as wire_event
from wire.event import EventError

if TYPE_CHECKING:
    from edge.vigil import Local, Vigil

log = structlog.get_logger()

_EVERY = 300  # frames; what a restart has to judge again at most
_ORDER = "silence"


class Guard:
    """One cabinet's safety rules, at work."""

    def __init__(
        self, site: Site, edge_id: str, folder: Path, events: Spool | None, clock: Clock, vouch_ms: int
    ) -> None:
        self.scope = scope(site, edge_id)
        self.vigil = _vigil(site, edge_id, vouch_ms) if self.scope.safety else None
        self.broken = False
        self.raised = self.cleared = 0
        self._site = site
        self._edge = edge_id
        self._path = folder / "safety"
        self._order = folder / _ORDER
        self._events = events
        self._clock = clock
        self._saved_seq = 0
        self._saved_file: tuple[int, bool] | None = None  # of the events, at that time
        self._must_save = False

    # --- frames ----------------------------------------------------------------------------------------------------

    def recover(self, spool: Spool) -> None:
        """Read what was saved and judge what the spool holds behind it; events that were told are not told again."""
        if self.vigil is None:
            log.info("no safety rules to run here", elsewhere=list(self.scope.elsewhere))
            return
        try:
            self._read(self.vigil)
            told = self._told()
            warm_from = max(0, self._saved_seq - _EVERY)
            frames = list(spool.kept(warm_from))
            behind = len(list(spool.kept(self._saved_seq)))
            for payload in frames[: len(frames) - behind]:
                self.vigil.warm(payload)
            for payload in frames[len(frames) - behind :]:
                for local in self.vigil.take(payload):
                    found = local.transition
                    if (found.alarm, found.at_ms, found.new.value) not in told:
                        self._tell(local)
            self._must_save = behind > 0
        except Exception:  # noqa: BLE001 - whatever is wrong here, the readings must go on
            self._break()
        log.info(
            "safety rules run here", alarms=len(self.scope.safety), with_action=len(self.vigil.signals.alarms),
            elsewhere=list(self.scope.elsewhere),
            standing=self.vigil.safety.active(), calls=list(self.vigil.signals.calls),
        )  # fmt: skip

    def take(self, frames: Sequence[Stored]) -> None:
        """Frames that are in the spool."""
        if self.broken or self.vigil is None:
            return
        try:
            for frame in frames:
                for local in self.vigil.take(frame.payload):
                    self._tell(local)
        except Exception:  # noqa: BLE001 - whatever is wrong here, the readings must go on
            self._break()

    def _break(self) -> None:
        log.exception("the safety rules cannot be judged here; the server still judges them")
        self.broken = True

    def _tell(self, local: Local) -> None:
        found = local.transition
        word = found.because.word
        self.raised += found.raises
        self.cleared += found.clears
        log.warning(
            "safety alarm " + word, alarm=found.alarm, at_ms=found.at_ms, value=found.value, state=found.new.value,
            action=local.action,
        )  # fmt: skip
        if (events := self._events) is not None:
            event = local.event(self._site, self._edge, (events.epoch, events.next_seq), self._clock.now_ms())
            events.append([Stored(event.seq, event.at_ms, 1, wire_event.encode(event))])

    def _told(self) -> set[tuple[str, int, str]]:
        """What the last events said, by the file in which they wait or waited."""
        found = set()
        for payload in () if self._events is None else self._events.kept(0):
            with suppress(EventError):
                event = wire_event.decode(payload)
                found.add((event.alarm, event.at_ms, event.new))
        return found

    # --- people ----------------------------------------------------------------------------------------------------

    def silence(self, before_ms: int, alarm: str | None, by: str) -> list[str]:
        """Somebody has heard it."""
        heard = [] if self.vigil is None else self.vigil.signals.silence(before_ms, alarm)
        for name in heard:
            log.warning("silenced", alarm=name, by=by)
        self._must_save |= bool(heard)
        return heard

    def look_for_order(self) -> None:
        """`anlan edge silence` leaves a file, since it must work when nothing else does."""
        if self._order.exists():
            with suppress(OSError):
                self._order.unlink()
            self.silence(self._clock.now_ms(), None, "the cabinet")

    def sounding(self, now_ms: int) -> set[str]:
        """The annunciators that are to sound. What broke in here leaves them as the last frame left them."""
        return set() if self.vigil is None else self.vigil.sounding(now_ms)

    def active(self) -> list[str]:
        """The safety alarms that stand."""
        return [] if self.broken or self.vigil is None else self.vigil.safety.active()

    @property
    def rules(self) -> int:
        """How many safety alarms are judged here."""
        return 0 if self.broken else len(self.scope.safety)

    # --- the disk --------------------------------------------------------------------------------------------------

    def unsaved(self, *, now: bool = False) -> bytes | None:
        """What to `write`, if it is time. Call it only when every frame that was judged is safe on the disk."""
        if self.vigil is None:
            return None
        is_due = (
            self._must_save or self.vigil.seq - self._saved_seq >= _EVERY or self._events_file() != self._saved_file
        )
        if self.broken or not (now or is_due):
            return None
        self._must_save = False
        self._saved_seq = self.vigil.seq
        self._saved_file = self._events_file()
        try:
            return self.vigil.saved()
        except Exception:  # noqa: BLE001 - whatever is wrong here, the readings must go on
            self._break()
            return None

    def _events_file(self) -> tuple[int, bool] | None:
        """With an old file the knowledge of what was told may go, so that must not be judged again."""
        return None if self._events is None else self._events.newest_file

    def write(self, data: bytes) -> None:
        """Put it on the disk whole, or not at all; a disk that refuses costs a longer restart."""
        new = self._path.with_suffix(".new")
        try:
            with new.open("wb") as file:
                file.write(pack(data))
                file.flush()
                os.fsync(file.fileno())
            new.replace(self._path)
        except OSError as error:
            log.error("the state of the safety rules cannot be saved", cause=error.strerror)

    def _read(self, vigil: Vigil) -> None:
        try:
            data = self._path.read_bytes()
        except OSError:
            return
        for _, payload in Scan(data):
            try:
                vigil.restore(payload)
            except ValueError as error:
                log.warning("the saved state of the safety rules is spoilt; they begin anew", cause=str(error))
            else:
                self._saved_seq = vigil.seq


def _vigil(site: Site, edge_id: str, vouch_ms: int) -> Vigil:
    from edge.vigil import Vigil  # the kernel and its arrays take a fifth of the agent's memory

    return Vigil(site, edge_id, vouch_ms)


def order_silence(folder: Path) -> None:
    """Ask the agent that works in `folder` to be quiet; OSError if that folder cannot be written."""
    (folder / _ORDER).touch()
