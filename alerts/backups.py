"""Shell. How old the last backup is, for those who watch over it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from prometheus_client.core import GaugeMetricFamily, Metric

LAST = "last-backup.json"  # beside the audit log's head: {"made_ms", "bytes", "file"}


def last_backup(folder: Path | None, now_ms: Callable[[], int]) -> Callable[[], Iterator[Metric]]:
    """Its moment, age and size as metrics; nothing where none was ever made. `now_ms` is real time."""

    def collect() -> Iterator[Metric]:
        told = _told(folder)
        if told is None:
            return
        made_s = told["made_ms"] / 1000
        age_s = now_ms() / 1000 - made_s
        for name, help_text, value in (
            ("timestamp_seconds", "when the last backup was made", made_s),
            ("age_seconds", "how old the last backup is", age_s),
            ("bytes", "how large it is", told["bytes"]),
        ):
            yield GaugeMetricFamily(f"anlan_alerts_last_backup_{name}", help_text, value=value)

    return collect


def made_ms(folder: Path | None) -> int | None:
    """When the last backup was made, in real time; None: none ever was, as far as is known here."""
    told = _told(folder)
    return None if told is None else int(told["made_ms"])


def _told(folder: Path | None) -> dict[str, Any] | None:
    try:
        return None if folder is None else dict(json.loads((folder / LAST).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
