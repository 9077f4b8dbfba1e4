"""The alerts process of a night with gas, for tests that kill it: `python -m tests.night_process BROKER DB URL PORT`.

It is loaded once and forked for every life, as a supervisor that has it warm: what dies by SIGKILL is a whole process
with its own connections, and the next life begins from the rows alone. Where it dies is written into a file by the
test; the next time it comes to that point, it kills itself there.
"""

from __future__ import annotations

import ctypes
import functools
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from alerts.kernel import Kernel
from alerts.oncall import calls
from alerts.outbox import answering, senders, store
from alerts.service import Settings, serve
from runtime.clock import Clock
from runtime.files import load_packs
from runtime.process import run
from tests.processes import ServiceProcess
from tests.unit.alerts.oncall.people import ONCALL, staffed
from vocab import site_load
from vocab.site import Site

DETECTORS = 7
POINTS = (
    "page not written", "page written, not committed", "committed, not claimed", "claimed, not sent",
    "sent, no receipt yet", "receipt, not recorded", "recorded", "answer not written", "answer written, not committed",
    "answer committed, not told",
)  # fmt: skip
# Minutes of the site's own: the first is called again and again, the second after two minutes. What is forgotten is
# left to others: at 30 times the speed of life a busy machine forgets a ticket within this test.
_MINE = {
    "repeat_s = 120\ntimes = 2": "repeat_s = 60\ntimes = 200",
    "after_s = 300": "after_s = 120",
    "forgotten_s = 900": "",
}
POLICY = functools.reduce(lambda text, each: text.replace(*each), _MINE.items(), ONCALL)
LIFE = "x-life-of-the-sender"  # the receiver cannot know it: what a life sent may be taken when the next one runs
_PR_SET_PDEATHSIG = 1


def site(url: str) -> Site:
    """A cellar of gas detectors with the shipped rules."""
    text = (
        'id = "plant"\nname = {en = "Plant", zh = "厂"}\n[[grid]]\nid = "g1"\nname = {en = "Grid 1", zh = "一网格"}\n'
    )
    text += '[[edge]]\nid = "e1"\nname = {en = "Cabinet", zh = "柜"}\ngrid = "g1"\n'
    text += '[[edge.bus]]\nid = "bus"\ntype = "modbus-tcp"\n'
    for number in range(1, DETECTORS + 1):
        text += f"""
[[asset]]
id = "gas-{number}"
kind = "gas"
name = {{en = "Detector {number}", zh = "{number}号探测器"}}
grid = "g1"
location = {{en = "Cellar", zh = "地下室"}}
variant = "detector"
[[asset.device]]
id = "d{number}"
make = "toc635"
edge = "e1"
bus = "bus"
unit = {number}
"""
    found, problems = site_load.load("site.toml", text, load_packs())
    assert found is not None, problems
    return staffed(found, oncall=POLICY, url=url)


class NightProcess(ServiceProcess):
    """It, started and ended from a test."""

    def __init__(self, folder: Path, broker: str, carrier: str, port: int) -> None:
        database = folder / "night.sqlite"
        super().__init__(folder / "night.log", port, "tests.night_process", broker, str(database), carrier)
        self._fatal, self._lives = database.with_suffix(".fatal"), database.with_suffix(".lives")

    def arm(self, point: str) -> None:
        """It dies when it next comes to this point."""
        new = self._fatal.with_suffix(".new")
        new.write_text(point, encoding="utf-8")
        new.rename(self._fatal)

    @property
    def has_died(self) -> bool:
        """Whether it came to the point."""
        return not self._fatal.exists()

    @property
    def life(self) -> int:
        """The number of the present life, from 1."""
        return len(self._lives.read_text(encoding="utf-8").split()) if self._lives.exists() else 0


def _deadly(fatal: Path, life: int) -> None:
    """Put the points into the functions between which the law of the outbox lies; whatever leaves tells of its life."""

    def die(point: str) -> None:
        try:
            if fatal.read_text(encoding="utf-8") != point:
                return
            fatal.unlink()
        except FileNotFoundError:
            return
        os.kill(os.getpid(), signal.SIGKILL)

    def around(module: Any, name: str, before: str = "", after: str = "") -> None:
        real: Callable[..., Any] = getattr(module, name)

        def wrapped(*args: Any, **kwargs: Any) -> Any:
            die(before)
            found = real(*args, **kwargs)
            die(after)
            return found

        setattr(module, name, wrapped)

    around(calls, "insert_page", "page not written", "page written, not committed")
    around(store, "claim", "committed, not claimed", "claimed, not sent")
    around(store, "record", "receipt, not recorded", "recorded")
    around(answering, "answer", "answer not written", "answer committed, not told")
    around(calls, "end", after="answer written, not committed")
    real_send = senders.WebHook.send

    async def send(self: Any, message: Any, now_ms: int) -> Any:
        self._client.headers[LIFE] = str(life)
        found = await real_send(self, message, now_ms)
        die("sent, no receipt yet")
        return found

    senders.WebHook.send = send  # type: ignore[method-assign]


def _live(broker: str, database: Path, plant: Site, port: int) -> int:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)  # no life outlives the test
    with database.with_suffix(".lives").open("a", encoding="utf-8") as lives:
        lives.write(f"{os.getpid()}\n")
    _deadly(database.with_suffix(".fatal"), len(database.with_suffix(".lives").read_text(encoding="utf-8").split()))
    clock = Clock.from_environment()
    settings = Settings(
        broker=broker, database=f"sqlite:///{database}", port=port, late_after_s=3600.0, kernel=Kernel.PLAIN
    )
    return run(lambda: serve(plant, settings, clock))


def _supervise(life: Callable[[], int]) -> int:
    """One life after the other, until one ends by itself or we are told to end."""
    while True:
        child = os.fork()
        if child == 0:
            os._exit(life())

        def end(*_: Any, child: int = child) -> None:
            os.kill(child, signal.SIGTERM)

        signal.signal(signal.SIGTERM, end)
        status = os.waitpid(child, 0)[1]
        if os.WIFEXITED(status):
            return os.WEXITSTATUS(status)


if __name__ == "__main__":
    mqtt, file, pages, port_ = sys.argv[1:]
    cellar = site(pages)
    raise SystemExit(_supervise(lambda: _live(mqtt, Path(file), cellar, int(port_))))
