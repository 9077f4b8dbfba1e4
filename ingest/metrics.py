"""Shell. What ingest counts about itself since it started, for Prometheus and for the wall's health page."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from ingest.port import Batch
from vocab.topics import Kind


class Metrics:
    """Every metric of the process; they are listed in docs/reference/wire.md."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        lane = ["lane"]
        self._frames = Counter("anlan_ingest_frames", "frames stored", lane, registry=self.registry)
        self._readings = Counter("anlan_ingest_readings", "readings stored", lane, registry=self.registry)
        self._duplicates = Counter("anlan_ingest_duplicates", "frames that had come before", registry=self.registry)
        self._rejected = Counter("anlan_ingest_rejected", "messages rejected", ["reason"], registry=self.registry)
        self._refused = Counter(
            "anlan_ingest_refused_readings",
            "readings refused alone",
            ["reason"],
            registry=self.registry,
        )
        self.commit_seconds = Histogram("anlan_ingest_commit_seconds", "one group commit", registry=self.registry)
        self._lag = Gauge("anlan_ingest_lag_seconds", "age of the newest live frame", registry=self.registry)
        self.lag_ms: int | None = None
        self.stored_ms: int | None = None  # when live frames were stored last
        self._began_s: float | None = None  # when the batch that is being stored was begun

    @contextmanager
    def committing(self) -> Iterator[None]:
        """Around the storing of a batch."""
        self._began_s = time.monotonic()
        try:
            yield
            self.commit_seconds.observe(time.monotonic() - self._began_s)
        finally:
            self._began_s = None

    @property
    def committing_s(self) -> float:
        """How long the batch that is being stored has taken so far; 0 without one."""
        began_s = self._began_s
        return 0.0 if began_s is None else time.monotonic() - began_s

    def stored(self, batch: Batch, stored_ms: int) -> None:
        """A batch is durable."""
        for frame in batch.frames:
            self._frames.labels(frame.lane).inc()
            self._readings.labels(frame.lane).inc(len(frame))
            for refused in frame.refused:
                self._refused.labels(refused.reason).inc()
        for reject in batch.rejects:
            self._rejected.labels(reject.reason).inc()
        self._duplicates.inc(sum(batch.duplicates.values()))
        live = [frame.ts_ms for frame in batch.frames if frame.lane is Kind.TELE]
        if live:
            self.lag_ms, self.stored_ms = stored_ms - max(live), stored_ms
            self._lag.set(self.lag_ms / 1000)

    def text(self) -> bytes:
        """The page that Prometheus reads."""
        return generate_latest(self.registry)
