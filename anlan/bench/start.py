"""Shell. A cold start: broker, store, alarms, simulator and agents of the demo, until a wall has the first reading.

Everything is started as `anlan demo` starts it, with nothing left of an earlier run; what was installed stays, and so
does the compiled kernel. A page is a client that asks for what a browser asks for first: the page itself, then
what the stream of events begins with.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from anlan.bench.frame import Options, Row, installed
from anlan.places import LOOPBACK, Ports

CABINETS = "edge-"  # how the demo names them
GOAL_S = 5.0
RUNS, QUICK_RUNS = 5, 1
_PATIENCE_S = 180.0
_LOOK_EVERY_S = 0.02
_FAREWELL_S = 30.0


class _Snapshot(msgspec.Struct):
    latest: dict[str, object] = {}


_snapshot = msgspec.json.Decoder(_Snapshot)


def run(options: Options) -> list[Row]:
    """The rows of this bench."""
    environment, took = installed(), []
    for number in range(QUICK_RUNS if options.quick else RUNS):
        options.say(f"start: cold start {number + 1}")
        took.append(_started(environment))
    options.say("start: an interpreter that only loads the same libraries")
    return rows_of(took, _bare(environment), options)


def rows_of(took: list[tuple[float, float]], bare_s: float, options: Options) -> list[Row]:
    """Rows of some starts, each (page served, first reading); the worst counts."""
    page_s, reading_s = max(page for page, _ in took), max(reading for _, reading in took)
    case = f"cold start, worst of {len(took)}"
    return [
        Row("start", f"{case}: first reading on the wall", reading_s, "s", bare_s, reading_s / bare_s,
            f"≤ {GOAL_S:g}", None if options.quick else reading_s <= GOAL_S),
        Row("start", f"{case}: the wall's page is served", page_s, "s", bare_s, page_s / bare_s),
    ]  # fmt: skip


def _started(environment: dict[str, str]) -> tuple[float, float]:
    """Seconds until the page was served and until a reading was there."""
    ports = Ports()
    port = ports.take()
    ports.release()
    with TemporaryDirectory(prefix="anlan-bench-") as place, (Path(place) / "log").open("wb") as log:
        words = ["demo", "--headless", "--speed", "1", "--port", str(port), "--run-dir", f"{place}/run"]
        begun = time.perf_counter()
        demo = subprocess.Popen([sys.executable, "-m", "anlan", *words], stdout=log, stderr=log, env=environment)
        try:
            address = f"{LOOPBACK}:{port}"
            page = _until(demo, begun, lambda: _asked(f"{address}/") is not None)
            token = json.loads((Path(place) / "run" / "access.json").read_text(encoding="utf-8"))["viewer"]
            snapshot = f"{address}/api/v1/snapshot"
            reading = _until(demo, begun, lambda: shows_a_reading(_asked(snapshot, token)))
        finally:
            demo.terminate()
            with suppress(subprocess.TimeoutExpired):
                demo.wait(_FAREWELL_S)
            demo.kill()
            demo.wait()
    return page, reading


def shows_a_reading(snapshot: bytes | None) -> bool:
    """Whether the snapshot holds a reading of equipment; what cabinets say of themselves is none."""
    return snapshot is not None and any(not name.startswith(CABINETS) for name in _snapshot.decode(snapshot).latest)


def _until(demo: subprocess.Popen[bytes], begun: float, holds: Callable[[], bool]) -> float:
    while not holds():
        if demo.poll() is not None or time.perf_counter() - begun > _PATIENCE_S:
            raise RuntimeError(f"the demo did not come up (exit status {demo.returncode})")
        time.sleep(_LOOK_EVERY_S)
    return time.perf_counter() - begun


def _asked(place: str, token: str = "") -> bytes | None:
    """The answer; None while there is none. Asking costs little, for what is measured shares the cores."""
    asked = urllib.request.Request(f"http://{place}", headers={"Authorization": f"Bearer {token}"} if token else {})
    try:
        with urllib.request.urlopen(asked, timeout=5.0) as answer:  # noqa: S310 - http, see above
            return bytes(answer.read())
    except (urllib.error.URLError, OSError):
        return None


def _bare(environment: dict[str, str]) -> float:
    begun = time.perf_counter()
    subprocess.run(
        [sys.executable, "-c", "import alerts.service, edge.service, ingest.service"], env=environment, check=True
    )
    return time.perf_counter() - begun
