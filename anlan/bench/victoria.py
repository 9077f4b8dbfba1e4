"""Shell. VictoriaMetrics, fed the same rows, as a reference for what a store takes on the disk."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

PROGRAM = "victoria-metrics"
_ROWS = 100_000  # of a request
_PATIENCE_S = 60.0

Points = tuple[int, NDArray[np.int64], NDArray[np.float64]]  # series, moments, values; none of them NaN


def is_there() -> bool:
    """Whether it can be asked at all."""
    return shutil.which(PROGRAM) is not None


def bytes_taken(series: Iterable[Points]) -> int | None:
    """What the rows take once everything is merged, beyond an empty store; None where there is no VictoriaMetrics."""
    if not is_there():
        return None
    with tempfile.TemporaryDirectory(prefix="anlan-bench-") as scratch:
        empty, full = Path(scratch) / "empty", Path(scratch) / "full"
        with _running(empty):
            pass
        with _running(full) as address:
            for body in _bodies(series):
                _ask(address, "/api/v1/import", body)
            _ask(address, "/internal/force_flush")
            _ask(address, "/internal/force_merge")
            _until_still(full)
        return size_of(full) - size_of(empty)


def size_of(folder: Path) -> int:
    """Bytes of all files below a folder."""
    found = 0
    for path in folder.rglob("*"):
        with suppress(FileNotFoundError):
            found += path.stat().st_size if path.is_file() else 0
    return found


def _bodies(series: Iterable[Points]) -> Iterator[bytes]:
    lines, rows = [], 0
    for number, at_ms, values in series:
        name = {"__name__": "reading", "asset": f"m{number // 10}", "point": f"p{number % 10}"}
        told = {"metric": name, "values": values.tolist(), "timestamps": at_ms.tolist()}
        lines.append(json.dumps(told, separators=(",", ":")))
        rows += len(values)
        if rows >= _ROWS:
            yield "\n".join(lines).encode()
            lines, rows = [], 0
    if lines:
        yield "\n".join(lines).encode()


@contextmanager
def _running(folder: Path) -> Iterator[str]:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    address = f"127.0.0.1:{port}"
    command = [PROGRAM, f"-storageDataPath={folder}", f"-httpListenAddr={address}", "-retentionPeriod=100y"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        end = time.monotonic() + _PATIENCE_S
        while True:
            try:
                _ask(address, "/health")
                break
            except (urllib.error.URLError, OSError):
                if time.monotonic() > end or process.poll() is not None:
                    raise
                time.sleep(0.1)
        yield address
    finally:
        process.terminate()
        process.wait()


def _ask(address: str, path: str, body: bytes | None = None) -> None:
    with urllib.request.urlopen(f"http://{address}{path}", body, timeout=600) as answer:
        answer.read()


def _until_still(folder: Path) -> None:
    """Merging goes on in the background."""
    seen, still = -1, 0
    end = time.monotonic() + _PATIENCE_S
    while still < 4 and time.monotonic() < end:
        time.sleep(0.5)
        found = size_of(folder)
        seen, still = found, still + 1 if found == seen else 0
